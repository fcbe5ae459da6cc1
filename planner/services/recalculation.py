"""Recalculating a case: with the newest of the shelf, and the rules and prices as they are now.

Nothing is stored before somebody confirms. What was accepted or returned keeps what it had: the
new figures stand in the next version.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from optimizer.cases import CaseError, CaseErrors, Computed
from optimizer.cases.from_shelf import references, renewed
from optimizer.cases.provenance import Given, Provenance
from optimizer.sentence import Sentence
from planner.model import CaseRecord, PersonRecord, ShelfVersionRecord, StrategyRecord
from planner.model.states import CaseState
from planner.services.case_argument import payers_of, with_computed
from planner.services.case_judged import Judged, judge
from planner.services.case_plan import cash_flow
from planner.services.case_shelf import taken, versions_of
from planner.services.cases import CaseData, OptionData, case_data
from planner.services.interventions import new_draft_from, save_draft
from planner.services.rounds import require_unlocked
from planner.services.writing import require_version

#: option, line, payer, year
FlowKey = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class ChangedFlow:
    """One flow before and after, whole kroner; 0 where there is none.

    Parameters
    ----------
    option, line : str
        Key of the option, and the line in words.
    """

    option: str
    line: str
    payer: str
    year: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Renewal:
    """A case as it is stored, and as it would be.

    Parameters
    ----------
    entries : tuple of (used, newest)
        Each version that is replaced by a newer one of its entry.
    """

    case: CaseRecord
    old: CaseData
    new: CaseData
    entries: tuple[tuple[ShelfVersionRecord, ShelfVersionRecord], ...]

    @property
    def flows(self) -> list[ChangedFlow]:
        """Return every flow, line by line, as it is and as it would be."""
        before, after = _amounts(self.old), _amounts(self.new)
        return [
            ChangedFlow(*key, before.get(key, 0), after.get(key, 0))
            for key in sorted({**before, **after}, key=_in_order(self.old, self.new))
        ]

    @property
    def changes_anything(self) -> bool:
        """Return whether it differs from what is stored."""
        return bool(self.entries) or any(flow.before != flow.after for flow in self.flows)


def _amounts(data: CaseData) -> Mapping[FlowKey, int]:
    found: dict[FlowKey, int] = defaultdict(int)
    for option in data.options:
        for flow in option.flows:
            found[option.key, flow.line or flow.budget_line, flow.payer, flow.year] += flow.amount
    return found


def _in_order(*each: CaseData) -> Callable[[FlowKey], tuple[int, int]]:
    """Return the order of options and lines as they are stored, and years within them."""
    lines: dict[tuple[str, str, str], int] = {}
    for data in each:
        for key in _amounts(data):
            lines.setdefault(key[:3], len(lines))
    return lambda key: (lines[key[:3]], key[3])


def renewal_of(session: Session, case: CaseRecord) -> Renewal:
    """Return a case as it would be with the newest versions of the shelf that it was made with.

    Entries that have left the shelf stay as they were.

    Raises
    ------
    CaseErrors, CaseError
        It cannot be computed as the strategy is now, such as for a price year without an index.
    """
    old, strategy = case_data(case), case.intervention.strategy
    used = versions_of(session, references(old.argument))
    pairs = [
        (version, version.entry.newest)
        for version in used.values()
        if version.number < version.entry.newest.number and not version.entry.is_retired
    ]
    if old.argument is None:
        return Renewal(case, old, old, ())
    document = renewed(
        old.argument,
        {reference: version.says for reference, version in used.items()},
        {newest.entry.key: taken(newest) for _used, newest in pairs},
        payers_of(strategy),
    )
    new = with_computed(replace(old, argument=document), strategy)
    return Renewal(case, old, new, tuple(pairs))


def recalculate(
    session: Session,
    case: CaseRecord,
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> CaseRecord:
    """Store the renewed figures: in the open draft, else as a new version of the case.

    Raises
    ------
    CaseErrors, CaseError
        It cannot be computed as the strategy is now.
    ValueError
        Steps of the draft are half filled in: what stands in their fields would come back.
    """
    require_version(case, seen_version)
    if case.typed:
        raise ValueError("a draft is recalculated when its steps are filled in to the end")
    require_unlocked(case.intervention, "save", now=now)
    new = renewal_of(session, case).new
    draft = case
    if case.state is not CaseState.DRAFT:
        draft = new_draft_from(session, case, by=by, now=now)
    return save_draft(
        session,
        draft,
        new,
        by=by,
        now=now,
        seen_version=draft.version,
        action="case.recalculate",
    )


# --- The figures of both --------------------------------------------------------------------------


def both_judged(
    renewal: Renewal, key: str, strategy: StrategyRecord
) -> tuple[Judged, Judged] | None:
    """Return one option judged with the flows as they are stored, and as they would be.

    None where either cannot be computed as the strategy is now.
    """
    old, new = (
        next((option for option in data.options if option.key == key), None)
        for data in (renewal.old, renewal.new)
    )
    if old is None or new is None:
        return None
    try:
        before = judge(renewal.old, old, strategy)
        after = judge(renewal.new, new, strategy)
    except (CaseErrors, CaseError):
        return None
    return replace(before, argued=replace(before.argued, computed=_stored(old))), after


class _AsStored(Provenance):
    """Of an amount that is read, not computed."""

    @property
    def formula(self) -> Sentence:
        return Sentence("Som gemt", "As stored")

    @property
    def inputs(self) -> tuple[Given, ...]:
        return ()


def _stored(option: OptionData) -> tuple[Computed, ...]:
    """Return the flows of an option as they are stored, each with the line that it is of."""
    return tuple(
        Computed(
            flow=cash_flow(flow),
            line=flow.line_id,
            name=flow.line,
            provenance=_AsStored(),
        )
        for flow in option.flows
    )
