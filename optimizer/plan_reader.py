"""From a parsed document to a plan, with all errors at once."""

from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from itertools import pairwise

from optimizer.constraints import OutcomeFund, constraints
from optimizer.constraints.risk import RiskLimit
from optimizer.constraints.selection import MeasureLimit
from optimizer.errors import PlanErrors
from optimizer.intervention import Case, Intervention
from optimizer.intervention_reader import InterventionReader
from optimizer.objectives import ObjectiveTerm, objectives
from optimizer.outcome import ExplicitOutcomes, Outcomes
from optimizer.outcome_reader import read_outcomes
from optimizer.payers import Department, Level, Payer
from optimizer.pool import Available, InvestmentPool, PoolKind, Repayment
from optimizer.reading import Json, ObjectReader, Reading, child, shown, unique_id
from optimizer.relations import relations
from optimizer.rules import Known, read_rule
from optimizer.scenario import DiscountStep, NextObjective, Plan, Scenario

FORMAT = "bundlinje-plan/1"
PLAN_KEYS = (
    "format title price_year budget_year budget_years horizon discount payers departments "
    "interventions relations outcomes scenario"
).split()
POOL_KEYS = "id name kind total paid_in carry_over repayment".split()
LONGEST_BUDGET = 100


def read_document(document: Json) -> Plan:
    """Return the plan of a document. Raises :class:`PlanErrors` with every mistake."""
    reading = Reading()
    plan = _Reader(reading, document).plan() if isinstance(document, Mapping) else None
    if plan is None and not reading.errors:
        reading.wrong(
            "",
            "Filen skal være ét JSON-objekt {…}.",
            "The file must be one JSON object {…}.",
        )
    if reading.errors or plan is None:
        raise PlanErrors(reading.errors)
    return plan


