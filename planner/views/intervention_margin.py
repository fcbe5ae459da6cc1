"""Head and margin of an intervention's page: state, buttons, what is missing, history, uses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from flask import url_for
from flask_babel import gettext as _

from optimizer import PlanError
from optimizer.sentence import listing
from planner import formats
from planner.access import DEPARTMENT, allowed
from planner.extensions import db, now
from planner.formats import Language, reader_language
from planner.model import CaseRecord, PersonRecord
from planner.model.states import CaseState, Role
from planner.reports import interventions as report
from planner.reports.intervention_words import (
    action_word,
    field_word,
    gap_sentence,
    next_step,
    not_to_the_end,
)
from planner.services.case_argument import outgrown
from planner.services.case_checks import missing_in
from planner.services.cases import case_data
from planner.services.intervention_list import InterventionView
from planner.services.intervention_page import LogLine, ScenarioUse, history_of, overlaps_of
from planner.services.rounds import lock_of, rounds_for
from planner.views.frame import may_go
from planner.views.rounds import locked_words, phase_sentence

# --- Head -----------------------------------------------------------------------------------------


def state_of(view: InterventionView, case: CaseRecord) -> str:
    """Return the state that the pill beside the title shows."""
    is_withdrawn = view.intervention.is_withdrawn and case is view.current
    return "withdrawn" if is_withdrawn else str(case.state)


def crumbs(view: InterventionView, case: CaseRecord) -> list[tuple[str, str | None]]:
    """Return the way here: the list, the department's part of it, the page."""
    department = view.intervention.department
    strategy = view.intervention.strategy
    strategy_id = None if strategy.is_default else strategy.id
    return [
        (_("Interventions"), url_for("interventions.index", strategy=strategy_id)),
        (
            department.name,
            url_for("interventions.index", strategy=strategy_id, department=department.key),
        ),
        (case.title, None),
    ]


def detail(view: InterventionView, case: CaseRecord, language: Language) -> str:
    """Return the small line under the title: key, department, version, state and date."""
    moment = case.decided_at or case.submitted_at or case.edited_at
    date = formats.date(moment, language=language)
    states = {
        CaseState.DRAFT: _("draft saved %(date)s", date=date),
        CaseState.SUBMITTED: _("submitted %(date)s", date=date),
        CaseState.ACCEPTED: _("accepted by finance %(date)s", date=date),
        CaseState.RETURNED: _("returned %(date)s", date=date),
    }
    state = states[case.state]
    version = _("business case version %(number)d", number=case.number)
    intervention = view.intervention
    return f"{intervention.key} · {intervention.department.name} · {version}, {state}"


def outgrown_words(why: Iterable[PlanError], language: Language) -> str:
    """Say that an argument can no longer be computed, and why."""
    return _(
        "The argument can no longer be computed as the strategy is now; the stored amounts count."
        " %(why)s",
        why=" ".join(error.message.say(language) for error in why),
    )


@dataclass(frozen=True, slots=True)
class Remark:
    """A notice about what is shown, with a link out of it."""

    text: str
    kind: str
    href: str = ""
    action: str = ""


def warnings(view: InterventionView, case: CaseRecord, language: Language) -> list[Remark]:
    """Return what must be known about the version that is shown."""
    found = []
    intervention = view.intervention
    if case is not view.current:
        found.append(
            Remark(
                _("This is version %(number)d. A newer one exists.", number=case.number),
                "warn",
                _version_url(view, None),
                _("See version %(number)d", number=view.current.number),
            )
        )
    locked_by = lock_of(intervention, now=now())
    if locked_by is not None and case is view.current and case.state is CaseState.DRAFT:
        href = url_for("rounds.show", round_id=locked_by.id)
        found.append(Remark(locked_words(locked_by), "warn", href, _("See the round")))
    if intervention.is_withdrawn:
        date = formats.date(intervention.withdrawn_at, language=language)
        found.append(
            Remark(
                _(
                    "Withdrawn %(date)s: %(reason)s",
                    date=date,
                    reason=intervention.withdrawn_reason,
                ),
                "warn",
            )
        )
    if case.state is CaseState.RETURNED:
        found.append(Remark(_("Returned by finance: %(reason)s", reason=case.reason), "warn"))
    why = outgrown(case_data(case), intervention.strategy)
    if why:
        found.append(Remark(outgrown_words(why, language), "warn"))
    accepted = view.accepted
    if accepted is not None and case is view.current and accepted is not case:
        found.append(
            Remark(
                _(
                    "Version %(number)d is accepted; scenarios use it until a newer one is.",
                    number=accepted.number,
                ),
                "calm",
                _version_url(view, accepted.number),
                _("See version %(number)d", number=accepted.number),
            )
        )
    return found


