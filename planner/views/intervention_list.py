"""The list of a strategy's candidates, with its filters, sorting and pages in the address."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext, to_user_timezone

from optimizer import Option
from optimizer.appraisal import Appraisal
from optimizer.case_figures import CaseFigures, own_payers
from planner import formats
from planner.access import INSIDERS, may_ask
from planner.extensions import db, me, now
from planner.formats import Language, reader_language
from planner.model import PersonRecord, StrategyRecord
from planner.model.states import Role
from planner.reports.intervention_list import (
    SORTS,
    TEXT_SORTS,
    ListLine,
    danish_order,
    list_table,
    sort_lines,
    total_outlay,
)
from planner.reports.interventions import period_words
from planner.services.case_plan import first_options, plan_of, within
from planner.services.intervention_list import passes
from planner.services.interventions import (
    InterventionFilters,
    InterventionRow,
    list_interventions,
)
from planner.services.shelf_uses import ShelfFlag, flags_by_case
from planner.services.strategies import get_strategy, list_strategies
from planner.services.writing import NotFoundError
from planner.views.downloads import tables_file
from planner.words import state as state_word

PAGE_SIZE = 200
STATES = ("draft", "submitted", "returned", "accepted", "withdrawn")
MOST_STARS = 3
LONGEST_REASON = 60
DEFAULT_SORT = "npv"


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one is among the pages, for the macro."""

    previous: str | None
    next: str | None
    words: str