class _Reader:
    """Reads one document, from the things that are referred to on to the things that refer."""

    def __init__(self, reading: Reading, document: Json) -> None:
        self.reading = reading
        self.top = ObjectReader(reading, document, "", PLAN_KEYS)
        scenario = self.top.get("scenario", required=True)
        self.scenario = (
            None
            if scenario is None
            else ObjectReader(
                reading, scenario, "scenario", ("title", "pools", "objective", "constraints")
            )
        )
        self.payer_ids: Collection[str] = ()
        self.pool_ids: Collection[str] = ()
        self.department_ids: Collection[str] = ()
        self.risk_payers: list[frozenset[str] | None] = []

    def plan(self) -> Plan | None:
        top = self.top
        if top.text("format", empty=True) not in (FORMAT, None):
            found = shown(top.value["format"])
            top.wrong(
                "format", f"Skriv »{FORMAT}«, ikke {found}.", f"Write “{FORMAT}”, not {found}."
            )
        title = top.text("title", empty=True)
        price_year, budget_year = top.year("price_year"), top.year("budget_year")
        budget_years = self._budget_years()
        discount = self._discount()
        payers, departments = self._payers(), self._departments()
        pools = self._pools()
        interventions = InterventionReader(
            self.reading, self.payer_ids, self.department_ids, [*self.pool_ids, *self._funds()]
        ).read(top)
        known = Known(
            payers=self.payer_ids,
            departments=self.department_ids,
            interventions=dict.fromkeys(i.id for i in interventions),
            options=dict.fromkeys(f"{i.id}/{o.id}" for i in interventions for o in i.options),
            measures=dict.fromkeys(m for i in interventions for o in i.options for m in o.measures),
            pools=self.pool_ids,
        )
        ties = [
            read_rule(self.reading, item, path, relations, known)
            for item, path in top.items("relations", required=False)
        ]
        outcomes = read_outcomes(self.reading, top, known)
        scenario = self._scenario(tuple(pools), known, interventions, outcomes)
        horizon = self._horizon(interventions, budget_year, budget_years)
        if self.reading.errors or scenario is None or horizon is None:
            return None
        return Plan(
            title=title or "",
            price_year=price_year or 0,
            budget_year=budget_year or 0,
            budget_years=budget_years,
            horizon=horizon,
            discount=discount,
            payers=payers,
            departments=departments,
            interventions=interventions,
            scenario=scenario,
            relations=tuple(t for t in ties if t is not None),
            outcomes=outcomes,
        )

    # ---- frame ----

    def _budget_years(self) -> int:
        years = self.top.whole("budget_years", required=False)
        if years is not None and not 1 <= years <= LONGEST_BUDGET:
            self.top.wrong(
                "budget_years",
                f"Skriv et antal år fra 1 til {LONGEST_BUDGET}, ikke {years}.",
                f"Write a number of years from 1 to {LONGEST_BUDGET}, not {years}.",
            )
        return 4 if years is None else years

    def _discount(self) -> tuple[DiscountStep, ...]:
        steps = []
        places = []
        for item, path in self.top.items("discount"):
            step = ObjectReader(self.reading, item, path, ("after_year", "rate"))
            after, rate = step.whole("after_year"), step.number("rate")
            if rate is not None and not 0 <= rate < 1:
                step.wrong(
                    "rate",
                    f"Skriv satsen som en brøk fra 0 til 1, fx 0.035, ikke {shown(float(rate))}.",
                    "Write the rate as a fraction from 0 to 1, e.g. 0.035, "
                    f"not {shown(float(rate))}.",
                )
            if after is not None and rate is not None:
                steps.append(DiscountStep(after, rate))
                places.append(step)
        for place, (earlier, later) in zip(places[1:], pairwise(steps), strict=True):
            if later.after_year <= earlier.after_year:
                place.wrong("after_year", "Trinnene skal stige.", "The steps must ascend.")
        if steps and steps[0].after_year != 0:
            places[0].wrong(
                "after_year", "Det første trin begynder efter år 0.", "The first step starts at 0."
            )
        return tuple(steps)

    def _horizon(
        self, interventions: Iterable[Intervention], budget_year: int | None, budget_years: int
    ) -> tuple[int, int] | None:
        items = self.top.items("horizon", required=False)
        horizon: tuple[int, int] | None = None
        if self.top.value.get("horizon") is not None:
            years = [self.top.year_value(item, path) for item, path in items]
            if len(items) != 2:  # noqa: PLR2004 - first and last
                self.top.wrong("horizon", "Skriv [første, sidste] år.", "Write [first, last] year.")
            elif years[0] is not None and years[1] is not None:
                horizon = (years[0], years[1])
                if horizon[0] > horizon[1]:
                    self.top.wrong(
                        "horizon",
                        f"Det første år ({horizon[0]}) ligger efter det sidste ({horizon[1]}).",
                        f"The first year ({horizon[0]}) lies after the last ({horizon[1]}).",
                    )
                    return None
        elif budget_year is not None:
            years_of_flows = [f.year for i in interventions for o in i.options for f in o.flows]
            span = [budget_year, budget_year + budget_years - 1, *years_of_flows]
            horizon = (min(span), max(span))
        if horizon is not None:
            self._check_years(horizon)
        return horizon

    def _check_years(self, horizon: tuple[int, int]) -> None:
        first, last = horizon
        for path, year in self.reading.years:
            if not first <= year <= last:
                self.reading.wrong(
                    path,
                    f"{year} ligger uden for perioden {first}-{last}.",
                    f"{year} lies outside the horizon {first}-{last}.",
                )

    def _payers(self) -> tuple[Payer, ...]:
        payers, seen = [], dict[str, None]()
        for item, path in self.top.items("payers"):
            reader = ObjectReader(self.reading, item, path, ("id", "name", "level"))
            name = unique_id(reader, reader.id(), seen)
            title, level = reader.text("name"), reader.choice("level", Level)
            if name and title and level:
                payers.append(Payer(name, title, level))
        self.payer_ids = seen
        return tuple(payers)

    def _departments(self) -> tuple[Department, ...]:
        departments, seen = [], dict[str, None]()
        for item, path in self.top.items("departments"):
            reader = ObjectReader(self.reading, item, path, ("id", "name"))
            name, title = unique_id(reader, reader.id(), seen), reader.text("name")
            if name and title:
                departments.append(Department(name, title))
        self.department_ids = seen
        return tuple(departments)

    # ---- pools ----

    def _pools(self) -> list[InvestmentPool]:
        pools, seen = [], dict[str, None]()
        items = self.scenario.items("pools") if self.scenario else []
        for item, path in items:
            reader = ObjectReader(self.reading, item, path, POOL_KEYS)
            name = unique_id(reader, reader.id(), seen)
            pool = self._pool(reader, name or "")
            if pool is not None:
                pools.append(pool)
        self.pool_ids = seen
        return pools

    def _pool(self, reader: ObjectReader, name: str) -> InvestmentPool | None:
        title, kind = reader.text("name"), reader.choice("kind", PoolKind)
        total = reader.kroner("total", required=False)
        paid_in = reader.by_year(
            "paid_in", lambda v, p: self._not_negative(reader, v, p), required=False
        )
        has_total = reader.value.get("total") is not None
        has_paid_in = reader.value.get("paid_in") is not None
        carry_over = reader.flag("carry_over", default=False)
        if total is not None and total < 0:
            reader.wrong("total", "Skal være mindst 0.", "Must be at least 0.")
        if has_total == has_paid_in and reader.is_object:
            reader.wrong(
                "",
                "Skriv netop ét af total og paid_in (indbetalt år for år).",
                "Write exactly one of total and paid_in.",
            )
        elif has_total:
            for key in ("carry_over", "repayment"):
                if reader.value.get(key) is not None:
                    reader.wrong(key, "Hører kun til paid_in.", "Belongs to paid_in only.")
        elif has_paid_in and reader.value.get("carry_over") is None:
            reader.wrong("carry_over", "Mangler.", "Missing.")
        repayment = self._repayment(reader)
        if kind is None or title is None:
            return None
        return InvestmentPool(name, title, kind, total, paid_in, carry_over, repayment)

    def _funds(self) -> list[str]:
        """Return the ids of outcome funds, which options may name as their pool."""
        limits = self.scenario.value.get("constraints") if self.scenario else None
        funds = [
            limit.get("fund")
            for limit in (limits if isinstance(limits, list) else [])
            if isinstance(limit, Mapping) and limit.get("tag") == OutcomeFund.tag
        ]
        return [fund for fund in funds if isinstance(fund, str) and fund not in self.pool_ids]

    def _not_negative(self, reader: ObjectReader, value: Json, path: str) -> int | None:
        amount = reader.whole_value(value, path, kroner=True)
        if amount is not None and amount < 0:
            self.reading.wrong(path, "Skal være mindst 0.", "Must be at least 0.")
        return amount

    def _repayment(self, pool: ObjectReader) -> Repayment | None:
        value = pool.value.get("repayment")
        if value is None:
            return None
        keys = ("share", "payers", "case", "available")
        reader = ObjectReader(self.reading, value, pool.at("repayment"), keys)
        share = reader.number("share")
        if share is not None and not 0 <= share <= 1:
            reader.wrong("share", "Skriv en andel fra 0 til 1.", "Write a share from 0 to 1.")
        payers = reader.references("payers", self.payer_ids, minimum=1, distinct=True)
        case = reader.choice("case", Case)
        if case is Case.HIGH:
            reader.wrong("case", "Skriv expected eller low.", "Write expected or low.")
        available = reader.choice("available", Available)
        if share is None or case is None or available is None:
            return None
        return Repayment(share, payers or (), case, available)

    # ---- scenario ----

    def _scenario(
        self,
        pools: tuple[InvestmentPool, ...],
        known: Known,
        interventions: Iterable[Intervention],
        outcomes: Outcomes | None,
    ) -> Scenario | None:
        if self.scenario is None:
            return None
        title = self.scenario.text("title", empty=True)
        terms: list[ObjectiveTerm] = []
        then: list[NextObjective] = []
        if self.scenario.get("objective", required=True) is not None:
            objective = ObjectReader(
                self.reading,
                self.scenario.value["objective"],
                "scenario.objective",
                ("terms", "then"),
            )
            terms = self._terms(objective, known)
            then = [
                self._next_objective(item, path, known)
                for item, path in objective.items("then", required=False)
            ]
        limits = []
        for item, path in self.scenario.items("constraints"):
            limit = read_rule(self.reading, item, path, constraints, known)
            if isinstance(limit, MeasureLimit):
                self._check_measure_year(limit, path, interventions)
            if isinstance(limit, RiskLimit):
                self._check_risk(limit, path, outcomes)
            limits.append(limit)
        return Scenario(
            title=title or "",
            pools=pools,
            objective=tuple(terms),
            constraints=tuple(c for c in limits if c is not None),
            then=tuple(then),
        )

    def _terms(self, objective: ObjectReader, known: Known) -> list[ObjectiveTerm]:
        terms = [
            read_rule(self.reading, item, path, objectives, known)
            for item, path in objective.items("terms", minimum=1)
        ]
        return [term for term in terms if term is not None]

    def _next_objective(self, value: Json, path: str, known: Known) -> NextObjective:
        """Read one of the optional ``then``: ``{"terms": [...], "within"?: 0.01}``.

        Among the plans whose objective before is within that share of its best, this one is
        maximised. An addition to the published format; absent, nothing changes.
        """
        reader = ObjectReader(self.reading, value, path, ("terms", "within"))
        within = reader.number("within", required=False) or Fraction(0)
        if not 0 <= within <= 1:
            reader.wrong("within", "Skriv en andel fra 0 til 1.", "Write a share from 0 to 1.")
        return NextObjective(tuple(self._terms(reader, known)), within)

    def _check_risk(self, limit: RiskLimit, path: str, outcomes: Outcomes | None) -> None:
        """Note a risk limit without outcomes, or for other payers than explicit ones are for."""
        if self.top.value.get("outcomes") is None:
            self.reading.wrong(
                path,
                "Rammen ser på udfald, men planen har ingen (outcomes).",
                "The limit looks at outcomes, but the plan has none.",
            )
        if not isinstance(outcomes, ExplicitOutcomes):
            return
        if self.risk_payers and limit.payers not in self.risk_payers:
            self.reading.wrong(
                child(path, "payers"),
                "Udfaldene er givet for ét sæt kasser; alle risikorammer må nævne de samme.",
                "The outcomes are given for one set of purses; all risk limits must name the same.",
            )
        self.risk_payers.append(limit.payers)

    def _check_measure_year(
        self, limit: MeasureLimit, path: str, interventions: Iterable[Intervention]
    ) -> None:
        """Note where a limit on one year looks at a measure that is known in total only."""
        if limit.year is None:
            return
        for i in interventions:
            for o in i.options:
                measure = o.measures.get(limit.measure)
                inside = limit.where is None or limit.where.matches(i, o)
                if inside and measure is not None and measure.by_year is None:
                    self.reading.wrong(
                        f"{path}.year",
                        f"{limit.measure} er kun kendt i alt for {i.id}/{o.id}, ikke år for år.",
                        f"{limit.measure} is known only in total for {i.id}/{o.id}, not by year.",
                    )
                    return
