"""The files of a case: their page, and each of them to take along."""

from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response as AnyResponse

from planner import formats
from planner.access import allowed
from planner.extensions import db, me, now
from planner.formats import reader_language
from planner.forms.attachments import AttachmentForm
from planner.model import AttachmentRecord, CaseRecord
from planner.services import attachments as service
from planner.services.file_kinds import MIMETYPES
from planner.services.intervention_list import InterventionView
from planner.services.interventions import get_intervention
from planner.services.rounds import lock_of, require_unlocked
from planner.services.writing import NotAllowedError

Answer = str | AnyResponse | tuple[str, int]

KIBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One file as it is shown."""

    name: str
    detail: str
    href: str
    remove_href: str


def shown_files(view: InterventionView, case: CaseRecord) -> list[ShownFile]:
    """Return the files of a version; they may be taken out of a draft of one's own."""
    may = _may_write(view) and case is view.current
    return [_shown(one, view, may=may) for one in service.attachments_of(db.session, case)]


def _may_write(view: InterventionView) -> bool:
    locked = lock_of(view.intervention, now=now()) is not None
    return allowed(me(), "save", view.current) and not locked


def _shown(one: AttachmentRecord, view: InterventionView, *, may: bool) -> ShownFile:
    language = reader_language()
    size = formats.number(max(1, round(one.size / KIBIBYTE)), language=language)
    date = formats.date(to_user_timezone(one.created_at), language=language)
    place: dict[str, Any] = {"code": view.intervention.code, "attachment_id": one.id}
    return ShownFile(
        name=one.name,
        detail=f"{size}\N{NO-BREAK SPACE}kB · {date}",
        href=url_for("interventions.attachment", **place),
        remove_href=url_for("interventions.remove_attachment", **place) if may else "",
    )


def attachments(code: str) -> Answer:
    """Show the files of the newest version, and take one more into a draft."""
    view = get_intervention(db.session, code, actor=me())
    may = _may_write(view)
    form = AttachmentForm()
    if request.method == "POST" and not may:
        require_unlocked(view.intervention, "save", now=now())
        raise NotAllowedError
    if form.validate_on_submit() and _add(view, form):
        flash(_("The file is kept with the case."), "success")
        return redirect(url_for("interventions.attachments", code=code), 303)
    page = render_template(
        "interventions/attachments.html",
        view=view,
        form=form if may else None,
        files=shown_files(view, view.current),
        key=str(uuid4()),
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (view.current.title, url_for("interventions.show", code=code)),
            (_("Attachments"), None),
        ],
        back=url_for("interventions.show", code=code),
    )
    return (page, 422) if request.method == "POST" else page


def _add(view: InterventionView, form: AttachmentForm) -> bool:
    """Keep the file, or say at the field why it is not taken."""
    words = {
        service.EmptyFileError: _("The file is empty."),
        service.TooLargeFileError: _("The file is larger than 10 MB."),
        service.UnknownFileError: _(
            "The file is none of the kinds named here, or it has macros. Save it as PDF and try"
            " again."
        ),
        service.FullCaseError: _("The case would have more than 100 MB of files."),
    }
    with closing(form.file.data) as file:
        name, content = file.filename or "", file.read()
    try:
        service.add_attachment(
            db.session,
            view.current,
            folder=current_app.config["DATA_FOLDER"],
            name=name,
            content=content,
            by=me(),
            now=now(),
        )
    except service.AttachmentError as error:
        form.file.errors = [words[type(error)]]
        return False
    return True


def attachment(code: str, attachment_id: int) -> Response:
    """Give one file out, to be saved and never shown as a page of ours."""
    view = get_intervention(db.session, code, actor=me())
    one = service.find_attachment(db.session, view.cases, attachment_id)
    path = service.path_in(current_app.config["DATA_FOLDER"], one.sha256)
    if not path.is_file():
        current_app.logger.error("the file of attachment %s is missing", one.id)
        abort(404)
    response = Response(path.read_bytes(), mimetype=MIMETYPES[one.kind])
    plain = one.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(one.name, safe='')}"
    )
    return response


def remove_attachment(code: str, attachment_id: int) -> AnyResponse:
    """Take a file out of a draft."""
    view = get_intervention(db.session, code, actor=me())
    if not _may_write(view):
        raise NotAllowedError
    one = service.find_attachment(db.session, [view.current], attachment_id)
    service.remove_attachment(db.session, one, by=me(), now=now())
    flash(_("The file is taken out."), "success")
    return redirect(url_for("interventions.attachments", code=code), 303)
