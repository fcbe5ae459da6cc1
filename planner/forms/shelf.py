"""The forms of the knowledge shelf, each made from the fields of what it asks for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import Field, HiddenField, SelectField, TextAreaField
from wtforms.validators import Length, NumberRange, ValidationError

from optimizer.quantity import Quantity, is_required, quantities
from optimizer.shelf import CONTENTS, LONGEST_LINE, ShelfKind
from optimizer.shelf_reader import FieldError
from planner.formats import Language
from planner.forms.base import (
    BaseForm,
    DanishDecimalField,
    KronerField,
    PercentField,
    TextField,
    YearField,
    choices,
    required,
)

NUMBERS = {
    "kroner": KronerField,
    "share": PercentField,
    "number": DanishDecimalField,
    "count": DanishDecimalField,
    "year": YearField,
}
SHORT = frozenset({"kroner", "share", "number", "count", "year"})
LONGEST_REASON = 500


class EntryForm(BaseForm):
    """A version; :func:`entry_form` adds the fields of a kind and, after them, its source."""

    source: TextField
    source_date: TextField


class NewEntryForm(EntryForm):
    """A new entry also gets a title and an address."""

    title = TextField(_("Title"), validators=[required()])
    short = TextField(
        _("Key"),
        description=_("The end of its address. Made from the title when left empty."),
    )


class RetireForm(BaseForm):
    """Why an entry leaves the shelf."""

    reason = TextAreaField(
        _("Reason"),
        validators=[required(), Length(max=LONGEST_REASON)],
        render_kw={"rows": 3},
    )


class YearsForm(BaseForm):
    """After how many years an entry is to be looked at again."""

    years = DanishDecimalField(
        _("Look again after"),
        validators=[required(), NumberRange(min=1, max=50)],
        description=_("Counted from the source's date. Whole years, from 1 to 50."),
    )

    def validate_years(self, field: Field) -> None:
        """Refuse a part of a year."""
        if field.data is not None and field.data != int(field.data):
            raise ValidationError(_("Write a whole number of years."))


class ShelfUploadForm(BaseForm):
    """A workbook to be looked at; nothing is stored."""

    book = FileField(
        _("Workbook"),
        description=_("A workbook that was downloaded here and changed, .xlsx, at most 12 MB."),
        render_kw={"accept": ".xlsx", "required": True},
    )


class ShelfStoreForm(BaseForm):
    """Rows that have been looked at, and are now to be laid on the shelf."""

    packed = HiddenField()


@dataclass(frozen=True, slots=True)
class Shown:
    """One field as the page draws it."""

    field: Field
    unit: str
    width: str
    optional: bool | None


def entry_form(
    kind: ShelfKind, *, language: Language, is_new: bool, prices: Sequence[tuple[str, str]]
) -> type[EntryForm]:
    """Return the form of a kind in the reader's language.

    Parameters
    ----------
    prices : sequence of (key, title)
        The unit prices that a consequence may refer to.
    """
    cls = CONTENTS[kind]
    fields: dict[str, Any] = {
        name: _prices_field(about, language, prices)
        if kind is ShelfKind.CONSEQUENCE and name == "unit_price"
        else _field(about, language, is_needed=is_required(cls, name))
        for name, about in quantities(cls).items()
    }
    # made last, so that the summary of what is wrong goes down the page
    fields["source"] = TextField(
        _("Source"),
        validators=[required()],
        description=_("Who found the figure, and where one can read it."),
    )
    fields["source_date"] = TextField(
        _("The source's date"),
        description=_("A year, a month or a day: 2025, 2025-10 or 2025-10-31."),
    )
    return type("EntryFormOfKind", (NewEntryForm if is_new else EntryForm,), fields)


def _field(about: Quantity, language: Language, *, is_needed: bool) -> Any:
    words = {"label": about.label.say(language), "description": about.help.say(language)}
    validators = [required()] if is_needed else []
    if about.kind == "choice":
        pairs = [(choice.value, choice.label.say(language)) for choice in about.choices]
        return SelectField(choices=choices(*pairs), validators=validators, **words)
    if about.kind in NUMBERS:
        return NUMBERS[about.kind](validators=validators, **words)
    if (about.maximum or 0) > LONGEST_LINE:
        return TextAreaField(validators=validators, render_kw={"rows": 3}, **words)
    return TextField(validators=validators, **words)


def _prices_field(
    about: Quantity, language: Language, prices: Sequence[tuple[str, str]]
) -> SelectField:
    return SelectField(
        label=about.label.say(language),
        choices=choices(*prices),
        validators=[required()],
        description=_("The price that the quantity is multiplied by. Add it first if it is new."),
    )


def shown_fields(form: EntryForm, kind: ShelfKind, language: Language) -> list[Shown]:
    """Return the fields of the content in their order, as the page draws them."""
    return [
        Shown(
            field=form[name],
            unit=about.unit.say(language),
            width="short" if about.kind in SHORT else "wide",
            # shares and quantities that are left empty are zero, which needs no saying ten times
            optional=False if name.startswith(("share_", "year_")) or about.kind == "choice"
            else None,
        )
        for name, about in quantities(CONTENTS[kind]).items()
    ]  # fmt: skip


def typed_values(form: EntryForm, kind: ShelfKind) -> dict[str, Any]:
    """Return what was typed in the fields of the content, exact; as text where it is unreadable."""
    values = {
        name: form[name].raw_data[0] if form[name].process_errors else form[name].data
        for name in quantities(CONTENTS[kind])
    }
    return {
        name: Fraction(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def add_errors(form: EntryForm, errors: Collection[FieldError], language: Language) -> None:
    """Put each error at its field, unless the field says already what is wrong with it."""
    for error in errors:
        name = "short" if error.field == "key" else error.field
        if name in form and not form[name].errors:
            form[name].errors = [error.message.say(language)]
