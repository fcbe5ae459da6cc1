"""Budget owners: the page that names them, and the page on which they accept a cut."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from planner import formats
from planner.access import allowed
from planner.extensions import db, me, now
from planner.formats import Language, reader_language
from planner.forms.owners import KINDS, AcceptForm, OwnersForm
from planner.model import CaseRecord, PersonRecord
from planner.model.states import Cashability
from planner.reports.intervention_words import CASHABILITY_WORDS
from planner.services import acceptances
from planner.services.acceptances import OwnerData, SavingLine
from planner.services.case_argument import SaidOfSaving, said_of_savings
from planner.services.intervention_list import InterventionView
from planner.services.interventions import get_intervention
from planner.services.people import list_people
from planner.services.rounds import lock_of, require_unlocked
from planner.services.writing import NotAllowedError
from planner.views.intervention_list import price_note
from planner.views.intervention_margin import is_insider

blueprint = Blueprint("acceptances", __name__, url_prefix="/acceptances")

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One saving line as it is shown."""

    title: str
    detail: str
    by_year: list[tuple[str, str]]
    owner: str
    kind: str
    accepted: str
    state: str
    href: str


def line_title(line: SavingLine) -> str:
    """Return what a saving line is called."""
    return line.key.line or line.key.budget_line or _("Saving")


def shown_lines(case: CaseRecord, person: PersonRecord, language: Language) -> list[Line]:
    """Return the saving lines of a version, for those who work with the case."""
    return [_shown(line, case, person, language) for line in acceptances.saving_lines(case)]


def _shown(line: SavingLine, case: CaseRecord, person: PersonRecord, language: Language) -> Line:
    record, given = line.record, line.acceptance
    kind = "" if record is None else str(CASHABILITY_WORDS[record.kind])
    accepted = ""
    if given is not None:
        date = formats.date(given.on_date, language=language)
        accepted = _("accepted by %(name)s on %(date)s", name=given.name, date=date)
    may = (
        record is not None
        and line.awaits
        and case.state in acceptances.ACCEPTING
        and not case.intervention.is_withdrawn
        and acceptances.may_accept(person, record)
    )
    href = url_for("acceptances.accept", line_id=record.id) if may and record is not None else ""
    return Line(
        title=line_title(line),
        detail=_detail(line, case, language),
        by_year=[
            (year, formats.kroner(amount, language=language))
            for year, amount in sorted(line.amounts.items())
        ],
        owner="" if record is None else record.owner,
        kind=kind,
        accepted=accepted,
        state="done" if given is not None or not (line.awaits or line.needs_owner) else "miss",
        href=href,
    )


def _detail(line: SavingLine, case: CaseRecord, language: Language) -> str:
    payers = {payer.key: payer.name for payer in case.intervention.strategy.payers}
    total = formats.say_kroner(line.total, language=language)
    budget_line = line.key.budget_line or _("no budget line")
    named = [] if budget_line == line_title(line) else [budget_line]
    words = [*named, payers.get(line.key.payer, "")]
    if line.option_title and len(case.options) > 1:
        words.append(line.option_title)
    return " · ".join([*words, _("%(amount)s in all", amount=total)])


# --- Naming them ----------------------------------------------------------------------------------


def owners(code: str) -> Answer:
    """Show who owns the budget of each saving line; name them in a draft of one's own."""
    view = get_intervention(db.session, code, actor=me())
    if not is_insider(me(), view):
        raise NotAllowedError
    case = view.current
    locked = lock_of(view.intervention, now=now()) is not None
    may_write = allowed(me(), "save", case) and not locked
    if not may_write:
        if request.method == "POST":
            require_unlocked(view.intervention, "save", now=now())
            raise NotAllowedError
        return _owners_page(view, None)
    lines = acceptances.saving_lines(case)
    people = [person for person in list_people(db.session) if person.active]
    said = said_of_savings(case)
    fields = [_fields(line, said.get(line.key), people) for line in lines]
    form = OwnersForm(_as_many(len(lines)), data={"lines": fields})
    form.offer(
        kinds=[(kind, CASHABILITY_WORDS[kind]) for kind in KINDS],
        people=[(str(person.id), person.name) for person in people],
    )
    if request.method == "POST" and form.validate():
        found = {str(person.id): person for person in people}
        pairs = [
            (line, _data(entry.form, found))
            for line, entry in zip(lines, form.lines, strict=True)
            if entry.form.kind.data
        ]
        acceptances.name_owners(
            db.session, case, pairs, by=me(), now=now(), seen_version=form.seen_version
        )
        flash(_("Saved."), "success")
        return redirect(url_for("interventions.owners", code=code), 303)
    return _owners_page(view, form)


