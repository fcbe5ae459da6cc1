"""Who gains more than it pays, and what would have to change hands so that nobody loses."""

from dataclasses import dataclass
from fractions import Fraction

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer.settlement import Purse, Settlement, settlement
from planner import formats
from planner.reports.allocation_charts import Frame
from planner.reports.values import Cell, Column, Kind, Row, Table


@dataclass(frozen=True, slots=True)
class SettlementReport:
    """The payers' table and the transfers in words.

    Parameters
    ----------
    finding : str
        What it comes to.
    transfers : tuple of str
        One sentence for each.
    """

    finding: str
    table: Table
    transfers: tuple[str, ...]


def settlement_report(frame: Frame) -> SettlementReport | None:
    """Return who gains and who loses; None where no purse pays or saves anything."""
    found = settlement(frame.allocation)
    if not any(purse.paid or purse.saved for purse in found.purses):
        return None
    names = {payer.id: payer.name for payer in frame.allocation.plan.payers}
    return SettlementReport(
        finding=_finding(found, frame),
        table=_table(found, names, frame),
        transfers=tuple(
            _(
                "%(giver)s gives %(receiver)s %(amount)s",
                giver=names[one.giver],
                receiver=names[one.receiver],
                amount=formats.say_kroner(one.amount, language=frame.language),
            )
            for one in found.transfers
        ),
    )


def _finding(found: Settlement, frame: Frame) -> str:
    losers = sum(1 for purse in found.purses if purse.net < 0)
    if not losers:
        return _("No purse loses by the plan")
    if found.missing:
        return _(
            "The plan loses more than it gains: %(missing)s is not made up for by anybody",
            missing=frame.million(found.missing),
        )
    return ngettext(
        "%(num)s purse loses; %(amount)s must change hands before nobody does",
        "%(num)s purses lose; %(amount)s must change hands before nobody does",
        losers,
        amount=frame.million(found.total),
    )


def _table(found: Settlement, names: dict[str, str], frame: Frame) -> Table:
    is_moved = bool(found.transfers)

    def row(name: str, amounts: tuple[Fraction, ...]) -> tuple[Cell, ...]:
        return (Cell(name), *(Cell(amount) for amount in amounts[: None if is_moved else 3]))

    sums = tuple(
        sum(amounts, Fraction(0))
        for amounts in zip(*(_amounts(purse) for purse in found.purses), strict=True)
    )
    kind: Kind = "thousand_change"
    moves = (
        Column("moved", _("Would receive or give"), kind),
        Column("after", _("Net then"), kind),
    )
    return Table(
        title=_("Who gains more than it pays?"),
        caption=_("1,000 kr., %(prices)s, present value over the horizon", prices=frame.prices),
        columns=(
            Column("payer", _("Payer")),
            Column("paid", _("Pays"), kind),
            Column("saved", _("Saves"), kind),
            Column("net", _("Net"), kind),
            *(moves if is_moved else ()),
        ),
        rows=(
            *(Row(row(names[purse.payer], _amounts(purse))) for purse in found.purses),
            Row(row(_("In all"), sums), kind="sum"),
        ),
        source=frame.source,
        total_note=_(
            "The least that can change hands is the sum of the losses. Municipality, region and "
            "state give in proportion to their gain; whoever loses receives."
        )
        if is_moved
        else "",
    )


def _amounts(purse: Purse) -> tuple[Fraction, ...]:
    return purse.paid, purse.saved, purse.net, purse.moved, purse.after
