"""The demonstration municipality: Nordby Kommune, its candidates, scenarios and accounts.

Everything is made up; see ``planner/demo/README.md``. The plans are imported like anybody's plan
file, the rest is done by the services that the pages use, so the demonstration can be in no state
that a user could not reach.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

from sqlalchemy.orm import Session

from optimizer import allocate, plan_from_document
from optimizer.shelf import ShelfKind
from optimizer.shelf_reader import content_from_document, values_of
from planner.model import (
    CaseRecord,
    DepartmentRecord,
    PersonRecord,
    RoundRecord,
    ScenarioRecord,
    StrategyRecord,
)
from planner.model.states import Cashability, Category, FlowKind, Role
from planner.services.acceptances import (
    OwnerData,
    SavingLine,
    accept_cut,
    name_owners,
    saving_lines,
)
from planner.services.cases import CaseData, FlowData, MeasureData, OptionData
from planner.services.exchange import import_plan
from planner.services.indicator_reading import Point, ReadIndicator
from planner.services.indicators import changes, seen_in, store_indicators
from planner.services.interventions import (
    create_draft,
    return_case,
    submit_case,
    withdraw_intervention,
)
from planner.services.jobs import StoredResult, request_allocation, store_result
from planner.services.leases import claim
from planner.services.people import create_person
from planner.services.rounds import RoundData, create_round
from planner.services.scenarios import default_outcomes, publish_scenario
from planner.services.shelf import EntryDraft, add_entry, add_version, known_on
from planner.services.strategies import settings_of, update_strategy

PASSWORD = "bundlinje-demo"  # noqa: S105 - shown at the door of a demonstration
MUNICIPALITY = "Nordby Kommune"
# the round is open whenever the demonstration is loaded
ROUND_OPENED = timedelta(days=30)
ROUND_LEFT = timedelta(days=45)
# whose cuts nobody has accepted
UNACCEPTED = frozenset({"SOC-03", "SUN-06"})
NOTE = "Demonstration: kommunen, indsatserne og alle tal er opdigtede."


@dataclass(frozen=True, slots=True)
class _Account:
    name: str
    role: Role
    department: str | None = None


ACCOUNTS = {
    "admin": _Account("Administratoren", Role.ADMINISTRATOR),
    "okonomi": _Account("Økonomikonsulenten", Role.FINANCE),
    "social": _Account("Socialforvaltningen", Role.DEPARTMENT_EDITOR, "SOC"),
    "beskaeftigelse": _Account("Beskæftigelsesforvaltningen", Role.DEPARTMENT_EDITOR, "BES"),
    "politiker": _Account("Byrådsmedlemmet", Role.POLITICIAN),
}


@dataclass(slots=True)
class _Demo:
    """What is known while the demonstration is being loaded."""

    session: Session
    now: datetime
    texts: Mapping[str, Any]
    people: dict[str, PersonRecord] = field(default_factory=dict)
    departments: dict[str, DepartmentRecord] = field(default_factory=dict)
    the_round: RoundRecord | None = None

    @property
    def finance(self) -> PersonRecord:
        return self.people["okonomi"]

    def editor_of(self, department: str) -> PersonRecord:
        """Return the department's own account, or finance where it has none."""
        for name, account in ACCOUNTS.items():
            if account.department == department:
                return self.people[name]
        return self.finance


def load_demo(session: Session, now: datetime) -> None:
    """Fill an empty database with the demonstration municipality.

    Three scenarios over the same candidates, each with its result; one of them is published, so
    that a politician has something to read. The sums are small (a fraction of a second each) and
    the database is nobody else's yet, so they are done here and not by a worker.
    """
    demo = _Demo(session, now, _read("tekster"))
    _add_people(demo, with_department=False)
    prevention = _import(demo, "forebyggelse", None)
    strategy = prevention.strategy
    demo.departments = {department.key: department for department in strategy.departments}
    employment = _import(demo, "beskaeftigelse", strategy)
    careful = _import(demo, "forsigtig", strategy)
    _describe(demo, strategy)
    _add_people(demo, with_department=True)
    _open_round(demo, strategy)
    _fill_shelf(demo)
    for candidate in _read("undervejs")["candidates"]:
        _add_candidate(demo, candidate)
    _add_indicators(demo)
    for scenario in (prevention, employment, careful):
        _allocate(demo, scenario)
    publish_scenario(session, careful, by=demo.finance, now=now, seen_version=careful.version)


