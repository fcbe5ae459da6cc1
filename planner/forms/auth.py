"""The form at the door, and the one for a new password."""

from flask_babel import lazy_gettext as _
from flask_security.forms import LoginForm
from wtforms import PasswordField
from wtforms.validators import EqualTo, Length

from planner.forms.base import BaseForm, required

SHORTEST_PASSWORD = 10


class SignInForm(LoginForm):
    """E-mail and password."""

    remember = None


class PasswordForm(BaseForm):
    """A new password, written twice."""

    password = PasswordField(
        _("Present password"),
        validators=[required()],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = PasswordField(
        _("New password"),
        description=_("At least 10 characters."),
        validators=[
            required(),
            Length(min=SHORTEST_PASSWORD, message=_("Write at least 10 characters.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )
    repeated = PasswordField(
        _("New password again"),
        validators=[
            required(),
            EqualTo("new_password", message=_("The two passwords are not the same.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )
