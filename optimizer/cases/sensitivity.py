"""What moves the result: standard cases, and every uncertain input by itself (tornado)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.case_figures import CaseFigures, later, weaker
from optimizer.cases.business_case import BusinessCase, Variant
from optimizer.cases.computing import flows_of
from optimizer.cases.figures import Perspective, Successes
from optimizer.cases.inputs import inputs_of
from optimizer.cases.prices import NO_LEVELS, PriceLevels
from optimizer.cases.refunds import RULES, RuleBook
from optimizer.cases.uncertain import Uncertain
from optimizer.financing import PaymentTerms, settled
from optimizer.intervention import Case, CashFlow, FlowKind, Measure, Option
from optimizer.sentence import Sentence, number

HALF = Fraction(1, 2)
FEWER = 2  # successes, in the case "two fewer"


@dataclass(frozen=True, slots=True)
class Result:
    """What a case comes to under one assumption, kroner; only ``npv`` is discounted.

    Examples
    --------
    >>> from optimizer.cases.example_flows import hjoerring, years_2015_to_2019
    >>> late = standard_cases(hjoerring(), years_2015_to_2019())[4]
    >>> late.key, int(late.result.net), late.result.payback_year
    ('later', 43300000, 2019)
    """

    npv: Fraction
    budget_period: Fraction
    after: Fraction
    net: Fraction
    saved: Fraction
    payback_year: int | None


@dataclass(frozen=True, slots=True)
class StandardCase:
    """One of the assumptions that every case is looked at under.

    Parameters
    ----------
    key : str
        ``low``, ``expected``, ``high``, ``weaker``, ``later`` or ``fewer``.
    label : Sentence
    result : Result or Sentence
        Or why it cannot be computed.

    Examples
    --------
    >>> from optimizer.cases.example_flows import hjoerring, years_2015_to_2019
    >>> for case in standard_cases(hjoerring(), years_2015_to_2019()):
    ...     if isinstance(case.result, Result):
    ...         print(case.key, int(case.result.saved), case.result.payback_year)
    low 285300000 2018
    expected 285300000 2018
    high 285300000 2018
    weaker 142650000 2019
    later 168300000 2019
    """

    key: str
    label: Sentence
    result: Result | Sentence


_LABELS = {
    "low": Sentence("Alt er lavt", "Everything is low"),
    "expected": Sentence("Forventet", "Expected"),
    "high": Sentence("Alt er højt", "Everything is high"),
    "weaker": Sentence("Effekten er 50 % mindre", "The effect is 50 % smaller"),
    "later": Sentence("Effekten kommer et år senere", "The effect comes a year later"),
    "fewer": Sentence("To færre succeser", "Two fewer successes"),
}
NO_HEADS = Sentence(
    "Vises ikke: borgere og succesrater er ikke angivet.",
    "Not shown: citizens and success rates are not given.",
)


def standard_cases(
    flows: Iterable[CashFlow],
    perspective: Perspective,
    *,
    payers: frozenset[str] | None = None,
    successes: Successes | None = None,
    follows: Callable[[CashFlow], bool] | None = None,
    contract: PaymentTerms | None = None,
    measures: Mapping[str, Measure] | None = None,
) -> tuple[StandardCase, ...]:
    """Return the case as it is expected to be, and under five other assumptions.

    All low, all high, every saving halved, every saving a year later (what falls after the shown
    years is lost), and two of the extra successes missing.

    Parameters
    ----------
    payers : frozenset of str or None
        Whose purse; None: everybody's.
    successes : Successes or None
        For "two fewer".
    follows : callable or None
        Whether a flow grows with the number of successes; None: every saving does.
    contract : PaymentTerms or None
        What an outcome contract pays is added in each case, for the saving that the case has; the
        flows do not hold it.
    measures : mapping or None
        Of the option, for a contract that pays by them.

    Examples
    --------
    >>> from optimizer.cases.example_flows import a_saving, an_outlay, years_2015_to_2019
    >>> flows = [an_outlay(2015, 100), a_saving(2016, 400)]
    >>> terms = PaymentTerms("kommune", 2017, of=("kommune",), until=2016, share=HALF, gate=300)
    >>> for case in standard_cases(flows, years_2015_to_2019(), contract=terms)[1:4:2]:
    ...     print(case.key, int(case.result.net))
    expected 100
    weaker 100
    """
    option = replace(perspective.option(flows), contract=contract, measures=measures or {})
    last = perspective.horizon[1]

    def result(changed: Option, case: Case = Case.EXPECTED) -> Result:
        return _result(CaseFigures(perspective.appraisal, settled(changed), payers), case)

    results: dict[str, Result | Sentence] = {
        "low": result(option, Case.LOW),
        "expected": result(option),
        "high": result(option, Case.HIGH),
        "weaker": result(weaker(option, HALF)),
        "later": result(later(option, 1, last)),
    }
    fewer = _fewer(option, successes, follows)
    results["fewer"] = fewer if isinstance(fewer, Sentence) else result(fewer)
    return tuple(StandardCase(key, _LABELS[key], found) for key, found in results.items())


def _result(figures: CaseFigures, case: Case) -> Result:
    plan = figures.appraisal.plan
    return Result(
        npv=figures.total(case=case, discounted=True),
        budget_period=figures.total(plan.budget_period, case=case),
        after=figures.total((plan.budget_period[1] + 1, plan.horizon[1]), case=case),
        net=figures.total(case=case),
        saved=figures.total(kinds=frozenset({FlowKind.SAVING}), case=case),
        payback_year=figures.payback_in(case),
    )


def _fewer(
    option: Option, successes: Successes | None, follows: Callable[[CashFlow], bool] | None
) -> Option | Sentence:
    extra = None if successes is None else successes.extra
    if extra is None:
        return NO_HEADS
    if extra < FEWER:
        told = number(extra, 1)
        return Sentence(
            f"Vises ikke: sagen regner kun med {told.da} ekstra succeser.",
            f"Not shown: the case expects only {told.en} extra successes.",
        )
    stays = [flow for flow in option.flows if follows is not None and not follows(flow)]
    grows = tuple(flow for flow in option.flows if follows is None or follows(flow))
    less = weaker(replace(option, flows=grows), (extra - FEWER) / extra)
    return replace(less, flows=(*less.flows, *stays))


# ---- one input at a time ----


@dataclass(frozen=True, slots=True)
class Bar:
    """The result when one input alone is at its low and at its high number.

    Parameters
    ----------
    key, label : str, Sentence
        The input.
    value : Uncertain or None
        Its numbers; None for a row by year.
    at_low, at_high : Fraction
        Net present value, kroner; everything else expected. The low number of a cost is the good
        one, so either may be the larger.

    Examples
    --------
    >>> bar = Bar("leje", Sentence("Leje", "Rent"), None, Fraction(-4), Fraction(6))
    >>> bar.swing
    Fraction(10, 1)
    """

    key: str
    label: Sentence
    value: Uncertain | None
    at_low: Fraction
    at_high: Fraction

    @property
    def swing(self) -> Fraction:
        """Return how far apart the two results are, kroner."""
        return abs(self.at_high - self.at_low)


@dataclass(frozen=True, slots=True)
class Tornado:
    """The bars, longest first, around the expected net present value.

    Examples
    --------
    >>> from optimizer.cases.example_flows import a_saving, an_outlay, years_2015_to_2019
    >>> flows = [an_outlay(2015, 10), a_saving(2016, 20, low=5, high=25)]
    >>> found = tornado_of_flows(flows, years_2015_to_2019())
    >>> int(found.expected), [(int(bar.at_low), int(bar.at_high)) for bar in found.bars]
    (10, [(-5, 15)])
    """

    expected: Fraction
    bars: tuple[Bar, ...]


def tornado(
    case: BusinessCase,
    perspective: Perspective,
    *,
    variant: Variant | None = None,
    payers: frozenset[str] | None = None,
    price_levels: PriceLevels = NO_LEVELS,
    rules: RuleBook = RULES,
    price_year: int | None = None,
) -> Tornado:
    """Return the net present value with every uncertain input of a case at its low and high.

    Parameters
    ----------
    case, variant : BusinessCase, Variant or None
        None: the first variant of the case.
    payers : frozenset of str or None
        Whose purse; None: everybody's.
    price_levels, rules, price_year
        As for :func:`optimizer.cases.computing.flows_of`.

    Examples
    --------
    >>> from optimizer.cases.examples import LEVELS, PAYERS, small_case
    >>> view = Perspective(2027, (2027, 2034), PAYERS)
    >>> for bar in tornado(small_case(), view, price_levels=LEVELS).bars:
    ...     print(bar.key, int(bar.at_low), int(bar.at_high))
    bolig/without -199234 -775904
    bolig/success -569200 -194800
    bolig/herberg/quantity -226000 -538000
    leje -392000 -372000
    """
    chosen = case.in_variant(case.variants[0] if variant is None else variant)

    def npv(some: BusinessCase) -> Fraction:
        computed = flows_of(
            some,
            payers=perspective.payers,
            price_levels=price_levels,
            horizon=perspective.horizon,
            price_year=price_year,
            rules=rules,
        )
        return perspective.case((c.flow for c in computed), payers).npv

    bars = (
        Bar(found.key, found.label, found.value, npv(found.at(Case.LOW)), npv(found.at(Case.HIGH)))
        for found in inputs_of(chosen)
    )
    return Tornado(npv(chosen), _longest_first(bars))


def tornado_of_flows(
    flows: Iterable[CashFlow],
    perspective: Perspective,
    *,
    payers: frozenset[str] | None = None,
    lines: Callable[[CashFlow], Sentence] | None = None,
) -> Tornado:
    """Return the tornado of amounts that were entered directly.

    Parameters
    ----------
    lines : callable or None
        What a flow belongs to: the years of one line move together. None: its kind, category and
        purse.
    """
    names = {payer.id: payer.name for payer in perspective.payers}

    def usual(flow: CashFlow) -> Sentence:
        kind, category, purse = flow.kind.label, flow.category.label, names[flow.payer]
        return Sentence(
            f"{kind.da}, {category.da.lower()}: {purse}",
            f"{kind.en}, {category.en.lower()}: {purse}",
        )

    line_of = lines or usual
    option = perspective.option(flows)
    expected = CaseFigures(perspective.appraisal, option, payers).npv
    by_line: dict[Sentence, list[CashFlow]] = {}
    for flow in option.flows:
        by_line.setdefault(line_of(flow), []).append(flow)
    bars = []
    for label, line in by_line.items():
        band = perspective.case(line, payers).npv_band
        rest = expected - band.expected
        if band.is_wide:
            bars.append(Bar(label.en, label, None, rest + band.low, rest + band.high))
    return Tornado(expected, _longest_first(bars))


def _longest_first(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    return tuple(sorted(bars, key=lambda bar: (-bar.swing, bar.key)))
