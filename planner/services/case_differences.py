"""What differs between two versions of a business case, field by field and amount by amount."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from planner.services.case_plan import direct_flows, grouped_flows
from planner.services.case_rows import canonical
from planner.services.cases import CaseData, FlowData, OptionData

FIELDS = (
    *("title", "summary", "target_group", "supplier", "external"),
    *("evidence_stars", "evidence", "price_year", "tags"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Parameters
    ----------
    field : str
        A field of the case, ``option``, ``order``, ``pool``, ``minimum``, ``line``, ``amount``,
        ``low``, ``high`` or ``measure``.
    where : tuple of str
        Names of the option, the line and the year, as far as they say something.
    old, new
        None where there is none.
    line : tuple of str
        Payer and kind of the line, for one that has no words of its own.
    """

    field: str
    where: tuple[str, ...]
    old: Any
    new: Any
    line: tuple[str, str] = ("", "")


def differences(old: CaseData, new: CaseData) -> list[Difference]:
    """Return everything that differs, in the order of the form's steps."""
    old, new = canonical(old), canonical(new)
    return [
        *(
            Difference(name, (), getattr(old, name), getattr(new, name))
            for name in FIELDS
            if getattr(old, name) != getattr(new, name)
        ),
        *_options(old, new),
    ]


def _options(old: CaseData, new: CaseData) -> Iterator[Difference]:
    before = {option.key: option for option in old.options}
    after = {option.key: option for option in new.options}
    for key in dict.fromkeys((*before, *after)):
        yield from _option(before.get(key), after.get(key))
    common = [key for key in before if key in after]
    if common != [key for key in after if key in before]:
        yield Difference("order", (), tuple(before), tuple(after))


def _option(old: OptionData | None, new: OptionData | None) -> Iterator[Difference]:
    either = new or old
    if either is None:
        return
    name = either.title or either.key
    before, after = old or OptionData(key=either.key), new or OptionData(key=either.key)
    if old is None or new is None or old.title != new.title:
        yield Difference("option", (name,), old and _name(old), new and _name(new))
    if before.pool != after.pool:
        yield Difference("pool", (name,), before.pool, after.pool)
    if before.scalable_minimum != after.scalable_minimum:
        yield Difference("minimum", (name,), before.scalable_minimum, after.scalable_minimum)
    yield from _lines(name, before, after)
    yield from _measures(name, before, after)


def _name(option: OptionData) -> str:
    return option.title or option.key


Line = tuple[Any, ...]


def _by_line(option: OptionData) -> dict[Line, dict[int, FlowData]]:
    found: dict[Line, dict[int, FlowData]] = {}
    for flows in grouped_flows(direct_flows(option)):
        first = flows[0]
        said = (first.line, first.payer, first.category, first.kind, first.budget_line)
        line: Line = (*said, first.cashable)
        turn = sum(other[:-1] == line for other in found)
        found[*line, turn] = {flow.year: flow for flow in flows}
    return found


def _lines(name: str, old: OptionData, new: OptionData) -> Iterator[Difference]:
    before, after = _by_line(old), _by_line(new)
    for line in dict.fromkeys((*before, *after)):
        was, now = before.get(line, {}), after.get(line, {})
        text = line[0] or line[4]
        own = (line[1], str(line[3]))
        if not was or not now:
            words = tuple(str(part) for part in line[:5])
            there = (words if was else None, words if now else None)
            yield Difference("line", (name, text), *there, own)
        for year in sorted({*was, *now}):
            for estimate in ("amount", "low", "high"):
                one = getattr(was.get(year), estimate, None)
                other = getattr(now.get(year), estimate, None)
                if one != other:
                    yield Difference(estimate, (name, text, str(year)), one, other, own)


def _measures(name: str, old: OptionData, new: OptionData) -> Iterator[Difference]:
    before = {(m.name, m.year): m.value for m in old.measures}
    after = {(m.name, m.year): m.value for m in new.measures}
    for measure, year in dict.fromkeys((*before, *after)):
        was, now = before.get((measure, year)), after.get((measure, year))
        if was != now:
            where = (name, measure, *([] if year is None else [str(year)]))
            yield Difference("measure", where, was, now)
