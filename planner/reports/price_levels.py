"""A strategy's price index, and the Ministry's discount steps, as tables."""

from collections.abc import Sequence

from flask_babel import gettext as _

from optimizer.cases import DISCOUNT_SCHEDULES, PriceLevels
from optimizer.scenario import DiscountStep
from optimizer.sentence import percent
from planner.formats import Language
from planner.reports.values import Cell, Column, Row, Table

THOUSAND = 1_000


def index_table(levels: PriceLevels, *, price_year: int) -> Table:
    """Return the index by year, and what 1,000 kr. of each year come to in the strategy's."""
    return Table(
        title=_("Price levels"),
        caption=_("Source: %(source)s", source=levels.source),
        columns=(
            Column("year", _("Prices of")),
            Column("index", _("Index"), "decimal"),
            Column("kroner", _("1,000 kr. in %(year)d prices", year=price_year), "kroner"),
        ),
        rows=tuple(
            Row(
                (
                    Cell(str(year)),
                    Cell(levels.index[year]),
                    Cell(levels.kroner(price_year, THOUSAND, price_year=year)),
                )
            )
            for year in sorted(levels.index)
        ),
    )


def schedule_table(used: Sequence[DiscountStep], *, language: Language) -> Table:
    """Return the discount steps of each publication, the newest first.

    Parameters
    ----------
    used : sequence of DiscountStep
        Those of the strategy; a publication that has them is marked.
    """
    rows = []
    for schedule in reversed(DISCOUNT_SCHEDULES):
        rates = [percent(step.rate).say(language) for step in schedule.steps]
        is_used = tuple(used) == schedule.steps
        rows.append(
            Row(
                (
                    Cell(schedule.published),
                    *map(Cell, rates),
                    Cell(schedule.source),
                    Cell(_("yes") if is_used else None),
                )
            )
        )
    return Table(
        title=_("The Ministry of Finance's discount steps"),
        caption=_("The rate a year, by years from the budget year"),
        columns=(
            Column("published", _("Publication year"), "year"),
            Column("first", _("Years 0–35")),
            Column("second", _("Years 36–70")),
            Column("third", _("After 70 years")),
            Column("source", _("Source"), "link"),
            Column("used", _("Used here")),
        ),
        rows=tuple(rows),
    )
