"""From a plan to a program: one variable a choice, one row a rule.

The order of variables and rows is canonical (by id and by content), so that a file with its lists
in another order gives the same program, and the solver the same answer.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from optimizer.appraisal import Appraisal, Choice, Selection
from optimizer.filters import Filter
from optimizer.intervention import CashFlow, FlowKind, Force, Intervention, Option
from optimizer.pool import InvestmentPool
from optimizer.program import Exact, LazyRow, Program, Row, Terms, Variable, add_terms
from optimizer.relations import AtLeast, AtMost, Excludes, Overlap, Relation, Requires
from optimizer.scenario import Plan
from optimizer.sentence import Sentence, kroner
from optimizer.writing import canonical_text, tagged_document

if TYPE_CHECKING:
    from optimizer.by_outcome import NetByOutcome
    from optimizer.constraints.base import Constraint
    from optimizer.draws import Draws
    from optimizer.objectives.base import ObjectiveTerm

NOTHING = Sentence("", "")
#: tolerance of sums over continuous scales, kroner (PLANFILE.md, fine print)
ONE_KRONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """A variable that is no choice, and the value that a choice gives it."""

    variable: int
    value: Callable[[Choice], Exact]


class Compilation:
    """A plan as a program, and the way back from a choice to the values of all variables.

    Limits, objective terms and relations ask it for terms; it answers with exact coefficients
    that come from :mod:`optimizer.appraisal`.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.appraisal = Appraisal(plan)
        self.program = Program()
        self.chosen_variable: dict[str, int] = {}
        self.scale_variable: dict[str, int] = {}
        self.auxiliaries: list[Auxiliary] = []
        self.lazy_rows: list[LazyRow] = []
        self._last_net: tuple[object, NetByOutcome] | None = None
        self._draws: dict[frozenset[str] | None, Draws] = {}
        self._pairs: dict[tuple[int, frozenset[str], frozenset[str]], int] = {}
        self._add_options()
        self._add_objective()
        for row in self._rules():  # not extend: rules file definitions of their own meanwhile
            self.program.rows.append(row)

    # ---- what limits and objectives ask for ----

    @cached_property
    def everything(self) -> frozenset[str]:
        """Return the keys of all options."""
        return frozenset(self.chosen_variable)

    @cached_property
    def scaled_options(self) -> Mapping[int, tuple[int, Fraction]]:
        """Return the variable of each scale: the variable of its option, and the least scale."""
        return {
            self.scale_variable[key]: (self.chosen_variable[key], option.minimum_scale)
            for key, (_, option) in self._options()
            if option.minimum_scale is not None
        }

    @cached_property
    def scales(self) -> frozenset[int]:
        """Return the variables that are scales, and so may be any number."""
        return frozenset(self.scaled_options)

    def matching(self, where: Filter | None) -> tuple[str, ...]:
        """Return the keys of the options that a filter lets through, in canonical order."""
        if where is None or where.is_empty:
            return tuple(self.chosen_variable)
        options = self.plan.options
        return tuple(key for key in self.chosen_variable if where.matches(*options[key]))

    def funded(self, values: Mapping[str, Exact]) -> Terms:
        """Return terms that count each chosen option with its value, whatever its scale."""
        return {self.chosen_variable[k]: v for k, v in values.items() if v}

    def scaled(self, values: Mapping[str, Exact]) -> Terms:
        """Return terms that count each option with its value times its scale."""
        return {self.scale_variable[k]: v for k, v in values.items() if v}

    def outlay(self, where: Filter | None = None, year: int | None = None) -> Terms:
        """Return the kroner invested within ``where``, positive."""
        options, outlay = self.plan.options, self.appraisal.outlay
        return self.scaled({k: outlay(options[k][1], year) for k in self.matching(where)})

    def outlay_beyond_share(self, where: Filter | None, share: Fraction) -> Terms:
        """Return outlay within ``where`` minus ``share`` of all outlay, kroner."""
        inside = frozenset(self.matching(where))
        outlay = self.appraisal.outlay
        return self.scaled(
            {
                key: outlay(option) * ((key in inside) - share)
                for key, (_, option) in self._options()
            }
        )

    def measure(self, name: str, year: int | None = None, where: Filter | None = None) -> Terms:
        """Return the total of a measure within ``where``, in its own unit."""
        options = self.plan.options
        return self.scaled(
            {
                key: options[key][1].measures[name].in_year(year)
                for key in self.matching(where)
                if name in options[key][1].measures
            }
        )

    def money(self, selection: Selection, where: Filter | None = None) -> Terms:
        """Return the selected flows within ``where``, overlap losses taken off, kroner."""
        return self.money_of(self.matching(where), selection)

    def money_of(self, keys: Collection[str], selection: Selection) -> Terms:
        """Return the selected flows of some options, the overlap losses among them taken off."""
        options, among = self.plan.options, frozenset(keys)
        total = self.appraisal.total
        terms = dict(self.scaled({k: total(options[k][1].flows, selection) for k in keys}))
        terms.update(self._overlap_terms(selection, among))
        return terms

    def overlap_terms(self, selection: Selection) -> Terms:
        """Return the overlap losses alone, negative kroner; scale does not reduce them."""
        return self._overlap_terms(selection, self.everything)

    def _overlap_terms(self, selection: Selection, among: frozenset[str]) -> Terms:
        total = self.appraisal.total
        terms: dict[int, Exact] = {}
        for number, overlap in self._overlaps():
            loss = total(overlap.flows(), selection)
            pair = self._pair(number, overlap, among) if loss else None
            if pair is not None:
                terms[pair] = loss
        return terms

    def money_by_year(
        self, selection: Selection, where: Filter | None = None
    ) -> dict[int, dict[int, Exact]]:
        """Return the same year by year, undiscounted: year to terms."""
        keys, options = self.matching(where), self.plan.options
        among = frozenset(keys)
        by_year = self.appraisal.by_year
        sums: dict[int, dict[int, Exact]] = {year: {} for year in self.plan.years}
        for key in keys:
            for year, amount in by_year(options[key][1].flows, selection).items():
                if amount:
                    sums[year][self.scale_variable[key]] = amount
        for number, overlap in self._overlaps():
            losses = by_year(overlap.flows(), selection)
            pair = self._pair(number, overlap, among) if any(losses.values()) else None
            for year, amount in losses.items():
                if amount and pair is not None:
                    sums[year][pair] = amount
        return sums

    def auxiliary(self, variable: Variable, value: Callable[[Choice], Exact]) -> int:
        """Add a variable that is no choice; ``value`` says what a choice makes it."""
        number = self.program.add_variable(variable)
        self.auxiliaries.append(Auxiliary(number, value))
        return number

    def aim(self, terms: "Iterable[ObjectiveTerm]") -> dict[int, Exact]:
        """Return the coefficients of an objective: its terms, each at its weight, added up."""
        total: dict[int, Exact] = {}
        for term in terms:
            add_terms(total, term.terms(self), term.weight)
        return total

    def define(self, terms: Terms, *, lower: Exact) -> None:
        """Add a row that says what an auxiliary variable is: always hard, never reported."""
        self.program.rows.append(Row(NOTHING, terms, lower=lower))

    def draws(self, payers: frozenset[str] | None) -> "Draws":
        """Return the discounted net saving of some payers by outcome and option."""
        # numpy takes a while to load: only for plans that look at outcomes
        from optimizer.draws import draws_of  # noqa: PLC0415

        known = self._draws.get(payers)
        if known is None:
            keys = tuple(self.chosen_variable)
            known = self._draws[payers] = draws_of(self.plan, self.appraisal, payers, keys)
        return known

    def net_by_outcome(self, payers: frozenset[str] | None, choice: Choice) -> "NetByOutcome":
        """Return what a choice saves some payers in every outcome; the last one is remembered.

        Every outcome's auxiliary variable asks for the same choice, one after the other.
        """
        from optimizer.by_outcome import net_by_outcome  # noqa: PLC0415 - numpy, as above

        key = (payers, tuple(sorted(choice.items())))
        if self._last_net is None or self._last_net[0] != key:
            net = net_by_outcome(self.draws(payers), self.appraisal, payers, choice)
            self._last_net = (key, net)
        return self._last_net[1]

    def is_scaled(self, values: Sequence[Exact]) -> bool:
        """Return whether a chosen option has a scale, so that sums are good to 1 kr. only."""
        return any(values[v] for v in self.scales)

    def has_scale(self, choice: Choice) -> bool:
        """Return the same of a choice."""
        return any(
            scale and self.scale_variable[key] != self.chosen_variable[key]
            for key, scale in choice.items()
        )

    def broken_by(
        self, lazy: LazyRow, values: Sequence[Exact], activity: Fraction | None = None
    ) -> Fraction:
        """Return by how much a rule kept by cuts is broken, tolerances applied.

        ``activity`` is what the rule limits, where it is known already: it takes a while.
        """
        activity = lazy.activity(values) if activity is None else activity
        broken = max(Fraction(0), Fraction(activity - lazy.upper))
        tolerance = max(lazy.tolerance, ONE_KRONE if self.is_scaled(values) else 0)
        return broken if broken > tolerance else Fraction(0)

    # ---- from a choice to values ----

    def values(self, choice: Choice) -> list[Exact]:
        """Return the exact value of every variable for a choice."""
        values: list[Exact] = [0] * len(self.program.variables)
        for key, scale in choice.items():
            values[self.chosen_variable[key]] = 1
            values[self.scale_variable[key]] = scale
        for auxiliary in self.auxiliaries:
            values[auxiliary.variable] = auxiliary.value(choice)
        for lazy in self.lazy_rows:
            if lazy.softener is not None:
                values[lazy.softener] = self.broken_by(lazy, values)
        return values

    def choice(self, values: Sequence[float]) -> dict[str, Fraction]:
        """Return the choice that a solver's values mean, scales cleaned of its round-off."""
        chosen = {}
        for key, (_, option) in self._options():
            if values[self.chosen_variable[key]] < 0.5:  # noqa: PLR2004 - nearer to 0 than to 1
                continue
            if option.minimum_scale is None:
                chosen[key] = Fraction(1)
            else:
                scale = values[self.scale_variable[key]]
                chosen[key] = clean_scale(scale, option.minimum_scale)
        return chosen

    # ---- building ----

    def _options(self) -> Iterator[tuple[str, tuple[Intervention, Option]]]:
        options = self.plan.options
        return ((key, options[key]) for key in self.chosen_variable)

    @cached_property
    def keys_of(self) -> Mapping[str, list[str]]:
        """Return the option keys of every intervention, in canonical order."""
        keys: dict[str, list[str]] = {}
        for key, (intervention, _) in self._options():
            keys.setdefault(intervention.id, []).append(key)
        return keys

    def _overlaps(self) -> Iterator[tuple[int, Overlap]]:
        return (
            (number, relation)
            for number, relation in self._canonical_relations
            if isinstance(relation, Overlap)
        )

    @cached_property
    def _canonical_relations(self) -> list[tuple[int, Relation]]:
        return sorted(
            enumerate(self.plan.relations),
            key=lambda pair: canonical_text(tagged_document(pair[1], "kind")),
        )

    def _add_options(self) -> None:
        program = self.program
        for key in sorted(self.plan.options):
            option = self.plan.options[key][1]
            choose = program.add_variable(Variable(key, 0, 1, integer=True))
            self.chosen_variable[key] = self.scale_variable[key] = choose
            if option.minimum_scale is None:
                continue
            scale = program.add_variable(Variable(f"{key}@", 0, 1))
            self.scale_variable[key] = scale
            program.rows.append(Row(NOTHING, {scale: 1, choose: -1}, upper=0))
            if option.minimum_scale:
                terms: Terms = {scale: 1, choose: -option.minimum_scale}
                program.rows.append(Row(NOTHING, terms, lower=0))

    def _add_objective(self) -> None:
        self.program.objective = self.aim(self.plan.scenario.objective)

    def _pair(self, number: int, overlap: Overlap, among: frozenset[str]) -> int | None:
        """Return the variable that is 1 when both sides of an overlap are chosen among options.

        None where that cannot occur.
        """
        first, second = (
            frozenset(k for k in self.keys_of[name] if k in among) for name in overlap.interventions
        )
        if not first or not second:
            return None
        known = self._pairs.get((number, first, second))
        if known is None:
            known = self._pairs[number, first, second] = self._define_pair(number, first, second)
        return known

    def _define_pair(self, number: int, first: frozenset[str], second: frozenset[str]) -> int:
        def both(choice: Choice) -> int:
            return int(not first.isdisjoint(choice) and not second.isdisjoint(choice))

        pair = self.auxiliary(Variable(f"overlap {number}", 0, 1), both)
        sides: list[dict[int, Exact]] = [
            dict.fromkeys(sorted(self.chosen_variable[k] for k in side), -1)
            for side in (first, second)
        ]
        rows = self.program.rows
        rows.append(Row(NOTHING, {**sides[0], **sides[1], pair: 1}, lower=-1))
        rows.extend(Row(NOTHING, {**side, pair: 1}, upper=0) for side in sides)
        return pair

    def _rules(self) -> Iterator[Row]:
        yield from self._one_option_each()
        for number, pool in sorted(enumerate(self.plan.scenario.pools), key=lambda p: p[1].id):
            for row in self._pool_rows(pool):
                yield replace(row, path=f"scenario.pools[{number}]", tag="pool")
        for number, relation in self._canonical_relations:
            for row in self._relation_rows(relation):
                yield replace(row, path=f"relations[{number}]", tag=relation.tag)
        limits = sorted(
            enumerate(self.plan.scenario.constraints),
            key=lambda pair: canonical_text(tagged_document(pair[1], "tag")),
        )
        for number, limit in limits:
            for row in limit.rows(self):
                path = f"scenario.constraints[{number}]"
                yield replace(row, path=path, tag=limit.tag, price=limit.soft_price)
            for lazy in limit.lazy_rows(self):
                self._file_lazy(lazy, f"scenario.constraints[{number}]", limit)

    def _file_lazy(self, lazy: LazyRow, path: str, limit: "Constraint") -> None:
        lazy.path, lazy.tag, lazy.price = path, limit.tag, limit.soft_price
        if lazy.price is not None:
            lazy.softener = self.program.add_variable(Variable("broken", 0, None))
            self.program.objective[lazy.softener] = -lazy.price
        self.lazy_rows.append(lazy)

    def _one_option_each(self) -> Iterator[Row]:
        keys = self.keys_of
        position = {i.id: n for n, i in enumerate(self.plan.interventions)}
        for name in sorted(keys):
            intervention = self.plan.intervention_by_id[name]
            terms = self.funded(dict.fromkeys(keys[name], 1))
            path = f"interventions[{position[name]}].force"
            title = intervention.title
            if intervention.force is Force.IN:
                label = Sentence(f"{title} er tvunget med", f"{title} is forced in")
                yield Row(label, terms, lower=1, upper=1, path=path, tag="force")
            elif intervention.force is Force.OUT:
                label = Sentence(f"{title} er holdt ude", f"{title} is kept out")
                yield Row(label, terms, lower=0, upper=0, path=path, tag="force")
            elif len(terms) > 1:
                label = Sentence(f"Højst én mulighed af {title}", f"At most one option of {title}")
                yield Row(label, terms, upper=1, tag="one_option")

    def _pool_rows(self, pool: InvestmentPool) -> Iterator[Row]:
        mine = {k: option for k, (_, option) in self._options() if option.pool == pool.id}
        outlay = self.appraisal.outlay
        if pool.total is not None:
            most = kroner(pool.total)
            yield Row(
                Sentence(
                    f"{pool.name}: udlæg i alt højst {most.da}",
                    f"{pool.name}: outlay in total at most {most.en}",
                ),
                self.scaled({k: outlay(option) for k, option in mine.items()}),
                upper=pool.total,
            )
            return
        used: dict[str, Exact] = {}
        paid_in = 0
        for year in self.plan.years:
            if not pool.carry_over:
                used, paid_in = {}, 0
            paid_in += (pool.paid_in or {}).get(year, 0)
            for key, option in mine.items():
                repaid = self.appraisal.repaid(key, option, pool).get(year, 0)
                used[key] = used.get(key, 0) + self._spent(option.flows, year) - repaid
            label = Sentence(
                f"{pool.name}: saldoen må ikke gå under nul i {year}",
                f"{pool.name}: the balance may not fall below zero in {year}",
            )
            yield Row(label, self.scaled(used), upper=paid_in, year=year)

    @staticmethod
    def _spent(flows: Iterable[CashFlow], year: int) -> int:
        return -sum(f.amount for f in flows if f.year == year and f.kind is FlowKind.OUTLAY)

    def _relation_rows(self, relation: Relation) -> Iterator[Row]:
        titles = {i.id: i.title for i in self.plan.interventions}
        if isinstance(relation, Overlap):
            return
        label = relation.sentence(titles)
        taken = self._taken(relation.members())
        if isinstance(relation, Requires):
            needed = dict.fromkeys(self._taken([relation.needs]), -1)
            terms: dict[int, Exact] = {**self._taken([relation.intervention]), **needed}
            yield Row(label, terms, upper=0)
        elif isinstance(relation, Excludes):
            yield Row(label, taken, upper=1)
        elif isinstance(relation, AtLeast):
            yield Row(label, taken, lower=relation.count)
        elif isinstance(relation, AtMost):
            yield Row(label, taken, upper=relation.count)

    def _taken(self, interventions: Sequence[str]) -> dict[int, Exact]:
        keys = [k for name in interventions for k in self.keys_of[name]]
        return dict(self.funded(dict.fromkeys(keys, 1)))


def clean_scale(scale: float, minimum: Fraction) -> Fraction:
    """Return the scale as a short decimal within [minimum, 1], snapped to an end within 1e-9."""
    exact = Fraction(repr(round(scale, 12)))
    near = Fraction(1, 10**9)
    if exact > 1 - near:
        return Fraction(1)
    if exact < minimum + near:
        return minimum
    return exact
