"""The business case: effects, costs, amounts entered directly, and the variants of it all.

A case is a value: it is never changed, and equal cases are equal. What it comes to in kroner by
payer and year is said by :func:`optimizer.cases.computing.flows_of`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.cases.consequence import Cashability
from optimizer.cases.effect import EffectRoute
from optimizer.cases.frozen import Frozen, freeze
from optimizer.cases.splits import Split
from optimizer.cases.uncertain import Uncertain
from optimizer.intervention import CashFlow, FlowKind
from optimizer.payers import Category

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class CostLine:
    """What the intervention costs: gross cost - cost of the alternative that is saved.

    Parameters
    ----------
    id : str
        Unique among the costs and the direct amounts of the case.
    name : str
    kind : FlowKind
        ``outlay`` (the investment) or ``cost`` (other added spending).
    gross : mapping of int to Uncertain
        Positive kroner by calendar year; with ``per_citizen``, kroner for each citizen by years
        after that citizen's start (0, 1, ...).
    alternative : mapping of int to Uncertain
        What the alternative would have cost, in the same form; never more than ``gross``.
    category : Category
    split : Split
        Who pays.
    price_year : int
    per_citizen : str or None
        Id of the effect route whose citizens count; None: amounts in total.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> course = small_case().costs[0]
    >>> course.kind.value, course.per_citizen, int(course.gross[2027].expected)
    ('outlay', None, 900000)
    """

    id: str
    name: str
    kind: FlowKind
    gross: Mapping[int, Uncertain]
    category: Category
    split: Split
    price_year: int
    alternative: Mapping[int, Uncertain] = Frozen({})
    per_citizen: str | None = None
    source: str = ""
    budget_line: str | None = None
    owner: str | None = None

    def __post_init__(self) -> None:
        freeze(self, "gross", "alternative")


@dataclass(frozen=True, slots=True)
class PricedFlow:
    """An amount entered directly, in kroner of its own price year.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> rent = small_case().direct[0]
    >>> rent.flow.amount, rent.price_year, rent.cashability.value
    (50000, 2026, 'avoided_growth')
    """

    id: str
    name: str
    flow: CashFlow
    price_year: int
    source: str = ""
    cashability: Cashability = Cashability.BUDGET_CUT
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to do the intervention: small or large, now or later, paid from which pool.

    Parameters
    ----------
    id : str
        Unique in the case; becomes the id of the plan's option.
    title : str
    scale : Fraction
        Citizens of every route x this; amounts in total stay as they are.
    citizens : mapping of route id to (mapping of start year to int)
        Own rows, instead of scaling; routes that are not named are scaled.
    shift : int
        Every year of the case this many years later (negative: earlier).
    pool : str or None
        Id of the pool that the outlay is paid from.
    costs, direct : tuple or None
        Own lines instead of the case's; None: those of the case. They are shifted too.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> small, large = small_case().variants
    >>> small.id, str(small.scale), large.shift
    ('lille', '1/2', 1)
    """

    id: str = "base"
    title: str = ""
    scale: Fraction = ONE
    citizens: Mapping[str, Mapping[int, int]] = Frozen({})
    shift: int = 0
    pool: str | None = None
    costs: tuple[CostLine, ...] | None = None
    direct: tuple[PricedFlow, ...] | None = None

    def __post_init__(self) -> None:
        rows = {route: Frozen(row) for route, row in self.citizens.items()}
        object.__setattr__(self, "citizens", Frozen(rows))


BASE = Variant()


@dataclass(frozen=True, slots=True)
class BusinessCase:
    """One frozen version of a business case.

    Parameters
    ----------
    price_year : int
        Its figures are shown in kroner of this year unless another is asked for.
    effects : tuple of EffectRoute
    costs : tuple of CostLine
    direct : tuple of PricedFlow
        Yearly amounts entered beside the effect route; they fill the same flows.
    variants : tuple of Variant
        At least one.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> case = small_case()
    >>> later = case.in_variant(case.variants[1])
    >>> sorted(case.effects[0].citizens), sorted(later.effects[0].citizens)
    ([2027, 2028], [2028, 2029])
    """

    price_year: int
    effects: tuple[EffectRoute, ...] = ()
    costs: tuple[CostLine, ...] = ()
    direct: tuple[PricedFlow, ...] = ()
    variants: tuple[Variant, ...] = (BASE,)

    def variant(self, variant_id: str) -> Variant:
        """Return the variant with this id.

        Raises
        ------
        KeyError
            The case has none.
        """
        for variant in self.variants:
            if variant.id == variant_id:
                return variant
        raise KeyError(variant_id)

    def in_variant(self, variant: Variant) -> "BusinessCase":
        """Return the case as this variant has it: scaled, shifted, with its own lines.

        Citizens that are scaled stay fractions: nobody is rounded away.
        """
        costs = self.costs if variant.costs is None else variant.costs
        direct = self.direct if variant.direct is None else variant.direct
        return BusinessCase(
            price_year=self.price_year,
            effects=tuple(_route(route, variant) for route in self.effects),
            costs=tuple(_later_cost(cost, variant.shift) for cost in costs),
            direct=tuple(_later_flow(line, variant.shift) for line in direct),
            variants=(replace(BASE, id=variant.id, title=variant.title, pool=variant.pool),),
        )


def _route(route: EffectRoute, variant: Variant) -> EffectRoute:
    row: Mapping[int, int | Fraction]
    if route.id in variant.citizens:
        row = variant.citizens[route.id]
    else:
        row = {year: n * variant.scale for year, n in route.citizens.items()}
    return replace(route, citizens={year + variant.shift: n for year, n in row.items()})


def _later_cost(cost: CostLine, shift: int) -> CostLine:
    if cost.per_citizen is not None:
        return cost  # its years count from each citizen's start, which is shifted
    return replace(
        cost,
        gross={year + shift: k for year, k in cost.gross.items()},
        alternative={year + shift: k for year, k in cost.alternative.items()},
    )


def _later_flow(line: PricedFlow, shift: int) -> PricedFlow:
    return replace(line, flow=replace(line.flow, year=line.flow.year + shift))
