"""The Danish texts: parts merged and compiled, and checked against the code.

``python -m planner.catalogue`` compiles the parts ``translations/da/<area>.po`` into
``translations/da/LC_MESSAGES/messages.mo``. With ``--check`` it compares them with what the code
and the templates ask for, and exits 1 where a reader would meet an untranslated or a wrong text.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGE = "da"
PACKAGE = Path(__file__).resolve().parent
TRANSLATIONS = PACKAGE / "translations"

# What the code calls; numbers say which arguments are texts ("c": the context).
KEYWORDS: Mapping[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[-+ 0#]*[\d.]*[a-z]|\{(\w+)[^{}]*\}")

Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Use:
    """One text that the code or a template asks for."""

    place: str
    msgid: str
    plural: str | None = None
    context: str | None = None

    @property
    def key(self) -> Key:
        """What the catalogue knows the text by."""
        return self.msgid, self.context


@dataclass(slots=True)
class Findings:
    """What the check found: mistakes that a reader would see, and remarks."""

    mistakes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_parts(translations: Path = TRANSLATIONS) -> dict[str, Catalog]:
    """Return every part by its file name, in the order of the names."""
    parts = {}
    for path in sorted((translations / LANGUAGE).glob("*.po")):
        with path.open("rb") as file:
            parts[path.name] = read_po(file, locale=LANGUAGE, abort_invalid=True)
    return parts


def merge_parts(parts: Mapping[str, Catalog]) -> Catalog:
    """Return one catalogue of all parts; the first part that has a text decides."""
    merged = Catalog(locale=LANGUAGE, domain="messages", fuzzy=False)
    for part in parts.values():
        for message in _texts(part):
            if merged.get(message.id, message.context) is None:
                merged.add(message.id, message.string, flags=message.flags, context=message.context)
    return merged


def compile_catalogue(translations: Path = TRANSLATIONS) -> Path:
    """Write ``messages.mo`` from the parts and return its path."""
    target = translations / LANGUAGE / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".new")
    with fresh.open("wb") as file:
        write_mo(file, merge_parts(read_parts(translations)))
    fresh.replace(target)  # a running application reads the old one or the new one, never half
    return target


def find_uses(package: Path = PACKAGE, templates: Path | None = None) -> Iterator[Use]:
    """Yield the texts that Python files in ``package`` and Jinja files in ``templates`` ask for."""
    pages = package.parent / "templates" if templates is None else templates
    sources = [(path, "python") for path in sorted(package.rglob("*.py"))]
    sources += [(path, "jinja2") for path in sorted(pages.rglob("*.html"))]
    sources += [(path, "jinja2") for path in sorted(pages.rglob("*.txt"))]
    for path, method in sources:
        yield from _uses_in(path, method, package.parent)


def check_catalogue(parts: Mapping[str, Catalog], uses: Iterable[Use]) -> Findings:
    """Compare the parts with the texts in use."""
    findings = Findings()
    known = merge_parts(parts)
    asked: set[Key] = set()
    for use in uses:
        if use.key not in asked:
            asked.add(use.key)
            findings.mistakes += _mistakes_in_use(use, known)
    for name, part in parts.items():
        for message in _texts(part):
            findings.mistakes += [f"{name}: {text}" for text in _mistakes_in(message)]
            if _key(message) not in asked:
                findings.remarks.append(f"{name}: not found in the code: {_first(message)!r}")
    findings.mistakes += _contradictions(parts)
    return findings


def main(arguments: Sequence[str] | None = None) -> int:
    """Compile the catalogue, or check it, from the command line."""
    parser = argparse.ArgumentParser(prog="python -m planner.catalogue", description=__doc__)
    parser.add_argument("--check", action="store_true", help="check, and write nothing")
    parser.add_argument("--unused", action="store_true", help="with --check: list unused texts")
    chosen = parser.parse_args(arguments)
    if not chosen.check:
        compile_catalogue()
        return 0
    findings = check_catalogue(read_parts(), find_uses())
    for mistake in findings.mistakes:
        print(mistake)
    if chosen.unused:
        for remark in findings.remarks:
            print(remark)
    print(f"{len(findings.mistakes)} mistakes, {len(findings.remarks)} texts not found in the code")
    return 1 if findings.mistakes else 0


def _uses_in(path: Path, method: str, root: Path) -> Iterator[Use]:
    options = {"silent": "false"} if method == "jinja2" else {}
    for line, text, _comments, context in extract_from_file(
        method, path, keywords=KEYWORDS, options=options
    ):
        msgid, plural = (text[0], text[1]) if isinstance(text, tuple) else (text, None)
        place = path.relative_to(root) if path.is_relative_to(root) else path
        yield Use(f"{place.as_posix()}:{line}", msgid, plural, context)


def _texts(part: Catalog) -> Iterator[Message]:
    return (message for message in part if message.id)


def _key(message: Message) -> Key:
    return _first(message), message.context


def _first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (list, tuple)) else message.id


def _forms(message: Message) -> list[str]:
    string = message.string
    forms = string if isinstance(string, (list, tuple)) else [string]
    return [form or "" for form in forms]


def _mistakes_in_use(use: Use, known: Catalog) -> Iterator[str]:
    message = known.get(use.msgid, use.context)
    if message is None:
        yield f"{use.place}: no Danish for {use.msgid!r}"
    elif use.plural is not None and not message.pluralizable:
        yield f"{use.place}: no Danish plural for {use.msgid!r}"


def _mistakes_in(message: Message) -> Iterator[str]:
    first = _first(message)
    if message.fuzzy:
        yield f"fuzzy: {first!r}"
    if not all(form.strip() for form in _forms(message)):
        yield f"empty: {first!r}"
        return
    wanted = _placeholders(message.id if message.pluralizable else [first])
    found = _placeholders(_forms(message))
    if wanted != found:
        yield f"placeholders {sorted(found)} instead of {sorted(wanted)}: {first!r}"


def _placeholders(texts: Iterable[str]) -> set[str]:
    return {match[0] for text in texts for match in PLACEHOLDER.finditer(text)}


def _contradictions(parts: Mapping[str, Catalog]) -> Iterator[str]:
    seen: dict[Key, tuple[str, list[str]]] = {}
    for name, part in parts.items():
        for message in _texts(part):
            other, forms = seen.setdefault(_key(message), (name, _forms(message)))
            if forms != _forms(message):
                yield f"{name}: another text than in {other}: {_first(message)!r}"


if __name__ == "__main__":
    sys.exit(main())
