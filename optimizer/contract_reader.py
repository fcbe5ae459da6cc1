"""Reading the outcome contract of an option, an optional key beyond the published format.

``"contract": {"payer", "year", "of"? = [payer], "until"? = year, "share"? = 0, "fixed"? = 0,
"prices"? = [], "cap"?, "gate"?, "category"? = "service", "kind"? = "cost"}`` on an option adds to
its flows, in ``year`` and out of the purse of ``payer``,

    payment = min(cap, fixed + sum of price x max(0, measure - threshold) + share x max(0, saving))

- ``of``, ``until``: the saving is the sum of the option's savings to these payers up to this year;
- ``share``: of the saving, from 0 to 1;
- ``fixed``, ``cap``, ``gate``: kroner; nothing at all is paid for a saving below ``gate``;
- ``prices``: ``[{"measure", "price", "threshold"? = 0}]``: kroner for each unit of a measure of the
  option above the threshold;
- ``kind``: ``cost`` is added spending; ``outlay`` is paid from the option's pool, and invested.

At least one of ``share``, ``fixed``, ``prices``. What the amounts are, and when, is said by
:class:`optimizer.financing.PaymentTerms`.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction

from optimizer.contracts import OutcomePrice
from optimizer.financing import PaymentTerms
from optimizer.intervention import FlowKind, Measure
from optimizer.payers import Category
from optimizer.reading import ObjectReader, Reading

KEYS = "payer year of until share fixed prices cap gate category kind".split()
PRICE_KEYS = ("measure", "price", "threshold")


def read_contract(
    reading: Reading,
    option: ObjectReader,
    payers: Collection[str],
    measures: Mapping[str, Measure],
) -> PaymentTerms | None:
    """Return the contract of an option; None where it has none, or a wrong one."""
    value = option.value.get("contract")
    if value is None:
        return None
    reader = ObjectReader(reading, value, option.at("contract"), KEYS)
    payer, year = reader.reference("payer", payers), reader.year("year", in_horizon=True)
    has_until = reader.value.get("until") is not None
    until = reader.year("until", in_horizon=True) if has_until else year
    of = reader.references("of", payers, required=False, minimum=1, distinct=True)
    share = _share(reader)
    fixed, cap, gate = (_not_negative(reader, key) for key in ("fixed", "cap", "gate"))
    prices = _prices(reading, reader, measures)
    category = reader.choice("category", Category, Category.SERVICE)
    kind = reader.choice("kind", FlowKind, FlowKind.COST)
    if kind is FlowKind.SAVING:
        reader.wrong("kind", "Skriv cost eller outlay.", "Write cost or outlay.")
    if reader.is_object and not any(reader.value.get(k) for k in ("share", "fixed", "prices")):
        reader.wrong(
            "",
            "Kontrakten betaler intet: skriv mindst ét af share, fixed og prices.",
            "The contract pays nothing: write at least one of share, fixed and prices.",
        )
    if payer is None or year is None or until is None or category is None or kind is None:
        return None
    return PaymentTerms(
        payer=payer,
        year=year,
        of=of or (payer,),
        until=until,
        share=share,
        fixed=fixed or 0,
        prices=prices,
        cap=cap,
        gate=gate,
        category=category,
        kind=kind,
    )


def _share(reader: ObjectReader) -> Fraction:
    share = reader.number("share", required=False)
    if share is not None and not 0 <= share <= 1:
        reader.wrong("share", "Skriv en andel fra 0 til 1.", "Write a share from 0 to 1.")
    return share or Fraction(0)


def _not_negative(reader: ObjectReader, key: str) -> int | None:
    amount = reader.kroner(key, required=False)
    if amount is not None and amount < 0:
        reader.wrong(key, "Skal være mindst 0.", "Must be at least 0.")
    return amount


def _prices(
    reading: Reading, contract: ObjectReader, measures: Mapping[str, Measure]
) -> tuple[OutcomePrice, ...]:
    prices = []
    for item, path in contract.items("prices", required=False):
        reader = ObjectReader(reading, item, path, PRICE_KEYS)
        name = reader.reference("measure", measures)
        price = _not_negative(reader, "price")
        if reader.is_object and not reader.has("price"):
            reader.get("price", required=True)
        threshold = reader.number("threshold", required=False)
        if threshold is not None and threshold < 0:
            reader.wrong("threshold", "Skal være mindst 0.", "Must be at least 0.")
        if name is not None and price is not None:
            prices.append(OutcomePrice(name, price, threshold or Fraction(0)))
    return tuple(prices)
