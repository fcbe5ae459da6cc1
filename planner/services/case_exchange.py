"""The candidates' workbook: its rows out, and in again judged first and stored all or none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from optimizer.sentence import Sentence
from optimizer.shelf_reader import FieldError
from planner.access import allowed
from planner.case_sheets import Lists, Sheet, lists_of
from planner.model import (
    CaseRecord,
    DepartmentRecord,
    FlowRecord,
    InterventionRecord,
    OptionRecord,
    PersonRecord,
    StrategyRecord,
)
from planner.model.states import CaseState
from planner.services.case_differences import Difference, differences
from planner.services.case_reading import CaseBook, read_case_book, strategy_of
from planner.services.case_rows import CaseBuilder, CaseRows, canonical, plain_rows
from planner.services.cases import CaseData, case_data
from planner.services.intervention_list import list_interventions
from planner.services.interventions import create_draft, new_draft_from, save_draft
from planner.services.strategies import get_strategy
from planner.services.workbook_packing import pack, plain_sheets, sheets_from, unpack
from planner.services.workbook_reading import BookError, CellFault, RawRow, RawSheet, read_sheets
from planner.services.writing import Conflict, NotFoundError, folded

# each writes lines of the log, some milliseconds in which nobody else can save
MOST_CHANGES = 300


class CaseAction(StrEnum):
    """What storing a candidate's rows does."""

    NEW = "new"
    CHANGED = "changed"
    NEW_DRAFT = "new_draft"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCandidate:
    """A candidate whose rows may be stored.

    Parameters
    ----------
    case : CaseRecord or None
        The stored version that it changes.
    rows : set of (title of the sheet, row)
    """

    code: str
    action: CaseAction
    data: CaseData
    department: str
    case: CaseRecord | None
    differences: Sequence[Difference]
    rows: Collection[tuple[str, int]]
    sheet: str
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCases:
    """Every candidate of a workbook, accepted or refused; rows are all of them or none."""

    strategy: StrategyRecord
    accepted: tuple[JudgedCandidate, ...]
    refused: int
    faults: tuple[CellFault, ...]
    packed: str = ""

    def of(self, action: CaseAction) -> list[JudgedCandidate]:
        """Return the accepted ones that do this."""
        return [one for one in self.accepted if one.action is action]

    @property
    def changes(self) -> list[JudgedCandidate]:
        """Those that storing would do something with."""
        return [one for one in self.accepted if one.action is not CaseAction.SAME]


class ChangedSinceError(Exception):
    """What was accepted in the preview no longer is; ``judged`` says why."""

    def __init__(self, judged: JudgedCases) -> None:
        super().__init__("the candidates have changed since the workbook was looked at")
        self.judged = judged


def lists_for(strategy: StrategyRecord) -> Lists:
    """Return the lists that cells of a strategy's workbook are chosen from."""
    return lists_of(
        departments=[(d.key, d.name) for d in strategy.departments],
        payers=[(p.key, p.name) for p in strategy.payers],
        pools=[(p.key, p.name) for p in strategy.pools],
    )


def mark_of(case: CaseRecord) -> str:
    """Return what tells whether a case has been saved since: its number and its version."""
    return f"v{case.number}.{case.version}"


def cases_seen(
    session: Session, strategy: StrategyRecord, *, actor: PersonRecord
) -> dict[str, CaseRecord]:
    """Return the newest version that ``actor`` may see of each candidate, by its code."""
    codes = {
        row.case_id: row.code for row in list_interventions(session, strategy=strategy, actor=actor)
    }
    options = selectinload(CaseRecord.options)
    found = session.scalars(
        select(CaseRecord)
        .where(CaseRecord.id.in_(codes))
        .options(
            options.selectinload(OptionRecord.flows).joinedload(FlowRecord.payer),
            options.selectinload(OptionRecord.measures),
            selectinload(CaseRecord.intervention).selectinload(InterventionRecord.department),
        )
        .order_by(CaseRecord.intervention_id)
    )
    return {codes[case.id]: case for case in found}


def rows_out(
    cases: Mapping[str, CaseRecord], state_words: Mapping[str, str]
) -> dict[Sheet, list[dict[str, object]]]:
    """Return the rows of a workbook with these cases; states in the reader's words."""
    rows: dict[Sheet, list[dict[str, object]]] = {sheet: [] for sheet in Sheet}
    for code, case in cases.items():
        is_withdrawn = case.intervention.is_withdrawn
        parts = plain_rows(
            case_data(case),
            code=code,
            version=mark_of(case),
            state=state_words["withdrawn" if is_withdrawn else str(case.state)],
            department=case.intervention.department.key,
        )
        for sheet, found in parts.items():
            rows[sheet] += found
    return rows


# --- In -------------------------------------------------------------------------------------------


