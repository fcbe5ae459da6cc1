"""The outcome contract of an option as fields: who pays, what for, and between which bounds.

Words and examples come from `optimizer.financing.PaymentTerms`; what is wrong is said by the reader
of plan files, so that the form and the file speak with one voice.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from flask_babel.speaklater import LazyString
from wtforms import Field, FieldList, Form, FormField, SelectField
from wtforms.validators import Optional

from optimizer import Measure
from optimizer.contract_reader import read_contract
from optimizer.contracts import OutcomePrice
from optimizer.financing import PaymentTerms
from optimizer.quantity import quantities
from optimizer.reading import ObjectReader, Reading
from planner.formats import reader_language
from planner.forms.base import DanishDecimalField, KronerField, PercentField, YearField
from planner.forms.base import choices as offered
from planner.forms.rule_parts import ChecksField, as_decimal, json_number

Json = Any
ABOUT = {**quantities(OutcomePrice), **quantities(PaymentTerms)}
MOST_PRICES = 12
ABOUT_PRICES = frozenset({"measure", "price", "threshold"})
_PLACE = re.compile(r"^contract\.?(\w*)(?:\[(\d+)\])?\.?(\w*)$")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a contract may refer to.

    Parameters
    ----------
    payers : sequence of (id, name)
    years : (int, int)
        First and last year that count.
    measures : mapping of option id to its measures
    """

    payers: Sequence[tuple[str, str]]
    years: tuple[int, int]
    measures: Mapping[str, Mapping[str, Measure]] = field(default_factory=dict)


def _words(name: str) -> dict[str, Any]:
    """Return label and help of a field, in the reader's language."""
    about = ABOUT[name]
    return {
        "label": LazyString(lambda: about.label.say(reader_language())),
        "description": LazyString(lambda: about.help.say(reader_language())),
        "validators": [Optional()],
    }


def _choice(name: str) -> SelectField:
    words = [
        (c.value, LazyString(lambda c=c: c.label.say(reader_language())))
        for c in ABOUT[name].choices
    ]
    return SelectField(choices=offered(*words), validate_choice=False, **_words(name))


class PriceForm(Form):
    """So many kroner for each unit of a measure; a row without anything is none."""

    measure = SelectField(choices=[], validate_choice=False, **_words("outcome"))
    price = KronerField(**_words("price"))
    threshold = DanishDecimalField(**_words("threshold"))

    @property
    def is_empty(self) -> bool:
        """Return whether nothing was typed."""
        return not any((f.raw_data and f.raw_data[0].strip()) or f.data for f in self)

    def document(self) -> dict[str, Json]:
        """Return the row as a plan file has it."""
        row = {"measure": self.measure.data or None, "price": self.price.data}
        if self.threshold.data is not None:
            row["threshold"] = json_number(self.threshold.data)
        return {key: value for key, value in row.items() if value is not None}


class ContractForm(Form):
    """The terms of one contract."""

    payer = SelectField(choices=[], validate_choice=False, **_words("payer"))
    year = YearField(**_words("year"))
    of = ChecksField(choices=[], validate_choice=False, **_words("of"))
    until = YearField(**_words("until"))
    share = PercentField(**_words("share"))
    fixed = KronerField(**_words("fixed"))
    prices = FieldList(FormField(PriceForm), max_entries=MOST_PRICES)
    cap = KronerField(**_words("cap"))
    gate = KronerField(**_words("gate"))
    category = _choice("category")
    kind = _choice("kind")

    def offer(self, given: Offer, measures: Mapping[str, Measure]) -> None:
        """Say what there is to choose from, and leave one empty row for a further price."""
        self.payer.choices = offered(*given.payers)
        self.of.choices = offered(*given.payers)
        is_full = all(not entry.form.is_empty for entry in self.prices)
        if is_full and len(self.prices) < MOST_PRICES:
            self.prices.append_entry({})
        names = [("", "–"), *((name, name) for name in measures)]
        for entry in self.prices:
            chosen = entry.form.measure.data
            gone = [(chosen, chosen)] if chosen and chosen not in measures else []
            entry.form.measure.choices = offered(*names, *gone)

    def document(self) -> dict[str, Json]:
        """Return what was typed, as a plan file has it."""
        found: dict[str, Json] = {
            name: self[name].data
            for name in ("payer", "year", "until", "fixed", "cap", "gate", "category", "kind")
            if self[name].data not in {None, ""}
        }
        if self.of.data:
            found["of"] = list(self.of.data)
        if self.share.data is not None:
            found["share"] = json_number(self.share.data)
        rows = [e.form.document() for e in self.prices if not e.form.is_empty]
        return found | ({"prices": rows} if rows else {})

    def terms(self, given: Offer, measures: Mapping[str, Measure]) -> PaymentTerms | None:
        """Return the contract, or None after saying at each field what is wrong."""
        reading = Reading()
        option = ObjectReader(reading, {"contract": self.document()}, "", ("contract",))
        terms = read_contract(reading, option, [key for key, _name in given.payers], measures)
        first, last = given.years
        for path, year in reading.years:
            if not first <= year <= last:
                text = gettext(
                    "%(year)s lies outside the years that count, %(first)s to %(last)s.",
                    year=year,
                    first=first,
                    last=last,
                )
                self._say(path, text)
        for error in reading.errors:
            self._say(error.path, error.message.say(reader_language()))
        return None if reading.errors or not self.is_fine else terms

    @property
    def is_fine(self) -> bool:
        """Return whether no field says that something is wrong."""
        rows = (f for entry in self.prices for f in entry.form)
        return not any(f.errors for f in (*self, *rows) if f is not self.prices)

    def _say(self, path: str, text: str) -> None:
        found = _PLACE.match(path)
        name, place, inner = (found[1], found[2], found[3]) if found else ("", None, "")
        if name == "" or name not in self:
            self.share.errors = [
                *self.share.errors,
                gettext("Write what is paid: a share, a fixed amount or a price for each."),
            ]
            return
        at: Field = self[name]
        if name == "prices" and place is not None:
            rows = [e.form for e in self.prices if not e.form.is_empty]
            row = rows[int(place)]
            at = row[inner if inner in ABOUT_PRICES else "price"]
        if at.errors:
            return  # what cannot be read is said already
        if at.data is None or at.data == "":
            text = gettext("Fill in this field.")
        at.errors = [text]


def contract_data(stored: Mapping[str, Json] | None) -> dict[str, Any]:
    """Return what the fields hold for a stored contract, or for none."""
    if stored is None:
        return {"kind": "cost", "category": "service", "prices": []}
    data = dict(stored)
    share = stored.get("share")
    data["share"] = None if not share else as_decimal(share)
    data["fixed"] = stored.get("fixed") or None
    data["prices"] = [
        {
            "measure": row["measure"],
            "price": row["price"],
            "threshold": as_decimal(row.get("threshold", 0)),
        }
        for row in stored.get("prices", ())
    ]
    return data
