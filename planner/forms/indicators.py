"""Forms that take a CSV of indicators in."""

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import HiddenField

from planner.forms.base import BaseForm


class IndicatorUploadForm(BaseForm):
    """A file to be looked at; nothing is stored."""

    file = FileField(
        _("CSV file"),
        description=_("Text with a number on each line, saved as .csv, at most 1 MB."),
        render_kw={"accept": ".csv,text/csv", "required": True},
    )


class IndicatorStoreForm(BaseForm):
    """A file that has been looked at, and is now to be stored."""

    packed = HiddenField()
