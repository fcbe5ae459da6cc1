"""The figures that a case is judged by, each with a number or a sentence that says why none.

Every sum is made by :mod:`optimizer.appraisal`, through :mod:`optimizer.case_figures`; here they
are divided by citizens and successes, and asked where they break even. Results are exact.

The figures are those of the Danish Social Investment Model (SØM), the socio-economic view that of
the Danish Ministry of Finance's guidance (2023).
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from optimizer.appraisal import Appraisal, Selection, Years
from optimizer.case_figures import SAVING, Band, CaseFigures, PayerFigures, payer_figures
from optimizer.cases.society import USUAL_FACTORS, Factors, Society, society_of
from optimizer.intervention import Case, CashFlow, FlowKind, Option
from optimizer.payers import Payer
from optimizer.scenario import DiscountStep, Plan, Scenario
from optimizer.sentence import Sentence, number

#: a figure, or why there is none
Said = Fraction | Sentence
#: spending below this share of the savings makes their ratio a number about nothing
LEAST_SPENDING = Fraction(1, 100)

NO_SPENDING = Sentence("Vises ikke: sagen har ingen udgift.", "Not shown: the case costs nothing.")
TINY_SPENDING = Sentence(
    "Vises ikke: udgiften er under 1 % af besparelsen, så forholdet siger intet.",
    "Not shown: the cost is under 1 % of the saving, so the ratio says nothing.",
)
NEGATIVE_SAVING = Sentence(
    "Vises ikke: besparelsen er negativ.", "Not shown: the saving is negative."
)
NO_SAVING = Sentence("Vises ikke: sagen har ingen besparelse.", "Not shown: there is no saving.")
NO_CITIZENS = Sentence(
    "Vises ikke: antallet af borgere er ikke angivet.",
    "Not shown: the number of citizens is not given.",
)
NO_RATES = Sentence(
    "Vises ikke: succesraterne med og uden indsatsen er ikke angivet.",
    "Not shown: the success rates with and without the intervention are not given.",
)
NO_SUCCESSES = Sentence(
    "Vises ikke: sagen regner ikke med ekstra succeser.",
    "Not shown: the case expects no extra successes.",
)
NEVER_PAYS = Sentence(
    "Ingen mereffekt kan betale udgiften: en ekstra succes sparer ikke noget her.",
    "No added effect can pay the cost: one more success saves nothing here.",
)
PAYS_ANYWAY = Sentence(
    "Sagen betaler sig også uden mereffekt.", "The case pays even without any added effect."
)
UNDER_CONTRACT = Sentence(
    "Vises ikke: under en resultatkontrakt følger betalingen resultatet.",
    "Not shown: under an outcome contract the payment follows the result.",
)
NOT_SHOWN = Sentence("Ikke tjent hjem i den viste periode", "Not paid back in the shown period")


@dataclass(frozen=True)
class Perspective:
    """The years, the discounting and the purses that a case is looked at with.

    Parameters
    ----------
    budget_year : int
        First year of the budget period and year 0 of discounting.
    horizon : (int, int)
        First and last year that are shown; flows outside it count nowhere.
    payers : tuple of Payer
    discount : tuple of DiscountStep
        Empty: undiscounted.
    budget_years : int
        Length of the budget period.

    Examples
    --------
    >>> from optimizer.payers import Level
    >>> view = Perspective(2027, (2027, 2036), (Payer("k", "Kommunen", Level.MUNICIPALITY),))
    >>> view.budget_period, len(view.years)
    ((2027, 2030), 10)
    """

    budget_year: int
    horizon: Years
    payers: tuple[Payer, ...]
    discount: tuple[DiscountStep, ...] = ()
    budget_years: int = 4

    @classmethod
    def of(cls, plan: Plan) -> "Perspective":
        """Return the perspective of a plan."""
        return cls(plan.budget_year, plan.horizon, plan.payers, plan.discount, plan.budget_years)

    @cached_property
    def appraisal(self) -> Appraisal:
        """Return the sums of an otherwise empty plan with these years, purses and rates."""
        return Appraisal(
            Plan(
                title="",
                price_year=self.budget_year,
                budget_year=self.budget_year,
                budget_years=self.budget_years,
                horizon=self.horizon,
                discount=self.discount,
                payers=self.payers,
                departments=(),
                interventions=(),
                scenario=Scenario("", (), ()),
            )
        )

    @property
    def budget_period(self) -> Years:
        """Return the first and the last year of the budget period."""
        return self.appraisal.plan.budget_period

    @property
    def years(self) -> range:
        """Return the shown years."""
        return self.appraisal.plan.years

    def option(self, flows: Iterable[CashFlow]) -> Option:
        """Return the flows of the shown years as one option."""
        return Option("case", None, tuple(f for f in flows if f.year in self.years))

    def case(self, flows: Iterable[CashFlow], payers: frozenset[str] | None = None) -> CaseFigures:
        """Return the sums over the flows of the shown years; payers None: everybody's."""
        return CaseFigures(self.appraisal, self.option(flows), payers)


