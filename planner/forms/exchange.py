"""Forms that take a plan file in."""

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Length

from planner.forms.base import BaseForm

LONGEST_NOTE = 2_000


class UploadForm(BaseForm):
    """A file to be looked at; nothing is stored."""

    plan = FileField(
        _("Plan file"),
        description=_("A file in the format bundlinje-plan/1, usually named .json, at most 12 MB."),
        render_kw={"accept": ".json,application/json", "required": True},
    )


class StoreForm(BaseForm):
    """A file that has been looked at, and is now to become a strategy."""

    packed = HiddenField()
    plan = FileField(
        _("Plan file"),
        description=_("The file is too large to be kept on this page. Choose it once more."),
        render_kw={"accept": ".json,application/json", "required": True},
    )
    note = TextAreaField(
        _("Remark"),
        description=_("Where the file comes from and what it is for. Shown with the strategy."),
        validators=[Length(max=LONGEST_NOTE)],
        render_kw={"rows": 3},
    )


class WorkbookUploadForm(BaseForm):
    """A workbook of candidates to be looked at; nothing is stored."""

    book = FileField(
        _("Workbook"),
        description=_("A workbook that was downloaded here and changed, .xlsx, at most 12 MB."),
        render_kw={"accept": ".xlsx", "required": True},
    )


class WorkbookStoreForm(BaseForm):
    """Candidates that have been looked at, and are now to be stored."""

    packed = HiddenField()