def read_book(session: Session, data: bytes, *, by: PersonRecord) -> JudgedCases:
    """Judge every row of an uploaded workbook; store nothing.

    Raises
    ------
    BookError
        When the whole file cannot be read, or holds more changes than are stored at once.
    """
    return _judge(session, read_sheets(data), by=by)


def _judge(session: Session, sheets: list[RawSheet], *, by: PersonRecord) -> JudgedCases:
    try:
        strategy = get_strategy(session, strategy_of(sheets))
    except NotFoundError:
        raise BookError(
            "Projektmappens strategi findes ikke her. Hent en ny.",
            "The workbook's strategy is not here. Download a new one.",
        ) from None
    book = read_case_book(sheets, lists_for(strategy))
    judging = _Judging(book, strategy, cases_seen(session, strategy, actor=by), by)
    judging.judge()
    changes = [one for one in judging.accepted if one.action is not CaseAction.SAME]
    kept = {row for one in changes for row in one.rows}
    heads = {(sheet.title, number) for sheet in sheets for number in (1,)}
    packed = pack(plain_sheets(sheets, kept | heads)) if changes else ""
    if packed is None or len(changes) > MOST_CHANGES:
        raise BookError(
            f"Der er for mange ændringer på én gang; højst {MOST_CHANGES} indsatser. Del dem på"
            " flere projektmapper.",
            f"There are too many changes at once; at most {MOST_CHANGES} interventions. Divide"
            " them between several workbooks.",
        )
    return JudgedCases(
        strategy=strategy,
        accepted=tuple(judging.accepted),
        refused=len(book.rows[Sheet.INTERVENTIONS]) - len(judging.accepted),
        faults=tuple(judging.faults),
        packed=packed,
    )


class _Judging:
    """Judges candidate after candidate of one workbook."""

    def __init__(
        self,
        book: CaseBook,
        strategy: StrategyRecord,
        stored: Mapping[str, CaseRecord],
        by: PersonRecord,
    ) -> None:
        self.book = book
        self.strategy = strategy
        self.stored = stored
        self.by = by
        self.accepted: list[JudgedCandidate] = []
        self.faults = list(book.faults)
        self.has_orphans = False
        self.titles = {
            (case.intervention.department.key, folded(case.title)): code
            for code, case in stored.items()
            if not case.intervention.is_withdrawn
        }

    def judge(self) -> None:
        """Accept or refuse every candidate, with all that is wrong."""
        groups = self._groups()
        bad = {(fault.sheet, fault.row) for fault in self.faults}
        for code, rows in groups.items():
            before = len(self.faults)
            found = self._candidate(code, rows)
            if len(self.faults) == before and not bad & rows.addresses and found is not None:
                self.accepted.append(found)

    def _groups(self) -> dict[str, CaseRows]:
        """Return the rows of each candidate, and name those that belong to none."""
        groups: dict[str, CaseRows] = {}
        for row in self.book.rows[Sheet.INTERVENTIONS]:
            code = row.values.get("code", "")
            if not code:
                self.faults += [row.fault(error) for error in row.faults]
            elif code in groups:
                self._note(row, "code", "Koden står i en række før.", "The code stands above.")
                # nobody can tell which of the two is meant
                self._note(groups[code].head, "code", "Koden står to gange.", "The code is double.")
            else:
                groups[code] = CaseRows(row)
        for sheet in (Sheet.OPTIONS, Sheet.FLOWS, Sheet.MEASURES):
            for row in self.book.rows[sheet]:
                group = groups.get(row.values.get("code", ""))
                if group is not None:
                    group.parts.setdefault(sheet, []).append(row)
                else:
                    self._orphan(row)
        return groups

    def _orphan(self, row: RawRow) -> None:
        self.has_orphans = True
        self.faults += [row.fault(error) for error in row.faults]
        if row.values.get("code"):
            self._note(
                row,
                "code",
                "Ingen række i arket Indsatser har den kode.",
                "No row in the sheet Interventions has that code.",
            )

    def _note(self, row: RawRow, column: str, da: str, en: str) -> None:
        self.faults.append(row.fault(FieldError(column, Sentence(da, en))))

    def _candidate(self, code: str, rows: CaseRows) -> JudgedCandidate | None:
        case = self.stored.get(code)
        stored = None if case is None else case_data(case)
        builder = CaseBuilder(rows, stored=stored, strategy=self.strategy, years=self.book.years)
        data = builder.data()
        if builder.faults:
            self.faults += builder.faults
            return None
        if case is None or stored is None:
            action, found = self._new(rows.head, data), []
        else:
            found = differences(stored, data)
            action = self._changed(rows.head, case, is_same=not found)
        if self.has_orphans and _loses(stored, data):
            self._note(
                rows.head,
                "code",
                "Der er rækker, som ikke hører til nogen indsats; de kan mangle her. Ret dem"
                " først.",
                "There are rows that belong to no intervention; they may be missing here. Correct"
                " them first.",
            )
        return JudgedCandidate(
            code=code,
            action=action,
            data=data,
            department=rows.head.values["department"],
            case=case,
            differences=found,
            rows=rows.addresses,
            sheet=rows.head.sheet,
            row=rows.head.row,
        )

    def _new(self, row: RawRow, data: CaseData) -> CaseAction:
        if row.values.get("version"):
            self._note(
                row,
                "version",
                "Rækken har en udgave, men du har ingen indsats med den kode.",
                "The row has a version, but you have no intervention with that code.",
            )
            return CaseAction.NEW
        department = row.values["department"]
        if department not in self._own_departments():
            self._note(
                row,
                "department",
                "Du kan kun foreslå for din egen forvaltning.",
                "You can only propose for your own department.",
            )
        known = self.titles.setdefault((department, folded(data.title)), row.values["code"])
        if known != row.values["code"]:
            self._note(
                row,
                "title",
                f"Forvaltningen har allerede en indsats med den titel: {known}.",
                f"The department already has an intervention with that title: {known}.",
            )
        return CaseAction.NEW

    def _own_departments(self) -> set[str]:
        return {d.key for d in self.strategy.departments if d.id in self.by.department_ids}

    def _changed(self, row: RawRow, case: CaseRecord, *, is_same: bool) -> CaseAction:
        own = case.intervention.department
        if row.values["department"] != own.key:
            self._note(
                row,
                "department",
                f"Indsatsen hører til {own.name}. Kun økonomi flytter den.",
                f"The intervention belongs to {own.name}. Only finance moves it.",
            )
        if is_same:
            return CaseAction.SAME
        if row.values.get("version") != mark_of(case):
            who = case.edited_by.name if case.edited_by is not None else "–"
            self._note(
                row,
                "version",
                f"Indsatsen er gemt af {who}, siden projektmappen blev hentet; nu er den"
                f" {mark_of(case)}. Hent den igen, og ret i den.",
                f"{who} has saved the intervention since the workbook was downloaded; now it is"
                f" {mark_of(case)}. Download it again and change that.",
            )
        if allowed(self.by, "save", case):
            return CaseAction.CHANGED
        if not allowed(self.by, "new_draft", case):
            self._note(row, "code", *_not_allowed(case, self.by))
        return CaseAction.NEW_DRAFT


