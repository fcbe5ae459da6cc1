"""The columns of the candidates' workbook: what writes it and what reads it share this one list.

A hidden row above the headings carries a key of each column, so that a workbook is read whatever
language its headings are in, and whatever order its columns have been put in.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from optimizer import Category, FlowKind
from optimizer.quantity import NO_WORDS
from optimizer.sentence import Sentence

FORMAT: Final = "bundlinje-candidates/1"
FORMAT_PREFIX: Final = "bundlinje-candidates/"
#: row of the hidden keys, and of the headings, counted from one as a spreadsheet does
KEY_ROW: Final = 1
HEAD_ROW: Final = 4
MOST_STARS: Final = 3
GUIDE: Final = Sentence("Vejledning", "Guide")
LISTS: Final = Sentence("Lister", "Lists")

Kind = Literal["text", "long", "choice", "kroner", "share", "number", "whole"]
Amount = Literal["amount", "low", "high", "value"]


class Sheet(StrEnum):
    """One sheet of the workbook."""

    INTERVENTIONS = "interventions"
    OPTIONS = "options"
    FLOWS = "flows"
    MEASURES = "measures"


TITLES: Final = {
    Sheet.INTERVENTIONS: Sentence("Indsatser", "Interventions"),
    Sheet.OPTIONS: Sentence("Muligheder", "Options"),
    Sheet.FLOWS: Sentence("Pengestrømme", "Cash flows"),
    Sheet.MEASURES: Sentence("Måltal", "Measures"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a list: what is stored, and what is written in a cell."""

    value: str
    label: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """One column of a sheet.

    Parameters
    ----------
    key : str
        Stands in the hidden row, after the sheet's own key.
    choices : str
        Name of the list that a cell is chosen from.
    longest : int
        Most characters of a text.
    is_locked : bool
        Written by us and not to be changed.
    year : int or None
        Of a column of amounts; its ``amount`` says which of the estimates.
    """

    key: str
    heading: Sentence
    kind: Kind = "text"
    help: Sentence = NO_WORDS
    choices: str = ""
    longest: int = 200
    width: int = 18
    is_required: bool = False
    is_locked: bool = False
    year: int | None = None
    amount: Amount = "amount"


_CODE = SheetColumn(
    key="code",
    heading=Sentence("Kode", "Code"),
    is_required=True,
    longest=110,
    help=Sentence(
        "Binder arkene sammen. En ny indsats får selv en kode her, fx ny-1; den endelige laves af"
        " titlen.",
        "Ties the sheets together. Give a new intervention a code here, such as new-1; the final"
        " one is made from the title.",
    ),
)
_OPTION = SheetColumn(
    key="option",
    heading=Sentence("Mulighed", "Option"),
    longest=100,
    help=Sentence(
        "Nøglen fra arket Muligheder. Kan være tom, når indsatsen kun har én mulighed.",
        "The key from the sheet Options. May be empty when the intervention has only one.",
    ),
)
_YES_NO = "yes_no"

