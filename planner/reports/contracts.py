"""What an option's outcome contract pays, and what is left, in the low, expected and high case."""

from dataclasses import dataclass
from fractions import Fraction

from flask_babel import gettext as _

from optimizer import Case, Option
from optimizer.case_figures import CaseFigures
from planner.formats import Language
from planner.reports.values import Cell, Column, Row, Table

CASES = (Case.LOW, Case.EXPECTED, Case.HIGH)


@dataclass(frozen=True, slots=True)
class OwnFinancing:
    """The same work without a contract: the name of the option, and its figures."""

    name: str
    figures: CaseFigures


@dataclass(frozen=True, slots=True)
class ContractReport:
    """The terms in a sentence, and what they mean."""

    sentence: str
    table: Table


def contract_report(
    written: Option, figures: CaseFigures, own: OwnFinancing | None, *, language: Language
) -> ContractReport:
    """Return the sentence and the table of an option under a contract.

    Parameters
    ----------
    written : Option
        With its contract; what that pays is not among its flows.
    figures : CaseFigures
        The same option with the payment among its flows.
    own : OwnFinancing or None
        What the net is held against; None where every option has a contract.
    """
    terms = written.contract
    if terms is None:
        raise ValueError("an option without a contract has no terms to tell")
    plan = figures.appraisal.plan
    saved = [terms.measured(written.flows, case) for case in CASES]
    paid = terms.payments(saved, written.measures)
    rows = [
        _row(_("Measured saving"), saved),
        _row(_("The contract pays"), paid),
        _row(_("The municipality's net with the contract"), _net(figures), is_sum=True),
    ]
    if own is not None:
        label = _("The municipality's net with own financing (%(option)s)", option=own.name)
        rows.append(_row(label, _net(own.figures)))
    return ContractReport(
        sentence=terms.sentence({p.id: p.name for p in plan.payers}).say(language),
        table=Table(
            title=_("What the contract pays"),
            caption=_(
                "1,000 kr., %(year)d prices, all years that count, not discounted. Low, expected"
                " and high are those of the case.",
                year=plan.price_year,
            ),
            columns=(
                Column("what", _("Amount")),
                Column("low", _("Low"), "thousand"),
                Column("expected", _("Expected"), "thousand"),
                Column("high", _("High"), "thousand"),
            ),
            rows=tuple(rows),
        ),
    )


def _net(figures: CaseFigures) -> list[Fraction]:
    return [figures.total(case=case) for case in CASES]


def _row(label: str, amounts: list[int] | list[Fraction], *, is_sum: bool = False) -> Row:
    cells = (Cell(label), *(Cell(amount) for amount in amounts))
    return Row(cells, kind="sum" if is_sum else "normal")
