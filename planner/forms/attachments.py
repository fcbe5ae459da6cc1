"""The form that takes a file in."""

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired

from planner.forms.base import BaseForm


class AttachmentForm(BaseForm):
    """One file."""

    file = FileField(
        _("File"),
        description=_(
            "PDF, PNG, JPEG, docx, xlsx, pptx, odt or ods without macros, at most 10 MB; at most"
            " 100 MB in all."
        ),
        validators=[FileRequired(_("Choose a file."))],
        render_kw={"accept": ".pdf,.png,.jpg,.jpeg,.docx,.xlsx,.pptx,.odt,.ods"},
    )
