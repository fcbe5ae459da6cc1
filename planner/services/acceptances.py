"""Budget owners: naming who loses the money of each saving line, and their acceptance of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from planner.model import AcceptanceRecord, CaseRecord, PersonRecord, SavingLineRecord
from planner.model.states import (
    CASE,
    CaseState,
    Cashability,
    Category,
    FlowKind,
    Role,
    WrongStateError,
    next_state,
)
from planner.services.cases import CaseData, FlowData, OptionData, case_data
from planner.services.events import record_event
from planner.services.rounds import require_unlocked
from planner.services.saving_lines import Amounts, Declared, LineKey
from planner.services.writing import NotFoundError, clean, next_version, require_version

# until finance has decided, an owner may accept
ACCEPTING = frozenset({CaseState.DRAFT, CaseState.SUBMITTED})
OWNED = frozenset({Cashability.BUDGET_CUT, Cashability.AVOIDED_GROWTH})


@dataclass(frozen=True, slots=True)
class SavingLine:
    """One saving line of a case as it stands now.

    Parameters
    ----------
    amounts : dict
        Kroner by year.
    record : SavingLineRecord or None
        What has been declared about it; None: nothing yet.
    is_flagged : bool
        Whether the form says that it is cashable.
    """

    option_key: str
    option_title: str
    key: LineKey
    amounts: Amounts
    record: SavingLineRecord | None
    is_flagged: bool = True

    @property
    def total(self) -> int:
        """Kroner in all years."""
        return sum(self.amounts.values())

    @property
    def acceptance(self) -> AcceptanceRecord | None:
        """The newest acceptance, where it is of these very amounts."""
        given = self.record.acceptances if self.record is not None else []
        return given[-1] if given and given[-1].amounts == self.amounts else None

    @property
    def needs_owner(self) -> bool:
        """Whether a budget owner, or what kind of saving it is, is still to be named."""
        if self.record is None:
            return True
        return self.record.kind in OWNED and not self.record.owner

    @property
    def awaits(self) -> bool:
        """Whether it is a budget cut that its owner has not accepted as it stands."""
        is_cut = self.record is None or self.record.kind is Cashability.BUDGET_CUT
        return is_cut and self.acceptance is None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerData:
    """What a department declares about one saving line.

    Parameters
    ----------
    person : PersonRecord or None
        The owner, where they have an account; else ``name`` and ``email``.
    """

    kind: Cashability
    person: PersonRecord | None = None
    name: str = ""
    email: str = ""


def _key_of(flow: FlowData) -> LineKey:
    return LineKey(flow.payer, str(flow.category), flow.line, flow.budget_line)


def _records(case: CaseRecord) -> dict[tuple[str, LineKey], SavingLineRecord]:
    session = object_session(case)
    if session is None or case.id is None:
        return {}
    rows = session.scalars(select(SavingLineRecord).where(SavingLineRecord.case_id == case.id))
    return {
        (r.option_key, LineKey(r.payer, str(r.category), r.line, r.budget_line)): r for r in rows
    }


def saving_lines(case: CaseRecord) -> list[SavingLine]:
    """Return the saving lines of a version in the order of its form; lines without kroner not."""
    records = _records(case)
    found = []
    for option in case_data(case).options:
        flagged = {_key_of(flow) for flow in option.flows if flow.cashable}
        for key, amounts in _amounts(option).items():
            if any(amounts.values()):
                record = records.get((option.key, key))
                found.append(
                    SavingLine(option.key, option.title, key, amounts, record, key in flagged)
                )
    return found


def _amounts(option: OptionData) -> dict[LineKey, Amounts]:
    lines: dict[LineKey, Amounts] = {}
    for flow in option.flows:
        if flow.kind is FlowKind.SAVING:
            years = lines.setdefault(_key_of(flow), {})
            years[str(flow.year)] = years.get(str(flow.year), 0) + flow.amount
    return lines


def counted_data(case: CaseRecord) -> CaseData:
    """Return a case as its figures count it: cashable is what an owner has accepted.

    The form shows `case_data` itself; a line that nobody has declared keeps its flag.
    """
    data, records = case_data(case), _records(case)
    if not records:
        return data
    return replace(data, options=tuple(_counted(option, records) for option in data.options))


def counted_option(option: OptionData, case: CaseRecord) -> OptionData:
    """Return one option as its figures count it, also one that is about to be stored."""
    return _counted(option, _records(case))


def _counted(
    option: OptionData, records: dict[tuple[str, LineKey], SavingLineRecord]
) -> OptionData:
    amounts = _amounts(option)
    flows = []
    for flow in option.flows:
        record = records.get((option.key, _key_of(flow)))
        if flow.kind is FlowKind.SAVING and record is not None:
            given = record.acceptances
            declared = Declared(record.kind, given[-1].amounts if given else None)
            flow = replace(flow, cashable=declared.is_cashable(amounts[_key_of(flow)]))  # noqa: PLW2901
        flows.append(flow)
    return replace(option, flows=tuple(flows))


# --- Naming the owners ----------------------------------------------------------------------------


def name_owners(
    session: Session,
    case: CaseRecord,
    owners: Iterable[tuple[SavingLine, OwnerData]],
    *,
    by: PersonRecord | None,
    now: datetime,
    seen_version: int | None,
) -> CaseRecord:
    """Declare what the saving lines of a draft are and who owns their budgets.

    An owner who is replaced has accepted nothing: the line must be accepted anew.
    """
    require_version(case, seen_version)
    next_state(CASE, case.state, "save")
    require_unlocked(case.intervention, "save", now=now)
    changed = [
        line.key.budget_line
        for line, data in owners
        if _declare(session, case, line, data, now=now)
    ]
    if changed:
        next_version(case)
        record_event(
            session,
            by=by,
            now=now,
            action="case.owners",
            object=case,
            after={"budget_lines": changed},
        )
    return case


def _declare(
    session: Session, case: CaseRecord, line: SavingLine, data: OwnerData, *, now: datetime
) -> bool:
    wanted = (
        data.kind,
        None if data.person is None else data.person.id,
        "" if data.person is not None else clean(data.name),
        "" if data.person is not None else clean(data.email),
    )
    record = line.record
    if record is not None:
        if (record.kind, record.person_id, record.name, record.email) == wanted:
            return False
        if record.acceptances and (record.person_id, record.name) != wanted[1:3]:
            # what one owner accepted is no word of the next one
            _withdraw_acceptance(session, record, now=now)
    else:
        record = SavingLineRecord(
            case=case,
            option_key=line.option_key,
            payer=line.key.payer,
            category=Category(line.key.category),
            line=line.key.line,
            budget_line=line.key.budget_line,
        )
        session.add(record)
    record.kind, record.person_id, record.name, record.email = wanted
    return True


def _withdraw_acceptance(session: Session, record: SavingLineRecord, *, now: datetime) -> None:
    session.add(
        AcceptanceRecord(
            saving_line=record,
            amounts={},
            name="",
            on_date=now.date(),
            created_at=now,
        )
    )


def copy_owners(session: Session, source: CaseRecord, target: CaseRecord) -> None:
    """Let a new draft begin with the owners of the version it is made from; nothing is accepted."""
    for record in _records(source).values():
        session.add(
            SavingLineRecord(
                case=target,
                option_key=record.option_key,
                payer=record.payer,
                category=record.category,
                line=record.line,
                budget_line=record.budget_line,
                kind=record.kind,
                person_id=record.person_id,
                name=record.name,
                email=record.email,
            )
        )


# --- Accepting ------------------------------------------------------------------------------------


def may_accept(actor: PersonRecord, record: SavingLineRecord) -> bool:
    """Say whose word counts: the owner's own; finance writes down that of one without account."""
    if record.person_id is not None:
        return record.person_id == actor.id
    return bool(record.name) and Role.FINANCE in actor.role_names


