"""Candidates for the same people on the same budget line: a saving may be counted twice.

Pointed out among what the reader may see; nobody learns of another department's drafts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.access import visible
from planner.model import (
    FlowRecord,
    InterventionRecord,
    OptionRecord,
    PersonRecord,
    ScenarioCandidateRecord,
    ScenarioRecord,
    StrategyRecord,
)
from planner.model.states import Category, FlowKind, Stage
from planner.services.intervention_list import InterventionRow, list_interventions
from planner.services.writing import folded

# a candidate that is over takes nobody's saving any more
OVER = frozenset({Stage.STOPPED})


@dataclass(frozen=True, slots=True)
class SharedLine:
    """Two open candidates with the same target group and budget line.

    Parameters
    ----------
    category : Category
        Control category of the saving on the first of the lines, in the first candidate.
    declared_in : tuple of (id, title)
        Scenarios that say how much of the savings is lost.
    apart_in : tuple of (id, title)
        Scenarios that let only one of them be chosen, as when one is a part of the other.
    unsaid_in : tuple of (id, title)
        Scenarios that have both and say neither.
    open_in : tuple of (id, title)
        The drafts among those, where it can still be said.
    """

    first: InterventionRow
    second: InterventionRow
    target_group: str
    budget_lines: tuple[str, ...]
    category: Category
    declared_in: tuple[tuple[int, str], ...]
    apart_in: tuple[tuple[int, str], ...]
    unsaid_in: tuple[tuple[int, str], ...]
    open_in: tuple[tuple[int, str], ...]

    def other_than(self, code: str) -> InterventionRow:
        """Return the one that is not the one with this code."""
        return self.second if self.first.code == code else self.first


def shared_lines(
    session: Session, strategy: StrategyRecord, *, actor: PersonRecord, code: str | None = None
) -> list[SharedLine]:
    """Return the pairs of open candidates that may save the same kroner, by title.

    Parameters
    ----------
    code : str or None
        Only the pairs of this intervention.
    """
    rows = {
        row.case_id: row
        for row in list_interventions(session, strategy=strategy, actor=actor)
        if not row.withdrawn and row.target_group
    }
    over = set(
        session.scalars(
            select(InterventionRecord.id).where(
                InterventionRecord.strategy_id == strategy.id,
                InterventionRecord.stage.in_(sorted(OVER)),
            )
        )
    )
    pairs: dict[tuple[int, int], list[_Line]] = defaultdict(list)
    for cases in _by_group_and_line(session, rows, over).values():
        for first, second in combinations(sorted(cases), 2):
            if code in {None, rows[first].code, rows[second].code}:
                pairs[first, second].append(cases[first])
    scenarios = _scenarios(session, strategy, actor) if pairs else []
    found = [
        _shared(rows[first], rows[second], lines, scenarios)
        for (first, second), lines in pairs.items()
    ]
    return sorted(found, key=lambda pair: (pair.first.title, pair.second.title))


@dataclass(frozen=True, slots=True)
class _Line:
    """A budget line as a case has it, and the control category of what it saves there."""

    name: str
    category: Category


@dataclass(frozen=True, slots=True)
class _Scenario:
    """What is asked of a scenario: who takes part, and what it says of those who overlap."""

    id: int
    title: str
    is_draft: bool
    keys: frozenset[str]
    overlaps: tuple[frozenset[str], ...]
    one_of: tuple[frozenset[str], ...]


def _scenarios(session: Session, strategy: StrategyRecord, actor: PersonRecord) -> list[_Scenario]:
    """Return the scenarios that ``actor`` may see, in two queries."""
    records = session.scalars(
        select(ScenarioRecord)
        .where(ScenarioRecord.strategy_id == strategy.id, visible(actor, ScenarioRecord))
        .order_by(ScenarioRecord.id)
    ).all()
    keys: dict[int, set[str]] = defaultdict(set)
    for scenario_id, key in session.execute(
        select(ScenarioCandidateRecord.scenario_id, InterventionRecord.key)
        .join(ScenarioCandidateRecord.intervention)
        .where(
            ScenarioCandidateRecord.scenario_id.in_([record.id for record in records]),
            ScenarioCandidateRecord.takes_part,
        )
    ):
        keys[scenario_id].add(key)
    return [
        _Scenario(
            id=record.id,
            title=record.title,
            is_draft=record.is_draft,
            keys=frozenset(keys[record.id]),
            overlaps=_tied(record, "overlap"),
            one_of=_tied(record, "excludes"),
        )
        for record in records
    ]


def _tied(scenario: ScenarioRecord, kind: str) -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset(relation["interventions"])
        for relation in scenario.relations
        if relation["kind"] == kind
    )


def _by_group_and_line(
    session: Session, rows: dict[int, InterventionRow], over: set[int]
) -> dict[tuple[str, str], dict[int, _Line]]:
    found: dict[tuple[str, str], dict[int, _Line]] = defaultdict(dict)
    for case_id, line, category in session.execute(
        select(OptionRecord.case_id, FlowRecord.budget_line, FlowRecord.category)
        .join(FlowRecord.option)
        .where(
            OptionRecord.case_id.in_(rows),
            FlowRecord.kind == FlowKind.SAVING,
            FlowRecord.budget_line != "",
        )
        .distinct()
        .order_by(OptionRecord.case_id, FlowRecord.budget_line, FlowRecord.category)
    ):
        if rows[case_id].intervention_id not in over:
            place = folded(rows[case_id].target_group), folded(line)
            found[place].setdefault(case_id, _Line(line, category))
    return found


def _shared(
    first: InterventionRow,
    second: InterventionRow,
    lines: list[_Line],
    scenarios: list[_Scenario],
) -> SharedLine:
    keys = {first.key, second.key}
    declared = [s for s in scenarios if any(keys <= overlap for overlap in s.overlaps)]
    apart = [s for s in scenarios if any(keys <= tied for tied in s.one_of)]
    unsaid = [s for s in scenarios if s not in declared and s not in apart and keys <= s.keys]
    return SharedLine(
        first=first,
        second=second,
        target_group=first.target_group,
        budget_lines=tuple(sorted({line.name for line in lines})),
        category=min(lines, key=lambda line: line.name).category,
        declared_in=_named(declared),
        apart_in=_named(apart),
        unsaid_in=_named(unsaid),
        open_in=_named(s for s in unsaid if s.is_draft),
    )


def _named(scenarios: Iterable[_Scenario]) -> tuple[tuple[int, str], ...]:
    return tuple((scenario.id, scenario.title) for scenario in scenarios)
