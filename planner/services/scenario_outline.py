"""A scenario's plan without its money: enough to say its limits and to ask for new ones."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from optimizer import Department, Intervention, Level, Measure, Option, Payer, Plan, Scenario
from optimizer.pool import InvestmentPool, PoolKind
from planner.model import (
    DepartmentRecord,
    FlowRecord,
    MeasureRecord,
    OptionRecord,
    ScenarioCandidateRecord,
    ScenarioRecord,
    StrategyRecord,
)


def outline_plan(session: Session, scenario: ScenarioRecord) -> Plan:
    """Return the plan of a scenario with every candidate and no flow.

    It always exists, also where the scenario itself cannot be solved yet: labels, choices and the
    horizon are taken from it, amounts never.
    """
    strategy = scenario.strategy
    case_ids = [candidate.case_id for candidate in scenario.candidates]
    options = _options(session, case_ids)
    keys = {department.id: department.key for department in strategy.departments}
    return Plan(
        title=strategy.title,
        price_year=strategy.price_year,
        budget_year=strategy.budget_year,
        budget_years=strategy.budget_years,
        horizon=_horizon(session, strategy, case_ids),
        discount=(),
        payers=tuple(Payer(p.key, p.name, Level(p.level)) for p in strategy.payers),
        departments=tuple(Department(d.key, d.name) for d in strategy.departments),
        interventions=tuple(
            _intervention(candidate, options.get(candidate.case_id, ()), keys)
            for candidate in scenario.candidates
        ),
        scenario=Scenario(title=scenario.title, pools=_pools(strategy), objective=()),
    )


def _pools(strategy: StrategyRecord) -> tuple[InvestmentPool, ...]:
    return tuple(
        InvestmentPool(pool.key, pool.name, PoolKind(pool.kind), total=0) for pool in strategy.pools
    )


def _intervention(
    candidate: ScenarioCandidateRecord, options: Iterable[Option], departments: dict[int, str]
) -> Intervention:
    case = candidate.case
    department: DepartmentRecord | None = candidate.intervention.department
    key = departments.get(candidate.intervention.department_id)
    return Intervention(
        id=candidate.intervention.key,
        title=case.title,
        department=key or (department.key if department else ""),
        options=tuple(options),
        target_group=case.target_group or None,
        supplier=case.supplier or None,
        external=case.external,
        evidence_stars=case.evidence_stars,
        tags=tuple(case.tags),
    )


def _options(session: Session, case_ids: list[int]) -> dict[int, list[Option]]:
    measures: dict[int, dict[str, Measure]] = defaultdict(dict)
    known = session.execute(
        select(MeasureRecord.option_id, MeasureRecord.name, func.count(MeasureRecord.year))
        .join(OptionRecord, OptionRecord.id == MeasureRecord.option_id)
        .where(OptionRecord.case_id.in_(case_ids))
        .group_by(MeasureRecord.option_id, MeasureRecord.name)
        .order_by(MeasureRecord.name)
    )
    for option_id, name, years in known:
        # which years does not matter here, only whether there are any
        measures[option_id][name] = Measure(Fraction(0), {} if years else None)
    rows = session.execute(
        select(OptionRecord.case_id, OptionRecord.id, OptionRecord.key, OptionRecord.title)
        .where(OptionRecord.case_id.in_(case_ids))
        .order_by(OptionRecord.position, OptionRecord.id)
    )
    options: dict[int, list[Option]] = defaultdict(list)
    for case_id, option_id, key, title in rows:
        options[case_id].append(
            Option(id=key, pool=None, flows=(), title=title or None, measures=measures[option_id])
        )
    return options


def _horizon(session: Session, strategy: StrategyRecord, case_ids: list[int]) -> tuple[int, int]:
    if strategy.horizon_first is not None and strategy.horizon_last is not None:
        return strategy.horizon_first, strategy.horizon_last
    last_of_budget = strategy.budget_year + strategy.budget_years - 1
    first, last = session.execute(
        select(func.min(FlowRecord.year), func.max(FlowRecord.year))
        .join(OptionRecord, OptionRecord.id == FlowRecord.option_id)
        .where(OptionRecord.case_id.in_(case_ids))
    ).one()
    return (
        min(strategy.budget_year, first or strategy.budget_year),
        max(last_of_budget, last or last_of_budget),
    )
