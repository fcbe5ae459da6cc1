"""What a preview showed, as a short text for a hidden field, and back again."""

import base64
import binascii
import json
import zlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from planner.services.workbook_reading import BookError, RawCell, RawSheet

LONGEST_PACKED = 400_000
MOST_UNPACKED = 12_000_000
MOST_CELLS = 500_000


def pack(plain: Any) -> str | None:
    """Return plain values as a short text; None where it is too long for one page."""
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")
    return packed if len(packed) <= LONGEST_PACKED else None


def unpack(text: str) -> Any:
    """Return the plain values that `pack` made the text from.

    Raises
    ------
    BookError
        When it was not made by `pack`.
    """
    try:
        # a text that was cut off is no whole JSON either
        packed = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
        return json.loads(zlib.decompressobj().decompress(packed, MOST_UNPACKED))
    except (binascii.Error, ValueError, RecursionError, zlib.error) as error:
        raise lost() from error


def lost() -> BookError:
    """Return what is said when the hidden field did not arrive as it was sent."""
    return BookError(
        "Rækkerne kom ikke helt frem. Vælg filen igen.",
        "The rows did not arrive. Choose the file again.",
    )


def plain_sheets(sheets: Iterable[RawSheet], kept: Collection[tuple[str, int]]) -> list[Any]:
    """Return the rows that are ``kept``, as (title of the sheet, row), to be packed."""
    return [
        [
            sheet.title,
            [
                [row, [[place, cell.value] for place, cell in cells.items()]]
                for row, cells in sheet.rows.items()
                if (sheet.title, row) in kept
            ],
        ]
        for sheet in sheets
    ]


def sheets_from(plain: Any) -> list[RawSheet]:
    """Return the sheets that `plain_sheets` described.

    Raises
    ------
    BookError
        When the values are of another shape.
    """
    try:
        sheets = [
            RawSheet(str(title), {int(row): _cells(cells) for row, cells in rows})
            for title, rows in plain
        ]
    except (ValueError, TypeError) as error:
        raise lost() from error
    if sum(len(cells) for sheet in sheets for cells in sheet.rows.values()) > MOST_CELLS:
        raise lost()
    return sheets


def _cells(cells: Sequence[Any]) -> dict[int, RawCell]:
    found = {}
    for place, value in cells:
        if not isinstance(value, str | int | float):
            raise TypeError("no value of a cell")
        found[int(place)] = RawCell(value)
    return found
