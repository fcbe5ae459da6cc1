"""What is known, without solving again, of why no plan keeps every limit.

Three things are sure and cheap: which limits no choice at all could keep, which ones break when
nothing (or only what is forced in) is funded, and which ones break when everything is. The smallest
set of limits that collide is another calculation.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from flask_babel import gettext as _

from optimizer import Force, Plan, evaluate
from optimizer.compilation import Compilation
from optimizer.program import Row
from planner.formats import Language

LIMITS, POOLS, RELATIONS = ORDER = ("scenario.constraints", "scenario.pools", "relations")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Limits by what is known of them, as sentences.

    Parameters
    ----------
    impossible : tuple of str
        No choice of interventions keeps it, whatever the other limits are.
    broken_by_nothing : tuple of str
        Broken when nothing is funded but what is forced in: they ask for something.
    broken_by_everything : tuple of str
        Broken when every candidate is funded: they hold something back.
    hard : tuple of str
        Every limit that may not be broken.
    """

    impossible: tuple[str, ...]
    broken_by_nothing: tuple[str, ...]
    broken_by_everything: tuple[str, ...]
    hard: tuple[str, ...]


def diagnosis_of(plan: Plan, *, language: Language) -> Diagnosis:
    """Return what is known of a plan in which some limits cannot be kept together."""
    forced = {i.id for i in plan.interventions if i.force is Force.IN}
    kept_out = {i.id for i in plan.interventions if i.force is Force.OUT}
    first = {i.id: f"{i.id}/{i.options[0].id}" for i in plan.interventions}
    nothing = evaluate(plan, {first[i]: 1 for i in first if i in forced})
    everything = evaluate(plan, {first[i]: 1 for i in first if i not in kept_out})
    compilation = Compilation(plan)
    rows = [row for row in compilation.program.rows if row.path and row.price is None]
    said = _Said(plan, language)
    return Diagnosis(
        impossible=said.of(row for row in rows if _never(row, compilation)),
        broken_by_nothing=said.of(result.row for result in nothing.broken),
        broken_by_everything=said.of(result.row for result in everything.broken),
        hard=said.of(row for row in rows if row.tag != "force"),
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """Says whole limits, each once, in the plan's order: limits, pools, relations, the rest."""

    plan: Plan
    language: Language

    def of(self, rows: Iterable[Row]) -> tuple[str, ...]:
        """Return the limits that some rows come from."""
        found = {row.path: self._sentence(row) for row in rows if row.path}
        return tuple(found[path] for path in sorted(found, key=_place))

    def _sentence(self, row: Row) -> str:
        scenario = self.plan.scenario
        if row.path.startswith(LIMITS):
            limit = scenario.constraints[_place(row.path)[1]]
            return limit.named(self.plan).say(self.language)
        if row.path.startswith(POOLS):
            pool = scenario.pools[_place(row.path)[1]]
            if pool.total is None:
                return _("%(pool)s: the balance may not fall below zero", pool=pool.name)
        return row.label.say(self.language)


def _place(path: str) -> tuple[int, int]:
    start, _separator, rest = path.partition("[")
    family = ORDER.index(start) if start in ORDER else len(ORDER)
    return family, int(rest.partition("]")[0] or 0)


def _never(row: Row, compilation: Compilation) -> bool:
    """Return whether even the choice that suits this row best leaves it broken."""
    least, most = _reach(row, compilation)
    too_low = row.lower is not None and most < row.lower
    too_high = row.upper is not None and least > row.upper
    return too_low or too_high


def _reach(row: Row, compilation: Compilation) -> tuple[Fraction, Fraction]:
    """Return the least and the greatest value that a row can take, one option an intervention."""
    of_option: dict[str, Fraction] = defaultdict(Fraction)
    owner = {
        variable: key
        for names in (compilation.chosen_variable, compilation.scale_variable)
        for key, variable in names.items()
    }
    least = most = Fraction(0)
    for variable, coefficient in row.terms.items():
        if variable in owner:
            of_option[owner[variable]] += coefficient
        else:  # an overlap, which may or may not occur
            least += min(0, coefficient)
            most += max(0, coefficient)
    of_intervention: dict[str, list[Fraction]] = defaultdict(list)
    for key, value in of_option.items():
        of_intervention[key.partition("/")[0]].append(value)
    for values in of_intervention.values():
        least += min([Fraction(0), *values])
        most += max([Fraction(0), *values])
    return least, most
