"""The flow grid: a spreadsheet of money in a form.

A line is one consequence: a text, who pays, the control category, the kind, the budget line, and
three rows of amounts by year (expected, and optionally low and high). What was typed is kept as
text, so that nothing is lost when something cannot be read; `FlowGrid.read` says all of it at once.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from optimizer import Category, FlowKind
from planner.case_limits import (
    LONGEST_BUDGET_LINE,
    LONGEST_LINE,
    MOST_LINES,
    AmountFault,
    amount_faults,
    is_storable,
)
from planner.forms.interventions import NOT_STORABLE
from planner.forms.numbers import (
    NotANumberError,
    NotWholeKronerError,
    TooLargeError,
    parse_kroner,
    write_number,
)

CASES = ("amount", "low", "high")

_FIELD = re.compile(r"line-(\d{1,4})-([a-z]+)(?:-(\d{4}))?")


@dataclass(frozen=True, slots=True)
class LineValues:
    """One line as values: whole kroner by year, low and high None where nobody wrote any."""

    text: str
    payer: str
    category: str
    kind: str
    cashable: bool
    budget_line: str
    amounts: Mapping[int, tuple[int, int | None, int | None]]


@dataclass(slots=True)
class GridLine:
    """One line as it was typed.

    Parameters
    ----------
    typed : dict
        Text of each amount field by row (``amount``, ``low``, ``high``) and year.
    is_open : bool
        Show the fields that describe the line.
    """

    text: str = ""
    payer: str = ""
    category: str = str(Category.SERVICE)
    kind: str = str(FlowKind.SAVING)
    cashable: bool = True
    budget_line: str = ""
    typed: dict[tuple[str, int], str] = field(default_factory=dict)
    is_open: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Whether nobody has written anything in it."""
        words = (self.text, self.budget_line, *self.typed.values())
        return not any(word.strip() for word in words)

    @property
    def has_band(self) -> bool:
        """Whether a low or a high amount was typed."""
        return any(text.strip() for (case, _year), text in self.typed.items() if case != "amount")

    def typed_in(self, case: str, year: int) -> str:
        """Return what stands in one field."""
        return self.typed.get((case, year), "")

    def error_in(self, case: str, year: int) -> str:
        """Return what is wrong with one field."""
        return self.errors.get(f"{case}-{year}", "")


class FlowGrid:
    """The lines of one option.

    Parameters
    ----------
    lines : sequence of GridLine
    years : sequence of int
        The columns.
    payers : sequence of (key, name)
        Whose purse; the first one is offered for a new line.
    """

    def __init__(
        self,
        lines: Iterable[GridLine],
        *,
        years: Sequence[int],
        payers: Sequence[tuple[str, str]],
    ) -> None:
        self.lines = list(lines)
        self.years = list(years)
        self.payers = list(payers)
        self.errors: list[tuple[str, str]] = []

    @classmethod
    def of_values(
        cls,
        lines: Iterable[LineValues],
        *,
        years: Sequence[int],
        payers: Sequence[tuple[str, str]],
    ) -> "FlowGrid":
        """Return the grid of what is stored."""
        return cls([_typed(line) for line in lines], years=years, payers=payers)

    @classmethod
    def of_form(
        cls,
        fields: Iterable[tuple[str, str]],
        *,
        years: Sequence[int],
        payers: Sequence[tuple[str, str]],
    ) -> "FlowGrid":
        """Return the grid of what was sent, in the order of its lines."""
        found: dict[int, GridLine] = {}
        for name, text in fields:
            match = _FIELD.fullmatch(name)
            if match is None:
                continue
            place, part, year = int(match[1]), match[2], match[3]
            line = found.setdefault(place, GridLine(cashable=False))
            _set(line, part, int(year) if year else None, text)
        lines = [found[place] for place in sorted(found)][:MOST_LINES]
        return cls(lines, years=years, payers=payers)

    @property
    def has_band(self) -> bool:
        """Whether any line has a low or a high amount."""
        return any(line.has_band for line in self.lines)

    @property
    def has_room(self) -> bool:
        """Whether another line may be added."""
        return len(self.lines) < MOST_LINES

    def add(self, kind: str = "saving") -> None:
        """Add one empty line, opened, if there is room."""
        if self.has_room:
            payer = self.payers[0][0] if self.payers else ""
            is_known = kind in set(FlowKind)
            self.lines.append(
                GridLine(payer=payer, kind=kind if is_known else "saving", is_open=True)
            )

    def drop(self, place: int) -> None:
        """Take one line out."""
        if 0 <= place < len(self.lines):
            del self.lines[place]

    def name_of(self, place: int) -> str:
        """Return what a line is called in errors and for a screen reader."""
        line = self.lines[place]
        words = line.text.strip() or line.budget_line.strip()
        return words or _("Line %(number)d", number=place + 1)

    def sum_of(self, place: int, case: str = "amount") -> int | None:
        """Return the sum of a row as far as it can be read; None when part of it cannot."""
        line = self.lines[place]
        return _sum(line.typed_in(case, year) for year in self.years)

    def sum_in(self, year: int) -> int | None:
        """Return the sum of a year over all lines; None when part of it cannot be read."""
        return _sum(line.typed_in("amount", year) for line in self.lines)

    def total(self) -> int | None:
        """Return the sum of the whole grid; None when part of it cannot be read."""
        return _sum(line.typed_in("amount", y) for line in self.lines for y in self.years)

    def read(self) -> list[LineValues]:
        """Return the lines that can be read, and note in ``errors`` everything that cannot.

        Lines that nobody has written in are left out. An amount that is wrong counts as none.
        """
        self.errors = []
        values = []
        for place, line in enumerate(self.lines):
            line.errors = {}
            if not line.is_blank:
                values.append(_LineReader(self, place).values())
        return values

    def note(self, place: int, part: str, text: str) -> None:
        """Note one mistake, for the summary and at its field."""
        self.lines[place].errors.setdefault(part, text)
        self.errors.append((f"line-{place}-{part}", text))