_INTERVENTIONS = (
    _CODE,
    SheetColumn(
        key="title",
        heading=Sentence("Titel", "Title"),
        is_required=True,
        width=36,
        help=Sentence("Det, folk kalder den, højst 200 tegn.", "What people call it, at most 200."),
    ),
    SheetColumn(
        key="department",
        heading=Sentence("Forvaltning", "Department"),
        kind="choice",
        choices="departments",
        is_required=True,
        width=24,
        help=Sentence("Vælg en fra listen.", "Choose one of the list."),
    ),
    SheetColumn(
        key="target_group",
        heading=Sentence("Målgruppe", "Target group"),
        width=24,
        help=Sentence("Skriv den, som andre gør.", "Write it as others do."),
    ),
    SheetColumn(
        key="supplier",
        heading=Sentence("Leverandør", "Supplier"),
        width=24,
        help=Sentence(
            "Tom, når forvaltningen gør det selv.", "Empty when the department does it itself."
        ),
    ),
    SheetColumn(
        key="external",
        heading=Sentence("Ekstern leverandør", "External supplier"),
        kind="choice",
        choices=_YES_NO,
        width=12,
        help=Sentence("Ja eller Nej; tom er Nej.", "Yes or No; empty is No."),
    ),
    SheetColumn(
        key="evidence_stars",
        heading=Sentence("Evidensstjerner", "Evidence stars"),
        kind="whole",
        choices="stars",
        width=12,
        help=Sentence(
            "0 til 3. De siger, hvor sikker effekten er, ikke hvor stor.",
            "0 to 3. They say how sure the effect is, not how large.",
        ),
    ),
    SheetColumn(
        key="evidence",
        heading=Sentence("Hvad man ved", "What is known"),
        kind="long",
        longest=4_000,
        width=40,
        help=Sentence(
            "Undersøgelser, hvor og hvornår, hvor mange, og hvad de viste.",
            "Studies, where and when, how many people, and what they showed.",
        ),
    ),
    SheetColumn(
        key="price_year",
        heading=Sentence("Prisår", "Price year"),
        kind="whole",
        width=10,
        help=Sentence("Det år, beløbene er i priser fra.", "The year whose prices amounts are in."),
    ),
    SheetColumn(
        key="summary",
        heading=Sentence("Hvad der gøres, og hvorfor", "What is done, and what for"),
        kind="long",
        longest=4_000,
        width=48,
        help=Sentence(
            "To-tre sætninger, som et byrådsmedlem forstår.",
            "Two or three sentences that a councillor understands.",
        ),
    ),
    SheetColumn(
        key="tags",
        heading=Sentence("Søgeord", "Words to find it by"),
        longest=1_300,
        width=28,
        help=Sentence("Adskilt af komma.", "Separated by commas."),
    ),
    SheetColumn(
        key="version",
        heading=Sentence("Udgave", "Version"),
        is_locked=True,
        width=10,
        help=Sentence(
            "Den udgave, rækken er hentet med. Ret den ikke. Tom på en ny række.",
            "The version that the row was downloaded with. Do not change it. Empty on a new row.",
        ),
    ),
    SheetColumn(
        key="state",
        heading=Sentence("Tilstand", "State"),
        is_locked=True,
        help=Sentence("Kun til orientering; læses ikke.", "For information only; not read."),
    ),
)

_OPTIONS = (
    _CODE,
    SheetColumn(
        key="option",
        heading=Sentence("Mulighed", "Option"),
        is_required=True,
        longest=100,
        help=Sentence(
            "En kort nøgle, fx basis eller stor: små bogstaver, tal og bindestreg.",
            "A short key, such as base or large: small letters, digits and hyphens.",
        ),
    ),
    SheetColumn(key="title", heading=Sentence("Navn", "Name"), width=32),
    SheetColumn(
        key="pool",
        heading=Sentence("Udlægget betales af", "The outlay is paid from"),
        kind="choice",
        choices="pools",
        width=32,
        help=Sentence("Tom: hver kasses eget budget.", "Empty: each payer's ordinary budget."),
    ),
    SheetColumn(
        key="minimum",
        heading=Sentence("Mindste del", "Smallest part"),
        kind="share",
        width=12,
        help=Sentence(
            "Procent, når den kan få en del af pengene. Tom: alt eller intet.",
            "Percent, where it may be funded in part. Empty: all or nothing.",
        ),
    ),
)

_FLOWS = (
    _CODE,
    _OPTION,
    SheetColumn(
        key="line",
        heading=Sentence("Konsekvens", "Consequence"),
        width=34,
        help=Sentence("Hvad pengene går til eller spares på.", "What the money is for."),
    ),
    SheetColumn(
        key="payer",
        heading=Sentence("Kasse", "Payer"),
        kind="choice",
        choices="payers",
        is_required=True,
        help=Sentence("Hvem der betaler eller sparer.", "Who pays or saves."),
    ),
    SheetColumn(
        key="category",
        heading=Sentence("Styringsområde", "Control category"),
        kind="choice",
        choices="categories",
        is_required=True,
    ),
    SheetColumn(
        key="kind",
        heading=Sentence("Art", "Kind"),
        kind="choice",
        choices="kinds",
        is_required=True,
        help=Sentence(
            "Udlæg og udgifter skrives med minus, besparelser uden.",
            "Outlays and costs are written with a minus, savings without.",
        ),
    ),
    SheetColumn(
        key="cashable",
        heading=Sentence("Kan hentes", "Cashable"),
        kind="choice",
        choices=_YES_NO,
        width=12,
        help=Sentence(
            "Ja eller Nej ved en besparelse: mister nogen budgettet?",
            "Yes or No at a saving: does somebody's budget lose it?",
        ),
    ),
    SheetColumn(
        key="budget_line", heading=Sentence("Budgetlinje", "Budget line"), longest=100, width=14
    ),
)

_MEASURES = (
    _CODE,
    _OPTION,
    SheetColumn(
        key="name",
        heading=Sentence("Måltal", "Measure"),
        is_required=True,
        longest=100,
        width=28,
        help=Sentence("Fx borgere.", "Such as citizens."),
    ),
    SheetColumn(
        key="total",
        heading=Sentence("I alt", "Total"),
        kind="number",
        width=14,
        help=Sentence(
            "Enten i alt eller år for år, ikke begge dele.", "Either a total or years, not both."
        ),
    ),
)

_FIXED: Final = {
    Sheet.INTERVENTIONS: _INTERVENTIONS,
    Sheet.OPTIONS: _OPTIONS,
    Sheet.FLOWS: _FLOWS,
    Sheet.MEASURES: _MEASURES,
}
_YEAR_KEY = re.compile(r"(amount|low|high|value)\.((?:19|20|21)\d\d)")
_ESTIMATES: Final[dict[Amount, Sentence]] = {
    "amount": NO_WORDS,
    "low": Sentence("Lav", "Low"),
    "high": Sentence("Høj", "High"),
    "value": NO_WORDS,
}


def columns_of(sheet: Sheet, years: Sequence[int] = ()) -> tuple[SheetColumn, ...]:
    """Return the columns of a sheet, in their order, with those of the years last.

    >>> [c.key for c in columns_of(Sheet.MEASURES, [2027])]
    ['code', 'option', 'name', 'total', 'value.2027']
    """
    amounts: dict[Sheet, tuple[Amount, ...]] = {
        Sheet.FLOWS: ("amount", "low", "high"),
        Sheet.MEASURES: ("value",),
    }
    of_years = (_of_year(amount, year) for amount in amounts.get(sheet, ()) for year in years)
    return (*_FIXED[sheet], *of_years)


def _of_year(amount: Amount, year: int) -> SheetColumn:
    word = _ESTIMATES[amount]
    return SheetColumn(
        key=f"{amount}.{year}",
        heading=Sentence(f"{word.da} {year}".strip(), f"{word.en} {year}".strip()),
        kind="number" if amount == "value" else "kroner",
        width=13,
        year=year,
        amount=amount,
    )


def column_of(key: str) -> tuple[Sheet, SheetColumn] | None:
    """Return the sheet and column that a hidden key names; None where it names none.

    >>> column_of("flows.low.2030")[1].heading.en
    'Low 2030'
    """
    name, _dot, rest = key.partition(".")
    if name not in set(Sheet):
        return None
    sheet = Sheet(name)
    found = next((column for column in _FIXED[sheet] if column.key == rest), None)
    if found is None and (match := _YEAR_KEY.fullmatch(rest)) is not None:
        column = _of_year(match[1], int(match[2]))  # type: ignore[arg-type]
        found = column if column in columns_of(sheet, [int(match[2])]) else None
    return None if found is None else (sheet, found)


Lists = Mapping[str, Sequence[Choice]]


def lists_of(
    *,
    departments: Sequence[tuple[str, str]],
    payers: Sequence[tuple[str, str]],
    pools: Sequence[tuple[str, str]],
) -> dict[str, tuple[Choice, ...]]:
    """Return every list that cells are chosen from, by name.

    Parameters
    ----------
    departments, payers, pools : sequence of (key, name)
    """
    ordinary = Choice("", Sentence("hver kasses eget budget", "each payer's ordinary budget"))
    return {
        "departments": _named(departments),
        "payers": _named(payers),
        "pools": (ordinary, *_named(pools)),
        "categories": tuple(Choice(str(c), c.label) for c in Category),
        "kinds": tuple(Choice(str(kind), kind.label) for kind in FlowKind),
        _YES_NO: (Choice("yes", Sentence("Ja", "Yes")), Choice("no", Sentence("Nej", "No"))),
        "stars": tuple(Choice(str(n), Sentence(str(n), str(n))) for n in range(MOST_STARS + 1)),
    }


def _named(pairs: Sequence[tuple[str, str]]) -> tuple[Choice, ...]:
    """Return choices with names of their own: equal names carry their key."""
    names = [name.casefold() for _key, name in pairs]
    return tuple(
        Choice(key, Sentence(label, label))
        for key, name in pairs
        for label in (name if names.count(name.casefold()) == 1 else f"{name} ({key})",)
    )
