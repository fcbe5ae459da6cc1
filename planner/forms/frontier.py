"""The form that asks what other values of a pool or limit would give."""

from decimal import Decimal
from typing import ClassVar, Literal

from flask_babel import lazy_gettext as _
from wtforms import Field, SelectField
from wtforms.validators import ValidationError

from planner.forms.base import (
    BaseForm,
    DanishDecimalField,
    KronerField,
    PercentField,
    YearField,
    choices,
    required,
)

Unit = Literal["money", "count", "number", "percent", "year"]
STEPS = (5, 11, 21, 33)
USUAL_STEPS = 11
EVERY_STEP = "every"


class FrontierForm(BaseForm):
    """From where to where, and in how many steps; made by :func:`frontier_form`."""

    unit: ClassVar[Unit]
    is_pool: ClassVar[bool]
    low: Field
    high: Field
    steps = SelectField(
        _("Points"),
        choices=choices(*((str(count), str(count)) for count in STEPS)),
        default=str(USUAL_STEPS),
        description=_("Both ends are among them. More points take longer."),
    )

    def validate_low(self, field: Field) -> None:
        """Refuse what cannot be a value."""
        self._whole(field)

    def validate_high(self, field: Field) -> None:
        """Refuse what cannot be a value, and an end before the beginning."""
        self._whole(field)
        if self.low.data is not None and field.data is not None and field.data <= self.low.data:
            raise ValidationError(_("Write more than at the beginning."))

    def _whole(self, field: Field) -> None:
        data = field.data
        if self.unit == "count" and isinstance(data, Decimal) and (data < 0 or data % 1):
            raise ValidationError(_("Write a whole number, for instance 12."))
        if self.is_pool and data is not None and data < 0:
            raise ValidationError(_("A pool holds zero or more."))


def frontier_form(unit: Unit, *, is_pool: bool, has_steps: bool = False) -> type[FrontierForm]:
    """Return the form for one unit; where there are steps, all of them can be asked for."""
    kinds = {"money": KronerField, "percent": PercentField, "year": YearField}
    kind = kinds.get(unit, DanishDecimalField)
    attributes = {
        "unit": unit,
        "is_pool": is_pool,
        "low": kind(_("From"), validators=[required()]),
        "high": kind(_("To"), validators=[required()]),
    }
    if has_steps:
        attributes["steps"] = SelectField(
            _("Points"),
            choices=choices(
                (EVERY_STEP, _("Every step: each size at which the best plan changes")),
                *((str(count), str(count)) for count in STEPS),
            ),
            default=EVERY_STEP,
            description=_("More points take longer."),
        )
    return type("FrontierFormOfUnit", (FrontierForm,), attributes)