@dataclass(frozen=True, slots=True)
class Successes:
    """How many citizens start, and which share succeeds with and without the intervention.

    Parameters
    ----------
    citizens : Fraction
        Over all start years.
    p_with, p_without : Fraction or None
        Success rates, fractions; None: not given.
    stated : Fraction or None
        Extra successes as a plan states them, for a case whose rates are not given.

    Examples
    --------
    >>> goal = Successes(Fraction(60), Fraction(45, 100), Fraction(30, 100))
    >>> goal.added_effect, goal.extra
    (Fraction(3, 20), Fraction(9, 1))
    >>> Successes(Fraction(60), stated=Fraction(9)).added_effect
    Fraction(3, 20)
    """

    citizens: Fraction
    p_with: Fraction | None = None
    p_without: Fraction | None = None
    stated: Fraction | None = None

    @property
    def added_effect(self) -> Fraction | None:
        """Return dP = p_with - p_without, else stated / citizens, a fraction; None: not given."""
        if self.p_with is not None and self.p_without is not None:
            return self.p_with - self.p_without
        if self.stated is None or not self.citizens:
            return None
        return self.stated / self.citizens

    @property
    def extra(self) -> Fraction | None:
        """Return the extra successes, citizens x dP, else those that are stated."""
        if self.p_with is None or self.p_without is None:
            return self.stated
        return self.citizens * (self.p_with - self.p_without)


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The effect at which the net present value is 0.

    Parameters
    ----------
    share : Fraction
        Of the expected effect: 3/5 means that the case pays if three fifths of it comes true.
    added_effect : Fraction
        dP* = share x dP, a fraction.
    needed, citizens : int or None, Fraction
        ``needed`` of ``citizens`` must succeed; None: not even all of them would be enough.

    Examples
    --------
    >>> BreakEven(Fraction(3, 5), Fraction(9, 100), 24, Fraction(60)).sentence().en
    'At least 24 of 60 citizens must succeed.'
    """

    share: Fraction
    added_effect: Fraction
    needed: int | None
    citizens: Fraction

    def sentence(self) -> Sentence:
        """Return ``Mindst X af Y borgere skal lykkes``, or that all of them are too few."""
        of = number(self.citizens)
        if self.needed is None:
            return Sentence(
                f"Selv om alle {of.da} borgere lykkes, er udgiften ikke tjent hjem.",
                f"Even if all {of.en} citizens succeed, the cost is not paid back.",
            )
        needed = number(self.needed)
        return Sentence(
            f"Mindst {needed.da} af {of.da} borgere skal lykkes.",
            f"At least {needed.en} of {of.en} citizens must succeed.",
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one case for some purses; kroner where nothing else is said.

    A field of type ``Said`` holds a number, or the sentence that says why there is none.

    Parameters
    ----------
    by_payer : tuple of PayerFigures
        Every purse of the perspective, whoever the other figures are for; ``discounted`` is NPV_a.
    before, budget_period, after, net : Fraction
        Undiscounted net before, in and after the budget period, and over the shown years.
    npv : Band
        Net present value when everything is low, expected, high.
    payback_year, payback_low, payback_high : int or None
        First year from which the net so far stays >= 0; None: not in the shown period.
    benefit_cost : Said
        PV(savings) / PV(outlay and cost).
    sroi : Said
        The same over every purse, citizens and others too.
    npv_per_citizen, price_per_citizen, price_per_success : Said
        Prices are undiscounted outlay and cost, per citizen or extra success.
    break_even : BreakEven or Sentence
    break_even_cost : Said
        Highest present value of outlay and cost per citizen that the savings pay.
    cashable : Fraction
        Savings that somebody's budget is cut by, undiscounted.
    cashable_share : Said
        Of all savings.
    society : Society
        The socio-economic view, which is never mixed with the rest.
    left_out : int
        Expected net of the flows outside the shown years, which count nowhere above.

    Examples
    --------
    >>> from optimizer.cases.example_flows import hjoerring, years_2015_to_2019
    >>> figures = figures_of(hjoerring(), years_2015_to_2019())
    >>> figures.payback_year, int(figures.net), round(float(figures.benefit_cost), 4)
    (2018, 160300000, 2.2824)
    >>> print(figures.npv_per_citizen.en)
    Not shown: the number of citizens is not given.
    """

    by_payer: tuple[PayerFigures, ...]
    before: Fraction
    budget_period: Fraction
    after: Fraction
    net: Fraction
    npv: Band
    payback_year: int | None
    payback_low: int | None
    payback_high: int | None
    benefit_cost: Said
    sroi: Said
    npv_per_citizen: Said
    price_per_citizen: Said
    price_per_success: Said
    break_even: BreakEven | Sentence
    break_even_cost: Said
    cashable: Fraction
    cashable_share: Said
    society: Society
    left_out: int

    @property
    def payback(self) -> Sentence:
        """Return the payback year, or that it is not within the shown years."""
        return payback_sentence(self.payback_year)


