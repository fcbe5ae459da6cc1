"""The pages of the knowledge shelf: its list, its entries, and the forms that renew them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from optimizer.shelf import ShelfKind
from optimizer.shelf_reader import ShelfErrors, decimal_text, values_of
from planner.extensions import db, me, now
from planner.formats import UNKNOWN, reader_language, shown
from planner.forms.shelf import (
    EntryForm,
    RetireForm,
    YearsForm,
    add_errors,
    entry_form,
    shown_fields,
    typed_values,
)
from planner.model import ShelfEntryRecord, ShelfVersionRecord
from planner.reports.shelf import (
    EntryLine,
    FlagLine,
    UseLine,
    VersionLine,
    compared_table,
    entry_facts,
    entry_table,
    flag_table,
    headline,
    history_table,
    use_table,
)
from planner.services import shelf, shelf_uses
from planner.services.shelf import EntryDraft, ShelfFilters
from planner.services.shelf_uses import ShelfFlag, ShelfUse
from planner.views.downloads import tables_file
from planner.views.frame import knowledge_tabs, may_go

blueprint = Blueprint("library", __name__, url_prefix="/library")

Answer = str | AnyResponse | tuple[str, int]


# --- Reading --------------------------------------------------------------------------------------


@blueprint.get("")
def index() -> str:
    """Show what lies on the shelf, narrowed as the address says."""
    filters = asked_filters()
    entries = shelf.list_entries(db.session, filters)
    years = shelf.get_setting(db.session).years
    return render_template(
        "library/index.html",
        tabs=knowledge_tabs("/library"),
        filters=filters,
        kinds=[("", _("All")), *_kinds()],
        table=entry_table([_line(entry, years) for entry in entries], language=reader_language()),
        counted=ngettext("%(num)d entry", "%(num)d entries", len(entries)),
        is_empty=not entries and not shelf.known_on(db.session).keys,
        years=years,
        attention=shelf_uses.attention(db.session, now=now(), actor=me()),
        may_edit=may_edit(),
        downloads=_download_links(),
    )


def _download_links() -> list[tuple[str, str]]:
    """Return kinds of file and addresses: the whole shelf, and the list as it is narrowed."""
    asked: dict[str, Any] = {
        name: values
        for name, values in request.args.to_dict(flat=False).items()
        if name in {"q", "kind", "retired"}
    }
    return [
        (_("Workbook with all of it"), url_for("library.export")),
        (_("This list, Excel"), url_for("library.list_file", ending="xlsx", **asked)),
        (_("This list, CSV"), url_for("library.list_file", ending="csv", **asked)),
    ]


@blueprint.get("/list/<ending>")
def list_file(ending: str) -> Response:
    """Download the list as the address narrows it."""
    years = shelf.get_setting(db.session).years
    entries = shelf.list_entries(db.session, asked_filters())
    table = entry_table([_line(entry, years) for entry in entries], language=reader_language())
    return tables_file([table], ending=ending, what="library-list")


def may_edit() -> bool:
    """Say whether the reader keeps the shelf."""
    return may_go(me(), "/library/new")


def asked_filters() -> ShelfFilters:
    """Read the address; what is not on the lists is as if it were not there."""
    return ShelfFilters(
        kind=_asked_kind(),
        text=request.args.get("q", "")[:200],
        with_retired="retired" in request.args,
    )


def _asked_kind() -> ShelfKind | None:
    asked = request.args.get("kind", "").replace("-", "_")
    return ShelfKind(asked) if asked in set(ShelfKind) else None


def _kinds() -> list[tuple[str, str]]:
    language = reader_language()
    return [(kind.value, kind.plural.say(language)) for kind in ShelfKind]


def _address(entry: ShelfEntryRecord) -> str:
    return url_for("library.show", code=entry.key)


def _line(entry: ShelfEntryRecord, years: int) -> EntryLine:
    newest = entry.newest
    return EntryLine(
        kind=entry.kind,
        title=entry.title,
        href=_address(entry),
        content=newest.says,
        source=newest.source,
        source_date=newest.source_date,
        is_old=shelf.is_old(newest, now=now(), years=years),
        is_retired=entry.is_retired,
    )


@blueprint.get("/<code>")
def show(code: str) -> str:
    """Show one entry: what it says, its versions, two of them side by side, and who uses it."""
    entry = shelf.get_entry(db.session, code)
    language = reader_language()
    version = _asked_version(entry, "version") or entry.newest
    pair = _asked_pair(entry)
    uses = shelf_uses.uses_of(db.session, entry, actor=me())
    setting = shelf.get_setting(db.session)
    return render_template(
        "library/show.html",
        entry=entry,
        kind=entry.kind.label.say(language),
        lead=headline(version.says, language=language),
        shown=version,
        facts=_facts(entry, version),
        history=history_table([_version_line(entry, v) for v in reversed(entry.versions)]),
        compared=compared_table(*pair, language=language) if pair else None,
        numbers=[(str(v.number), str(v.number)) for v in entry.versions],
        pair=pair and (pair[0][0], pair[1][0]),
        uses=use_table([_use_line(use) for use in uses]) if uses else None,
        flagged=sum(use.version.number < entry.newest.number for use in uses),
        state=_state(entry, setting.years),
        years=setting.years,
        may_edit=may_edit() and not entry.is_retired,
    )


def _facts(entry: ShelfEntryRecord, version: ShelfVersionRecord) -> list[tuple[str, str]]:
    language = reader_language()
    return [
        *entry_facts(version.says, language=language),
        (_("Source"), version.source),
        (_("The source's date"), version.source_date or shown(UNKNOWN, language=language)),
        (_("Key"), entry.key),
    ]


def _state(entry: ShelfEntryRecord, years: int) -> str:
    if entry.is_retired:
        return "shelf.retired"
    is_old = shelf.is_old(entry.newest, now=now(), years=years)
    return "shelf.old" if is_old else "shelf.in_use"


def _asked_version(entry: ShelfEntryRecord, name: str) -> ShelfVersionRecord | None:
    number = request.args.get(name, type=int)
    return next((v for v in entry.versions if v.number == number), None)


def _asked_pair(entry: ShelfEntryRecord) -> tuple[tuple[int, Any], tuple[int, Any]] | None:
    """Return the versions to compare: as the address says, else the last two."""
    if len(entry.versions) < 2:  # noqa: PLR2004 - a pair
        return None
    old = _asked_version(entry, "from") or entry.versions[-2]
    new = _asked_version(entry, "to") or entry.newest
    return (old.number, old.says), (new.number, new.says)


def _version_line(entry: ShelfEntryRecord, version: ShelfVersionRecord) -> VersionLine:
    return VersionLine(
        number=version.number,
        made_at=version.created_at,
        by=version.created_by.name if version.created_by else _("the system"),
        source=version.source,
        source_date=version.source_date,
        href=url_for("library.show", code=entry.key, version=version.number),
    )


def _use_line(use: ShelfUse) -> UseLine:
    return UseLine(
        case=use.case.title,
        href=f"/interventions/{use.case.intervention.code}",
        state=f"case.{use.case.state}",
        number=use.version.number,
        scenarios=tuple(scenario.title for scenario in use.scenarios),
    )


@blueprint.get("/flags")
def flags() -> str:
    """Show what should be looked at again: entries with old sources, and cases that use them."""
    years = shelf.get_setting(db.session).years
    entries = shelf.list_entries(db.session)
    old = [line for line in (_line(entry, years) for entry in entries) if line.is_old]
    found = shelf_uses.flags(db.session, now=now(), actor=me())
    return render_template(
        "library/flags.html",
        years=years,
        old=entry_table(old, language=reader_language()) if old else None,
        flagged=flag_table([_flag_line(flag) for flag in found]) if found else None,
        may_edit=may_edit(),
    )


def _flag_line(flag: ShelfFlag) -> FlagLine:
    entry = flag.use.version.entry
    compared: dict[str, Any] = (
        {"from": flag.use.version.number, "to": flag.newest} if flag.has_newer else {}
    )
    return FlagLine(
        use=_use_line(flag.use),
        entry=entry.title,
        entry_href=url_for("library.show", code=entry.key, **compared),
        newest=flag.newest,
        has_newer=flag.has_newer,
        is_old=flag.is_old,
        is_retired=flag.is_retired,
    )


# --- Changing -------------------------------------------------------------------------------------


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Lay something new on the shelf."""
    kind = _asked_kind()
    if kind is None:
        return render_template("library/choose.html", kinds=_kinds())
    form = _form_class(kind, is_new=True)()
    draft = _draft(form, kind, title=form.title.data or "", key=form.short.data or "")
    if form.is_submitted() and _is_sound(form, draft, is_new=True):
        entry = shelf.add_entry(db.session, draft, by=me(), now=now())
        flash(_("“%(title)s” lies on the shelf.", title=entry.title))
        return redirect(_address(entry), 303)
    return _edit_page(form, kind, None), 422 if form.errors else 200