def facts(view: InterventionView, case: CaseRecord) -> list[tuple[str, str]]:
    """Return who it is for and who does it."""
    supplier = case.supplier or _("the department itself")
    if case.external:
        supplier = _("%(supplier)s (external)", supplier=supplier)
    return [
        (_("Department"), view.intervention.department.name),
        (_("Target group"), case.target_group or "–"),
        (_("Supplier"), supplier),
        (_("Words"), ", ".join(case.tags) or "–"),
        (_("Price year"), str(case.price_year)),
    ]


@dataclass(frozen=True, slots=True)
class RoundAside:
    """The round of an intervention: its name and address, until when, where another is chosen."""

    name: str
    href: str
    words: str
    choose_href: str


def round_aside(person: PersonRecord, view: InterventionView) -> RoundAside | None:
    """Return what the margin says about the round; None where there is nothing to say."""
    intervention = view.intervention
    the_round = intervention.round
    may = allowed(person, "enter_round", intervention)
    locked = lock_of(intervention, now=now()) is not None
    departments = [intervention.department_id]
    if may and not locked and the_round is None:
        may = bool(rounds_for(db.session, intervention.strategy, departments, now=now()))
    choose = url_for("interventions.enter_round", code=intervention.code)
    choose = choose if may and not locked else ""
    if the_round is None:
        return RoundAside("", "", _("It belongs to no round."), choose) if choose else None
    href = url_for("rounds.show", round_id=the_round.id)
    sees = allowed(person, "see", the_round)
    return RoundAside(the_round.name, href, phase_sentence(the_round), choose) if sees else None


# --- What one may do ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Action:
    """A button: a link to a page, or a form of its own when it carries a version."""

    text: str
    href: str
    version: int | None = None
    primary: bool = False
    key: str = field(default_factory=lambda: str(uuid4()))


def actions(person: PersonRecord, view: InterventionView) -> list[Action]:
    """Return the buttons for what the reader may do to the newest version, the main one last."""
    case, code = view.current, view.intervention.code
    is_locked = lock_of(view.intervention, now=now()) is not None
    found = []
    if allowed(person, "withdraw", view.intervention):
        found.append(Action(_("Withdraw"), url_for("interventions.withdraw", code=code)))
    if allowed(person, "move", view.intervention):
        found.append(Action(_("Change the department"), url_for("interventions.move", code=code)))
    if allowed(person, "return", case):
        found.append(Action(_("Return"), url_for("interventions.return_", code=code)))
    if allowed(person, "accept", case):
        href = url_for("interventions.accept", code=code)
        found.append(Action(_("Accept"), href, case.version, primary=True))
    if is_locked:
        return found
    if allowed(person, "new_draft", case):
        href = url_for("interventions.new_draft", code=code)
        is_turn = case.state is CaseState.RETURNED
        found.append(Action(_("New draft"), href, case.version, primary=is_turn))
    if allowed(person, "save", case):
        href = url_for("interventions.edit", code=code, step="description")
        found.append(Action(_("Edit the draft"), href))
    if allowed(person, "submit", case):
        href = url_for("interventions.edit", code=code, step="check")
        found.append(Action(_("Check and submit"), href, primary=True))
    return found


def is_insider(person: PersonRecord, view: InterventionView) -> bool:
    """Say whether the reader works with the case: its department, finance, the auditor."""
    return bool(person.role_names & {Role.FINANCE, Role.AUDITOR}) or _is_own(person, view)


def _is_own(person: PersonRecord, view: InterventionView) -> bool:
    return (
        bool(person.role_names & DEPARTMENT)
        and view.intervention.department_id in person.department_ids
    )


def editing(person: PersonRecord, view: InterventionView) -> str:
    """Return the code of the draft for the links at the sections, or nothing."""
    is_locked = lock_of(view.intervention, now=now()) is not None
    may = allowed(person, "save", view.current) and not is_locked
    return view.intervention.code if may else ""