def figures_of(
    flows: Iterable[CashFlow],
    perspective: Perspective,
    *,
    payers: frozenset[str] | None = None,
    successes: Successes | None = None,
    follows: Callable[[CashFlow], bool] | None = None,
    factors: Factors = USUAL_FACTORS,
) -> Figures:
    """Return every figure of a case.

    Parameters
    ----------
    flows : iterable of CashFlow
        Whole kroner of one price year, computed or entered.
    perspective : Perspective
    payers : frozenset of str or None
        Whose purse; None: everybody's.
    successes : Successes or None
        None: figures per citizen and break-even say why they are missing.
    follows : callable or None
        Whether a flow grows with the added effect; None: every saving does.
    factors : Factors
        Of the socio-economic view.

    Examples
    --------
    >>> from optimizer.cases.example_flows import hjoerring, years_2015_to_2019
    >>> goal = Successes(Fraction(1000), Fraction(6, 10), Fraction(5, 10))
    >>> figures = figures_of(hjoerring(), years_2015_to_2019(), successes=goal)
    >>> int(figures.price_per_citizen), int(figures.price_per_success)
    (125000, 1250000)
    >>> figures.break_even.sentence().en
    'At least 544 of 1,000 citizens must succeed.'
    """
    everything = tuple(flows)
    case, everybody = perspective.case(everything, payers), perspective.case(everything)
    return Figures(
        by_payer=tuple(payer_figures(perspective.appraisal, case.option)),
        before=case.before,
        budget_period=case.budget_period,
        after=case.after,
        net=case.net,
        npv=case.npv_band,
        payback_year=case.payback_year,
        payback_low=case.payback_in(Case.LOW),
        payback_high=case.payback_in(Case.HIGH),
        benefit_cost=benefit_cost(case),
        sroi=benefit_cost(everybody),
        npv_per_citizen=_per(case.npv, _citizens(successes)),
        price_per_citizen=price_per_citizen(case, successes),
        price_per_success=price_per_success(case, successes),
        break_even=break_even(case, successes, follows),
        break_even_cost=_per(case.total(kinds=SAVING, discounted=True), _citizens(successes)),
        cashable=case.cashable,
        cashable_share=case.cashable / case.saved if case.saved > 0 else _no_saving(case.saved),
        society=society_of(perspective.appraisal, case.option.flows, factors),
        left_out=sum(f.amount for f in everything if f.year not in perspective.years),
    )


