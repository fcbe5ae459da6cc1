"""What the page of one intervention shows beside its case: its history, and where it is used."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from optimizer import CashFlow
from planner.access import visible
from planner.model import (
    AllocationRecord,
    CaseRecord,
    EventRecord,
    InterventionRecord,
    PersonRecord,
    ScenarioCandidateRecord,
    ScenarioRecord,
    StrategyRecord,
)
from planner.model.states import CaseState, Force
from planner.services.case_plan import cash_flow
from planner.services.cases import OptionData
from planner.services.events import people_of
from planner.services.intervention_list import InterventionView

#: saves that are further apart are not told as one
ONE_SITTING = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One step in the life of an intervention."""

    at: datetime
    who: str
    action: str
    number: int | None
    reason: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScenarioUse:
    """A scenario that the intervention is a candidate of.

    Parameters
    ----------
    number, newest : int
        The version that the scenario uses, and the newest accepted one.
    chosen : str or None
        The option that its newest result funds, ``""`` when it funds none; None without a result.
    """

    scenario_id: int
    title: str
    state: str
    number: int
    newest: int
    takes_part: bool
    force: Force | None
    chosen: str | None

    @property
    def is_outdated(self) -> bool:
        """Whether a newer accepted version exists."""
        return self.newest > self.number


@dataclass(frozen=True, slots=True)
class OverlapUse:
    """An overlap with another intervention, as a scenario declares it; kroner."""

    scenario_title: str
    other_key: str
    other_title: str
    other_code: str
    loss: int
    reason: str


def history_of(session: Session, view: InterventionView) -> list[LogLine]:
    """Return the lines of the log about the versions that the reader may see, newest first."""
    numbers = {str(case.id): case.number for case in view.cases}
    lines = list(
        session.scalars(
            select(EventRecord)
            .where(
                or_(
                    and_(
                        EventRecord.object_kind == CaseRecord.KIND,
                        EventRecord.object_id.in_(numbers),
                    ),
                    and_(
                        EventRecord.object_kind == InterventionRecord.KIND,
                        EventRecord.object_id == str(view.intervention.id),
                    ),
                )
            )
            .order_by(EventRecord.seq.desc())
        )
    )
    names = people_of(session, lines)
    return _saves_in_a_row([_log_line(line, names, numbers) for line in lines])


def _saves_in_a_row(lines: list[LogLine]) -> list[LogLine]:
    """Return the lines with what one person saved of one version in a row as one line.

    A form that saves itself leaves a line of the log at every pause; the log itself keeps them all.
    """
    found: list[LogLine] = []
    for line in lines:
        last = found[-1] if found else None
        if last is not None and _goes_on(last, line):
            fields = tuple(dict.fromkeys((*line.fields, *last.fields)))
            found[-1] = replace(last, fields=fields)
        else:
            found.append(line)
    return found


def _goes_on(later: LogLine, earlier: LogLine) -> bool:
    """Say whether two saves that follow each other belong together."""
    are_saves = later.action == earlier.action == "case.save"
    return (
        are_saves
        and (later.who, later.number) == (earlier.who, earlier.number)
        and later.at - earlier.at <= ONE_SITTING
    )


