"""Rounds: the list, one round with its candidates, and what finance decides about it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, to_user_timezone, to_utc
from werkzeug.wrappers import Response

from planner import formats, words
from planner.access import allowed
from planner.extensions import db, me, now
from planner.forms.interventions import ReasonForm
from planner.forms.rounds import ReopenForm, RoundForm
from planner.model import RoundRecord, StrategyRecord
from planner.model.rounds import RoundPhase
from planner.model.states import CaseState
from planner.reports.intervention_words import REQUIRED_WORDS, ROUND_STAGE_WORDS
from planner.services import rounds
from planner.services.case_checks import REQUIRABLE
from planner.services.rounds import RoundData
from planner.services.strategies import get_strategy
from planner.services.writing import NotAllowedError
from planner.views.frame import may_go

blueprint = Blueprint("rounds", __name__, url_prefix="/rounds")

Answer = str | Response | tuple[str, int]

USUAL_LENGTH = timedelta(days=42)


def moment_words(moment: datetime) -> str:
    """Return a stored moment as the reader's own date and time."""
    return formats.moment(to_user_timezone(moment), language=formats.reader_language())


def _utc(local: datetime | None) -> datetime:
    if local is None:
        raise ValueError("the form has been found right, so the moment is there")
    moment: datetime = to_utc(local)
    return moment.replace(tzinfo=now().tzinfo)


def _local(moment: datetime) -> datetime:
    local: datetime = to_user_timezone(moment)
    return local.replace(tzinfo=None)


def phase_sentence(the_round: RoundRecord) -> str:
    """Say until when the round is or was open, and who can open it."""
    phase, deadline = the_round.phase(now()), moment_words(the_round.deadline)
    if phase is RoundPhase.PLANNED:
        return _("The round opens %(moment)s.", moment=moment_words(the_round.opens_at))
    if phase is RoundPhase.OPEN:
        return _("Open until %(moment)s.", moment=deadline)
    if phase is RoundPhase.OVER:
        return _("The round was open until %(moment)s. Finance can open it again.", moment=deadline)
    return _("Finance has closed the round: %(reason)s", reason=the_round.reason)


def locked_words(the_round: RoundRecord) -> str:
    """Say why a form is locked, and who can open it again."""
    return _(
        "The form is locked: it belongs to the round %(name)s. %(sentence)s",
        name=the_round.name,
        sentence=phase_sentence(the_round),
    )


# --- Pages ----------------------------------------------------------------------------------------


@blueprint.get("")
def index() -> str:
    """Show every round of the strategy."""
    strategy = get_strategy(db.session, request.args.get("strategy", type=int))
    return render_template(
        "rounds/index.html",
        strategy=strategy,
        lines=[
            {
                "name": one.name,
                "href": url_for("rounds.show", round_id=one.id),
                "state": f"round.{one.phase(now())}",
                "opens_at": moment_words(one.opens_at),
                "deadline": moment_words(one.deadline),
                "candidates": len(rounds.candidates_in(db.session, one, actor=me())),
            }
            for one in rounds.list_rounds(db.session, strategy)
        ],
        new_url=_new_url(strategy),
    )


def _new_url(strategy: StrategyRecord) -> str:
    strategy_id = None if strategy.is_default else strategy.id
    may = may_go(me(), url_for("rounds.new"))
    return url_for("rounds.new", strategy=strategy_id) if may else ""


@blueprint.get("/<int:round_id>")
def show(round_id: int) -> str:
    """Show one round: what it asks for, and its candidates."""
    the_round = rounds.get_round(db.session, round_id, actor=me())
    candidates = rounds.candidates_in(db.session, the_round, actor=me())
    return render_template(
        "rounds/show.html",
        the_round=the_round,
        crumbs=_crumbs(the_round, None),
        state=f"round.{the_round.phase(now())}",
        sentence=phase_sentence(the_round),
        facts=[
            (_("Opens"), moment_words(the_round.opens_at)),
            (_("Deadline"), moment_words(the_round.deadline)),
            (_("Who may submit"), ", ".join(d.name for d in the_round.departments) or "–"),
            *(
                (str(ROUND_STAGE_WORDS[stage]), ", ".join(str(REQUIRED_WORDS[c]) for c in codes))
                for stage, codes in the_round.required.items()
            ),
        ],
        candidates=[
            (row.title, url_for("interventions.show", code=row.code), row.department, row.state)
            for row in candidates
        ],
        counted=_counted([row.state for row in candidates]),
        may={action: allowed(me(), action, the_round) for action in ("edit", "close", "reopen")},
        is_open=the_round.phase(now()) in {RoundPhase.OPEN, RoundPhase.PLANNED},
        earlier=the_round.reason if the_round.phase(now()) is not RoundPhase.CLOSED else "",
    )


def _counted(states: list[str]) -> str:
    """Say how many candidates there are, and how many of them are where."""
    found = Counter(states)
    drafts = found.pop(CaseState.DRAFT, 0)
    parts = [ngettext("%(num)s draft", "%(num)s drafts", drafts)] if drafts else []
    parts += [
        f"{found[code]}{formats.NO_BREAK}{str(words.state('case.' + code).label).lower()}"
        for code in (CaseState.SUBMITTED, CaseState.RETURNED, CaseState.ACCEPTED, "withdrawn")
        if found[code]
    ]
    said = ngettext("%(num)s candidate", "%(num)s candidates", len(states))
    return f"{said}: {', '.join(parts)}"


