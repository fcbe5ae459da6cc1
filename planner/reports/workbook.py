"""The Excel workbook of an allocation: every sum is a formula over the rows it is a sum of.

Each formula carries the figure that our own arithmetic gives as its stored value, so a reader that
does not calculate sees the same numbers, and a reader that does can check them.
"""

import datetime as dt
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from planner.formats import Language
from planner.reports.allocation_goals import later_gap
from planner.reports.allocation_status import headline
from planner.reports.scenario_facts import goals_text, within_text
from planner.reports.stored import stored_allocation
from planner.reports.workbook_flows import write_flows, write_measures
from planner.reports.workbook_layout import Layout
from planner.reports.workbook_page import Formats, Page
from planner.reports.workbook_sheets import (
    write_interventions,
    write_limits,
    write_pools,
    write_purses,
)

OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookInput:
    """What a workbook is made from: the stored plan and its result.

    Parameters
    ----------
    version : int
        Version of the scenario that was calculated.
    result : dict
        The result document, its labels in the reader's language.
    calculated_at : datetime
        In the reader's time zone.
    """

    title: str
    version: int
    plan: dict[str, Any]
    result: dict[str, Any]
    calculated_at: dt.datetime


def allocation_workbook(source: WorkbookInput, *, language: Language) -> bytes:
    """Return the workbook as the bytes of an .xlsx file."""
    allocation = stored_allocation(source.plan, source.result)
    layout = Layout(allocation, language)
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {**OPTIONS, "in_memory": True}) as book:
        moment = source.calculated_at.replace(tzinfo=None)
        book.set_properties({"title": source.title, "author": "Bundlinje", "created": moment})
        formats = Formats(book)
        pages = {key: Page(book.add_worksheet(name), formats) for key, name in layout.names.items()}
        write_summary(pages["result"], layout, source)
        write_interventions(pages["interventions"], layout)
        write_flows(pages["flows"], layout)
        write_purses(pages["purses"], layout)
        write_pools(pages["pools"], layout)
        write_measures(pages["measures"], layout)
        write_limits(pages["limits"], source.result, name=layout.names["limits"])
    return buffer.getvalue()


def write_summary(page: Page, layout: Layout, source: WorkbookInput) -> None:
    """Write the first sheet: the answer, the key figures, and what they were made from."""
    page.widths(42, 26)
    page.title(source.title, _("Whole kroner in %(year)s prices.", year=layout.plan.price_year))
    page.head([_("The answer"), ""])
    page.pair(
        _("Status"),
        headline(layout.allocation.status, source.result["gap"], language=layout.language),
    )
    _goal_value(page, layout, source.result)
    page.pair(_("No plan can have more than"), source.result["bound"])
    page.pair(_("Distance to the best possible"), source.result["gap"], kind="share")
    _key_figures(page, layout)
    _made_from(page, layout, source)


def _goal_value(page: Page, layout: Layout, result: dict[str, Any]) -> None:
    page.pair(_("Value of the goal"), result["objective"])
    _later_goals(page, layout)
    page.pair(
        _("Interventions funded"),
        len(layout.allocation.choice),
        formula=layout.count_of_chosen(),
    )


def _later_goals(page: Page, layout: Layout) -> None:
    goals = zip(layout.plan.scenario.then, layout.allocation.later, strict=True)
    for place, (goal, found) in enumerate(goals, 2):
        said = _(
            "Value of goal %(number)s: %(goal)s, %(within)s",
            number=place,
            goal=goals_text(goal.terms, layout.plan, language=layout.language),
            within=within_text(goal.within, language=layout.language),
        )
        page.pair(said, found.objective)
        page.pair(
            _("Status of goal %(number)s", number=place),
            headline(found.status, later_gap(found), language=layout.language),
        )


def _key_figures(page: Page, layout: Layout) -> None:
    whole = layout.own_total
    page.pair(_("Invested"), layout.allocation.invested, formula=layout.total("outlay"))
    page.pair(layout.own_words(_("net in the budget period")), whole.budget_period,
              formula=layout.total("period"))  # fmt: skip
    page.pair(layout.own_words(_("net after it")), whole.after, formula=layout.total("after"))
    page.pair(
        layout.own_words(_("net present value")),
        whole.discounted,
        formula=layout.total("discounted"),
    )
    if layout.citizens is not None:
        page.pair(
            _("Citizens, counted as courses"),
            layout.appraisal.measured(layout.allocation.choice, layout.citizens),
            formula=layout.total("citizens"),
        )


def _made_from(page: Page, layout: Layout, source: WorkbookInput) -> None:
    page.skip()
    page.head([_("What it was made from"), ""])
    plan, solver = layout.plan, source.result["solver"] or {}
    page.pair(_("Strategy"), plan.title)
    page.pair(_("Price year"), plan.price_year, kind="plain")
    layout.first_year_cell = page.pair(
        _("Budget period, from"), plan.budget_period[0], kind="plain"
    )
    layout.last_year_cell = page.pair(_("Budget period, to"), plan.budget_period[1], kind="plain")
    page.pair(_("Years that count, from"), plan.horizon[0], kind="plain")
    page.pair(_("Years that count, to"), plan.horizon[1], kind="plain")
    page.pair(_("Version of the scenario"), source.version, kind="plain")
    page.pair(_("Calculated"), source.calculated_at.replace(tzinfo=None), kind="moment")
    page.pair(_("Solver"), f"{solver.get('name', '')} {solver.get('version', '')}".strip())
    page.pair(_("Fingerprint of the plan (SHA-256)"), source.result["plan_sha256"])
