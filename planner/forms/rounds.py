"""The forms of a round: what finance asks for, when, and of whom."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields import DateTimeLocalField
from wtforms.validators import Length, Optional

from planner.case_limits import LONGEST_TEXT
from planner.forms.base import BaseForm, TextField, choices, required
from planner.forms.interventions import (
    ChoiceField,
    LongTextField,
    ReasonForm,
    at_most,
)
from planner.forms.settings import ChecksField

# what a browser sends: with or without seconds
MOMENT_FORMS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class MomentField(DateTimeLocalField):
    """Date and time in the municipality's own time."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, format=MOMENT_FORMS, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the moment, or say how it is written."""
        if not valuelist or not valuelist[0].strip():
            self.data = None
            return
        for form in MOMENT_FORMS:
            try:
                self.data = datetime.strptime(valuelist[0].strip(), form)  # noqa: DTZ007 - local
            except ValueError:
                continue
            return
        self.data = None
        raise ValueError(_("Write date and time, for instance 2027-03-15T12:00."))


class RoundForm(BaseForm):
    """One round."""

    name = TextField(
        _("Name"),
        description=_("What everybody calls it, for instance Budget 2028."),
        validators=[required(), *at_most(200)],
    )
    opens_at = MomentField(_("Opens"), validators=[required()])
    deadline = MomentField(
        _("Deadline"),
        description=_("After it, departments can no longer write in or submit their drafts."),
        validators=[required()],
    )
    departments = ChecksField(
        _("Who may submit"),
        validators=[required(_("Choose at least one department."))],
    )
    template = LongTextField(
        _("What departments are asked to write about"),
        description=_("It stands at the top of the round. Say what it is for, and what counts."),
        validators=[Optional(), *at_most(LONGEST_TEXT)],
        render_kw={"rows": 6},
    )
    submitted = ChecksField(
        _("Required to submit"),
        description=_("Title, summary, target group and amounts are always required."),
    )
    assessed = ChecksField(_("Required to be assessed"))
    ready = ChecksField(_("Required to be ready for decision"))
    approved_by_council = ChecksField(_("Required to be approved by the council"))

    def offer(self, *, departments: list[tuple[str, str]], fields: list[tuple[str, Any]]) -> None:
        """Let finance choose among the departments and the fields, as (code, words)."""
        self.departments.choices = choices(*departments)
        for name in ("submitted", "assessed", "ready", "approved_by_council"):
            self[name].choices = choices(*fields)

    def required_fields(self) -> dict[str, list[str]]:
        """Return the chosen fields by stage."""
        return {
            name: list(self[name].data or ())
            for name in ("submitted", "assessed", "ready", "approved_by_council")
        }

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then that it opens before it ends."""
        sound = bool(super().validate(extra_validators))
        first, last = self.opens_at.data, self.deadline.data
        if first is not None and last is not None and first >= last:
            self.deadline.errors = [_("The deadline must come after the opening.")]
            return False
        return sound


class ReopenForm(ReasonForm):
    """Until when a round is opened again, and why."""

    deadline = MomentField(_("New deadline"), validators=[required()])


class EnterRoundForm(BaseForm):
    """Which round an intervention belongs to."""

    round = ChoiceField(_("Round"), default="", validators=[Length(max=20)])
