"""The forms of the settings: strategies, purses, departments, pools, people."""

import re
from collections.abc import Iterable
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.validators import Email, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from planner.forms.base import (
    BaseForm,
    DanishDecimalField,
    PercentField,
    TextField,
    YearField,
    choices,
    required,
    short_name,
)

FEWEST_STEPS = 3
EMPTY_STEPS = 2
# more steps than years in any plan would be no steps
MOST_STEPS = 200
SHORTEST_PASSWORD = 10
_RATE = re.compile(r"rate_([1-9][0-9]{0,2})")


class ChecksField(SelectMultipleField):
    """Several choices as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class StrategyForm(BaseForm):
    """The budget period, the years that count, the discounting; made by :func:`strategy_form`."""

    step_count: ClassVar[int] = 1
    title = TextField(_("Title"), validators=[required(), Length(max=200)])
    municipality = TextField(_("Municipality"), validators=[required(), Length(max=200)])
    price_year = YearField(
        _("Price year"),
        validators=[required()],
        description=_("All amounts are in prices of this year."),
    )
    budget_year = YearField(
        _("Budget year"),
        validators=[required()],
        description=_("The first year of the budget period; also the year discounted to."),
    )
    budget_years = DanishDecimalField(
        _("Years in the budget period"),
        validators=[required(), NumberRange(min=1, max=50)],
        description=_("Usually 4: the budget year and three forecast years."),
    )
    horizon_first = YearField(
        _("First year that counts"),
        validators=[Optional()],
        description=_("Leave both empty to count every year that has an amount."),
    )
    horizon_last = YearField(_("Last year that counts"), validators=[Optional()])
    rate_1 = PercentField(_("Rate from the budget year"), validators=[Optional()])
    is_illustrative = BooleanField(
        _("All figures are illustrative"),
        description=_("Said at the foot of every page."),
    )
    note = TextAreaField(_("Note"), validators=[Optional(), Length(max=5_000)])

    def steps(self) -> list[tuple[Any, Any]]:
        """Return the discount steps' fields; the first step has no year, it begins at 0."""
        later = [
            (self[f"after_year_{number}"], self[f"rate_{number}"])
            for number in range(2, self.step_count + 1)
        ]
        return [(None, self.rate_1), *later]

    def discount(self) -> list[dict[str, Any]]:
        """Return the steps as in a plan file; an empty pair of fields is none."""
        return [
            {"after_year": int(after.data or 0) if after else 0, "rate": float(rate.data)}
            for after, rate in self.steps()
            if rate.data is not None
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then the years and the steps against each other."""
        sound = bool(super().validate(extra_validators))
        return self._horizon_is_sound() & self._steps_are_sound() & sound

    def _horizon_is_sound(self) -> bool:
        first, last = self.horizon_first.data, self.horizon_last.data
        if (first is None) != (last is None):
            self.horizon_last.errors = [_("Fill in both years, or neither.")]
            return False
        if first is not None and last is not None and first > last:
            self.horizon_last.errors = [_("The last year is before the first.")]
            return False
        return True

    def _steps_are_sound(self) -> bool:
        previous = 0
        for after, rate in self.steps():
            if rate.data is None:
                if after is not None and after.data is not None and not rate.errors:
                    rate.errors = [_("Write the rate, or leave its year empty too.")]
                    return False
                continue
            if not 0 <= rate.data < 1:
                rate.errors = [_("Write a rate between 0 and 100 percent.")]
                return False
            if after is None:
                continue
            if self.rate_1.data is None or not _comes_later(after.data, previous):
                after.errors = [_("Each rate begins in a whole year after the one before.")]
                return False
            previous = int(after.data)
        return True


def strategy_form(*, stored: int = 0, typed: Iterable[str] = ()) -> type[StrategyForm]:
    """Return the form for a strategy, with room for every discount step and a few more.

    Parameters
    ----------
    stored
        How many steps the strategy has.
    typed
        Names of the fields that were sent; every step among them has its fields.
    """
    sent = [int(found[1]) for name in typed if (found := _RATE.fullmatch(name))]
    room = max(FEWEST_STEPS, stored + EMPTY_STEPS)
    count = max([room, *(number for number in sent if number <= MOST_STEPS)])
    fields: dict[str, Any] = {"step_count": count}
    for number in range(2, count + 1):
        fields[f"after_year_{number}"] = DanishDecimalField(
            _("Rate %(number)s: after year number", number=number), validators=[Optional()]
        )
        fields[f"rate_{number}"] = PercentField(
            _("Rate %(number)s", number=number), validators=[Optional()]
        )
    return type("StrategyFormWithSteps", (StrategyForm,), fields)


def _comes_later(year: Any, previous: int) -> bool:
    return year is not None and year == int(year) and year > previous


class PayerForm(BaseForm):
    """A purse."""

    short = TextField(
        _("Short name"),
        validators=short_name(),
        description=_("Used in plan files; it is never changed."),
    )
    name = TextField(_("Name"), validators=[required(), Length(max=200)])
    level = SelectField(
        _("Whose purse"),
        choices=choices(
            ("municipality", _("Municipality")),
            ("region", _("Region")),
            ("state", _("The state")),
            ("citizen", _("Citizen")),
            ("other", _("Other")),
        ),
    )


class DepartmentForm(BaseForm):
    """A department."""

    short = TextField(
        _("Short name"),
        validators=short_name(),
        description=_("Used in plan files; it is never changed."),
    )
    name = TextField(_("Name"), validators=[required(), Length(max=200)])


class PoolForm(BaseForm):
    """A pool; each scenario says how much is in it."""

    short = TextField(
        _("Short name"),
        validators=short_name(),
        description=_("Used in plan files; it is never changed."),
    )
    name = TextField(_("Name"), validators=[required(), Length(max=200)])
    kind = SelectField(
        _("Used for"),
        choices=choices(
            ("investment", _("Investments")),
            ("outcome_payments", _("Outcome payments")),
        ),
    )


class PersonForm(BaseForm):
    """A person's name, roles and departments."""

    name = TextField(
        _("Name"),
        validators=[required(), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )
    roles = ChecksField(_("Roles"), validators=[required(_("Choose at least one role."))])
    departments = ChecksField(
        _("Departments"), description=_("Only for people of a department."), coerce=int
    )


class NewPersonForm(PersonForm):
    """A new account."""

    email = EmailField(
        _("E-mail"),
        validators=[required(), Length(max=255), Email(_("Write a full e-mail address."))],
        render_kw={"autocomplete": "off"},
    )
    password = PasswordField(
        _("First password"),
        description=_("At least 10 characters. The person can choose another one."),
        validators=[
            required(),
            Length(min=SHORTEST_PASSWORD, message=_("Write at least 10 characters.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class LanguageForm(BaseForm):
    """The language that a person reads."""

    language = SelectField(_("Language"), choices=choices(("da", "Dansk"), ("en", "English")))
