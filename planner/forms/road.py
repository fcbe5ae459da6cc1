"""The form of one step of the road: who answers for it, when it was decided, and why."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields import DateField
from wtforms.validators import Optional

from planner.forms.base import BaseForm, TextField, required
from planner.forms.interventions import LONGEST_REASON, LongTextField, at_most


class DayField(DateField):
    """A day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the day, or say how it is written."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        try:
            self.data = datetime.strptime(valuelist[0].strip(), "%Y-%m-%d").date()  # noqa: DTZ007
        except ValueError:
            self.data = None
            raise ValueError(_("Write a date, for instance 2027-03-15.")) from None


class StepForm(BaseForm):
    """One step of the road."""

    owner = TextField(
        _("Who answers for it"),
        description=_("The name of a person, who answers for what comes next."),
        validators=[required(), *at_most(200)],
    )
    on_date = DayField(
        _("Decided on"),
        description=_("The day of the decision or the meeting, also when it is written later."),
        validators=[required()],
    )
    reason = LongTextField(
        _("Reason"),
        validators=[Optional(), *at_most(LONGEST_REASON)],
        render_kw={"rows": 5},
    )

    def sound_on(self, today: date, *, needs_reason: bool) -> bool:
        """Check what hangs together: no day to come, and a reason where one is needed."""
        sound = True
        if self.on_date.data is not None and self.on_date.data > today:
            self.on_date.errors = [_("Write a day that has been.")]
            sound = False
        if needs_reason and not self.reason.data:
            self.reason.errors = [_("Write the reason.")]
            sound = False
        return sound

    def offer_reason(self, *, is_needed: bool) -> None:
        """Say whether the reason may be left out."""
        flags: Any = self.reason.flags
        flags.required = is_needed
