"""The columns of the shelf's workbook: one sheet a kind, one row an entry.

What writes a workbook and what reads it share this one list, so that what goes out comes back.
"""

from dataclasses import dataclass
from fractions import Fraction

from optimizer.quantity import NO_WORDS, Quantity, is_required, quantities
from optimizer.sentence import Sentence
from optimizer.shelf import CONTENTS, LONGEST_LINE, ShelfKind

FORMAT = "bundlinje-shelf/1"
FORMAT_PREFIX = "bundlinje-shelf/"
GUIDE = Sentence("Vejledning", "Guide")
#: row of the headings, counted from one as a spreadsheet does
HEAD_ROW = 4

STATES = {
    False: Sentence("I brug", "In use"),
    True: Sentence("Udgået", "Retired"),
}


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of a sheet.

    Parameters
    ----------
    name : str
        A field of the content, or ``key``, ``title``, ``number``, ``state``, ``source``,
        ``source_date``.
    about : Quantity
        Its words, unit and bounds.
    is_required : bool
        Whether a row without it is refused.

    Examples
    --------
    >>> [column.about.label.en for column in columns_of(ShelfKind.CONSEQUENCE)][:4]
    ['Key', 'Title', 'Version', 'State']
    """

    name: str
    about: Quantity
    is_required: bool

    @property
    def heading(self) -> Sentence:
        """What stands above the column: the words with the unit."""
        unit = self.about.unit
        if not unit.da:
            return self.about.label
        return Sentence(f"{self.about.label.da} ({unit.da})", f"{self.about.label.en} ({unit.en})")


def _text(da: str, en: str, *, help_: Sentence = NO_WORDS) -> Quantity:
    return Quantity(
        kind="text",
        label=Sentence(da, en),
        help=help_,
        unit=NO_WORDS,
        maximum=Fraction(LONGEST_LINE),
    )


_KEY = _text(
    "Nøgle",
    "Key",
    help_=Sentence(
        "Postens adresse. Lad den stå tom på en ny række; så laves den af titlen.",
        "The entry's address. Leave it empty on a new row; it is then made from the title.",
    ),
)
_NUMBER = Quantity(
    kind="count",
    label=Sentence("Version", "Version"),
    help=Sentence(
        "Den version, rækken er hentet med. Ret den ikke. Tom på en ny række.",
        "The version that the row was downloaded with. Do not change it. Empty on a new row.",
    ),
    unit=NO_WORDS,
)
_STATE = _text(
    "Tilstand",
    "State",
    help_=Sentence("Kun til orientering; læses ikke.", "For information only; not read."),
)
_SOURCE_DATE = _text(
    "Kildens dato",
    "The source's date",
    help_=Sentence(
        "Et år, en måned eller en dag: 2025, 2025-10 eller 2025-10-31.",
        "A year, a month or a day: 2025, 2025-10 or 2025-10-31.",
    ),
)


def columns_of(kind: ShelfKind) -> tuple[SheetColumn, ...]:
    """Return the columns of a kind's sheet, in their order."""
    cls = CONTENTS[kind]
    return (
        SheetColumn("key", _KEY, is_required=False),
        SheetColumn("title", _text("Titel", "Title"), is_required=True),
        SheetColumn("number", _NUMBER, is_required=False),
        SheetColumn("state", _STATE, is_required=False),
        *(SheetColumn(n, about, is_required(cls, n)) for n, about in quantities(cls).items()),
        SheetColumn("source", _text("Kilde", "Source"), is_required=True),
        SheetColumn("source_date", _SOURCE_DATE, is_required=False),
    )