def _log_line(line: EventRecord, names: dict[str, str], numbers: dict[str, int]) -> LogLine:
    after = line.after or {}
    is_save = line.action == "case.save"
    return LogLine(
        at=datetime.strptime(line.at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        who=names.get(line.actor, ""),
        action=line.action,
        number=numbers.get(line.object_id) if line.object_kind == CaseRecord.KIND else None,
        reason=str(after.get("reason") or ""),
        fields=tuple(after) if is_save else (),
    )


def changes_since(session: Session, case: CaseRecord, seen: int) -> list[EventRecord]:
    """Return the lines of the log about a case after version ``seen``, oldest first."""
    return list(
        session.scalars(
            select(EventRecord)
            .where(
                EventRecord.object_kind == CaseRecord.KIND,
                EventRecord.object_id == str(case.id),
                EventRecord.version > seen,
            )
            .order_by(EventRecord.seq)
        )
    )


def scenario_uses(
    session: Session, view: InterventionView, *, actor: PersonRecord
) -> list[ScenarioUse]:
    """Return the scenarios that ``actor`` may see and that have the intervention as a candidate."""
    rows = session.execute(
        select(ScenarioCandidateRecord, ScenarioRecord, CaseRecord.number)
        .join(ScenarioCandidateRecord.scenario)
        .join(ScenarioCandidateRecord.case)
        .where(
            ScenarioCandidateRecord.intervention_id == view.intervention.id,
            visible(actor, ScenarioRecord),
        )
        .order_by(ScenarioRecord.id)
    ).all()
    chosen = _chosen_in(session, [scenario.id for _, scenario, _ in rows], view.intervention.key)
    accepted = [case.number for case in view.cases if case.state is CaseState.ACCEPTED]
    return [
        ScenarioUse(
            scenario_id=scenario.id,
            title=scenario.title,
            state=str(scenario.state),
            number=number,
            newest=max([number, *accepted]),
            takes_part=candidate.takes_part,
            force=candidate.force,
            chosen=chosen.get(scenario.id),
        )
        for candidate, scenario, number in rows
    ]


def _chosen_in(session: Session, scenario_ids: list[int], key: str) -> dict[int, str]:
    """Return what the newest result of each scenario funds of one intervention."""
    found: dict[int, str] = {}
    for scenario_id, result in session.execute(
        select(AllocationRecord.scenario_id, AllocationRecord.result)
        .where(
            AllocationRecord.scenario_id.in_(scenario_ids),
            AllocationRecord.status.in_(("optimal", "feasible")),
        )
        .order_by(AllocationRecord.id)
    ):
        options = [c["option"] for c in result["chosen"] if c["intervention"] == key]
        found[scenario_id] = options[0] if options else ""
    return found


def overlaps_of(
    session: Session, view: InterventionView, *, actor: PersonRecord
) -> list[OverlapUse]:
    """Return the overlaps that scenarios declare, in scenarios that ``actor`` may see."""
    key, strategy = view.intervention.key, view.intervention.strategy
    declared: list[tuple[str, str, dict[str, Any]]] = []
    for title, relations in session.execute(
        select(ScenarioRecord.title, ScenarioRecord.relations)
        .where(ScenarioRecord.strategy_id == strategy.id, visible(actor, ScenarioRecord))
        .order_by(ScenarioRecord.id)
    ):
        declared += [
            (title, other, relation)
            for relation in relations
            if relation["kind"] == "overlap" and key in relation["interventions"]
            for other in relation["interventions"]
            if other != key
        ]
    titles = _titles(session, strategy, {other for _, other, _ in declared}, actor)
    return [
        OverlapUse(
            scenario_title=scenario,
            other_key=other,
            other_title=titles[other][0],
            other_code=titles[other][1],
            loss=sum(relation["loses"].values()),
            reason=relation.get("reason") or "",
        )
        for scenario, other, relation in declared
        if other in titles
    ]


def _titles(
    session: Session, strategy: StrategyRecord, keys: set[str], actor: PersonRecord
) -> dict[str, tuple[str, str]]:
    """Return title and code of the interventions that the reader may see, by key."""
    rows = session.execute(
        select(InterventionRecord.key, CaseRecord.title, InterventionRecord.code)
        .join(CaseRecord.intervention)
        .where(
            InterventionRecord.strategy_id == strategy.id,
            InterventionRecord.key.in_(keys),
            visible(actor, CaseRecord),
        )
        .order_by(CaseRecord.number)
    )
    return {key: (title, code) for key, title, code in rows}


def stored_differs(option: OptionData, computed: Iterable[CashFlow]) -> bool:
    """Return whether computing anew gives other amounts than those that were stored.

    It does when a rule of the state, the price index or the years that count have changed since.
    """

    def sums(flows: Iterable[CashFlow]) -> Counter[tuple[object, ...]]:
        found = ((f.year, f.payer, f.category, f.kind, f.low, f.amount, f.high) for f in flows)
        return Counter(row for row in found if any(row[-3:]))

    return sums(cash_flow(flow) for flow in option.flows) != sums(computed)
