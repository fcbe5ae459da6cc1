"""The saving lines of stored cases: what each is declared to be, and whether it is cashable.

A line that nobody has declared, as every line of an imported plan, keeps the flag it came with. A
declared line is cashable when it is a budget cut and its owner has accepted these very amounts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from planner.model import AcceptanceRecord, OptionRecord, SavingLineRecord
from planner.model.states import Cashability


class LineKey(NamedTuple):
    """What a saving line of an option is known by."""

    payer: str
    category: str
    line: str
    budget_line: str


Amounts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Declared:
    """What is known about one saving line: its kind, and the amounts accepted last."""

    kind: Cashability
    accepted: Amounts | None

    def is_cashable(self, amounts: Amounts) -> bool:
        """Say whether a budget is cut by these amounts, with its owner's word."""
        return self.kind is Cashability.BUDGET_CUT and self.accepted == amounts


def declared_lines(session: Session, case_ids: Iterable[int]) -> dict[int, dict[LineKey, Declared]]:
    """Return what is declared about the saving lines of many cases, by option, in one query."""
    found: dict[int, dict[LineKey, Declared]] = defaultdict(dict)
    for option_id, record, amounts in session.execute(
        select(OptionRecord.id, SavingLineRecord, AcceptanceRecord.amounts)
        .join(
            SavingLineRecord,
            (SavingLineRecord.case_id == OptionRecord.case_id)
            & (SavingLineRecord.option_key == OptionRecord.key),
        )
        .outerjoin(AcceptanceRecord, AcceptanceRecord.saving_line_id == SavingLineRecord.id)
        .where(OptionRecord.case_id.in_(list(case_ids)))
        .order_by(AcceptanceRecord.id)
    ):
        key = LineKey(record.payer, str(record.category), record.line, record.budget_line)
        found[option_id][key] = Declared(record.kind, amounts)
    return found
