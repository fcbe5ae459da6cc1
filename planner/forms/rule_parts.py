"""One quantity of a limit, goal or relation as fields of a form, and the way back to JSON.

Each kind of :mod:`optimizer.quantity` has one class here; labels, help and units come from the
quantity itself, choices from the scenario's plan. A new class of limit needs nothing here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectMultipleField
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from optimizer import Plan
from optimizer.quantity import MISSING, Quantity
from planner.forms.base import (
    DanishDecimalField,
    KronerField,
    PercentField,
    TextField,
    YearField,
    required,
)

Json = Any
LONGEST_TEXT = 500
MOST_STARS = 3
ALL = "all"


class ChecksField(SelectMultipleField):
    """Several of many, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class CountField(DanishDecimalField):
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number, or leave None and say what is wrong."""
        super().process_formdata(valuelist)
        if self.data is not None and self.data != self.data.to_integral_value():
            self.data = None
            raise ValueError(_("Write a whole number, for instance 12."))


def json_number(value: Decimal) -> int | float:
    """Return a typed number as JSON, whole where it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


def as_decimal(value: Json) -> Decimal:
    """Return a JSON number as the decimal that was typed."""
    if isinstance(value, Fraction):
        value = value.numerator if value.denominator == 1 else float(value)
    return Decimal(str(value))


@dataclass(frozen=True, slots=True)
class Part:
    """One quantity in a form: its fields, their content from JSON, and JSON from them.

    Parameters
    ----------
    name : str
        Key in the plan file; also the (start of the) fields' names.
    about : Quantity
    is_required : bool
        Whether the plan file must have it.
    default : object
        The dataclass default; MISSING where there is none.
    """

    name: str
    about: Quantity
    is_required: bool
    default: Any = MISSING

    #: which macro draws it
    layout: ClassVar[str] = "single"

    def fields(self, plan: Plan, language: str) -> dict[str, Field]:
        """Return the unbound fields by name."""
        raise NotImplementedError

    def data(self, value: Json) -> dict[str, Any]:
        """Return what the fields hold for a JSON value."""
        return {self.name: value}

    def read(self, form: FlaskForm) -> Json:
        """Return the JSON value; None where nothing was given."""
        return form[self.name].data

    def bound(self, form: FlaskForm) -> list[Field]:
        """Return its fields of a form, for the template."""
        names = (self.name, f"{self.name}_")
        return [f for f in form if f.short_name == names[0] or f.short_name.startswith(names[1])]

    def unit(self, language: str) -> str:
        """Return the unit inside the field's right edge."""
        return self.about.unit.say(language)

    @property
    def may_be_empty(self) -> bool:
        """Return whether nothing may stand in its field."""
        return not self.is_required and self.default in {None, MISSING}

    @property
    def is_short(self) -> bool:
        """Return whether its field is narrow."""
        return self.about.kind in {"kroner", "number", "count", "share", "year"}

    @property
    def validators(self) -> list[Any]:
        """Return the validators that say whether it may be left out."""
        return [required()] if self.is_required else [Optional()]

    def words(self, language: str) -> dict[str, str]:
        """Return label and help."""
        return {
            "label": self.about.label.say(language),
            "description": self.about.help.say(language),
        }


class NumberPart(Part):
    """Kroner, a number, a count or a year."""

    __slots__ = ()
    FIELDS: ClassVar[Mapping[str, type[Field]]] = {
        "kroner": KronerField,
        "number": DanishDecimalField,
        "count": CountField,
        "year": YearField,
    }

    def fields(self, plan: Plan, language: str) -> dict[str, Field]:
        field = self.FIELDS[self.about.kind]
        return {self.name: field(validators=self.validators, **self.words(language))}

    def data(self, value: Json) -> dict[str, Any]:
        if value is None:
            return {self.name: None}
        whole = self.about.kind in {"kroner", "year"}
        return {self.name: int(value) if whole else as_decimal(value)}

    def read(self, form: FlaskForm) -> Json:
        value = form[self.name].data
        return json_number(value) if isinstance(value, Decimal) else value


class SharePart(Part):
    """A fraction, written in percent."""

    __slots__ = ()

    def fields(self, plan: Plan, language: str) -> dict[str, Field]:
        validators = [*self.validators, self._within]
        return {self.name: PercentField(validators=validators, **self.words(language))}

    def _within(self, _form: FlaskForm, field: Field) -> None:
        least, most = self.about.minimum or 0, self.about.maximum or 1
        if field.data is not None and not least <= Fraction(field.data) <= most:
            raise ValidationError(
                _(
                    "Write a percentage from %(least)s to %(most)s.",
                    least=int(least * 100),
                    most=int(most * 100),
                )
            )

    def data(self, value: Json) -> dict[str, Any]:
        return {self.name: None if value is None else as_decimal(value)}

    def read(self, form: FlaskForm) -> Json:
        value = form[self.name].data
        return None if value is None else json_number(value)

    def unit(self, language: str) -> str:
        return "%"


class FlagPart(Part):
    """True or false."""

    __slots__ = ()

    def fields(self, plan: Plan, language: str) -> dict[str, Field]:
        return {self.name: BooleanField(**self.words(language))}

    def data(self, value: Json) -> dict[str, Any]:
        return {self.name: bool(value)}


class TextPart(Part):
    """A line of text."""

    __slots__ = ()

    def fields(self, plan: Plan, language: str) -> dict[str, Field]:
        longest = Length(max=LONGEST_TEXT, message=_("Write at most 500 characters."))
        return {
            self.name: TextField(validators=[*self.validators, longest], **self.words(language))
        }

    def read(self, form: FlaskForm) -> Json:
        return form[self.name].data or None


class YearsPart(Part):
    """A first and a last year."""

    __slots__ = ()
    layout = "fields"

    def fields(self, plan: Plan, language: str) -> dict[str, Field]:
        return {
            f"{self.name}_first": YearField(_("From"), validators=[self._both]),
            f"{self.name}_last": YearField(_("To"), validators=[self._both]),
        }

    def _both(self, form: FlaskForm, field: Field) -> None:
        others = [f for f in self.bound(form) if f is not field]
        if field.data is None and any(f.data is not None for f in others):
            raise ValidationError(_("Write both the first and the last year."))

    def data(self, value: Json) -> dict[str, Any]:
        first, last = value or (None, None)
        return {f"{self.name}_first": first, f"{self.name}_last": last}

    def read(self, form: FlaskForm) -> Json:
        years = [form[f"{self.name}_{end}"].data for end in ("first", "last")]
        return None if years == [None, None] else years


class ByYearPart(Part):
    """An amount for each year; a year without one has none."""

    __slots__ = ()
    layout = "years"

    def fields(self, plan: Plan, language: str) -> dict[str, Field]:
        first = plan.years[0]
        return {
            f"{self.name}_{year}": KronerField(
                label=str(year),
                validators=[self._some] if self.is_required and year == first else [Optional()],
            )
            for year in plan.years
        }

    def _some(self, form: FlaskForm, field: Field) -> None:
        if field.data is None and not field.errors and not self.read(form):
            unread = any(
                f.errors or (f.raw_data and f.raw_data[0].strip()) for f in self.bound(form)
            )
            if not unread:
                raise ValidationError(_("Write an amount in at least one year."))

    def data(self, value: Json) -> dict[str, Any]:
        return {f"{self.name}_{year}": amount for year, amount in (value or {}).items()}

    def read(self, form: FlaskForm) -> Json:
        start = len(self.name) + 1
        return {
            field.short_name[start:]: field.data
            for field in self.bound(form)
            if field.data is not None
        }


def capital(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]
