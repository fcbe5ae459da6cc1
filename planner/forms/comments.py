"""The form of a comment."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from planner.forms.base import BaseForm, choices
from planner.forms.interventions import LONGEST_REASON, ChoiceField, LongTextField, at_most


class CommentForm(BaseForm):
    """What is said, and about which field."""

    field = ChoiceField(_("About"), default="")
    text = LongTextField(
        _("Comment"),
        validators=[DataRequired(_("Write the comment.")), *at_most(LONGEST_REASON)],
        render_kw={"rows": 4},
    )

    def offer(self, fields: list[tuple[str, Any]]) -> None:
        """Let the comment stand at one of the fields, as (name, words)."""
        self.field.choices = choices(*fields)