class _LineReader:
    """Reads one line and notes what is wrong with it."""

    def __init__(self, grid: FlowGrid, place: int) -> None:
        self.grid = grid
        self.place = place
        self.line = grid.lines[place]
        self.name = grid.name_of(place)

    def values(self) -> LineValues:
        line = self.line
        kind = self._choice("kind", line.kind, [str(kind) for kind in FlowKind])
        return LineValues(
            text=self._text("text", line.text, LONGEST_LINE),
            payer=self._choice("payer", line.payer, [key for key, _name in self.grid.payers]),
            category=self._choice("category", line.category, [str(c) for c in Category]),
            kind=kind,
            cashable=line.cashable if kind == FlowKind.SAVING else True,
            budget_line=self._text("budget", line.budget_line, LONGEST_BUDGET_LINE),
            amounts=self._amounts(kind),
        )

    def _note(self, part: str, text: str) -> None:
        self.grid.note(self.place, part, text)

    def _text(self, part: str, text: str, longest: int) -> str:
        if not is_storable(text):
            self._note(part, f"{self.name}: {NOT_STORABLE}")
        elif len(text.strip()) > longest:
            self._note(
                part, _("%(line)s: write at most %(max)d characters.", line=self.name, max=longest)
            )
        return text.strip()

    def _choice(self, part: str, value: str, known: list[str]) -> str:
        if value in known:
            return value
        self._note(part, _("%(line)s: choose one of the list.", line=self.name))
        return known[0] if known else ""

    def _amounts(self, kind: str) -> dict[int, tuple[int, int | None, int | None]]:
        found = {}
        for year in self.grid.years:
            amount, low, high = (self._amount(case, year) for case in CASES)
            if amount is None and low is None and high is None:
                continue
            found[year] = (amount or 0, low, high)
            if not self.line.error_in("amount", year):
                self._check(kind, year, amount or 0, low, high)
        return found

    def _amount(self, case: str, year: int) -> int | None:
        text = self.line.typed_in(case, year)
        if not text.strip():
            return None
        try:
            return parse_kroner(text)
        except NotWholeKronerError:
            said = _("Write whole kroner, for instance 1.250.000.")
        except NotANumberError:
            said = _("Write an amount in whole kroner, for instance 1.250.000.")
        except TooLargeError:
            said = _("Write at most 100.000.000.000.")
        self._note(
            f"{case}-{year}",
            _(
                "%(line)s %(year)d: “%(text)s” cannot be read. %(said)s",
                line=self.name,
                year=year,
                text=text.strip()[:40],
                said=said,
            ),
        )
        return None

    def _check(self, kind: str, year: int, amount: int, low: int | None, high: int | None) -> None:
        for case, fault in amount_faults(kind, amount, low, high):
            self._note(f"{case}-{year}", self._said(fault, year))

    def _said(self, fault: AmountFault, year: int) -> str:
        if fault is AmountFault.SIGN:
            return _(
                "%(line)s %(year)d: money out of the purse has a minus, for instance −2.400.000.",
                line=self.name,
                year=year,
            )
        if fault is AmountFault.LOW:
            return _(
                "%(line)s %(year)d: the low amount is above the expected one.",
                line=self.name,
                year=year,
            )
        return _(
            "%(line)s %(year)d: the high amount is below the expected one.",
            line=self.name,
            year=year,
        )


def _set(line: GridLine, part: str, year: int | None, text: str) -> None:
    if year is not None:
        if part in CASES:
            line.typed[part, year] = text
        return
    setters: dict[str, Callable[[], None]] = {
        "text": lambda: setattr(line, "text", text),
        "payer": lambda: setattr(line, "payer", text),
        "category": lambda: setattr(line, "category", text),
        "kind": lambda: setattr(line, "kind", text),
        "budget": lambda: setattr(line, "budget_line", text),
        "cashable": lambda: setattr(line, "cashable", True),
        "open": lambda: setattr(line, "is_open", True),
    }
    if part in setters:
        setters[part]()


def _typed(line: LineValues) -> GridLine:
    typed: dict[tuple[str, int], str] = {}
    for year, amounts in line.amounts.items():
        for case, amount in zip(CASES, amounts, strict=True):
            if amount is not None:
                typed[case, year] = written(amount)
    return GridLine(
        text=line.text,
        payer=line.payer,
        category=line.category,
        kind=line.kind,
        cashable=line.cashable,
        budget_line=line.budget_line,
        typed=typed,
    )


def written(amount: int) -> str:
    """Return an amount as a field shows it: ``−2.400.000``."""
    return write_number(amount).replace("-", "−")


def _sum(texts: Iterable[str]) -> int | None:
    total = 0
    for text in texts:
        if text.strip():
            try:
                total += parse_kroner(text)
            except (NotANumberError, TooLargeError):
                return None
    return total