def payback_sentence(year: int | None) -> Sentence:
    """Return the year in words; None: not paid back in the shown period.

    Examples
    --------
    >>> payback_sentence(2018).en, payback_sentence(None).en
    ('2018', 'Not paid back in the shown period')
    """
    return NOT_SHOWN if year is None else Sentence(str(year), str(year))


def price_per_citizen(case: CaseFigures, successes: Successes | None) -> Said:
    """Return outlay and cost / citizens, undiscounted kroner, or why it is not shown."""
    return _price(case, _citizens(successes))


def price_per_success(case: CaseFigures, successes: Successes | None) -> Said:
    """Return outlay and cost / extra successes, undiscounted kroner, or why it is not shown.

    Examples
    --------
    >>> from optimizer.cases.example_flows import hjoerring, years_2015_to_2019
    >>> case = years_2015_to_2019().case(hjoerring())
    >>> int(price_per_success(case, Successes(Fraction(1000), stated=Fraction(100))))
    1250000
    >>> price_per_success(case, None) is NO_RATES
    True
    """
    return _price(case, _extra(successes))


def benefit_cost(case: CaseFigures) -> Said:
    """Return PV(savings) / PV(outlay and cost), or why it is not shown.

    It is not shown without spending, when the saving is negative, and when the spending is under
    1 % of the saving.
    """
    ratio = case.benefit_cost.value
    if ratio is None:
        return NO_SPENDING
    if ratio < 0:
        return NEGATIVE_SAVING
    return ratio if ratio * LEAST_SPENDING <= 1 else TINY_SPENDING


def break_even(
    case: CaseFigures,
    successes: Successes | None,
    follows: Callable[[CashFlow], bool] | None = None,
) -> BreakEven | Sentence:
    """Return the added effect at which the net present value is 0, or why there is none.

    With G the present value of what follows the effect and K that of the rest, the share is -K / G
    and dP* = share x dP. Where all savings follow it this is PV(C) / PV(benefit per extra success
    x citizens).
    """
    if successes is None:
        return NO_CITIZENS
    added, without = successes.added_effect, successes.p_without
    if added is None or without is None:
        return NO_RATES
    if added <= 0 or not successes.citizens:
        return NO_SUCCESSES
    follows = follows or _is_saving
    grows = case.appraisal.total(
        [flow for flow in case.option.flows if follows(flow)],
        Selection(payers=case.payers, discounted=True),
    )
    if case.npv - grows >= 0:
        return PAYS_ANYWAY
    if grows <= 0:
        return NEVER_PAYS
    share = (grows - case.npv) / grows
    needed = math.ceil(successes.citizens * (without + share * added))
    enough = needed <= successes.citizens
    return BreakEven(share, share * added, needed if enough else None, successes.citizens)


def _is_saving(flow: CashFlow) -> bool:
    return flow.kind is FlowKind.SAVING


def _citizens(successes: Successes | None) -> Said:
    return successes.citizens if successes and successes.citizens > 0 else NO_CITIZENS


def _extra(successes: Successes | None) -> Said:
    if successes is None or successes.extra is None:
        return NO_RATES
    return successes.extra if successes.extra > 0 else NO_SUCCESSES


def _per(amount: Fraction, heads: Said) -> Said:
    return heads if isinstance(heads, Sentence) else amount / heads


def _price(case: CaseFigures, heads: Said) -> Said:
    return _per(case.spent, heads) if case.spent else NO_SPENDING


def _no_saving(saved: Fraction) -> Sentence:
    return NEGATIVE_SAVING if saved < 0 else NO_SAVING
