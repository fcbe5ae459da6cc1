"""What differs between two versions of a case, field by field."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from planner.model import CaseRecord
from planner.services.acceptances import saving_lines
from planner.services.cases import CaseData, FlowData, OptionData, case_data

TEXTS = (
    *("title", "summary", "target_group", "supplier", "external"),
    *("evidence_stars", "evidence", "tags", "price_year"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; None: the version does not have it.

    Parameters
    ----------
    field : str
        Name of the field: one of `TEXTS`, ``option``, ``pool``, ``scalable_minimum``, ``amount``,
        ``low``, ``high``, ``cashable``, ``measure`` or ``owner``.
    where : tuple of str
        Option, line, year or name of the measure; what is empty is left out.
    """

    field: str
    where: tuple[str, ...]
    before: Any
    after: Any


def differences(first: CaseRecord, second: CaseRecord) -> list[Difference]:
    """Return every field that differs, in the order of the form; nothing when they are equal."""
    before, after = case_data(first), case_data(second)
    return [
        *_texts(before, after),
        *_options(before, after),
        *_compared("owner", _owners(first), _owners(second)),
    ]


def unchanged(first: CaseRecord, second: CaseRecord) -> list[str]:
    """Return the names of the fields of text that are equal in both."""
    before, after = case_data(first), case_data(second)
    return [name for name in TEXTS if getattr(before, name) == getattr(after, name)]


def _texts(before: CaseData, after: CaseData) -> Iterator[Difference]:
    for name in TEXTS:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Difference(name, (), old, new)


def _options(before: CaseData, after: CaseData) -> Iterator[Difference]:
    old = {option.key: option for option in before.options}
    new = {option.key: option for option in after.options}
    several = len({*old, *new}) > 1
    for key in dict.fromkeys([*old, *new]):
        place = ((new.get(key) or old[key]).title or key,) if several else ()
        yield from _of_option(old.get(key), new.get(key), place)


def _of_option(
    old: OptionData | None, new: OptionData | None, place: tuple[str, ...]
) -> Iterator[Difference]:
    for name in ("title", "pool", "scalable_minimum"):
        before = None if old is None else getattr(old, name)
        after = None if new is None else getattr(new, name)
        if before != after:
            yield Difference("option" if name == "title" else name, place, before, after)
    for name in ("amount", "low", "high", "cashable"):
        yield from _compared(name, _flows(old, name), _flows(new, name), place)
    yield from _compared("measure", _measures(old), _measures(new), place)


def _compared(
    field: str,
    old: Mapping[tuple[str, ...], Any],
    new: Mapping[tuple[str, ...], Any],
    place: tuple[str, ...] = (),
) -> Iterator[Difference]:
    for where in dict.fromkeys([*old, *new]):
        before, after = old.get(where), new.get(where)
        if before != after:
            yield Difference(field, (*place, *filter(None, where)), before, after)


def _line(flow: FlowData) -> tuple[str, ...]:
    return (flow.line, flow.budget_line, flow.payer)


def _flows(option: OptionData | None, name: str) -> dict[tuple[str, ...], Any]:
    """Return one number of every flow by line and year; flows of one line and year are summed."""
    found: dict[tuple[str, ...], Any] = {}
    for flow in () if option is None else option.flows:
        value = getattr(flow, name)
        if name == "cashable":
            if flow.kind == "saving":
                found[_line(flow)] = value
        elif value is not None:
            where = (*_line(flow), str(flow.year))
            found[where] = found.get(where, 0) + value
    return found


def _measures(option: OptionData | None) -> dict[tuple[str, ...], Decimal]:
    measures = () if option is None else option.measures
    return {(m.name, "" if m.year is None else str(m.year)): m.value for m in measures}


def _owners(case: CaseRecord) -> dict[tuple[str, ...], tuple[str, str]]:
    return {
        (line.option_title, line.key.line, line.key.budget_line): (
            str(line.record.kind),
            line.record.owner,
        )
        for line in saving_lines(case)
        if line.record is not None
    }