def get_saving_line(session: Session, line_id: int, *, actor: PersonRecord) -> SavingLine:
    """Return a budget cut that ``actor`` may accept, as it stands.

    Raises
    ------
    NotFoundError
        When there is none, or it is not for ``actor``; the two look the same.
    """
    record = session.get(SavingLineRecord, line_id)
    if record is None or not may_accept(actor, record) or not _is_seen(actor, record):
        raise NotFoundError
    for line in saving_lines(record.case):
        if line.record is record:
            return line
    raise NotFoundError


def _is_seen(actor: PersonRecord, record: SavingLineRecord) -> bool:
    """Finance sees no draft of a department; an owner sees the line that names them."""
    return record.person_id == actor.id or record.case.state is not CaseState.DRAFT


def waiting_for(session: Session, person: PersonRecord) -> list[SavingLine]:
    """Return the budget cuts that wait for a person's word, in cases that are not decided."""
    asked = SavingLineRecord.person_id == person.id
    if Role.FINANCE in person.role_names:
        written = SavingLineRecord.person_id.is_(None) & (SavingLineRecord.name != "")
        asked |= written & (CaseRecord.state == CaseState.SUBMITTED)
    cases = session.scalars(
        select(CaseRecord)
        .where(
            CaseRecord.id.in_(
                select(SavingLineRecord.case_id)
                .join(SavingLineRecord.case)
                .where(asked, SavingLineRecord.kind == Cashability.BUDGET_CUT)
            ),
            CaseRecord.state.in_(sorted(ACCEPTING)),
        )
        .order_by(CaseRecord.id)
    )
    return [
        line
        for case in cases
        if not case.intervention.is_withdrawn
        for line in saving_lines(case)
        if line.awaits and line.record is not None and may_accept(person, line.record)
    ]


def accept_cut(
    session: Session,
    line: SavingLine,
    *,
    on_date: date,
    by: PersonRecord,
    now: datetime,
    seen_version: int | None,
) -> AcceptanceRecord:
    """Write down that the owner accepts the cut of these amounts, by name and date.

    Raises
    ------
    WrongStateError
        When finance has decided about the case already.
    Conflict
        When the case was changed since the amounts were shown.
    """
    record = line.record
    if record is None or not may_accept(by, record):
        raise NotFoundError
    case = record.case
    require_version(case, seen_version)
    if case.state not in ACCEPTING or case.intervention.is_withdrawn:
        raise WrongStateError(CASE, case.state, "accept_cut")
    given = AcceptanceRecord(
        saving_line=record,
        amounts=line.amounts,
        name=record.owner,
        on_date=on_date,
        created_at=now,
        created_by=by,
    )
    session.add(given)
    record_event(
        session,
        by=by,
        now=now,
        action="case.accept_cut",
        object=case,
        after={
            "budget_line": line.key.budget_line,
            "amounts": line.amounts,
            "on_date": on_date.isoformat(),
        },
    )
    return given
