"""Notices on the overview."""

from flask import Blueprint, jsonify, redirect, url_for
from flask_babel import to_user_timezone
from werkzeug.wrappers import Response

from planner import formats
from planner.extensions import db, me, now
from planner.formats import reader_language
from planner.services import job_notices, notices

blueprint = Blueprint("notices", __name__, url_prefix="/notices")


def shown_notices() -> list[tuple[str, str, str, str]]:
    """Return sentence, moment, page and address of reading, of what I have not read."""
    language = reader_language()
    return [
        (
            notices.words_of(notice).say(language),
            formats.moment(to_user_timezone(notice.created_at), language=language),
            str(notice.said["path"]),
            url_for("notices.read", notice_id=notice.id),
        )
        for notice in notices.unread_of(db.session, me())
    ]


@blueprint.post("/<int:notice_id>/read")
def read(notice_id: int) -> Response:
    """Note that I have read it."""
    notices.read_notice(db.session, notice_id, by=me(), now=now())
    return redirect(url_for("overview.overview"), 303)


@blueprint.post("/jobs/<int:job_id>/seen")
def seen(job_id: int) -> Response:
    """Note that I have watched a calculation to its end, so that nobody writes to me about it."""
    job_notices.note_seen(db.session, job_id, by=me(), now=now())
    return jsonify(seen=True)