def _not_allowed(case: CaseRecord, by: PersonRecord) -> tuple[str, str]:
    """Say why a candidate cannot be changed by this person."""
    if case.intervention.is_withdrawn:
        return "Indsatsen er trukket tilbage.", "The intervention has been withdrawn."
    if case.intervention.department_id not in by.department_ids:
        name = case.intervention.department.name
        return (
            f"Indsatsen hører til {name}; du kan ikke ændre den.",
            f"The intervention belongs to {name}; you cannot change it.",
        )
    if case.state is CaseState.SUBMITTED:
        return (
            "Udgaven er indsendt og ændres ikke, før økonomi har svaret.",
            "The version has been submitted and is not changed before finance has answered.",
        )
    return "Du må ikke ændre indsatsen.", "You may not change the intervention."


def _loses(stored: CaseData | None, data: CaseData) -> bool:
    """Say whether rows may be missing: those of a new candidate, or fewer than are stored."""
    if stored is None:
        return True
    counts = [
        (len(one.options), sum(len(o.flows) for o in one.options),
         sum(len(o.measures) for o in one.options))
        for one in (canonical(stored), data)
    ]  # fmt: skip
    return any(now < before for before, now in zip(*counts, strict=True))


# --- From the preview to the drafts ---------------------------------------------------------------


def store_book(
    session: Session, packed: str, *, by: PersonRecord, now: datetime
) -> list[JudgedCandidate]:
    """Store every candidate of a preview, or none, as the form would, and return them.

    Raises
    ------
    BookError
        When the text is not what the preview sent.
    ChangedSinceError
        When anything of it is no longer accepted.
    """
    judged = _judge(session, sheets_from(unpack(packed)), by=by)
    if judged.faults or not judged.changes:
        raise ChangedSinceError(judged)
    departments = {d.key: d for d in judged.strategy.departments}
    try:
        for one in judged.changes:
            _store(session, one, departments[one.department], by=by, now=now)
    except Conflict as error:
        raise ChangedSinceError(judged) from error
    return judged.changes


def _store(
    session: Session,
    one: JudgedCandidate,
    department: DepartmentRecord,
    *,
    by: PersonRecord,
    now: datetime,
) -> None:
    if one.case is None:
        create_draft(session, one.data, department=department, by=by, now=now)
        return
    draft = one.case
    if one.action is CaseAction.NEW_DRAFT:
        draft = new_draft_from(session, one.case, by=by, now=now)
    save_draft(session, draft, one.data, by=by, now=now, seen_version=draft.version)
