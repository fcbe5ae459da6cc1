"""The shelf as a workbook out, and a workbook in: looked at first, stored when one says so."""

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from optimizer.sentence import Sentence
from planner.extensions import db, me, now
from planner.formats import reader_language
from planner.forms.shelf import ShelfStoreForm, ShelfUploadForm
from planner.reports.shelf_workbook import ShelfRow, shelf_workbook
from planner.reports.values import Cell, Column, Row, Table
from planner.services import shelf_exchange
from planner.services.shelf import ShelfFilters, list_entries
from planner.services.shelf_exchange import AcceptedRow, ChangedSinceError, JudgedBook, RowAction
from planner.services.workbook_reading import BookError
from planner.views.workbook_parts import MOST_SHOWN, fault_table, workbook_answer

REFUSED = 422


def export() -> Response:
    """Download the whole shelf, each entry with its newest version."""
    rows = [
        ShelfRow(
            kind=entry.kind,
            key=entry.key,
            title=entry.title,
            number=entry.newest.number,
            is_retired=entry.is_retired,
            content=entry.newest.says,
            source=entry.newest.source,
            source_date=entry.newest.source_date,
        )
        for entry in list_entries(db.session, ShelfFilters(with_retired=True))
    ]
    return workbook_answer(shelf_workbook(rows, language=reader_language()), "library-all")


def upload() -> str:
    """Ask for a workbook."""
    return render_template("library/upload.html", form=ShelfUploadForm())


def preview() -> tuple[str, int]:
    """Show every row of the workbook, accepted or refused; store nothing."""
    file = request.files.get("book")
    try:
        book = shelf_exchange.read_book(db.session, file.read() if file else b"", now=now())
        text = shelf_exchange.packed(book.changes)
    except BookError as error:
        return _refused(error.message)
    page = render_template(
        "library/preview.html",
        form=ShelfStoreForm(formdata=None, packed=text),
        counts=_counts(book),
        changes=_changes_table(book.changes) if book.changes else None,
        faults=fault_table(book.faults),
        more=max(0, len(book.faults) - MOST_SHOWN),
        store=ngettext(
            "Lay %(num)d row on the shelf", "Lay %(num)d rows on the shelf", len(book.changes)
        ),
        refused=book.refused_rows,
    )
    return page, REFUSED if book.faults else 200


def store() -> AnyResponse | tuple[str, int]:
    """Lay the accepted rows on the shelf."""
    form = ShelfStoreForm()
    try:
        rows = shelf_exchange.unpacked(form.packed.data or "")
        shelf_exchange.store_rows(db.session, rows, by=me(), now=now())
    except BookError as error:
        return _refused(error.message)
    except ChangedSinceError:
        return _refused(
            Sentence(
                "Hylden er ændret, siden filen blev læst. Intet blev gemt. Læs filen igen.",
                "The shelf has changed since the file was read. Nothing was saved. Read the file"
                " again.",
            )
        )
    flash(ngettext("%(num)d row lies on the shelf.", "%(num)d rows lie on the shelf.", len(rows)))
    return redirect(url_for("library.index"), 303)


def _refused(message: Sentence) -> tuple[str, int]:
    form = ShelfUploadForm(formdata=None)
    form.book.errors = [message.say(reader_language())]
    return render_template("library/upload.html", form=form), REFUSED


def _counts(book: JudgedBook) -> list[tuple[str, str]]:
    return [
        (_("New entries"), str(len(book.of(RowAction.NEW)))),
        (_("New versions"), str(len(book.of(RowAction.VERSION)))),
        (_("As on the shelf"), str(len(book.of(RowAction.SAME)))),
        (_("Refused rows"), str(book.refused_rows)),
    ]


def _changes_table(rows: Sequence[AcceptedRow]) -> Table:
    language = reader_language()
    return Table(
        title=_("Accepted rows"),
        caption="",
        columns=(
            Column("title", _("Entry")),
            Column("what", _("What happens")),
            Column("kind", _("Kind of entry")),
            Column("place", _("Row")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(row.draft.title),
                    Cell(_what(row)),
                    Cell(row.draft.kind.label.say(language)),
                    Cell(f"{row.sheet}, {row.row}"),
                )
            )
            for row in rows
        ),
    )


def _what(row: AcceptedRow) -> str:
    if row.action is RowAction.NEW:
        return _("New entry")
    return _("Version %(number)d", number=row.number + 1)
