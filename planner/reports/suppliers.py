"""The balance of internal and external: whom the outlay of a plan goes to."""

from fractions import Fraction

from flask_babel import gettext as _

from planner import formats
from planner.reports.allocation_charts import Frame
from planner.reports.values import Cell, Column, Row, Table

#: external, and who
Supplier = tuple[bool, str]
WHOLE = 100


def suppliers_table(frame: Frame) -> Table | None:
    """Return what the municipality does itself and what others do; None where nothing is paid."""
    allocation = frame.allocation
    invested = allocation.invested
    if not invested:
        return None
    outlay: dict[Supplier, Fraction] = {}
    counts: dict[Supplier, int] = {}
    for _key, intervention, option, scale in allocation.appraisal.chosen(allocation.choice):
        supplier = (intervention.external, intervention.supplier or "")
        if not intervention.external:
            supplier = (False, "")
        paid = scale * allocation.appraisal.outlay(option)
        outlay[supplier] = outlay.get(supplier, Fraction(0)) + paid
        counts[supplier] = counts.get(supplier, 0) + 1
    rows = [
        Row(
            (
                Cell(_name(supplier)),
                Cell(counts[supplier]),
                Cell(outlay[supplier]),
                Cell(outlay[supplier] / invested),
            )
        )
        for supplier in sorted(outlay, key=lambda one: (one[0], -outlay[one]))
    ]
    total = (Cell(sum(counts.values())), Cell(sum(outlay.values(), Fraction(0))), Cell(1))
    return Table(
        title=_("Internal and external"),
        caption=_("Outlay in 1,000 kr., %(prices)s", prices=frame.prices),
        columns=(
            Column("supplier", _("Who does it")),
            Column("interventions", _("Interventions"), "count"),
            Column("outlay", _("Outlay"), "thousand"),
            Column("share", _("Share of the outlay"), "percent"),
        ),
        rows=(*rows, Row((Cell(_("In all")), *total), kind="sum")),
        source=frame.source,
        total_note=""
        if sum(formats.rounded(100 * paid / invested) for paid in outlay.values()) == WHOLE
        else _("The shares are rounded each, so that shown they do not add up to the whole."),
    )


def _name(supplier: Supplier) -> str:
    is_external, name = supplier
    if not is_external:
        return _("Internal")
    return _("External: %(name)s", name=name) if name else _("External, not named")
