"""Indicators at `/indicators`: pictures by municipality, versions, and a CSV in and out."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, to_user_timezone
from werkzeug.wrappers import Response as AnyResponse

from planner.extensions import db, me, now
from planner.formats import reader_language
from planner.forms.indicators import IndicatorStoreForm, IndicatorUploadForm
from planner.forms.numbers import parse_decimal
from planner.model import IndicatorRecord, IndicatorVersionRecord
from planner.reports.indicators import (
    ChangeLine,
    Indicator,
    Number,
    changes_table,
    faults_table,
    indicator_chart,
    indicators_csv,
    sources_table,
    versions_table,
)
from planner.reports.intervention_list import danish_order
from planner.reports.values import Chart
from planner.services import indicators as service
from planner.services.indicator_reading import COLUMNS, ReadFile, decoded, read_indicators
from planner.services.indicators import ChangedSinceError, IndicatorChange
from planner.services.strategies import get_strategy
from planner.services.workbook_packing import pack, unpack
from planner.services.workbook_reading import BookError
from planner.services.writing import NotFoundError
from planner.views.frame import knowledge_tabs, may_go

blueprint = Blueprint("indicators", __name__, url_prefix="/indicators")

REFUSED = 422
CHANGED = 409
MOST_SHOWN = 200

Answer = AnyResponse | tuple[str, int]


# --- Reading --------------------------------------------------------------------------------------


@blueprint.get("")
def index() -> str:
    """Show the pictures of one municipality, our own until another is asked for."""
    every = service.list_indicators(db.session)
    names = sorted({one.municipality for one in every}, key=danish_order)
    chosen = _chosen(names)
    return render_template(
        "indicators/index.html",
        tabs=knowledge_tabs("/indicators"),
        parts=[
            (_chart(one), one.newest.note, url_for("indicators.show", code=one.key))
            for one in every
            if one.municipality == chosen
        ],
        municipalities=[(name, name) for name in names],
        chosen=chosen,
        import_url=_import_url(),
        export_url=url_for("indicators.export") if every else "",
    )


def first_charts(count: int) -> list[Chart]:
    """Return the first pictures of our own municipality."""
    every = service.list_indicators(db.session)
    names = sorted({one.municipality for one in every}, key=danish_order)
    chosen = _own(names)
    return [_chart(one) for one in every if one.municipality == chosen][:count]


def _chosen(names: Sequence[str]) -> str:
    asked = request.args.get("municipality", "")
    return asked if asked in names else _own(names)


def _own(names: Sequence[str]) -> str:
    """Return the municipality of the strategy, else the first that there is."""
    try:
        own = get_strategy(db.session).municipality
    except NotFoundError:
        own = ""
    return own if own in names else next(iter(names), "")


def _import_url() -> str:
    address = url_for("indicators.upload")
    return address if may_go(me(), address) else ""


def _chart(record: IndicatorRecord) -> Chart:
    return indicator_chart(_shown(record, record.newest), language=reader_language())


def _shown(record: IndicatorRecord, version: IndicatorVersionRecord) -> Indicator:
    return Indicator(
        key=record.key,
        title=record.title,
        unit=version.unit,
        numbers=tuple(
            Number(p.series, p.year, Decimal(p.value), p.source, p.source_date)
            for p in service.points_of(version)
        ),
    )


@blueprint.get("/<code>")
def show(code: str) -> str:
    """Show one indicator with the source of every number, and its versions."""
    record = service.get_indicator(db.session, code)
    version = service.get_version(record, request.args.get("version", type=int))
    shown, language = _shown(record, version), reader_language()
    lines = [
        (
            one.number,
            one.created_at,
            one.created_by.name if one.created_by else "",
            len(one.points),
            url_for("indicators.show", code=code, version=one.number),
        )
        for one in reversed(record.versions)
    ]
    return render_template(
        "indicators/show.html",
        record=record,
        version=version,
        is_newest=version is record.newest,
        chart=indicator_chart(shown, language=language),
        numbers=sources_table(shown, language=language),
        versions=versions_table(lines),
    )


@blueprint.get("/export.csv")
def export() -> Response:
    """Download the newest numbers of every indicator as the file that can be read in again."""
    rows = service.rows_out(service.list_indicators(db.session))
    response = Response(indicators_csv(service.headings(), rows), mimetype="text/csv")
    date = to_user_timezone(now()).strftime("%Y-%m-%d")
    name = f"bundlinje-indicators-all-{date}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- In -------------------------------------------------------------------------------------------


@blueprint.get("/import")
def upload() -> str:
    """Ask for a file."""
    return _upload_page(IndicatorUploadForm())


def _upload_page(form: IndicatorUploadForm) -> str:
    return render_template("indicators/upload.html", form=form, columns=_columns())


def _columns() -> list[tuple[str, str]]:
    said = {
        "municipality": _("The municipality as it is to be called."),
        "indicator": _("What is followed; lines with the same words belong together."),
        "unit": _("The same for the whole indicator: %, persons, kr. per citizen."),
        "series": _("One line of the picture, such as the share of expenses."),
        "year": _("Four digits."),
        "value": _("A number in Danish form: 2,13 or 1.234,5."),
        "source": _("Who published it, and where."),
        "source_date": _("May be left out: 2025, 2025-10 or 2025-10-31."),
        "note": _("May be left out: what the reader must know."),
    }
    return [(danish, said[name]) for name, (danish, _english, _needed) in COLUMNS.items()]


@blueprint.post("/import")
def preview() -> Answer:
    """Show what the file would change, or everything that is wrong with it; store nothing."""
    file = request.files.get("file")
    text = decoded(file.read() if file else b"")
    if text is None:
        return _refused(_("The file is no text. Save it as CSV."))
    read = read_indicators(text, parse_decimal)
    return _preview_page(text, read), REFUSED if read.faults else 200


def _preview_page(text: str, read: ReadFile, *, is_late: bool = False) -> str:
    found = service.changes(db.session, read.indicators) if not read.faults else []
    seen = [[*name, number] for name, number in service.seen_in(found).items()]
    packed = pack([text, seen])
    changed = sum(not change.is_same for change in found)
    faults = [
        (fault.line, fault.column, fault.found, fault.message.say(reader_language()))
        for fault in read.faults[:MOST_SHOWN]
    ]
    return render_template(
        "indicators/preview.html",
        form=IndicatorStoreForm(formdata=None, packed=packed),
        is_late=is_late,
        is_too_large=packed is None,
        faults=faults_table(faults) if faults else None,
        more=max(0, len(read.faults) - MOST_SHOWN),
        changes=changes_table([_line(change) for change in found]),
        changed=changed,
        store=ngettext("Store %(num)d indicator", "Store %(num)d indicators", changed),
    )


def _line(change: IndicatorChange) -> ChangeLine:
    return ChangeLine(
        municipality=change.read.municipality,
        title=change.read.title,
        points=len(change.read.points),
        number=change.number,
        is_same=change.is_same,
        lost=change.lost,
    )


@blueprint.post("/import/store")
def store() -> Answer:
    """Store what the preview showed, all of it or nothing."""
    form = IndicatorStoreForm()
    try:
        text, seen = _unpacked(form.packed.data or "")
    except BookError as error:
        return _refused(error.message.say(reader_language()))
    read = read_indicators(text, parse_decimal)
    if read.faults:
        return _preview_page(text, read), REFUSED
    try:
        stored = service.store_indicators(
            db.session, read.indicators, seen=seen, by=me(), now=now()
        )
    except ChangedSinceError:
        return _preview_page(text, read, is_late=True), CHANGED
    flash(
        ngettext("%(num)d indicator is stored.", "%(num)d indicators are stored.", len(stored)),
        "success",
    )
    return redirect(url_for("indicators.index"), 303)


def _unpacked(packed: str) -> tuple[str, Mapping[tuple[str, str], int]]:
    plain: Any = unpack(packed)
    try:
        text, seen = plain
        return str(text), {(str(a), str(b)): int(number) for a, b, number in seen}
    except (TypeError, ValueError) as error:
        raise BookError(
            "Filen kom ikke helt frem. Vælg den igen.",
            "The file did not arrive. Choose it again.",
        ) from error


def _refused(message: str) -> tuple[str, int]:
    form = IndicatorUploadForm(formdata=None)
    form.file.errors = [message]
    return _upload_page(form), REFUSED