def _crumbs(the_round: RoundRecord | None, title: str | None) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = [
        (_("Interventions"), url_for("interventions.index")),
        (_("Rounds"), url_for("rounds.index")),
    ]
    if the_round is not None:
        href = url_for("rounds.show", round_id=the_round.id) if title else None
        found.append((the_round.name, href))
    if title:
        found.append((title, None))
    return found


# --- What finance decides -------------------------------------------------------------------------


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Make a round."""
    strategy = get_strategy(db.session, request.args.get("strategy", type=int))
    today = _local(now()).replace(hour=12, minute=0, second=0)
    form = _form(
        strategy,
        opens_at=today,
        deadline=today + USUAL_LENGTH,
        departments=[d.key for d in strategy.departments],
    )
    if form.validate_on_submit():
        try:
            made = rounds.create_round(db.session, strategy, _data(form), by=me(), now=now())
        except rounds.TakenNameError:
            form.name.errors = [_("There is already a round of that name.")]
        else:
            flash(_("The round is made."), "success")
            return redirect(url_for("rounds.show", round_id=made.id), 303)
    return _form_page(form, None, _("New round"))


@blueprint.route("/<int:round_id>/edit", methods=["GET", "POST"])
def edit(round_id: int) -> Answer:
    """Change what a round asks for."""
    the_round = _mine(round_id, "edit")
    form = _form(
        the_round.strategy,
        name=the_round.name,
        opens_at=_local(the_round.opens_at),
        deadline=_local(the_round.deadline),
        departments=[d.key for d in the_round.departments],
        template=the_round.template,
        version=the_round.version,
        **the_round.required,
    )
    if form.validate_on_submit():
        try:
            rounds.update_round(
                db.session,
                the_round,
                _data(form),
                by=me(),
                now=now(),
                seen_version=form.seen_version,
            )
        except rounds.TakenNameError:
            form.name.errors = [_("There is already a round of that name.")]
        else:
            flash(_("Saved."), "success")
            return _back(the_round)
    return _form_page(form, the_round, _("Change the round"))


@blueprint.route("/<int:round_id>/close", methods=["GET", "POST"])
def close(round_id: int) -> Answer:
    """Close a round with a reason."""
    the_round = _mine(round_id, "close")
    form = ReasonForm()
    if form.validate_on_submit():
        rounds.close_round(
            db.session,
            the_round,
            reason=form.reason.data or "",
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("The round is closed."), "success")
        return _back(the_round)
    return _reason_page(
        the_round,
        form,
        title=_("Close the round"),
        lead=_("Departments can no longer submit. What they have written is kept."),
    )


@blueprint.route("/<int:round_id>/reopen", methods=["GET", "POST"])
def reopen(round_id: int) -> Answer:
    """Open a round again until a new deadline, with a reason."""
    the_round = _mine(round_id, "reopen")
    form = ReopenForm(data={"deadline": _local(now() + timedelta(days=7)).replace(second=0)})
    if form.validate_on_submit():
        deadline = _utc(form.deadline.data)
        if deadline > now() and deadline > the_round.opens_at:
            rounds.reopen_round(
                db.session,
                the_round,
                deadline=deadline,
                reason=form.reason.data or "",
                by=me(),
                now=now(),
                seen_version=form.seen_version,
            )
            flash(_("The round is open again."), "success")
            return _back(the_round)
        form.deadline.errors = [_("Write a moment that is still to come.")]
    return _reason_page(
        the_round,
        form,
        title=_("Open the round again"),
        lead=_("Departments can write and submit until the new deadline."),
    )


def _mine(round_id: int, action: str) -> RoundRecord:
    the_round = rounds.get_round(db.session, round_id, actor=me())
    if not allowed(me(), action, the_round):
        raise NotAllowedError
    return the_round


def _back(the_round: RoundRecord) -> Response:
    return redirect(url_for("rounds.show", round_id=the_round.id), 303)


def _form(strategy: StrategyRecord, **values: Any) -> RoundForm:
    form = RoundForm(data=values)
    form.offer(
        departments=[(d.key, d.name) for d in strategy.departments],
        fields=[(str(gap), REQUIRED_WORDS[gap]) for gap in REQUIRABLE],
    )
    return form


def _data(form: RoundForm) -> RoundData:
    return RoundData(
        name=form.name.data or "",
        opens_at=_utc(form.opens_at.data),
        deadline=_utc(form.deadline.data),
        departments=tuple(form.departments.data or ()),
        template=form.template.data or "",
        required=form.required_fields(),
    )


def _form_page(form: RoundForm, the_round: RoundRecord | None, title: str) -> Answer:
    page = render_template(
        "rounds/edit.html",
        form=form,
        title=title,
        version=_version(form, the_round),
        key=form.key.data or str(uuid4()),
        crumbs=_crumbs(the_round, title),
        back=url_for("rounds.index")
        if the_round is None
        else url_for("rounds.show", round_id=the_round.id),
    )
    return (page, 422) if form.errors else page


def _reason_page(the_round: RoundRecord, form: ReasonForm, *, title: str, lead: str) -> Answer:
    page = render_template(
        "rounds/reason.html",
        the_round=the_round,
        form=form,
        title=title,
        lead=lead,
        version=_version(form, the_round),
        key=form.key.data or str(uuid4()),
        crumbs=_crumbs(the_round, title),
        back=url_for("rounds.show", round_id=the_round.id),
    )
    return (page, 422) if form.errors else page


def _version(form: Any, the_round: RoundRecord | None) -> int | None:
    is_wrong = request.method == "POST"
    if is_wrong and form.seen_version is not None:
        seen: int = form.seen_version
        return seen
    return None if the_round is None else the_round.version