def index() -> str:
    """Show the candidates that the reader may see, narrowed and sorted as the address says."""
    person, language = me(), reader_language()
    strategies = list_strategies(db.session)
    strategy = chosen_strategy(strategies)
    if strategy is None:
        return render_template("interventions/none.html")
    every = list_interventions(db.session, strategy=strategy, actor=person)
    filters = filters_of(strategy, every)
    rows = [row for row in every if passes(row, filters)]
    lines = _lines(strategy, rows)
    sort, descending = _sorting()
    ordered = sort_lines(lines, sort, descending=descending)
    page, pages = _page(len(ordered))
    shown = ordered[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return render_template(
        "interventions/index.html",
        downloads=_download_links(),
        tabs=views_of_list("index"),
        strategy=strategy,
        strategies=[(s.id, s.title) for s in strategies],
        filters=filters,
        asked=request.args,
        choices=choices_of(strategy, every),
        summary=_summary(every, lines, language) if every else "",
        is_empty=not every,
        counted=_counted(len(rows), len(every), sort),
        table=list_table(ordered, shown, price_year=strategy.price_year),
        sort=_sort_links(sort, descending=descending),
        pages=pages,
        fine=_fine(strategy, lines, language),
        new_url=new_url(person, strategy),
        rounds_url=_rounds_url(person, strategy),
        book_links=_book_links(person, strategy),
        price_note=price_note(strategy),
    )


def _rounds_url(person: PersonRecord, strategy: StrategyRecord) -> str:
    strategy_id = None if strategy.is_default else strategy.id
    may = may_ask(person, "rounds.index")
    return url_for("rounds.index", strategy=strategy_id) if may else ""


def export(ending: str) -> Response:
    """Download the list as the address narrows and sorts it, all of its pages at once."""
    strategy = chosen_strategy(list_strategies(db.session))
    if strategy is None:
        raise NotFoundError
    every = list_interventions(db.session, strategy=strategy, actor=me())
    filters = filters_of(strategy, every)
    sort, descending = _sorting()
    lines = _lines(strategy, [row for row in every if passes(row, filters)])
    ordered = sort_lines(lines, sort, descending=descending)
    table = list_table(ordered, ordered, price_year=strategy.price_year)
    return tables_file([table], ending=ending, what=f"interventions-{strategy.id}")


def _download_links() -> list[tuple[str, str]]:
    """Return kinds of file and addresses, with what narrows and sorts the list here."""
    asked: dict[str, Any] = {
        name: values
        for name, values in request.args.to_dict(flat=False).items()
        if name not in {"page", "lang"}
    }
    return [
        (kind, url_for("interventions.export", ending=ending, **asked))
        for kind, ending in (("Excel", "xlsx"), ("CSV", "csv"))
    ]


def _book_links(person: PersonRecord, strategy: StrategyRecord) -> list[tuple[str, str]]:
    """Return names and addresses of the workbook that can be filled in and read in again."""
    asked = None if strategy.is_default else strategy.id
    links = [
        (_("Workbook with all of it"), url_for("interventions.workbook", strategy=asked)),
        (_("Empty template"), url_for("interventions.template", strategy=asked)),
    ]
    if new_url(person, strategy):
        links.append((_("Import from Excel"), url_for("interventions.upload", strategy=asked)))
    return links


def views_of_list(current: str) -> list[tuple[str, str, bool]]:
    """Return the tabs of the list and its pictures; what it is narrowed to goes along."""
    kept = {
        name: values
        for name, values in request.args.to_dict(flat=False).items()
        if name in {"strategy", "department", "group", "state", "stars", "q"} and any(values)
    }
    return [
        (words, url_for(f"interventions.{name}", **kept), name == current)  # type: ignore[arg-type]
        for name, words in (
            ("index", _("List")),
            ("matrix", _("Price and effect")),
            ("ranking", _("Ranking")),
        )
    ]


def chosen_strategy(strategies: Sequence[StrategyRecord]) -> StrategyRecord | None:
    """Return the strategy that the address asks for, else the default one."""
    asked = request.args.get("strategy", type=int)
    if asked is not None:
        return get_strategy(db.session, asked)
    return strategies[0] if strategies else None


def new_url(person: PersonRecord, strategy: StrategyRecord) -> str:
    """Return where a new intervention is begun, or nothing for those who may not."""
    own = {d.id for d in strategy.departments} & person.department_ids
    if Role.DEPARTMENT_EDITOR not in person.role_names or not own:
        return ""
    strategy_id = None if strategy.is_default else strategy.id
    return url_for("interventions.new", strategy=strategy_id)


def price_note(strategy: StrategyRecord) -> str:
    """Return what the foot of a page with money says."""
    return _("Amounts in %(year)d prices.", year=strategy.price_year)


def calculated_source(strategy: StrategyRecord) -> str:
    """Return where the figures of a picture come from, and when they were calculated."""
    moment = formats.moment(to_user_timezone(now()), language=reader_language())
    said = _("Bundlinje, calculated %(moment)s from the first option of each case.", moment=moment)
    return f"{said} {_('Illustrative figures.')}" if strategy.is_illustrative else said


# --- Filters --------------------------------------------------------------------------------------


def filters_of(strategy: StrategyRecord, rows: Sequence[InterventionRow]) -> InterventionFilters:
    """Read the address; what is not on the lists is as if it were not there."""
    asked = request.args
    departments = {d.key for d in strategy.departments} & set(asked.getlist("department"))
    groups = {row.target_group for row in rows}
    group = asked.get("group", "")
    stars = asked.get("stars", 0, type=int)
    return InterventionFilters(
        departments=frozenset(departments),
        states=frozenset(set(STATES) & set(asked.getlist("state"))),
        target_group=group if group in groups else "",
        stars_at_least=stars if 0 <= stars <= MOST_STARS else 0,
        text=asked.get("q", "")[:200],
    )


def choices_of(
    strategy: StrategyRecord, rows: Sequence[InterventionRow]
) -> dict[str, list[tuple[str, str]]]:
    """Return what the filters offer, each with all of it first."""
    every = [("", _("All"))]
    groups = sorted({row.target_group for row in rows if row.target_group}, key=danish_order)
    return {
        "department": every + [(d.key, d.name) for d in strategy.departments],
        "state": every + [(s, str(state_word(f"case.{s}").label)) for s in STATES],
        "group": every + [(group, group) for group in groups],
        "stars": [
            ("", _("All")),
            ("1", _("At least 1 star")),
            ("2", _("At least 2 stars")),
            ("3", _("3 stars")),
        ],
    }


# --- Figures --------------------------------------------------------------------------------------


def _lines(strategy: StrategyRecord, rows: Sequence[InterventionRow]) -> list[ListLine]:
    appraisal, counted = options_of(strategy, rows)
    payers = own_payers(appraisal.plan.payers)
    works = bool(me().role_names & INSIDERS)
    flagged = flags_by_case(db.session, now=now(), actor=me()) if works else {}
    return [
        replace(line, note=f"{line.note} · {_flag_words(flagged[row.case_id])}")
        if row.case_id in flagged
        else line
        for row in rows
        for line in (_line(row, counted.get(row.case_id), appraisal, payers),)
    ]


def options_of(
    strategy: StrategyRecord, rows: Sequence[InterventionRow]
) -> tuple[Appraisal, dict[int, tuple[Option, int]]]:
    """Return what adds up, and by case its first option and how many it has."""
    options = first_options(db.session, [row.case_id for row in rows])
    appraisal = Appraisal(plan_of(strategy, []))
    horizon = appraisal.plan.horizon
    if strategy.horizon_first is None or strategy.horizon_last is None:
        years = {f.year for option, _count in options.values() for f in option.flows}
        horizon = min([horizon[0], *years]), max([horizon[1], *years])
        appraisal = Appraisal(plan_of(strategy, [], horizon=horizon))
    return appraisal, {case: (within(option, horizon), n) for case, (option, n) in options.items()}


def _flag_words(flags: Sequence[ShelfFlag]) -> str:
    """Say in a few words why a case should be looked at again."""
    if any(flag.has_newer or flag.is_retired for flag in flags):
        return _("newer figures on the shelf")
    return _("old source on the shelf")


def _line(
    row: InterventionRow,
    found: tuple[Option, int] | None,
    appraisal: Appraisal,
    payers: frozenset[str] | None,
) -> ListLine:
    option, count = found or (None, 0)
    note = [row.key, row.target_group]
    if count > 1:
        note.append(ngettext("%(num)s option", "%(num)s options", count))
    line = ListLine(
        title=row.title,
        href=url_for("interventions.show", code=row.code),
        note=" · ".join(part for part in note if part),
        department=row.department,
        state=f"case.{row.state}",
        state_note=_state_note(row),
        stars=row.evidence_stars,
    )
    if option is None or not option.flows:
        return line
    figures = CaseFigures(appraisal, option, payers)
    return replace(
        line,
        citizens=figures.citizens,
        outlay=figures.outlay,
        period=figures.budget_period,
        after=figures.after,
        npv=figures.npv,
        payback=figures.payback_year,
    )


def _state_note(row: InterventionRow) -> str:
    if row.state == "returned":
        reason = " ".join(row.reason.split())
        return reason if len(reason) <= LONGEST_REASON else reason[: LONGEST_REASON - 1] + "…"
    if row.state in {"draft", "submitted"} and row.accepted_number is not None:
        return _("version %(number)d is accepted", number=row.accepted_number)
    return ""


# --- Sorting and pages ----------------------------------------------------------------------------


def _sorting() -> tuple[str, bool]:
    sort = request.args.get("sort", DEFAULT_SORT)
    if sort not in SORTS:
        sort = DEFAULT_SORT
    order = request.args.get("order", "")
    if order not in {"up", "down"}:
        return sort, sort not in TEXT_SORTS
    return sort, order == "down"


def _here(**changes: str | int | None) -> str:
    """Return the address of this list with some of its parts changed."""
    arguments = dict(request.args.to_dict(flat=False))
    arguments |= {name: [str(v)] for name, v in changes.items() if v is not None}
    for name, value in changes.items():
        if value is None:
            arguments.pop(name, None)
    return url_for("interventions.index", **arguments)  # type: ignore[arg-type]


def _sort_links(current: str, *, descending: bool) -> dict[str, tuple[str, str]]:
    links = {}
    for key in SORTS:
        is_down = not descending if key == current else key not in TEXT_SORTS
        direction = ("descending" if descending else "ascending") if key == current else ""
        address = _here(sort=key, order="down" if is_down else "up", page=None)
        links[key] = (address, direction)
    return links


def _page(count: int) -> tuple[int, Pages]:
    last = max(1, -(-count // PAGE_SIZE))
    page = min(max(request.args.get("page", 1, type=int), 1), last)
    first_row = (page - 1) * PAGE_SIZE + 1
    last_row = min(page * PAGE_SIZE, count)
    return page, Pages(
        previous=_here(page=page - 1) if page > 1 else None,
        next=_here(page=page + 1) if page < last else None,
        words=_("%(first)d–%(last)d of %(count)d", first=first_row, last=last_row, count=count),
    )


# --- Words ----------------------------------------------------------------------------------------


def _summary(
    every: Sequence[InterventionRow], lines: Sequence[ListLine], language: Language
) -> str:
    outlay = formats.say_million(total_outlay(lines), language=language)
    accepted = sum(line.state == "case.accepted" for line in lines)
    if len(lines) < len(every):
        return ngettext(
            "%(num)s of %(total)s interventions asks for %(outlay)s.",
            "%(num)s of %(total)s interventions ask for %(outlay)s.",
            len(lines),
            total=len(every),
            outlay=outlay,
        )
    return ngettext(
        "One intervention asks for %(outlay)s; accepted by finance: %(accepted)s.",
        "%(num)s interventions ask for %(outlay)s; %(accepted)s of them are accepted by finance.",
        len(lines),
        outlay=outlay,
        accepted=accepted,
    )


def _counted(shown: int, every: int, sort: str) -> str:
    words = {
        "title": _("title"),
        "department": _("department"),
        "state": _("state"),
        "stars": _("evidence"),
        "citizens": _("citizens"),
        "outlay": _("outlay"),
        "period": _("net in the period"),
        "after": _("net after"),
        "npv": _("present value"),
        "payback": _("the year it is paid back"),
    }
    return _(
        "Shows %(shown)d of %(every)d interventions, sorted by %(sort)s",
        shown=shown,
        every=every,
        sort=words[sort],
    )


def _fine(strategy: StrategyRecord, lines: Sequence[ListLine], language: Language) -> list[str]:
    plan = plan_of(strategy, [])
    period, after = period_words(plan, language)
    sentences = [
        _("Net is savings minus outlay and other costs. The period is %(years)s.", years=period)
    ]
    if after:
        sentences[0] += " " + _("After it is %(years)s.", years=after)
    if plan.discount:
        rate = formats.percent(plan.discount[0].rate, decimals=1, language=language)
        sentences.append(_("The present value is discounted by %(rate)s a year.", rate=rate))
    else:
        sentences.append(_("The present value is not discounted."))
    if any(line.payback is None for line in lines):
        sentences.append(_("– in the last column: not paid back in the shown years."))
    sentences.append(
        _("The figures are those of the first option; the sum is all of them, not a plan.")
    )
    return sentences
