"""What a business case takes from the knowledge shelf, and which versions it was made with."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from optimizer.cases.from_shelf import Reference, Taken, references, with_known
from optimizer.shelf import ShelfConsequence
from planner.model import CaseRecord, ShelfEntryRecord, ShelfVersionRecord
from planner.services.cases import CaseData
from planner.services.shelf import get_entry
from planner.services.shelf_uses import record_uses
from planner.services.writing import NotFoundError

#: characters that a source may have in a case
LONGEST_SOURCE = 200


def with_shelf(session: Session, data: CaseData) -> CaseData:
    """Return the case with references only to versions that still say what the case says."""
    wanted = references(data.argument)
    if not wanted or data.argument is None:
        return data
    known = {one: version.says for one, version in versions_of(session, wanted).items()}
    return replace(data, argument=with_known(data.argument, known))


def note_uses(session: Session, case: CaseRecord) -> None:
    """Store which versions of the shelf a draft is made with, as its argument says."""
    wanted = references(case.argument)
    if wanted or case.shelf_uses:
        found = versions_of(session, wanted)
        record_uses(session, case, [version.id for version in found.values()])


def versions_of(
    session: Session, wanted: Collection[Reference]
) -> dict[Reference, ShelfVersionRecord]:
    """Return the versions that references mean; those that do not exist are left out."""
    if not wanted:
        return {}
    found = session.scalars(
        select(ShelfVersionRecord)
        .join(ShelfVersionRecord.entry)
        .where(ShelfEntryRecord.key.in_({reference.entry for reference in wanted}))
        .options(joinedload(ShelfVersionRecord.entry))
    )
    by_reference = {reference_to(version): version for version in found}
    return {one: by_reference[one] for one in wanted if one in by_reference}


def reference_to(version: ShelfVersionRecord) -> Reference:
    """Return the reference that a case has to a version."""
    return Reference(version.entry.key, version.number)


def taken(version: ShelfVersionRecord) -> Taken:
    """Return a version as a case takes it."""
    return Taken(reference_to(version), version.says, source_of(version))


def source_of(version: ShelfVersionRecord) -> str:
    """Return the source of a version in one line, its date behind it."""
    source, date = version.source, version.source_date
    if date and date not in source:
        source = f"{source} ({date})"
    return source if len(source) <= LONGEST_SOURCE else f"{source[: LONGEST_SOURCE - 1]}…"


# --- Choosing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry that somebody chose for a case, with the price that it is multiplied by.

    Parameters
    ----------
    price : Taken or None
        Of a consequence; None of another entry, and where its price has left the shelf.
    """

    title: str
    chosen: Taken
    price: Taken | None = None


def choice_of(session: Session, key: str) -> Choice:
    """Return the newest version of an entry as a case takes it.

    Raises
    ------
    NotFoundError
        When there is no such entry, or it has left the shelf.
    """
    entry = get_entry(session, key)
    if entry.is_retired:
        raise NotFoundError
    chosen = taken(entry.newest)
    price = None
    if isinstance(chosen.content, ShelfConsequence):
        try:
            of_price = get_entry(session, chosen.content.unit_price)
        except NotFoundError:
            of_price = None
        price = None if of_price is None or of_price.is_retired else taken(of_price.newest)
    return Choice(entry.title, chosen, price)
