"""The knowledge shelf as tables: what lies on it, its versions, who uses it."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer.quantity import Quantity, quantities
from optimizer.sentence import number, percent
from optimizer.shelf import Content, ShelfConsequence, ShelfEffect, ShelfKind, ShelfPrice
from optimizer.shelf_reader import Difference, differences
from planner import formats
from planner.formats import UNKNOWN, Language
from planner.reports.values import Cell, Column, Row, Table

__all__ = [
    "EntryLine",
    "FlagLine",
    "UseLine",
    "VersionLine",
    "compared_table",
    "entry_facts",
    "entry_table",
    "flag_table",
    "history_table",
    "use_table",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One entry with its newest version, as the list shows it."""

    kind: ShelfKind
    title: str
    href: str
    content: Content
    source: str
    source_date: str
    is_old: bool
    is_retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version of an entry."""

    number: int
    made_at: dt.datetime
    by: str
    source: str
    source_date: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UseLine:
    """A case that is made with a version, and the scenarios that it stands in."""

    case: str
    href: str
    state: str
    number: int
    scenarios: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagLine:
    """A case that should look at a version again."""

    use: UseLine
    entry: str
    entry_href: str
    newest: int
    has_newer: bool
    is_old: bool
    is_retired: bool


# --- One value ------------------------------------------------------------------------------------


def shown_value(value: Any, about: Quantity, *, language: Language) -> str:
    """Return one field of a content as people read it; what is not stated says so."""
    if about.kind == "choice":
        return next(c.label for c in about.choices if c.value == value).say(language)
    if value is None or value == "":
        return formats.shown(UNKNOWN, language=language)
    if about.kind == "kroner":
        return formats.say_kroner(value, language=language)
    if about.kind == "share":
        return percent(value).say(language)
    if about.kind in {"number", "count"}:
        return number(value).say(language)
    return str(value)


def headline(content: Content, *, language: Language, price: str = "") -> str:
    """Return what an entry says in one line.

    Parameters
    ----------
    price : str
        What the price of a consequence is called; empty says its key.
    """
    if isinstance(content, ShelfPrice):
        return _(
            "%(amount)s per %(unit)s, %(year)s prices",
            amount=formats.say_kroner(content.amount, language=language),
            unit=content.unit,
            year=content.price_year,
        )
    if isinstance(content, ShelfEffect):
        return _effect_headline(content, language)
    quantities_ = "; ".join(number(part).say(language) for part in content.by_year)
    return _(
        "%(quantities)s by year, times %(price)s",
        quantities=quantities_,
        price=price or content.unit_price,
    )


def payers_words(price: ShelfPrice, *, language: Language) -> str:
    """Return who pays a price: the shares by level of purse, or the rule that splits it."""
    if price.rule:
        about = quantities(ShelfPrice)["rule"]
        return shown_value(price.rule, about, language=language)
    return ", ".join(
        f"{level.label.say(language)} {percent(share).say(language)}"
        for level, share in price.shares.items()
    )


def _effect_headline(effect: ShelfEffect, language: Language) -> str:
    if effect.p_with is None:
        size = number(effect.effect_size or 0).say(language)
        return f"{effect.outcome}: {size} {effect.effect_measure}"
    rate = percent(effect.p_with).say(language)
    if effect.p_without is None or effect.added_effect is None:
        return f"{effect.outcome}: {rate}"
    points = number(effect.added_effect * 100).say(language)
    return _(
        "%(outcome)s: %(with)s against %(without)s, added effect %(points)s points",
        outcome=effect.outcome,
        points=points,
        **{"with": rate, "without": percent(effect.p_without).say(language)},
    )


def _is_silent(content: Content, name: str) -> bool:
    """Say whether a field has nothing to tell on its own."""
    if isinstance(content, ShelfPrice) and name.startswith("share_"):
        return not getattr(content, name)
    if isinstance(content, ShelfConsequence) and name.startswith("year_"):
        return int(name.removeprefix("year_")) >= len(content.by_year)
    if isinstance(content, ShelfEffect) and name == "effect_measure":
        return content.effect_size is None
    return name == "note" and not content.note


def entry_facts(content: Content, *, language: Language) -> list[tuple[str, str]]:
    """Return every field that tells something, with its words."""
    facts = [
        (about.label.say(language), shown_value(getattr(content, name), about, language=language))
        for name, about in quantities(type(content)).items()
        if not _is_silent(content, name)
    ]
    if isinstance(content, ShelfEffect) and content.added_effect is not None:
        points = number(content.added_effect * 100).say(language)
        facts.append((_("Added effect"), _("%(points)s percentage points", points=points)))
    return facts


# --- Tables ---------------------------------------------------------------------------------------


def entry_table(lines: Sequence[EntryLine], *, language: Language) -> Table:
    """Return the list of the shelf, one group a kind."""
    return Table(
        title=_("The knowledge shelf"),
        caption=_("Each entry with its newest version."),
        columns=(
            Column("title", _("Entry"), "link"),
            Column("says", _("Says")),
            Column("source", _("Source"), essential=False),
            Column("state", _("State"), "state"),
        ),
        rows=tuple(_entry_rows(lines, language)),
    )


def _entry_rows(lines: Sequence[EntryLine], language: Language) -> Iterator[Row]:
    for kind in ShelfKind:
        of_kind = [line for line in lines if line.kind is kind]
        if of_kind:
            yield Row((Cell(kind.plural.say(language)),), kind="group")
        for line in of_kind:
            state = "retired" if line.is_retired else "old" if line.is_old else "in_use"
            yield Row(
                (
                    Cell(line.title, href=line.href),
                    Cell(headline(line.content, language=language)),
                    Cell(line.source, note=line.source_date or None),
                    Cell(f"shelf.{state}"),
                )
            )


def history_table(lines: Sequence[VersionLine]) -> Table:
    """Return the versions of an entry, newest first."""
    return Table(
        title=_("History"),
        caption=_("Newest first. A version is never changed."),
        columns=(
            Column("number", _("Version"), "link"),
            Column("made", _("Made"), "moment"),
            Column("by", _("By")),
            Column("source", _("Source")),
            Column("date", _("The source's date")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(str(line.number), href=line.href),
                    Cell(line.made_at),
                    Cell(line.by),
                    Cell(line.source),
                    Cell(line.source_date or UNKNOWN),
                )
            )
            for line in lines
        ),
    )


def compared_table(
    old: tuple[int, Content], new: tuple[int, Content], *, language: Language
) -> Table:
    """Return two versions side by side, with what differs first.

    Parameters
    ----------
    old, new : pair of number and content
        The versions, both of the same entry.
    """
    found = [d for d in differences(old[1], new[1]) if not _says_nothing(d)]
    ordered = sorted(found, key=lambda difference: not difference.is_changed)
    changed = sum(difference.is_changed for difference in found)
    return Table(
        title=_("Two versions side by side"),
        caption=ngettext("One field differs.", "%(num)d fields differ.", changed)
        if changed
        else _("No field differs."),
        columns=(
            Column("field", _("Field")),
            # a line each on a narrow screen, for some texts are long
            Column("old", _("Version %(number)d", number=old[0]), "link"),
            Column("new", _("Version %(number)d", number=new[0]), "link"),
            Column("by", _("Difference"), "link"),
        ),
        rows=tuple(_compared_row(difference, language) for difference in ordered),
        total_note=_price_years_note(old[1], new[1]),
    )


def _price_years_note(old: Content, new: Content) -> str:
    """Say that two amounts cannot be compared as they stand; nothing where they can."""
    if not isinstance(old, ShelfPrice) or not isinstance(new, ShelfPrice):
        return ""
    if old.price_year == new.price_year:
        return ""
    return _(
        "The amounts are in %(old)s and %(new)s prices; part of the difference is inflation.",
        old=old.price_year,
        new=new.price_year,
    )


def _says_nothing(difference: Difference) -> bool:
    return not difference.is_changed and difference.old in {None, "", Fraction(0)}


def _compared_row(difference: Difference, language: Language) -> Row:
    about = difference.about
    return Row(
        (
            Cell(about.label.say(language)),
            Cell(shown_value(difference.old, about, language=language)),
            Cell(shown_value(difference.new, about, language=language)),
            Cell(_difference_words(difference, language)),
        )
    )


def _difference_words(difference: Difference, language: Language) -> str:
    if not difference.is_changed:
        return _("unchanged")
    by, kind = difference.by, difference.about.kind
    if by is None:
        return _("changed")
    sign = "+" if by > 0 else ""
    if kind == "share":
        return _("%(points)s percentage points", points=sign + number(by * 100).say(language))
    said = number(by).say(language)
    unit = difference.about.unit.say(language)
    size = f"{sign}{said}{formats.NO_BREAK}{unit}" if unit else f"{sign}{said}"
    if not difference.old:
        return size
    share = by / Fraction(difference.old)
    return f"{size} ({'+' if share > 0 else ''}{formats.percent(share, language=language)})"


def use_table(lines: Sequence[UseLine]) -> Table:
    """Return the cases that are made with an entry."""
    return Table(
        title=_("Used in"),
        caption=_("Only what you may see."),
        columns=(
            Column("case", _("Business case"), "link"),
            Column("state", _("State"), "state"),
            Column("number", _("Version of the entry")),
            Column("scenarios", _("Scenarios")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(line.case, href=line.href),
                    Cell(line.state),
                    Cell(str(line.number)),
                    Cell(", ".join(line.scenarios) or None),
                )
            )
            for line in lines
        ),
    )


def flag_table(lines: Sequence[FlagLine]) -> Table:
    """Return the cases that should look at a version again, each with the reasons."""
    return Table(
        title=_("Cases to look at again"),
        caption=_("Only what you may see."),
        columns=(
            Column("case", _("Business case"), "link"),
            Column("state", _("State"), "state"),
            Column("entry", _("Entry"), "link"),
            Column("why", _("Why")),
            Column("scenarios", _("Scenarios")),
        ),
        rows=tuple(
            Row(
                (
                    Cell(line.use.case, href=line.use.href),
                    Cell(line.use.state),
                    Cell(line.entry, href=line.entry_href),
                    Cell(" ".join(_reasons(line))),
                    Cell(", ".join(line.use.scenarios) or None),
                )
            )
            for line in lines
        ),
    )


def _reasons(line: FlagLine) -> Iterator[str]:
    if line.has_newer:
        yield _(
            "Uses version %(used)d; the newest is %(newest)d.",
            used=line.use.number,
            newest=line.newest,
        )
    if line.is_old:
        yield _("The source is old.")
    if line.is_retired:
        yield _("The entry has been retired.")
