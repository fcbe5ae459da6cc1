"""What the pages of uploaded workbooks share: the table of refusals, and the workbook to send."""

from collections.abc import Sequence

from flask import Response
from flask_babel import gettext as _
from flask_babel import to_user_timezone

from planner.extensions import now
from planner.formats import reader_language
from planner.reports.values import Cell, Column, Row, Table
from planner.services.workbook_reading import CellFault
from planner.views.downloads import XLSX

MOST_SHOWN = 200


def fault_table(faults: Sequence[CellFault]) -> Table | None:
    """Return what was refused with its cell, what was found and what is allowed, or None."""
    if not faults:
        return None
    language = reader_language()
    return Table(
        title=_("Refused"),
        caption=_("Correct it in the workbook and read it again."),
        columns=(
            Column("cell", _("Cell")),
            # a whole line each on a narrow screen
            Column("found", _("Found"), "link"),
            Column("wrong", _("What is wrong"), "link"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(f"{fault.sheet} {fault.cell or fault.row or ''}".strip()),
                    Cell(fault.found or None),
                    Cell(fault.message.say(language)),
                )
            )
            for fault in faults[:MOST_SHOWN]
        ),
    )


def workbook_answer(content: bytes, what: str) -> Response:
    """Return a workbook as ``bundlinje-<what>-<date>.xlsx``."""
    response = Response(content, mimetype=XLSX)
    date = to_user_timezone(now()).strftime("%Y-%m-%d")
    response.headers["Content-Disposition"] = f'attachment; filename="bundlinje-{what}-{date}.xlsx"'
    return response
