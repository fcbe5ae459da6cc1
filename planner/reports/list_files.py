"""Lists as tables that become files: the scenarios, and the lines of the log."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from planner.formats import Exact
from planner.reports.values import Cell, Column, Row, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioLine:
    """One scenario; amounts in kroner, None where nothing is calculated.

    Parameters
    ----------
    state : str
        Code of `planner.words`, such as ``scenario.draft``.
    status : str
        What came of the last calculation, in words.
    """

    number: int
    title: str
    strategy: str
    state: str
    status: str
    pool: Exact
    period: Exact | None
    after: Exact | None
    changed: dt.date


def scenario_table(lines: Sequence[ScenarioLine]) -> Table:
    """Return the list of scenarios."""
    return Table(
        title=_("Scenarios"),
        caption=_("Million kr.; net of the municipality"),
        columns=(
            Column("title", _("Scenario")),
            Column("number", _("Number"), "year"),
            Column("strategy", _("Strategy")),
            Column("state", _("State"), "state"),
            Column("pool", _("Pools"), "million"),
            Column("status", _("Allocation")),
            Column("period", _("Net in the period"), "million_change"),
            Column("after", _("Net afterwards"), "million_change"),
            Column("changed", _("Changed")),
        ),
        rows=tuple(
            Row(
                (
                    *(Cell(line.title), Cell(line.number), Cell(line.strategy), Cell(line.state)),
                    *(Cell(line.pool), Cell(line.status), Cell(line.period), Cell(line.after)),
                    Cell(line.changed),
                )
            )
            for line in lines
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the log; ``before`` and ``after`` as JSON, the hashes as they are stored."""

    seq: int
    at: str
    who: str
    action: str
    thing: str
    before: str
    after: str
    chain_hash: str


def log_table(lines: Sequence[LogLine], *, total: int) -> Table:
    """Return the newest lines of the log; ``total`` is how many there are in all."""
    return Table(
        title=_("Log"),
        caption=_("The newest %(count)d of %(total)d lines.", count=len(lines), total=total),
        columns=(
            Column("seq", _("Line"), "year"),
            Column("at", _("When")),
            Column("who", _("Who")),
            Column("what", _("What")),
            Column("on", _("On")),
            Column("before", _("Before")),
            Column("after", _("After")),
            Column("hash", _("Fingerprint (SHA-256)")),
        ),
        rows=tuple(
            Row(
                (
                    *(Cell(line.seq), Cell(line.at), Cell(line.who), Cell(line.action)),
                    *(Cell(line.thing), Cell(line.before), Cell(line.after), Cell(line.chain_hash)),
                )
            )
            for line in lines
        ),
    )
