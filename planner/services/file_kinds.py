"""What a file is, by its content; its name says nothing that is believed."""

import re
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from planner.model.states import FileKind
from planner.services.writing import clean

BEGINNINGS = (
    (b"%PDF-", FileKind.PDF),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"\xff\xd8\xff", FileKind.JPEG),
)
ZIP = b"PK\x03\x04"
# the part that each kind of office file must hold
PARTS = {
    "word/document.xml": FileKind.DOCX,
    "xl/workbook.xml": FileKind.XLSX,
    "ppt/presentation.xml": FileKind.PPTX,
}
OPEN_DOCUMENTS = {
    b"application/vnd.oasis.opendocument.text": FileKind.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": FileKind.ODS,
}
MACROS = re.compile(r"(^|/)(vbaProject\.bin|Basic/)", re.IGNORECASE)
MOST_MEMBERS = 10_000
LONGEST_NAME = 150
MIMETYPES = {
    FileKind.PDF: "application/pdf",
    FileKind.PNG: "image/png",
    FileKind.JPEG: "image/jpeg",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.PPTX: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    FileKind.ODT: "application/vnd.oasis.opendocument.text",
    FileKind.ODS: "application/vnd.oasis.opendocument.spreadsheet",
}
ENDINGS = {kind: (f".{kind}",) for kind in FileKind} | {FileKind.JPEG: (".jpeg", ".jpg")}


def kind_of(content: bytes) -> FileKind | None:
    """Return what a file is; None for what is not taken, macros among it."""
    for beginning, kind in BEGINNINGS:
        if content.startswith(beginning):
            return kind
    return _office_kind(content) if content.startswith(ZIP) else None


def _office_kind(content: bytes) -> FileKind | None:
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if len(names) > MOST_MEMBERS or any(MACROS.search(name) for name in names):
                return None
            if "[Content_Types].xml" in names:
                return next((kind for part, kind in PARTS.items() if part in names), None)
            if names[:1] == ["mimetype"]:
                with archive.open("mimetype") as file:
                    return OPEN_DOCUMENTS.get(file.read(100))
    except (BadZipFile, NotImplementedError, OSError, RuntimeError, ValueError, EOFError):
        return None
    return None


def safe_name(name: str, kind: FileKind) -> str:
    """Return a file's name without folders and odd signs, with the ending of what it is."""
    base = re.split(r"[\\/]", clean(name))[-1]
    plain = re.sub(r'[\x00-\x1f\x7f<>:"|?*]', "", base).strip(". ")
    stem = plain
    for ending in ENDINGS[kind]:
        if plain.casefold().endswith(ending):
            stem = plain[: -len(ending)]
    return f"{stem[:LONGEST_NAME].strip('. ') or 'bilag'}{ENDINGS[kind][0]}"