def next_words(person: PersonRecord, view: InterventionView, case: CaseRecord) -> str:
    """Say who does what next."""
    return next_step(
        state_of(view, case),
        is_mine=allowed(person, "save", case) or allowed(person, "new_draft", case),
        is_finance=Role.FINANCE in person.role_names,
    )


def road(case: CaseRecord) -> list[tuple[str, str]]:
    """Return the short road of a version: draft, submitted, decided."""
    places = [CaseState.DRAFT, CaseState.SUBMITTED, CaseState.ACCEPTED]
    words = [_("Draft"), _("Submitted"), _("Accepted by finance")]
    here = places.index(case.state) if case.state in places else 1
    if case.state is CaseState.ACCEPTED:
        return [(word, "done") for word in words]
    states = ["done"] * here + ["here"] + ["todo"] * (2 - here)
    return list(zip(words, states, strict=True))


def ticks(person: PersonRecord, view: InterventionView) -> list[tuple[str, str]]:
    """Return what is missing in one's own draft."""
    if not allowed(person, "submit", view.current):
        return []
    several = len(view.current.options) > 1
    titles = {
        option.key: report.option_name(option.title, place)
        for place, option in enumerate(view.current.options)
    }
    missing = missing_in(view.current)
    if not missing:
        return [(_("Everything required is in place"), "done")]
    return [
        (
            gap_sentence(
                gap.gap,
                option=titles.get(gap.option, ""),
                line=gap.said or not_to_the_end(gap.step),
                several=several,
            )
            if gap.sentence is None
            else gap.sentence.say(reader_language()),
            "miss",
        )
        for gap in missing
    ]


# --- History, scenarios, overlaps -----------------------------------------------------------------


def uses(found: Sequence[ScenarioUse], person: PersonRecord) -> list[tuple[str, str, str]]:
    """Return title, address and words of the scenarios that it is a candidate of."""
    lines = []
    for use in found:
        path = f"/scenarios/{use.scenario_id}"
        words = [_use_words(use)]
        if use.is_outdated:
            words.append(
                _(
                    "It uses version %(number)d; version %(newest)d is newer.",
                    number=use.number,
                    newest=use.newest,
                )
            )
        lines.append((use.title, path if may_go(person, path) else "", " ".join(words)))
    return lines


def _use_words(use: ScenarioUse) -> str:
    if not use.takes_part:
        return _("Takes no part.")
    if use.force is not None:
        return _("Forced in.") if use.force == "in" else _("Forced out.")
    if use.chosen is None:
        return _("Not allocated yet.")
    return _("Funded.") if use.chosen else _("Not funded.")


def overlaps(
    view: InterventionView, person: PersonRecord, language: Language
) -> list[tuple[str, str, str]]:
    """Return title, address and words of the interventions that take some of its savings."""
    scenarios: dict[tuple[str, str, int, str], list[str]] = {}
    for use in overlaps_of(db.session, view, actor=person):
        key = (use.other_title, use.other_code, use.loss, use.reason)
        scenarios.setdefault(key, []).append(use.scenario_title)
    return [
        (
            title,
            url_for("interventions.show", code=code),
            _(
                "%(amount)s of the savings is lost when both are chosen, in %(scenario)s.",
                amount=formats.say_million(loss, language=language),
                scenario=listing(titles).say(language),
            )
            + (f" {reason}" if reason else ""),
        )
        for (title, code, loss, reason), titles in scenarios.items()
    ]


def history(person: PersonRecord, view: InterventionView) -> list[LogLine]:
    """Return the log's lines; only for those who work with the case, for it names people."""
    return history_of(db.session, view) if is_insider(person, view) else []


def log_words(line: LogLine) -> str:
    """Say one line of the log in words."""
    words = action_word(line.action)
    if line.number is not None:
        words = _("%(action)s (version %(number)d)", action=words, number=line.number)
    if line.reason:
        words += f": {line.reason}"
    if line.fields:
        words += ": " + ", ".join(field_word(name).lower() for name in line.fields)
    return words


def versions(view: InterventionView) -> list[tuple[int, str, str, str]]:
    """Return number, state, date and address of every version, newest first."""
    language = reader_language()
    return [
        (
            case.number,
            f"case.{case.state}",
            formats.date(case.decided_at or case.submitted_at or case.edited_at, language=language),
            _version_url(view, case.number),
        )
        for case in reversed(view.cases)
    ]


def _version_url(view: InterventionView, number: int | None) -> str:
    return url_for("interventions.show", code=view.intervention.code, version=number)
