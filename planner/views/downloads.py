"""The tables of a page as a file to take along."""

from collections.abc import Sequence

from flask import Response
from flask_babel import to_user_timezone

from planner.extensions import now
from planner.formats import reader_language
from planner.reports.table_files import tables_csv, tables_workbook
from planner.reports.values import Table
from planner.services.writing import NotFoundError

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAKERS = {"xlsx": (tables_workbook, XLSX), "csv": (tables_csv, "text/csv")}


def tables_file(tables: Sequence[Table], *, ending: str, what: str) -> Response:
    """Return tables as ``bundlinje-<what>-<date>.<ending>``.

    Raises
    ------
    NotFoundError
        When there is no such kind of file.
    """
    if ending not in MAKERS:
        raise NotFoundError
    make, mimetype = MAKERS[ending]
    response = Response(make(tables, language=reader_language()), mimetype=mimetype)
    date = to_user_timezone(now()).strftime("%Y-%m-%d")
    name = f"bundlinje-{what}-{date}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
