"""Reading and writing how a change is split between payers.

| rule | keys |
|---|---|
| ``fixed`` | ``shares``: payer id to share (together 1), ``source``? |
| ``dated`` | ``by_year``: first year to ``{"shares", "source"?}`` |
| ``refusion`` | ``municipality``, ``state``, ``weeks_before``? |
| ``central_refund`` | ``municipality``, ``state``, ``yearly_cost``, ``price_year`` |
| ``shelter`` | ``municipality``, ``state``, ``days_without`` |
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from optimizer.cases.errors import CaseError
from optimizer.cases.prices import PriceLevels
from optimizer.cases.quantities import bounded, exact_document, whole_at
from optimizer.cases.refunds import RuleBook, in_force
from optimizer.cases.splits import (
    SPLITS,
    CentralRefundSplit,
    DatedShares,
    FixedShares,
    RefusionSplit,
    ShelterSplit,
    Split,
)
from optimizer.reading import GREATEST_AMOUNT, Json, ObjectReader, shown
from optimizer.sentence import listing, number

KEYS: Mapping[str, tuple[str, ...]] = {
    "fixed": ("shares", "source"),
    "dated": ("by_year",),
    "refusion": ("municipality", "state", "weeks_before"),
    "central_refund": ("municipality", "state", "yearly_cost", "price_year"),
    "shelter": ("municipality", "state", "days_without"),
}
LONGEST_WEEKS = 5_200
DAYS_OF_A_YEAR = 366


@dataclass(frozen=True, slots=True)
class Context:
    """What a document is checked against; None: not known, so not checked."""

    payers: Collection[str] | None
    levels: PriceLevels | None
    rules: RuleBook
    price_year: int | None

    def check_level(self, reader: ObjectReader, key: str, year: int | None) -> None:
        """Note a price year that cannot be converted into the case's."""
        if self.levels is None or year is None or self.price_year is None:
            return
        try:
            self.levels.factor(year, self.price_year)
        except CaseError as wrong:
            reader.wrong(key, wrong.message.da, wrong.message.en)

    def payer(self, reader: ObjectReader, key: str) -> str | None:
        """Read the id of a payer."""
        name = reader.id(key)
        if name is not None and self.payers is not None:
            reader.exists(name, reader.at(key), self.payers)
        return name


def read_split(
    parent: ObjectReader, key: str, context: Context, *, rules: Collection[str] = tuple(SPLITS)
) -> Split | None:
    """Read a split by one of ``rules``; None (and notes) where it is not valid."""
    value = parent.get(key, required=True)
    if value is None:
        return None
    rule = value.get("rule") if isinstance(value, Mapping) else None
    keys = KEYS.get(rule) if isinstance(rule, str) else None
    reader = ObjectReader(
        parent.reading, value, parent.at(key), ("rule", *keys) if keys else keys_of(value)
    )
    if not reader.is_object:
        return None
    if not isinstance(rule, str) or rule not in rules:
        _no_such_rule(reader, rules)
        return None
    return _READERS[rule](reader, context)


def _no_such_rule(reader: ObjectReader, rules: Collection[str]) -> None:
    known = listing(list(rules))
    if not reader.has("rule"):
        reader.wrong("rule", f"Mangler; kendte: {known.da}.", f"Missing; known: {known.en}.")
        return
    found = shown(reader.value["rule"])
    reader.wrong(
        "rule",
        f"{found} kan ikke bruges her; kendte: {known.da}.",
        f"{found} cannot be used here; known: {known.en}.",
    )


def keys_of(value: Json) -> tuple[str, ...]:
    """Return the keys of an object that may have any; none of another value."""
    return tuple(value) if isinstance(value, Mapping) else ()