def _read(name: str) -> dict[str, Any]:
    text = (files("planner") / "demo" / f"{name}.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content


# --- People and strategy --------------------------------------------------------------------------


def _add_people(demo: _Demo, *, with_department: bool) -> None:
    for name, account in ACCOUNTS.items():
        if (account.department is not None) is not with_department:
            continue
        demo.people[name] = create_person(
            demo.session,
            email=f"{name}@nordby.example",
            name=account.name,
            password=PASSWORD,
            roles=[account.role],
            departments=[demo.departments[account.department]] if account.department else [],
            is_demo=True,
            by=demo.people.get("admin"),
            now=demo.now,
        )
    demo.session.flush()


def _describe(demo: _Demo, strategy: StrategyRecord) -> None:
    settings = replace(
        settings_of(strategy), municipality=MUNICIPALITY, is_illustrative=True, note=NOTE
    )
    update_strategy(
        demo.session,
        strategy,
        settings,
        by=demo.finance,
        now=demo.now,
        seen_version=strategy.version,
    )


# --- Scenarios ------------------------------------------------------------------------------------


def _import(demo: _Demo, name: str, strategy: StrategyRecord | None) -> ScenarioRecord:
    plan = plan_from_document({"outcomes": default_outcomes(), **_read(name)})
    return import_plan(
        demo.session,
        plan,
        by=demo.finance,
        now=demo.now,
        strategy=strategy,
        note=demo.texts["descriptions"][plan.scenario.title],
        summaries=demo.texts["summaries"],
    )


def _allocate(demo: _Demo, scenario: ScenarioRecord) -> None:
    job = request_allocation(demo.session, scenario, by=demo.finance, now=demo.now)
    claim(demo.session, job.id, now=demo.now)
    plan = plan_from_document(job.plan)
    allocation = allocate(plan, time_limit=float(job.time_limit))
    result = StoredResult(
        document=allocation.document("da"),
        labels_en=[str(row["label"]) for row in allocation.document("en")["rows"]],
    )
    store_result(demo.session, job, plan, result, now=demo.now)


# --- The knowledge shelf --------------------------------------------------------------------------


def _fill_shelf(demo: _Demo) -> None:
    known = known_on(demo.session)
    for entry in _read("videnshylde")["entries"]:
        first, *later = (_entry_draft(entry, version) for version in entry["versions"])
        made = add_entry(demo.session, first, by=demo.finance, now=demo.now, known=known)
        for draft in later:
            add_version(
                *(demo.session, made, draft),
                by=demo.finance,
                now=demo.now,
                seen_version=made.version,
                known=known,
            )


def _add_indicators(demo: _Demo) -> None:
    read = [
        ReadIndicator(
            municipality=one["municipality"],
            title=one["title"],
            unit=one["unit"],
            note=one["note"],
            points=tuple(Point(*point) for point in one["points"]),
        )
        for one in _read("indikatorer")["indicators"]
    ]
    seen = seen_in(changes(demo.session, read))
    store_indicators(demo.session, read, seen=seen, by=demo.finance, now=demo.now)


def _entry_draft(entry: Mapping[str, Any], version: Mapping[str, Any]) -> EntryDraft:
    kind = ShelfKind(entry["kind"])
    content = content_from_document(kind, version["content"])
    return EntryDraft(
        kind=kind,
        title=entry["title"],
        key=entry.get("key", ""),
        values=values_of(content),
        source=version["source"],
        source_date=version["source_date"],
    )


def _open_round(demo: _Demo, strategy: StrategyRecord) -> None:
    """Open a round for the candidates, beside one whose deadline has passed."""
    create_round(
        demo.session,
        strategy,
        RoundData(
            name="Overførselssag 2027",
            opens_at=demo.now - 6 * ROUND_OPENED,
            deadline=demo.now - 4 * ROUND_OPENED,
            departments=tuple(demo.departments),
        ),
        by=demo.finance,
        now=demo.now,
    )
    demo.the_round = create_round(
        demo.session,
        strategy,
        RoundData(
            name="Budget 2028",
            opens_at=demo.now - ROUND_OPENED,
            deadline=demo.now + ROUND_LEFT,
            departments=tuple(demo.departments),
            template=demo.texts["round"],
            required={"submitted": ["budget_owner"], "ready": ["acceptance", "evidence", "band"]},
        ),
        by=demo.finance,
        now=demo.now,
    )


# --- Candidates that no scenario uses yet ---------------------------------------------------------


def _add_candidate(demo: _Demo, candidate: Mapping[str, Any]) -> None:
    intervention = candidate["intervention"]
    editor = demo.editor_of(intervention["department"])
    case = create_draft(
        demo.session,
        _case_data(intervention, demo.texts["summaries"][intervention["id"]]),
        department=demo.departments[intervention["department"]],
        by=editor,
        now=demo.now,
        key=intervention["id"],
        the_round=demo.the_round,
    )
    if candidate["state"] != "draft":
        # one is returned because nobody has accepted; another still waits for the word
        _name_owners(demo, case, editor, accepts=intervention["id"] not in UNACCEPTED)
        submit_case(demo.session, case, by=editor, now=demo.now, seen_version=case.version)
    if candidate["state"] == "returned":
        _return(demo, case, candidate["reason"])
    if candidate["state"] == "withdrawn":
        withdraw_intervention(
            demo.session,
            case.intervention,
            reason=candidate["reason"],
            by=editor,
            now=demo.now,
            seen_version=case.intervention.version,
        )


def _name_owners(demo: _Demo, case: CaseRecord, editor: PersonRecord, *, accepts: bool) -> None:
    """Let the department's own account own its budgets, else somebody without an account."""
    lines = saving_lines(case)
    person = editor if editor is not demo.finance else None
    name = f"Budgetansvarlig, {case.intervention.department.name} (opdigtet)"
    owners = [(line, OwnerData(kind=_kind_of(line), person=person, name=name)) for line in lines]
    name_owners(demo.session, case, owners, by=editor, now=demo.now, seen_version=case.version)
    for line in saving_lines(case):
        if accepts and line.awaits:
            accept_cut(
                demo.session,
                line,
                on_date=demo.now.date(),
                by=editor,
                now=demo.now,
                seen_version=case.version,
            )


def _kind_of(line: SavingLine) -> Cashability:
    if line.is_flagged:
        return Cashability.BUDGET_CUT
    is_time = line.key.budget_line.startswith("Frigjort tid")
    return Cashability.TIME_FREED if is_time else Cashability.NONE


def _return(demo: _Demo, case: CaseRecord, reason: str) -> None:
    return_case(
        demo.session,
        case,
        reason=reason,
        by=demo.finance,
        now=demo.now,
        seen_version=case.version,
    )


def _case_data(intervention: Mapping[str, Any], summary: str) -> CaseData:
    return CaseData(
        title=intervention["title"],
        summary=summary,
        target_group=intervention.get("target_group", ""),
        evidence_stars=intervention["evidence_stars"],
        tags=tuple(intervention["tags"]),
        argument=intervention.get("argument"),
        options=tuple(_option_data(option) for option in intervention["options"]),
    )


def _option_data(option: Mapping[str, Any]) -> OptionData:
    return OptionData(
        key=option["id"],
        title=option["title"],
        pool=option["pool"],
        flows=tuple(_flow_data(flow) for flow in option["flows"]),
        measures=tuple(
            measure
            for name, value in option.get("measures", {}).items()
            for measure in _measure_data(name, value)
        ),
    )


def _flow_data(flow: Mapping[str, Any]) -> FlowData:
    return FlowData(
        year=flow["year"],
        payer=flow["payer"],
        category=Category(flow["category"]),
        kind=FlowKind(flow["kind"]),
        amount=flow["amount"],
        low=flow.get("low"),
        high=flow.get("high"),
        cashable=flow.get("cashable", True),
        budget_line=flow.get("budget_line", ""),
    )


def _measure_data(name: str, value: int | Mapping[str, int]) -> list[MeasureData]:
    if isinstance(value, Mapping):
        return [
            MeasureData(name=name, value=Decimal(number), year=int(year))
            for year, number in value.items()
        ]
    return [MeasureData(name=name, value=Decimal(value))]
