"""The log, for those who watch over it."""

import json
from datetime import datetime
from textwrap import wrap
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from planner import words
from planner.extensions import db
from planner.services.events import CHECKED_AT_START, list_events, people_of, verify_events

blueprint = Blueprint("log", __name__, url_prefix="/settings/log")

LONGEST_SHOWN = 400
# a hash may break between lines after so many characters
HASH_PART = 16
# a longer log is checked when somebody asks, since that takes a while
CHECKED_UNASKED = 5_000


@blueprint.get("")
def index() -> str:
    """Show the log, newest first, and whether it is as it was written."""
    page = list_events(db.session, page=request.args.get("page", 1, type=int))
    names = people_of(db.session, page.lines)
    checks = page.total <= CHECKED_UNASKED or "check" in request.args
    # of a longer log at least the newest lines, so that a break there is never passed over
    report = verify_events(db.session, newest=None if checks else CHECKED_AT_START)
    return render_template(
        "settings/log.html",
        report=report,
        is_whole=checks,
        head=wrap(report.head, HASH_PART),
        lines=[
            {
                "seq": line.seq,
                "at": datetime.fromisoformat(line.at),
                "who": names.get(line.actor, _("the system")),
                "action": words.action(line.action),
                "object": f"{line.object_kind} {line.object_id}",
                "before": _text(line.before),
                "after": _text(line.after),
            }
            for line in page.lines
        ],
        page_count=page.pages,
        page_number=page.page,
        earlier=url_for("log.index", page=page.page + 1) if page.page < page.pages else "",
        later=url_for("log.index", page=page.page - 1) if page.page > 1 else "",
    )


def _text(value: dict[str, Any] | None) -> str:
    if value is None:
        return "–"
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + " …"
