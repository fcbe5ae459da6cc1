"""What every form shares: its hidden fields, its texts in two languages, Danish numbers."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from flask import g, has_app_context
from flask_babel import get_domain
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    StringField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError
from wtforms.widgets import HiddenInput, TextInput

from planner.forms.numbers import (
    NotANumberError,
    NotWholeKronerError,
    TooLargeError,
    parse_decimal,
    parse_kroner,
    write_number,
)

FIRST_YEAR = 1900
LAST_YEAR = 2200

__all__ = [
    "BaseForm",
    "DanishDecimalField",
    "DecimalField_",
    "KronerField",
    "PercentField",
    "TextField",
    "YearField",
    "choices",
    "required",
]


class _Texts:
    """WTForms' own texts through our catalogue."""

    def gettext(self, string: str) -> str:
        """Return ``string`` in the reader's language."""
        return str(get_domain().get_translations().ugettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """Return the form of the text that ``n`` asks for."""
        return str(get_domain().get_translations().ungettext(singular, plural, n))


class BaseForm(FlaskForm):
    """A form with a hidden version and a key that makes it work once only."""

    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    key = HiddenField(name="_key")

    class Meta(FlaskForm.Meta):
        """Texts come from our own catalogue."""

        def get_translations(self, _form: FlaskForm) -> _Texts:
            """Return the texts for a form."""
            return _Texts()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_app_context():
            # a page that refuses the form says what was typed in the form's own words
            g.setdefault("field_labels", {}).update(_labels(self))
        if not self.key.data:
            self.key.data = str(uuid4())

    @property
    def seen_version(self) -> int | None:
        """The version that the form was made from; None when it is missing or no number."""
        # a form that was sent without it does not count as made from the version it is shown with
        is_missing = self.version.raw_data == []
        return self.version.data if isinstance(self.version.data, int) and not is_missing else None


def _labels(form: Form) -> dict[str, Any]:
    """Return the label of every field by the name it is sent with, also in a list of forms."""
    labels: dict[str, Any] = {}
    for field in form:
        entries = field.entries if isinstance(field, FieldList) else [field]
        for entry in entries:
            if isinstance(entry, FormField):
                labels |= _labels(entry.form)
            else:
                labels[entry.name] = field.label.text
    return labels


class _Filled(InputRequired):
    """Refuses what was left out, also where only spaces were typed."""

    def __call__(self, form: Form, field: Field) -> None:
        """Stop at nothing, or at nothing but spaces."""
        if field.raw_data and isinstance(field.raw_data[0], str) and not field.raw_data[0].strip():
            field.errors = []
            raise StopValidation(self.message)
        super().__call__(form, field)


def required(message: Any = None) -> InputRequired:
    """Return the validator of a field that may not be left out."""
    return _Filled(message or _("Fill in this field."))


def choices(*pairs: tuple[Any, Any]) -> list[SelectChoice]:
    """Return the choices of a list field from pairs of value and label."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


class TextField(StringField):
    """One line of text, trimmed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the text without space at the ends."""
        if valuelist:
            self.data = valuelist[0].strip()


class _NumberField(Field):
    """A number in Danish form; what was typed stays on the screen when it is wrong."""

    widget = TextInput()

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        render = {"inputmode": "decimal", "autocomplete": "off", **kwargs.pop("render_kw", {})}
        super().__init__(label, validators, render_kw=render, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)

    def parse(self, text: str) -> Any:
        """Return what ``text`` says."""
        return parse_decimal(text)

    def write(self, value: Any) -> str:
        """Return ``value`` as the field shows it."""
        return write_number(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number, or leave None and say what is wrong."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = self.parse(valuelist[0])
        except NotWholeKronerError as error:
            self.data = None
            raise ValueError(_("Write whole kroner, for instance 1.250.000.")) from error
        except NotANumberError as error:
            self.data = None
            raise ValueError(self.help_text()) from error
        except TooLargeError as error:
            self.data = None
            raise ValueError(_("Write at most 100.000.000.000.")) from error

    def help_text(self) -> Any:
        """Return what is said about a text that is no number."""
        return _("Write a number with a decimal comma, for instance 1.234,5.")


class KronerField(_NumberField):
    """Whole kroner as an int."""

    def parse(self, text: str) -> int:
        """Return the whole kroner."""
        return parse_kroner(text)

    def help_text(self) -> Any:
        """Return what is said about a text that is no amount."""
        return _("Write an amount in whole kroner, for instance 1.250.000.")


class DanishDecimalField(_NumberField):
    """A number as a Decimal."""


DecimalField_ = DanishDecimalField


class PercentField(_NumberField):
    """A share as a Decimal, written in percent: ``3,5`` is 0.035."""

    def parse(self, text: str) -> Decimal:
        """Return the share; a percent sign may stand behind the number."""
        return parse_decimal(text.strip().removesuffix("%")) / 100

    def write(self, value: Any) -> str:
        """Return the share in percent."""
        return write_number(Decimal(value) * 100)

    def help_text(self) -> Any:
        """Return what is said about a text that is no percentage."""
        return _("Write a percentage with a decimal comma, for instance 3,5.")


class YearField(IntegerField):
    """A calendar year with four digits."""

    widget = TextInput()

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        render = {
            "inputmode": "numeric",
            "autocomplete": "off",
            "maxlength": 4,
            **kwargs.pop("render_kw", {}),
        }
        super().__init__(label, [*(validators or []), _believable_year], render_kw=render, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read four ASCII digits, nothing else."""
        text = valuelist[0].strip() if valuelist else ""
        if not text:
            self.data = None
        elif text.isascii() and text.isdigit() and len(text) == 4:  # noqa: PLR2004 - digits
            self.data = int(text)
        else:
            self.data = None
            raise ValueError(_("Write a year with four digits, for instance 2027."))


def _believable_year(_form: FlaskForm, field: Field) -> None:
    if field.data is not None and not FIRST_YEAR <= field.data <= LAST_YEAR:
        raise ValidationError(_("Write a year between 1900 and 2200."))


class NoSlash:
    """Refuses the characters that a short name may not hold."""

    def __call__(self, _form: FlaskForm, field: Field) -> None:
        """Stop at the first forbidden character."""
        if any(character in (field.data or "") for character in "/,@?#%"):
            raise StopValidation(_("A short name holds no / , @ ? # or %."))


def short_name() -> list[Any]:
    """Return the validators of a short name."""
    return [required(), Length(max=100), NoSlash()]
