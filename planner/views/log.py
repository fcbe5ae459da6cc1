"""The log, for those who watch over it."""

import json
from datetime import datetime
from textwrap import wrap
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _

from planner import words
from planner.extensions import db
from planner.reports.list_files import LogLine, log_table
from planner.services.events import CHECKED_AT_START, list_events, people_of, verify_events
from planner.views.downloads import tables_file

blueprint = Blueprint("log", __name__, url_prefix="/settings/log")

LONGEST_SHOWN = 400
# a hash may break between lines after so many characters
HASH_PART = 16
# a longer log is checked when somebody asks, since that takes a while
CHECKED_UNASKED = 5_000
# of a file; the whole log is in the backup
MOST_IN_FILE = 10_000


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
        downloads=[
            (kind, url_for("log.export", ending=ending))
            for kind, ending in (("Excel", "xlsx"), ("CSV", "csv"))
        ],
        page_count=page.pages,
        page_number=page.page,
        earlier=url_for("log.index", page=page.page + 1) if page.page < page.pages else "",
        later=url_for("log.index", page=page.page - 1) if page.page > 1 else "",
    )


@blueprint.get("/export/<ending>")
def export(ending: str) -> Response:
    """Download the newest lines of the log, with what stood before and after in full."""
    page = list_events(db.session, size=MOST_IN_FILE)
    names = people_of(db.session, page.lines)
    table = log_table(
        [
            LogLine(
                seq=line.seq,
                at=line.at,
                who=names.get(line.actor, _("the system")),
                action=words.action(line.action),
                thing=f"{line.object_kind} {line.object_id}",
                before=_json(line.before),
                after=_json(line.after),
                chain_hash=line.hash,
            )
            for line in page.lines
        ],
        total=page.total,
    )
    return tables_file([table], ending=ending, what="log-newest")


def _json(value: dict[str, Any] | None) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _text(value: dict[str, Any] | None) -> str:
    if value is None:
        return "–"
    text = _json(value)
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + " …"
