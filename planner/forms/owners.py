"""Who owns the budget that each saving line takes money from, and the owner's acceptance."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import FieldList, Form, FormField
from wtforms.validators import Email, Optional

from planner.forms.base import BaseForm, TextField, choices, required
from planner.forms.interventions import ChoiceField, at_most
from planner.forms.road import DayField

KINDS = ("budget_cut", "avoided_growth", "time_freed", "none")
OWNED = frozenset({"budget_cut", "avoided_growth"})


class OwnerLineForm(Form):
    """One saving line."""

    kind = ChoiceField(
        _("What kind of saving"),
        default="",
        description=_("Only a budget cut that its owner accepts counts as cashable."),
    )
    person = ChoiceField(_("Budget owner"), default="")
    name = TextField(_("Name, if the owner has no account"), validators=[Optional(), *at_most(200)])
    email = TextField(
        _("E-mail of the owner"),
        validators=[Optional(), *at_most(255), Email(_("Write a full e-mail address."))],
    )

    @property
    def is_owned(self) -> bool:
        """Whether an owner is named."""
        return bool(self.person.data or self.name.data)


class OwnersForm(BaseForm):
    """All saving lines of a version."""

    lines = FieldList(FormField(OwnerLineForm))

    def offer(self, *, kinds: list[tuple[str, Any]], people: list[tuple[str, str]]) -> None:
        """Let each line be one of the kinds, and each owner one of the people, as (id, name)."""
        for entry in self.lines:
            entry.form.kind.choices = choices(("", _("not said yet")), *kinds)
            entry.form.person.choices = choices(("", _("nobody with an account")), *people)


class AcceptForm(BaseForm):
    """The day on which an owner accepted."""

    on_date = DayField(_("Accepted on"), validators=[required()])

    def is_past(self, today: date) -> bool:
        """Refuse a day to come."""
        if self.on_date.data is not None and self.on_date.data > today:
            self.on_date.errors = [_("Write a day that has been.")]
            return False
        return True