@blueprint.route("/<code>/new-version", methods=["GET", "POST"])
def new_version(code: str) -> Answer:
    """Renew an entry; the earlier versions stay as they are."""
    entry = shelf.get_entry(db.session, code)
    if entry.is_retired:
        return _is_retired(entry)
    form = _form_class(entry.kind, is_new=False)(data=_form_values(entry))
    draft = _draft(form, entry.kind, title=entry.title, key=entry.key)
    if form.is_submitted() and _is_sound(form, draft, is_new=False):
        version = shelf.add_version(
            db.session, entry, draft, by=me(), now=now(), seen_version=form.seen_version
        )
        flash(_("Version %(number)d lies on the shelf.", number=version.number))
        return redirect(_address(entry), 303)
    return _edit_page(form, entry.kind, entry), 422 if form.errors else 200


def _form_class(kind: ShelfKind, *, is_new: bool) -> type[Any]:
    prices = shelf.list_entries(db.session, ShelfFilters(kind=ShelfKind.UNIT_PRICE))
    return entry_form(
        kind,
        language=reader_language(),
        is_new=is_new,
        prices=[(price.key, price.title) for price in prices],
    )


def _form_values(entry: ShelfEntryRecord) -> dict[str, Any]:
    newest = entry.newest
    says = newest.says
    values = values_of(says)
    # what is zero by itself stands empty, as it was typed
    typed = {
        name: _typed(value)
        for name, value in values.items()
        if not (name.startswith(("share_", "year_")) and not value)
    }
    return typed | {
        "source": newest.source,
        "source_date": newest.source_date,
        "version": entry.version,
    }


