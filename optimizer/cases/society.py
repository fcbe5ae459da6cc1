"""The socio-economic view: what all of society gains, apart from who pays.

Never mixed with the budget-economic figures: transfers move money between purses and create none,
and what public purses spend is weighed by what consumers would have paid for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from optimizer.appraisal import Appraisal, Selection
from optimizer.intervention import CashFlow
from optimizer.payers import Category, Level

PUBLIC = frozenset({Level.MUNICIPALITY, Level.REGION, Level.STATE})


@dataclass(frozen=True, slots=True)
class Factors:
    """What turns budget kroner into socio-economic ones.

    Parameters
    ----------
    net_tax : Fraction
        Net tax factor: factor prices to market prices.
    tax_distortion : Fraction
        1: raising taxes loses nothing. Earlier editions of the guidance had 1.1, before that 1.2.

    References
    ----------
    Danish Ministry of Finance, key figures catalogue (2023).

    Examples
    --------
    >>> float(Factors().net_tax), float(Factors().tax_distortion)
    (1.28, 1.0)
    """

    net_tax: Fraction = Fraction(128, 100)
    tax_distortion: Fraction = Fraction(1)


USUAL_FACTORS = Factors()


@dataclass(frozen=True, slots=True)
class Society:
    """Present values of the socio-economic view, kroner.

    Parameters
    ----------
    resources : Fraction
        Service and construction of every purse but the citizens', at market prices.
    citizens : Fraction
        What citizens pay and get other than transfers; already at market prices.
    distortion : Fraction
        (tax distortion factor - 1) x net of the public purses, transfers included, for those are
        financed by taxes too.
    transfers : Fraction
        Net of the transfers of all purses, left out: what one purse gets another loses.

    Examples
    --------
    >>> Society(Fraction(128), Fraction(10), Fraction(0), Fraction(70)).npv
    Fraction(138, 1)
    """

    resources: Fraction
    citizens: Fraction
    distortion: Fraction
    transfers: Fraction

    @property
    def npv(self) -> Fraction:
        """Return the socio-economic net present value."""
        return self.resources + self.citizens + self.distortion


def society_of(
    appraisal: Appraisal, flows: Iterable[CashFlow], factors: Factors = USUAL_FACTORS
) -> Society:
    """Return the socio-economic view of some flows within the horizon of ``appraisal``.

    Examples
    --------
    A service of 100 is saved by the municipality, and 70 of benefit that the citizen then lacks:

    >>> from optimizer.cases.example_flows import a_saving, years_2015_to_2019
    >>> view = years_2015_to_2019()
    >>> flows = [a_saving(2016, 100), a_saving(2016, 70, category=Category.TRANSFERS)]
    >>> society = society_of(view.appraisal, flows)
    >>> society.npv, society.transfers
    (Fraction(128, 1), Fraction(70, 1))
    """
    chosen = tuple(flows)
    level = {payer.id: payer.level for payer in appraisal.plan.payers}
    citizens = frozenset(p for p, of in level.items() if of is Level.CITIZEN)
    public = frozenset(p for p, of in level.items() if of in PUBLIC)
    others = frozenset(level) - citizens

    def value(payers: frozenset[str] | None, category: Category | None = None) -> Fraction:
        return appraisal.total(chosen, Selection(payers=payers, category=category, discounted=True))

    def not_transfers(payers: frozenset[str]) -> Fraction:
        return value(payers) - value(payers, Category.TRANSFERS)

    return Society(
        resources=factors.net_tax * not_transfers(others),
        citizens=not_transfers(citizens),
        distortion=(factors.tax_distortion - 1) * value(public),
        transfers=value(None, Category.TRANSFERS),
    )
