"""A small case with invented figures, for the examples of this package and its tests."""

from fractions import Fraction

from optimizer.cases.business_case import BusinessCase, CostLine, PricedFlow, Variant
from optimizer.cases.consequence import Cashability, Consequence, UnitPrice
from optimizer.cases.effect import Durability, EffectRoute
from optimizer.cases.prices import PriceLevels
from optimizer.cases.provenance import Computed
from optimizer.cases.refunds import RULES
from optimizer.cases.splits import FixedShares, ShelterSplit, Terms
from optimizer.cases.uncertain import Uncertain
from optimizer.intervention import CashFlow, FlowKind
from optimizer.payers import Category, Level, Payer

SOURCE = "opdigtet eksempel"
#: an invented index: no municipality budgets with it
LEVELS = PriceLevels({2022: Fraction(90), 2025: Fraction(100), 2026: Fraction(104)}, SOURCE)
TERMS = Terms(2026, LEVELS, RULES)
TERMS_2022 = Terms(2022, PriceLevels({2022: Fraction(1)}, SOURCE), RULES)
PAYERS = (
    Payer("kommune", "Kommunen", Level.MUNICIPALITY),
    Payer("region", "Regionen", Level.REGION),
    Payer("stat", "Staten", Level.STATE),
)
OWN = FixedShares.all_of("kommune")


def small_case() -> BusinessCase:
    """Return a case of 80 citizens with fewer days in a shelter; every figure is invented.

    Examples
    --------
    >>> case = small_case()
    >>> len(case.effects), len(case.costs), len(case.direct), len(case.variants)
    (1, 1, 1, 2)
    """
    days = Consequence(
        id="herberg",
        name="Døgn på herberg",
        quantity=Uncertain(-30, low=-40, high=-20),
        price=UnitPrice(Uncertain(1000), "døgn", 2025, SOURCE),
        category=Category.SERVICE,
        split=ShelterSplit("kommune", "stat", days_without=100),
        budget_line="5.38.42",
        owner="Socialchefen",
    )
    route = EffectRoute(
        id="bolig",
        outcome="I egen bolig efter et år",
        citizens={2027: 40, 2028: 40},
        success=Uncertain(Fraction(2, 5), low=Fraction(3, 10), high=Fraction(1, 2)),
        without=Uncertain.observed(3, 20),
        durability=Durability.of_row(1, Fraction(1, 2)),
        consequences=(days,),
        source=SOURCE,
    )
    course = CostLine(
        id="kursus",
        name="Kursus for medarbejdere",
        kind=FlowKind.OUTLAY,
        gross={2027: Uncertain(900_000)},
        category=Category.SERVICE,
        split=OWN,
        price_year=2026,
    )
    rent = CashFlow(
        2028, "kommune", Category.SERVICE, FlowKind.SAVING, 50_000, 40_000, 60_000, cashable=False
    )
    return BusinessCase(
        price_year=2026,
        effects=(route,),
        costs=(course,),
        direct=(
            PricedFlow("leje", "Lejemål undgået", rent, 2026, SOURCE, Cashability.AVOIDED_GROWTH),
        ),
        variants=(
            Variant("lille", "Lille", scale=Fraction(1, 2), pool="p"),
            Variant("stor", "Stor, et år senere", shift=1, pool="p"),
        ),
    )


def small_flows() -> tuple[Computed, ...]:
    """Return the flows of the small case as it stands, neither scaled nor shifted.

    Examples
    --------
    >>> [(c.flow.year, c.flow.payer, c.flow.amount) for c in small_flows()][:3]
    [(2027, 'kommune', 208000), (2027, 'stat', 104000), (2027, 'kommune', -900000)]
    """
    from optimizer.cases.computing import flows_of  # noqa: PLC0415 - computing's own example

    return flows_of(
        small_case(), Variant(), payers=PAYERS, price_levels=LEVELS, horizon=(2027, 2034)
    )
