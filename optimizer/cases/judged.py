"""A case judged: its flows computed, its people counted, and every figure of it at once."""

from collections.abc import Callable, Iterable
from fractions import Fraction

from optimizer.appraisal import Years
from optimizer.case_figures import CITIZEN_MEASURES, SUCCESS_MEASURES, measured
from optimizer.cases.business_case import BusinessCase, Variant
from optimizer.cases.computing import flows_of
from optimizer.cases.effect import EffectRoute
from optimizer.cases.figures import Figures, Perspective, Successes, figures_of
from optimizer.cases.prices import NO_LEVELS, PriceLevels
from optimizer.cases.provenance import Computed
from optimizer.cases.refunds import RULES, RuleBook
from optimizer.cases.society import USUAL_FACTORS, Factors
from optimizer.intervention import CashFlow, Option


def figures_of_case(
    case: BusinessCase,
    perspective: Perspective,
    *,
    variant: Variant | None = None,
    route: str | None = None,
    payers: frozenset[str] | None = None,
    price_levels: PriceLevels = NO_LEVELS,
    rules: RuleBook = RULES,
    price_year: int | None = None,
    factors: Factors = USUAL_FACTORS,
) -> Figures:
    """Return every figure of a case, computed from its effects, costs and direct amounts.

    Parameters
    ----------
    variant : Variant or None
        None: the first of the case.
    route : str or None
        Id of the effect route whose successes and break-even are meant; None: the first.
    payers : frozenset of str or None
        Whose purse; None: everybody's.
    price_levels, rules, price_year
        As for :func:`optimizer.cases.computing.flows_of`.

    Raises
    ------
    CaseError
        The flows cannot be computed.

    Examples
    --------
    >>> from optimizer.cases.examples import LEVELS, PAYERS, small_case
    >>> view = Perspective(2027, (2027, 2034), PAYERS)
    >>> found = figures_of_case(small_case(), view, price_levels=LEVELS)
    >>> int(found.net), int(found.price_per_success), found.break_even.sentence().en
    (-382000, 90000, 'At least 25 of 40 citizens must succeed.')
    """
    chosen = case.in_variant(case.variants[0] if variant is None else variant)
    computed = flows_of(
        chosen,
        payers=perspective.payers,
        price_levels=price_levels,
        price_year=price_year,
        rules=rules,
    )
    return figures_of(
        [c.flow for c in computed],
        perspective,
        payers=payers,
        successes=successes_of(chosen, perspective.horizon, route=route),
        follows=follows_route(computed, chosen, route=route),
        factors=factors,
    )


def successes_of(
    case: BusinessCase, horizon: Years | None = None, *, route: str | None = None
) -> Successes | None:
    """Return the citizens and rates of one effect route; None: the case has no route.

    Parameters
    ----------
    case : BusinessCase
        As one variant has it (:meth:`BusinessCase.in_variant`).
    horizon : (int, int) or None
        Only citizens who start in these years are counted.
    route : str or None
        Its id; None: the first.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> case = small_case()
    >>> goal = successes_of(case.in_variant(case.variants[0]))
    >>> int(goal.citizens), int(goal.extra)
    (40, 10)
    """
    chosen = _route(case, route)
    if chosen is None:
        return None
    first, last = horizon or (min(chosen.citizens, default=0), max(chosen.citizens, default=0))
    started = (n for year, n in chosen.citizens.items() if first <= year <= last)
    citizens = Fraction(sum(started))
    return Successes(citizens, chosen.success.expected, chosen.without.expected)


def successes_in(option: Option) -> Successes | None:
    """Return the citizens and extra successes that a plan's option states as measures.

    None: it states neither. No citizens stated counts as none.

    Examples
    --------
    >>> from optimizer.intervention import Measure
    >>> counts = {"borgere": Measure(Fraction(40)), "ekstra_succeser": Measure(Fraction(10))}
    >>> goal = successes_in(Option("lille", None, (), measures=counts))
    >>> goal.extra, goal.added_effect
    (Fraction(10, 1), Fraction(1, 4))
    """
    citizens, extra = measured(option, CITIZEN_MEASURES), measured(option, SUCCESS_MEASURES)
    if citizens is None and extra is None:
        return None
    return Successes(citizens or Fraction(0), stated=extra)


def follows_route(
    computed: Iterable[Computed], case: BusinessCase, *, route: str | None = None
) -> Callable[[CashFlow], bool] | None:
    """Return whether one of these flows grows with the route's added effect; None: no route.

    Savings that were entered directly, and those of other routes, do not.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case, small_flows
    >>> computed = small_flows()
    >>> follows = follows_route(computed, small_case())
    >>> [(c.line, follows(c.flow)) for c in computed[1:4]]
    [('bolig/herberg', True), ('kursus', False), ('bolig/herberg', True)]
    """
    chosen = _route(case, route)
    if chosen is None:
        return None
    # by what they are, not by what they say: two lines may have equal flows
    mine = {id(c.flow): c.flow for c in computed if c.line.startswith(f"{chosen.id}/")}
    return lambda flow: id(flow) in mine


def _route(case: BusinessCase, route: str | None) -> EffectRoute | None:
    if route is None:
        return next(iter(case.effects), None)
    return next(found for found in case.effects if found.id == route)
