"""A linear program of our own: variables, labelled rows and an objective, all exact.

Rows know nothing of a solver: any assignment of values can be checked against them with exact
arithmetic, and the same rows are handed to the solver. One algebra for planning and for reporting.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.sentence import Sentence

Exact = int | Fraction
#: variable number to coefficient
Terms = Mapping[int, Exact]


def exact_sum(numbers: Iterable[Exact]) -> Fraction:
    """Return the exact sum."""
    total = Fraction(0)
    for number in numbers:
        total += number
    return total


def total_of(terms: Terms, values: Sequence[Exact]) -> Fraction:
    """Return the sum of coefficients times values, exactly."""
    return exact_sum(c * values[v] for v, c in terms.items() if values[v])


def add_terms(total: dict[int, Exact], terms: Terms, weight: Exact = 1) -> None:
    """Add terms, each times ``weight``, to a total."""
    for variable, coefficient in terms.items():
        total[variable] = total.get(variable, 0) + coefficient * weight


@dataclass(frozen=True, slots=True)
class Variable:
    """One unknown: lower <= value <= upper, whole where ``integer``. None is no bound."""

    name: str
    lower: Exact | None = 0
    upper: Exact | None = 1
    integer: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """lower <= constant + sum of terms <= upper, breakable at ``price`` per unit where given.

    Parameters
    ----------
    label : Sentence
        What the row says, for a council member.
    terms : mapping of variable number to number
    lower, upper : number or None
        None is no limit.
    price : Fraction or None
        Objective units lost per unit broken; None: may not be broken.
    path : str
        Place in the plan that the row comes from; empty for rows that only define variables.
    tag : str
        Tag of the rule, or ``pool``, ``relation``, ``force``, ``one_option``, ``definition``.
    year : int or None
        Where the rule is kept year by year.
    constant : number
        Added to the terms, so that the activity is what a reader expects.
    """

    label: Sentence
    terms: Terms
    lower: Exact | None = None
    upper: Exact | None = None
    price: Fraction | None = None
    path: str = ""
    tag: str = "definition"
    year: int | None = None
    constant: Exact = 0

    def activity(self, values: Sequence[Exact]) -> Fraction:
        """Return the sum of the terms for given values of all variables, exactly."""
        return total_of(self.terms, values) + self.constant

    def magnitude(self, values: Sequence[Exact]) -> Fraction:
        """Return the sum of the absolute terms, to which tolerances of measures relate."""
        return exact_sum(abs(Fraction(c * values[v])) for v, c in self.terms.items() if values[v])

    def broken_by(self, activity: Exact) -> Fraction:
        """Return by how much the activity leaves [lower, upper]; 0 where the row is kept."""
        below = Fraction(self.lower - activity) if self.lower is not None else Fraction(0)
        above = Fraction(activity - self.upper) if self.upper is not None else Fraction(0)
        return max(Fraction(0), below, above)

    def slack(self, activity: Exact) -> Fraction | None:
        """Return the room left at the nearer limit, negative where broken; None if unlimited."""
        rooms = []
        if self.lower is not None:
            rooms.append(Fraction(activity - self.lower))
        if self.upper is not None:
            rooms.append(Fraction(self.upper - activity))
        return min(rooms) if rooms else None


class LazyRow(ABC):
    """A rule with too many rows to write down: those that a plan breaks are added as found.

    ``activity <= upper``; what a subclass sets: ``label`` and ``upper``, and ``tolerance`` where
    the activity is a sum of doubles. The compilation sets path, tag and price, and ``softener``,
    the variable by how much a soft rule is broken.
    """

    label: Sentence
    upper: Exact
    tolerance: Fraction = Fraction(0)
    path: str = ""
    tag: str = ""
    price: Fraction | None = None
    softener: int | None = None

    @abstractmethod
    def activity(self, values: Sequence[Exact]) -> Fraction:
        """Return what is limited, for given values of all variables."""

    @abstractmethod
    def cut(self, values: Sequence[float]) -> Row:
        """Return the row that is broken most, or kept most closely, at some values.

        Every plan that keeps the rule keeps the row.
        """

    def row(self) -> Row:
        """Return the rule as a row without terms, for reports."""
        return Row(
            label=self.label, terms={}, upper=self.upper, price=self.price, path=self.path,
            tag=self.tag,
        )  # fmt: skip


@dataclass(slots=True)
class Program:
    """Maximise the objective over the variables, keeping the rows."""

    variables: list[Variable] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    objective: dict[int, Exact] = field(default_factory=dict)

    def add_variable(self, variable: Variable) -> int:
        """File a variable and return its number."""
        self.variables.append(variable)
        return len(self.variables) - 1

    def value(self, values: Sequence[Exact]) -> Fraction:
        """Return the objective before soft prices, exactly."""
        return total_of(self.objective, values)