def _typed(value: Any) -> Any:
    return Decimal(decimal_text(value)) if isinstance(value, Fraction) else value


def _draft(form: EntryForm, kind: ShelfKind, *, title: str, key: str) -> EntryDraft:
    return EntryDraft(
        kind=kind,
        title=title,
        key=key,
        values=typed_values(form, kind),
        source=form.source.data or "",
        source_date=form.source_date.data or "",
    )


def _is_sound(form: EntryForm, draft: EntryDraft, *, is_new: bool) -> bool:
    """Say whether the form holds an entry; else every field says what is wrong, all at once."""
    sound = bool(form.validate())
    try:
        shelf.judge(draft, shelf.known_on(db.session), now=now(), is_new=is_new)
    except ShelfErrors as wrong:
        add_errors(form, wrong.errors, reader_language())
        return False
    return sound


def _edit_page(form: EntryForm, kind: ShelfKind, entry: ShelfEntryRecord | None) -> str:
    language = reader_language()
    return render_template(
        "library/edit.html",
        form=form,
        fields=shown_fields(form, kind, language),
        kind=kind.label.say(language),
        entry=entry,
        has_no_prices=kind is ShelfKind.CONSEQUENCE and not form["unit_price"].choices,
    )


def _is_retired(entry: ShelfEntryRecord) -> AnyResponse:
    flash(_("“%(title)s” has been retired and cannot be changed.", title=entry.title), "warning")
    return redirect(_address(entry), 303)


@blueprint.route("/<code>/retire", methods=["GET", "POST"])
def retire(code: str) -> Answer:
    """Take an entry out of use, with a reason."""
    entry = shelf.get_entry(db.session, code)
    if entry.is_retired:
        return _is_retired(entry)
    form = RetireForm(data={"version": entry.version})
    if form.validate_on_submit():
        shelf.retire_entry(
            db.session,
            entry,
            reason=form.reason.data,
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("“%(title)s” has been retired. It stays visible.", title=entry.title))
        return redirect(_address(entry), 303)
    uses = shelf_uses.uses_of(db.session, entry, actor=me())
    page = render_template("library/retire.html", form=form, entry=entry, uses=len(uses))
    return page, 422 if form.errors else 200


@blueprint.route("/settings", methods=["GET", "POST"])
def settings() -> Answer:
    """Set after how many years an entry is to be looked at again."""
    setting = shelf.get_setting(db.session)
    form = YearsForm(data={"years": setting.years, "version": setting.version})
    if form.validate_on_submit():
        shelf.set_years(
            db.session,
            int(form.years.data or 0),
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("Saved."))
        return redirect(url_for("library.index"), 303)
    return render_template("library/settings.html", form=form), 422 if form.errors else 200
