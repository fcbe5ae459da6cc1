"""From the knowledge shelf into a case document: what is taken, whether it still stands, renewal.

A case keeps the figures that it was made with, and beside them which version of which entry they
were taken from: ``entry`` and ``version`` at an effect, at a consequence and at its price. So a
frozen case never changes, and one that should be looked at again can be found.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from optimizer.cases.quantities import exact_document
from optimizer.payers import Payer
from optimizer.reading import Json
from optimizer.shelf import Content, ShelfConsequence, ShelfEffect, ShelfPrice

Document = Mapping[str, Json]
Change = Callable[[Document], dict[str, Json]]
#: a rule of the shelf, and its name in a split of a case
RULES_OF_CASES = {
    "": "fixed",
    "refusion_staircase": "refusion",
    "central_refusion_176": "central_refund",
    "shelter_110": "shelter",
}
GROUPS = (("success", "with"), ("without", "without"))


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One version of an entry of the shelf.

    Examples
    --------
    >>> str(Reference("herbergsdoegn", 2)), Reference.read("herbergsdoegn@2").version
    ('herbergsdoegn@2', 2)
    """

    entry: str
    version: int

    def __str__(self) -> str:
        return f"{self.entry}@{self.version}"

    @classmethod
    def read(cls, text: str) -> "Reference | None":
        """Return the reference that was written; None where it is none."""
        entry, _at, version = text.rpartition("@")
        is_whole = version.isascii() and version.isdigit() and len(version) < 10  # noqa: PLR2004
        return cls(entry, int(version)) if entry and is_whole else None

    @classmethod
    def of(cls, part: Document) -> "Reference | None":
        """Return what a part of a document was taken from; None where it was typed."""
        entry, version = part.get("entry"), part.get("version")
        if isinstance(entry, str) and isinstance(version, int) and entry:
            return cls(entry, version)
        return None

    @property
    def document(self) -> dict[str, Json]:
        """Return it as a part of a document has it."""
        return {"entry": self.entry, "version": self.version}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a version of the shelf says, and where that comes from."""

    reference: Reference
    content: Content
    source: str


# --- Taking ---------------------------------------------------------------------------------------


def price_part(price: ShelfPrice, reference: Reference, source: str) -> dict[str, Json]:
    """Return the ``price`` of a consequence as the shelf says it.

    Examples
    --------
    >>> price = ShelfPrice(amount=1400, unit="døgn", price_year=2026, category="service",
    ...                    share_municipality=Fraction(1))
    >>> price_part(price, Reference("doegn", 1), "Regnskab 2026")["kroner"]
    1400
    """
    return {
        "kroner": price.amount,
        "unit": price.unit,
        "price_year": price.price_year,
        "source": source,
        **reference.document,
    }


def split_part(price: ShelfPrice, payers: Collection[Payer]) -> dict[str, Json] | None:
    """Return the fixed shares of a price among the purses of a plan.

    Each level's share goes to its first purse. None where a rule splits it, or where a level that
    pays has no purse.

    Examples
    --------
    >>> from optimizer.cases.examples import PAYERS
    >>> price = ShelfPrice(amount=6000, unit="dag", price_year=2026, category="service",
    ...                    share_municipality=Fraction(1, 5), share_region=Fraction(4, 5))
    >>> split_part(price, PAYERS)
    {'rule': 'fixed', 'shares': {'kommune': 0.2, 'region': 0.8}}
    """
    shares: dict[str, Json] = {}
    for level, share in price.shares.items():
        purse = next((payer.id for payer in payers if payer.level is level), None)
        if purse is None:
            return None
        shares[purse] = exact_document(share)
    return {"rule": "fixed", "shares": shares} if shares and not price.rule else None


def quantity_part(consequence: ShelfConsequence) -> dict[str, Json]:
    """Return the ``quantity`` of a consequence by years after the start.

    Examples
    --------
    >>> quantity_part(ShelfConsequence(unit_price="d", year_0=Fraction(-90), year_2=Fraction(3)))
    {'by_year': {'0': -90, '2': 3}}
    """
    return {
        "by_year": {
            str(year): exact_document(quantity)
            for year, quantity in enumerate(consequence.by_year)
            if quantity
        }
    }


def rate_parts(effect: ShelfEffect) -> dict[str, Json]:
    """Return ``success`` and ``without``, counts where they are known; only what is stated.

    Examples
    --------
    >>> rate_parts(ShelfEffect(target_group="Ledige", outcome="i job", p_with=Fraction(7, 20),
    ...                        successes_without=61, observed_without=200))
    {'success': 0.35, 'without': {'counted': [61, 200]}}
    """
    found: dict[str, Json] = {}
    for key, group in GROUPS:
        successes = getattr(effect, f"successes_{group}")
        observed = getattr(effect, f"observed_{group}")
        rate = getattr(effect, f"p_{group}")
        if successes is not None and observed:
            found[key] = {"counted": [successes, observed]}
        elif rate is not None:
            found[key] = exact_document(rate)
    return found


# --- What a document was made with ----------------------------------------------------------------


def references(document: Document | None) -> tuple[Reference, ...]:
    """Return every version of the shelf that a case document was made with, each once.

    Examples
    --------
    >>> price = {"kroner": 1400, "entry": "doegn", "version": 2}
    >>> references({"effects": [{"consequences": [{"price": price}, {"price": price}]}]})
    (Reference(entry='doegn', version=2),)
    """
    found = (Reference.of(part) for part in _parts(document or {}))
    return tuple(sorted({reference for reference in found if reference is not None}))


def _parts(document: Document) -> Iterator[Document]:
    for effect in document.get("effects") or []:
        yield effect
        for consequence in effect.get("consequences") or []:
            yield consequence
            yield consequence["price"]


def says(part: Document, content: Content) -> bool:
    """Return whether a part of a document still has the figures that an entry says.

    A low and a high that somebody added do not matter, nor does the wording of the source.

    Examples
    --------
    >>> price = ShelfPrice(amount=1400, unit="døgn", price_year=2026, category="service",
    ...                    share_municipality=Fraction(1))
    >>> part = {"kroner": {"expected": 1400, "low": 1200}, "unit": "døgn", "price_year": 2026}
    >>> says(part, price), says(part | {"price_year": 2025}, price)
    (True, False)
    """
    if isinstance(content, ShelfPrice):
        same_amount = _expected(part["kroner"]) == content.amount
        same_unit = part["unit"] == content.unit
        return same_amount and same_unit and bool(part["price_year"] == content.price_year)
    if isinstance(content, ShelfConsequence):
        quantity = part["quantity"]
        by_year = quantity.get("by_year") if isinstance(quantity, Mapping) else None
        if by_year is None:
            return False
        written = {int(year): _expected(value) for year, value in by_year.items()}
        return {y: q for y, q in written.items() if q} == {
            year: quantity for year, quantity in enumerate(content.by_year) if quantity
        }
    rates = rate_parts(content)
    return bool(rates) and all(_same_rate(part[key], rate) for key, rate in rates.items())


def _same_rate(written: Json, rate: Json) -> bool:
    if isinstance(rate, Mapping):
        return isinstance(written, Mapping) and written.get("counted") == rate["counted"]
    return _expected(written) == _expected(rate)


def _expected(value: Json) -> Fraction:
    if not isinstance(value, Mapping):
        return Fraction(str(value))
    if value.get("expected") is None:
        return Fraction(*value["counted"])
    return Fraction(str(value["expected"]))


def with_known(document: Document, known: Mapping[Reference, Content]) -> dict[str, Json]:
    """Return a case document in which only figures that are the shelf's refer to it.

    A figure that somebody changed is no longer the entry's.

    Examples
    --------
    >>> typed = {"outcome": "i job", "success": 0.4, "without": 0.3, "entry": "job", "version": 1}
    >>> study = ShelfEffect(target_group="Ledige", outcome="i job", p_with=Fraction(1, 2))
    >>> with_known({"effects": [typed]}, {Reference("job", 1): study})["effects"]
    [{'outcome': 'i job', 'success': 0.4, 'without': 0.3}]
    """

    def checked(part: Document) -> dict[str, Json]:
        reference = Reference.of(part)
        content = None if reference is None else known.get(reference)
        if content is not None and _is_kind(part, content) and says(part, content):
            return dict(part)
        return {key: value for key, value in part.items() if key not in {"entry", "version"}}

    return _each_part(document, checked, checked)


def _is_kind(part: Document, content: Content) -> bool:
    """Return whether a part is what such an entry is for."""
    keys = {ShelfPrice: "kroner", ShelfConsequence: "quantity", ShelfEffect: "success"}
    return keys[type(content)] in part


def _each_part(document: Document, change: Change, of_consequence: Change) -> dict[str, Json]:
    """Return a document with its effects, their consequences and prices made anew."""
    effects = []
    for effect in document.get("effects") or []:
        whole = change(effect)
        if effect.get("consequences"):
            whole["consequences"] = [
                of_consequence(consequence) | {"price": change(consequence["price"])}
                for consequence in effect["consequences"]
            ]
        effects.append(whole)
    return {**document, "effects": effects} if effects else dict(document)


# --- Renewal --------------------------------------------------------------------------------------


def renewed(
    document: Document,
    known: Mapping[Reference, Content],
    newest: Mapping[str, Taken],
    payers: Collection[Payer],
) -> dict[str, Json]:
    """Return a case document with every figure that is the shelf's as its newest version says.

    Beside the figures, their source follows; control category and shares follow where they were
    the entry's. A low or a high that no longer encloses the new figure is left out.

    Parameters
    ----------
    known : mapping of reference to content
        What each version that the document refers to says.
    newest : mapping of key to Taken
        The newest version of each entry that is to be renewed.
    payers : collection of Payer
        The purses of the plan.
    """

    def change(part: Document) -> dict[str, Json]:
        reference = Reference.of(part)
        new = None if reference is None else newest.get(reference.entry)
        return dict(part) if new is None else {**part, **_figures(part, new)}

    def of_consequence(consequence: Document) -> dict[str, Json]:
        reference = Reference.of(consequence["price"])
        new = None if reference is None else newest.get(reference.entry)
        old = None if reference is None else known.get(reference)
        found = change(consequence)
        if isinstance(old, ShelfPrice) and new is not None and isinstance(new.content, ShelfPrice):
            found |= _beside_price(consequence, old, new.content, payers)
        return found

    return _each_part(document, change, of_consequence)


def _figures(part: Document, new: Taken) -> dict[str, Json]:
    content = new.content
    if isinstance(content, ShelfPrice):
        figures = price_part(content, new.reference, new.source)
        return figures | {"kroner": _with_ends(part["kroner"], figures["kroner"])}
    if isinstance(content, ShelfConsequence):
        quantity = _with_year_ends(part["quantity"], quantity_part(content))
        return {"quantity": quantity, **new.reference.document}
    rates = {key: _with_ends(part[key], rate) for key, rate in rate_parts(content).items()}
    return {**rates, "source": new.source, **new.reference.document}


def _beside_price(
    consequence: Document, old: ShelfPrice, new: ShelfPrice, payers: Collection[Payer]
) -> dict[str, Json]:
    """Return control category and shares as the new price has them, where they were the old's."""
    found: dict[str, Json] = {}
    if consequence["category"] == old.category:
        found["category"] = new.category
    shares = split_part(new, payers)
    if shares is not None and _same_shares(consequence["split"], split_part(old, payers)):
        found["split"] = shares
    return found


def _same_shares(split: Document, other: Document | None) -> bool:
    if other is None or split.get("rule") != "fixed":
        return False
    one, two = (
        {payer: Fraction(str(share)) for payer, share in each["shares"].items()}
        for each in (split, other)
    )
    return one == two


def _with_ends(old: Json, new: Json) -> Json:
    """Return a new figure with the low and high of the old one, where they still enclose it."""
    if not isinstance(old, Mapping):
        return new
    expected = _expected(new)
    ends: dict[str, Json] = {}
    if old.get("low") is not None and Fraction(str(old["low"])) < expected:
        ends["low"] = old["low"]
    if old.get("high") is not None and Fraction(str(old["high"])) > expected:
        ends["high"] = old["high"]
    if not ends:
        return new
    return {**(new if isinstance(new, Mapping) else {"expected": new}), **ends}


def _with_year_ends(old: Json, new: Mapping[str, Mapping[str, Json]]) -> Json:
    before = old.get("by_year") if isinstance(old, Mapping) else None
    if before is None:
        return new
    return {
        "by_year": {
            year: _with_ends(before.get(year), value) for year, value in new["by_year"].items()
        }
    }