def _as_many(count: int) -> MultiDict[str, str] | None:
    """Return what was sent about the lines there are, one of each: no more, and no fewer."""
    if request.method != "POST":
        return None
    sent = MultiDict(
        (name, value)
        for name, value in request.form.items(multi=True)
        if not name.startswith("lines-") or name.split("-")[1] in map(str, range(count))
    )
    for place in range(count):
        sent.setdefault(f"lines-{place}-kind", "")
    return sent


def _fields(
    line: SavingLine, said: SaidOfSaving | None, people: list[PersonRecord]
) -> dict[str, str]:
    """Return what has been declared about a line, else what its consequence says of it."""
    record = line.record
    if record is None:
        kind, owner = ("", "") if said is None else said
        found = next((str(p.id) for p in people if p.name.casefold() == owner.casefold()), "")
        return {"kind": kind, "person": found, "name": "" if found else owner, "email": ""}
    person = str(record.person_id or "")
    return {"kind": record.kind, "person": person, "name": record.name, "email": record.email}


def _data(fields: Any, people: dict[str, PersonRecord]) -> OwnerData:
    return OwnerData(
        kind=Cashability(fields.kind.data),
        person=people.get(fields.person.data or ""),
        name=fields.name.data or "",
        email=fields.email.data or "",
    )


def _owners_page(view: InterventionView, form: OwnersForm | None) -> Answer:
    is_wrong = request.method == "POST"
    case = view.current
    page = render_template(
        "interventions/owners.html",
        view=view,
        form=form,
        lines=shown_lines(case, me(), reader_language()),
        errors=_errors(form) if form is not None and is_wrong else [],
        version=(form.seen_version if form is not None and is_wrong else None) or case.version,
        key=str(uuid4()) if form is None else form.key.data or str(uuid4()),
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (case.title, url_for("interventions.show", code=view.intervention.code)),
            (_("Budget owners"), None),
        ],
        back=url_for("interventions.show", code=view.intervention.code),
        price_note=price_note(view.intervention.strategy),
    )
    return (page, 422) if is_wrong else page


def _errors(form: OwnersForm) -> list[tuple[str, str]]:
    return [
        (field.id, f"{_('Line %(number)d', number=place + 1)}, {field.label.text}: {text}")
        for place, entry in enumerate(form.lines)
        for field in entry.form
        for text in field.errors
    ]


# --- Accepting ------------------------------------------------------------------------------------


@blueprint.get("")
def index() -> str:
    """Show the budget cuts that wait for my word."""
    language = reader_language()
    return render_template(
        "interventions/acceptances.html",
        lines=[
            (
                line.record.case.title,
                line.record.case.intervention.department.name,
                _shown(line, line.record.case, me(), language),
            )
            for line in acceptances.waiting_for(db.session, me())
            if line.record is not None
        ],
    )


@blueprint.route("/<int:line_id>", methods=["GET", "POST"])
def accept(line_id: int) -> Answer:
    """Show one cut, and write down that its owner accepts it."""
    line = acceptances.get_saving_line(db.session, line_id, actor=me())
    record = line.record
    if record is None:
        raise NotAllowedError
    today = to_user_timezone(now()).date()
    form = AcceptForm(data={"on_date": today})
    if form.validate_on_submit() and form.is_past(today):
        acceptances.accept_cut(
            db.session,
            line,
            on_date=form.on_date.data or today,
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("The cut is accepted. It counts as cashable now."), "success")
        return redirect(url_for("acceptances.index"), 303)
    is_wrong = request.method == "POST"
    page = render_template(
        "interventions/accept_cut.html",
        form=form,
        case=record.case,
        line=_shown(line, record.case, me(), reader_language()),
        owner=record.owner,
        is_mine=record.person_id == me().id,
        can=line.awaits and record.case.state in acceptances.ACCEPTING,
        version=(form.seen_version if is_wrong else None) or record.case.version,
        key=form.key.data or str(uuid4()),
        price_note=price_note(record.case.intervention.strategy),
    )
    return (page, 422) if is_wrong else page