def _shares(reader: ObjectReader, context: Context) -> FixedShares | None:
    value = reader.get("shares", required=True)
    source = reader.text("source", required=False, empty=True) or ""
    if value is None:
        return None
    inner = ObjectReader(reader.reading, value, reader.at("shares"), keys_of(value))
    noted = len(reader.reading.errors)
    shares = {}
    for payer, item in inner.value.items():
        if context.payers is not None:
            inner.exists(payer, inner.at(payer), context.payers)
        share = bounded(inner, item, inner.at(payer), 0, 1)
        if share is not None:
            shares[payer] = share
    total = sum(shares.values(), Fraction(0))
    if len(reader.reading.errors) == noted and total != 1 and inner.is_object:
        found = number(total)
        reader.wrong(
            "shares",
            f"Andelene skal tilsammen være 1, ikke {found.da}.",
            f"The shares must add up to 1, not {found.en}.",
        )
    return FixedShares(shares, source) if len(reader.reading.errors) == noted else None


def _dated(reader: ObjectReader, context: Context) -> DatedShares | None:
    def one(value: Json, path: str) -> FixedShares | None:
        return _shares(ObjectReader(reader.reading, value, path, ("shares", "source")), context)

    found = reader.by_year("by_year", one)
    if found is None:
        return None
    if not found and not reader.value["by_year"]:
        reader.wrong("by_year", "Skriv mindst ét år.", "Write at least one year.")
    return DatedShares(found) if found else None


def _pair(reader: ObjectReader, context: Context) -> tuple[str, str] | None:
    municipality, state = (context.payer(reader, key) for key in ("municipality", "state"))
    if municipality is None or state is None:
        return None
    if municipality == state:
        reader.wrong(
            "state", "Kommune og stat er to kasser.", "Municipality and state are two payers."
        )
        return None
    return municipality, state


def _refusion(reader: ObjectReader, context: Context) -> RefusionSplit | None:
    pair = _pair(reader, context)
    weeks = whole_at(reader, "weeks_before", 0, LONGEST_WEEKS, default=0)
    return None if pair is None or weeks is None else RefusionSplit(*pair, weeks)


def _central(reader: ObjectReader, context: Context) -> CentralRefundSplit | None:
    pair = _pair(reader, context)
    cost = whole_at(reader, "yearly_cost", 0, GREATEST_AMOUNT)
    year = reader.year("price_year")
    context.check_level(reader, "price_year", year)
    if pair is None or cost is None or year is None:
        return None
    return CentralRefundSplit(*pair, cost, year)


def _shelter(reader: ObjectReader, context: Context) -> ShelterSplit | None:
    pair = _pair(reader, context)
    days = whole_at(reader, "days_without", 0, DAYS_OF_A_YEAR)
    return None if pair is None or days is None else ShelterSplit(*pair, days)


_READERS: Mapping[str, Callable[[ObjectReader, Context], Split | None]] = {
    "fixed": _shares,
    "dated": _dated,
    "refusion": _refusion,
    "central_refund": _central,
    "shelter": _shelter,
}


def check_in_force(
    split: Split, reader: ObjectReader, first_year: int | None, context: Context
) -> None:
    """Note a rule that is not in force yet in the first year that it is used for."""
    if first_year is None:
        return
    path = reader.at("split")
    try:
        match split:
            case RefusionSplit():
                in_force(context.rules.refusion, first_year)
            case ShelterSplit():
                in_force(context.rules.shelter, first_year)
            case CentralRefundSplit():
                limits = in_force(context.rules.central, first_year)
                if context.levels is not None and context.price_year is not None:
                    context.levels.factor(limits.price_year, context.price_year)
            case DatedShares():
                split.in_year(first_year)
    except CaseError as wrong:
        reader.reading.wrong(f"{path}.rule", wrong.message.da, wrong.message.en)


def split_document(split: Split) -> dict[str, Json]:
    """Return a split as JSON."""
    document: dict[str, Json] = {"rule": split.rule}
    if isinstance(split, FixedShares):
        return document | _shares_document(split)
    if isinstance(split, DatedShares):
        by_year = {str(year): _shares_document(s) for year, s in split.by_year.items()}
        return document | {"by_year": by_year}
    values = {key: getattr(split, key) for key in KEYS[split.rule]}
    return document | {k: v for k, v in values.items() if k != "weeks_before" or v}


def _shares_document(split: FixedShares) -> dict[str, Json]:
    shares = {payer: exact_document(share) for payer, share in split.shares.items()}
    return {"shares": shares, **({"source": split.source} if split.source else {})}
