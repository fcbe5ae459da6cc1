"""Options by financing: one that is done under an outcome contract carries what it pays.

Own pool, outcome contract and a mix are options of the same intervention. The payment follows what
the option saves: in every outcome that is drawn, in every case, and under every stress. It is never
stored as a flow but made from the option's own flows whenever they are added up.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from optimizer.contracts import OutcomePrice
from optimizer.intervention import Case, CashFlow, FlowKind, Measure, Option
from optimizer.outcome import SampledOutcomes
from optimizer.payers import Category
from optimizer.program import Exact, exact_sum
from optimizer.quantity import Choice, quantity
from optimizer.sentence import (
    NO_BREAK_SPACE,
    Sentence,
    kroner,
    listing,
    number,
    percent,
    same,
)

if TYPE_CHECKING:  # the plan knows its options
    from optimizer.scenario import Plan

Options = Mapping[str, Option]


@dataclass(frozen=True)
class PaymentTerms:
    """What an option pays under an outcome contract.

    payment = min(cap, fixed + sum_m price_m max(0, measure_m - threshold_m)
    + share max(0, saving)),  and 0 where the saving is below the gate; whole kroner, half up. The
    saving is that of the option alone, undiscounted, to the purses ``of`` until ``until``. Terms
    are for scale 1 and follow the scale.

    Where outcomes are sampled the saving, and so the payment, is another in every draw, and the
    expected payment is the mean over the draws, rounded. Else it is the payment for the expected
    saving. In the low and the high case it is the payment for the low and the high saving.
    Explicit outcomes hold the payment already. Measures are as the option states them.

    Parameters
    ----------
    payer, year : str, int
        Who pays, and when.
    of : tuple of str
        Purses whose savings are measured.
    until : int
        Last year that is measured.
    share : Fraction
        Of the measured saving, from 0 to 1.
    fixed : int
        Kroner.
    prices : tuple of OutcomePrice
        By measure of the option.
    cap, gate : int or None
        Kroner; None: there is none.
    category : Category
    kind : FlowKind
        COST is added spending; OUTLAY is paid from the option's pool and counts as invested.

    Examples
    --------
    >>> terms = PaymentTerms("m", 2030, of=("m",), until=2030, share=Fraction(1, 2), cap=400)
    >>> [terms.payment(saving) for saving in (-100, 101, 1000)]
    [0, 51, 400]
    """

    payer: str = quantity(
        "payer",
        Sentence("Hvem betaler", "Who pays"),
        help=Sentence(
            "Den kasse, der betaler for resultatet, fx kommunen.",
            "The purse that pays for the result, for instance the municipality.",
        ),
    )
    year: int = quantity(
        "year",
        Sentence("Betales i", "Paid in"),
        help=Sentence(
            "Året, hvor der gøres op og betales, fx 2031.",
            "The year in which it is settled and paid, for instance 2031.",
        ),
    )
    of: tuple[str, ...] = quantity(
        "payers",
        Sentence("Hvis besparelse der måles", "Whose saving is measured"),
        help=Sentence(
            "Ingen kryds: kun den kasse, der betaler.", "No ticks: only the purse that pays."
        ),
    )
    until: int = quantity(
        "year",
        Sentence("Måles til og med", "Measured until the end of"),
        help=Sentence(
            "Sidste år, der tæller, fx 2030. Tom: betalingsåret.",
            "The last year that counts, for instance 2030. Empty: the year of payment.",
        ),
    )
    share: Fraction = quantity(
        "share",
        Sentence("Andel af besparelsen", "Share of the saving"),
        default=Fraction(0),
        help=Sentence(
            "Hvor meget af den målte besparelse der betales, fx 50.",
            "How much of the measured saving is paid, for instance 50.",
        ),
        unit=Sentence("%", "%"),
    )
    fixed: int = quantity(
        "kroner",
        Sentence("Fast beløb", "Fixed amount"),
        default=0,
        help=Sentence(
            "Betales, uanset hvor meget der spares, fx 500.000.",
            "Paid however much is saved, for instance 500.000.",
        ),
        minimum=0,
    )
    prices: tuple[OutcomePrice, ...] = ()
    cap: int | None = quantity(
        "kroner",
        Sentence("Loft: højst", "Cap: at most"),
        default=None,
        help=Sentence(
            "Det meste, der kan betales i alt, fx 4.000.000. Tom: intet loft.",
            "The most that can be paid in all, for instance 4.000.000. Empty: no cap.",
        ),
        minimum=0,
    )
    gate: int | None = quantity(
        "kroner",
        Sentence("Tærskel: intet under", "Gate: nothing below"),
        default=None,
        help=Sentence(
            "Er besparelsen mindre, betales slet intet, fx 1.000.000. Tom: ingen tærskel.",
            "If less is saved nothing at all is paid, for instance 1.000.000. Empty: no gate.",
        ),
        minimum=0,
    )
    category: Category = quantity(
        "choice",
        Sentence("Styringsområde", "Control category"),
        default=Category.SERVICE,
        help=Sentence(
            "Hvor betalingen tæller, fx service.", "Where the payment counts, for instance service."
        ),
        choices=tuple(Choice(c.value, c.label) for c in Category),
    )
    kind: FlowKind = quantity(
        "choice",
        Sentence("Betalingen er", "The payment is"),
        default=FlowKind.COST,
        help=Sentence(
            "En udgift på budgettet, eller et udlæg, som mulighedens pulje betaler.",
            "A cost of the budget, or an outlay that the option's pool pays.",
        ),
        choices=tuple(Choice(k.value, k.label) for k in (FlowKind.COST, FlowKind.OUTLAY)),
    )

    def payment(self, saving: int, measures: Mapping[str, Measure] | None = None) -> int:
        """Return what is paid for a measured saving, whole kroner."""
        return self.payments([saving], measures)[0]

    def payments(
        self, savings: Iterable[int], measures: Mapping[str, Measure] | None = None
    ) -> list[int]:
        """Return what is paid for each of several measured savings, whole kroner."""
        known = measures or {}
        certain = self.fixed + exact_sum(
            price.payment(known[price.outcome].total)
            for price in self.prices
            if price.outcome in known
        )
        # in whole parts of a krone: a plan may ask this of a million draws
        parts = certain.denominator * self.share.denominator
        base, share = int(certain * parts), int(self.share * parts)
        most = None if self.cap is None else self.cap * parts
        paid = []
        for saving in savings:
            if self.gate is not None and saving < self.gate:
                paid.append(0)
                continue
            earned = base + share * max(0, saving)
            if most is not None:
                earned = min(earned, most)
            paid.append((2 * earned + parts) // (2 * parts))
        return paid

    def measured(self, flows: Iterable[CashFlow], case: Case = Case.EXPECTED) -> int:
        """Return the saving that is measured among flows, kroner."""
        return sum(flow.in_case(case) for flow in flows if self.measures(flow))

    def measures(self, flow: CashFlow) -> bool:
        """Return whether a flow is part of the measured saving."""
        return flow.kind is FlowKind.SAVING and flow.payer in self._of and flow.year <= self.until

    def sentence(self, names: Mapping[str, str]) -> Sentence:
        """Return the terms in words, with ``names`` of payers by id.

        Examples
        --------
        >>> terms = PaymentTerms("m", 2031, of=("m",), until=2030, share=Fraction(1, 2))
        >>> print(terms.sentence({"m": "the city"}).en.replace(NO_BREAK_SPACE, " "))
        Pays 50 % of the saving of the city until 2030. The city pays in 2031.
        """
        return terms_in_words(self, names)

    @cached_property
    def _of(self) -> frozenset[str]:
        return frozenset(self.of)

    def flow(
        self,
        flows: Iterable[CashFlow],
        measures: Mapping[str, Measure],
        *,
        expected: int | None = None,
    ) -> CashFlow:
        """Return the payment as a flow of its own, made from the flows that it follows.

        Its ``low`` and ``high`` are what is paid in those cases, so its low is the *smaller* cost.

        Parameters
        ----------
        expected : int or None
            The expected payment where draws have told it; None: for the expected saving.
        """
        own = tuple(flows)
        low, likely, high = (
            self.payment(self.measured(own, case), measures)
            for case in (Case.LOW, Case.EXPECTED, Case.HIGH)
        )
        return CashFlow(
            year=self.year,
            payer=self.payer,
            category=self.category,
            kind=self.kind,
            amount=-(likely if expected is None else expected),
            low=-low,
            high=-high,
        )


def terms_in_words(terms: PaymentTerms, names: Mapping[str, str]) -> Sentence:
    """Return what a contract pays, in one sentence, and who pays it and when in another."""
    parts = [*_earned(terms, names), *_bounds(terms)]
    payer = names.get(terms.payer, terms.payer)
    da, en = (
        f"{verb} {', '.join(words).removesuffix('.')}."
        for verb, words in (("Betaler", [p.da for p in parts]), ("Pays", [p.en for p in parts]))
    )
    return Sentence(
        f"{da} {_capital(payer)} betaler i {terms.year}.",
        f"{en} {_capital(payer)} pays in {terms.year}.",
    )


def _earned(terms: PaymentTerms, names: Mapping[str, str]) -> Iterator[Sentence]:
    found = []
    if terms.share:
        share, owners = percent(terms.share), [names.get(p, p) for p in terms.of]
        found.append(
            Sentence(
                f"{share.da} af {listing([_genitive(o) for o in owners]).da} besparelse"
                f" til og med {terms.until}",
                f"{share.en} of the saving of {listing(owners).en} until {terms.until}",
            )
        )
    if terms.fixed:
        amount = _amount(terms.fixed)
        found.append(Sentence(f"{amount.da} fast", f"a fixed {amount.en}"))
    for one in terms.prices:
        price, above = _amount(one.price), number(Fraction(one.threshold))
        found.append(
            Sentence(
                f"{price.da} for hver »{one.outcome}« over {above.da}",
                f"{price.en} for each “{one.outcome}” above {above.en}",
            )
        )
    das, ens = [f.da for f in found], [f.en for f in found]
    yield Sentence(listing(das, Sentence("plus", "plus")).da, listing(ens, same("plus")).en)


def _bounds(terms: PaymentTerms) -> Iterator[Sentence]:
    if terms.cap is not None:
        cap = _amount(terms.cap)
        yield Sentence(f"højst {cap.da}", f"at most {cap.en}")
    if terms.gate is not None:
        gate = _amount(terms.gate)
        yield Sentence(f"intet under {gate.da}", f"nothing below {gate.en}")


def _amount(value: Exact) -> Sentence:
    """Return millions with one decimal where that is the exact amount, else kroner."""
    if not value or Fraction(value) % 100_000:
        return kroner(Fraction(value))
    millions = number(Fraction(value) / 1_000_000, 1)
    return Sentence(
        f"{millions.da}{NO_BREAK_SPACE}mio.{NO_BREAK_SPACE}kr.",
        f"{millions.en}{NO_BREAK_SPACE}million{NO_BREAK_SPACE}kr.",
    )


def _genitive(name: str) -> str:
    return f"{name}'" if name.endswith(("s", "x", "z")) else f"{name}s"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def settled(option: Option) -> Option:
    """Return an option whose payment for the expected saving is a flow like any other.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> option = small_plan().options["a/base"][1]
    >>> terms = PaymentTerms("m", 2028, of=("m",), until=2028, share=Fraction(1, 3))
    >>> [flow.amount for flow in settled(replace(option, contract=terms)).flows]
    [-3000000, 9000000, -3000000]
    """
    if option.contract is None:
        return option
    paid = option.contract.flow(option.flows, option.measures)
    return replace(option, flows=(*option.flows, paid), contract=None)


def with_payments(plan: "Plan", options: Options) -> dict[str, Option]:
    """Return the options of a plan, those under a contract with the payment as their last flow."""
    drawn: Mapping[str, list[int]] = {}
    if isinstance(plan.outcomes, SampledOutcomes):
        from optimizer.draws import payments_drawn  # noqa: PLC0415 - numpy takes a while to load

        drawn = payments_drawn(plan, plan.outcomes)
    found = dict(options)
    for key, option in options.items():
        if option.contract is not None:
            expected = _mean(drawn[key]) if key in drawn else None
            paid = option.contract.flow(option.flows, option.measures, expected=expected)
            found[key] = replace(option, flows=(*option.flows, paid))
    return found


def _mean(payments: list[int]) -> int:
    """Return the mean in whole kroner, half up."""
    count = len(payments)
    return (2 * sum(payments) + count) // (2 * count)
