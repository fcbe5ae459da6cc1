"""Limits whose numbers can be changed where they stand, inside the sentence that says the limit."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from optimizer import Plan
from optimizer.constraints import constraints
from optimizer.constraints.base import Constraint
from optimizer.quantity import quantities
from optimizer.sentence import Sentence, kroner, number, percent
from optimizer.writing import tagged_document
from planner.forms.numbers import (
    NotANumberError,
    NotWholeKronerError,
    TooLargeError,
    parse_decimal,
    parse_kroner,
    write_number,
)
from planner.forms.rule_parts import as_decimal, json_number
from planner.forms.rules import in_words, rule_of

Json = Any
DIGITS = re.compile(r"[-−]?[\d.,]*\d")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sentence: words, or a number with the name of its field.

    ``width`` is the count of characters that the field has room for.
    """

    words: str = ""
    name: str = ""
    value: str = ""
    label: str = ""
    width: int = 0


@dataclass(frozen=True, slots=True)
class _Number:
    """One number of a limit: where it lies in the content, and how the sentence writes it."""

    key: str
    year: str | None
    value: Json
    kind: str
    written: Sentence
    label: Sentence

    @property
    def name(self) -> str:
        return self.key if self.year is None else f"{self.key}.{self.year}"


def pieces(limit_id: int, rule: Constraint, plan: Plan, language: str) -> tuple[Piece, ...]:
    """Return the sentence in pieces, its numbers as fields; empty where none stands in it.

    A number that the sentence does not say is changed on the limit's own page; so are all those of
    a limit that a person has named.
    """
    text = rule.named(plan).say(language)
    found: list[Piece] = []
    place = 0
    for one in _numbers(rule):
        written = one.written.say(language)
        match = re.compile(rf"(?<![\d.,]){re.escape(written)}(?!\d)").search(text, place)
        digits = DIGITS.match(written)
        if match is None or digits is None:
            continue
        end = match.start() + digits.end()
        value = _typed_form(one)
        label = one.label.say(language) + (f" {one.year}" if one.year else "")
        found.append(Piece(words=text[place : match.start()]))
        found.append(
            Piece(name=field_name(limit_id, one.name), value=value, label=label, width=len(value))
        )
        place = end
    return (*found, Piece(words=text[place:])) if found else ()


def field_name(limit_id: int, name: str) -> str:
    """Return the name of one number's field on the workbench."""
    return f"limit-{limit_id}-{name}"


def _numbers(rule: Constraint) -> Iterator[_Number]:
    writers: Mapping[str, Callable[[Any], Sentence]] = {
        "kroner": kroner,
        "share": percent,
        "number": number,
        "count": number,
    }
    for key, about in quantities(type(rule)).items():
        value = getattr(rule, key)
        if value is None or key == "soft_price":
            continue
        if about.kind == "kroner_by_year":
            for year, amount in sorted(value.items()):
                yield _Number(key, str(year), amount, "kroner", kroner(amount), about.label)
        elif about.kind in writers:
            yield _Number(key, None, value, about.kind, writers[about.kind](value), about.label)


def _typed_form(one: _Number) -> str:
    value = as_decimal(one.value)
    return write_number(value * 100 if one.kind == "share" else value)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the limits' numbers.

    Parameters
    ----------
    changes : mapping of limit id to dict
        The new content of the limits that differ from what is stored.
    errors : mapping of field name to str
        What could not be read, or is out of bounds.
    """

    changes: Mapping[int, dict[str, Json]]
    errors: Mapping[str, str]


def read_numbers(
    typed: Mapping[str, str], limits: Mapping[int, Mapping[str, Json]], plan: Plan, language: str
) -> Typed:
    """Return what the fields of a workbench change in its limits.

    Parameters
    ----------
    typed : mapping of field name to text
        The form as it was sent; a field that is not there changes nothing.
    limits : mapping of limit id to content
        The stored limits.
    """
    changes: dict[int, dict[str, Json]] = {}
    errors: dict[str, str] = {}
    for limit_id, content in limits.items():
        rule, _errors = rule_of(content, constraints, plan)
        if rule is None:
            continue
        wrong: dict[str, str] = {}
        changed = _changed(limit_id, rule, content, typed, wrong)
        if changed != content and not wrong:
            rule, found = rule_of(changed, constraints, plan)
            first = field_name(limit_id, next(_names_of(typed, limit_id), ""))
            for error in found:
                name = field_name(limit_id, error.path)
                message = in_words(error.message, constraints[content["tag"]]).say(language)
                wrong[name if name in typed else first] = message
            if rule is not None and not found:
                changes[limit_id] = tagged_document(rule, "tag")
        errors |= wrong
    return Typed(changes, errors)


def _names_of(typed: Mapping[str, str], limit_id: int) -> Iterator[str]:
    start = field_name(limit_id, "")
    return (name.removeprefix(start) for name in typed if name.startswith(start))


def _changed(
    limit_id: int,
    rule: Constraint,
    content: Mapping[str, Json],
    typed: Mapping[str, str],
    wrong: dict[str, str],
) -> dict[str, Json]:
    changed = dict(content)
    for one in _numbers(rule):
        name = field_name(limit_id, one.name)
        text = typed.get(name)
        if text is None or text.strip() == _typed_form(one):
            continue
        value, error = read_number(text, one.kind)
        if error:
            wrong[name] = error
        elif one.year is None:
            changed[one.key] = value
        else:
            changed[one.key] = {**changed[one.key], one.year: value}
    return changed


def read_number(text: str, kind: str) -> tuple[int | float | None, str]:
    """Return a typed number as JSON, or None and what would be right."""
    try:
        if kind == "kroner":
            return parse_kroner(text), ""
        value = parse_decimal(text.strip().removesuffix("%"))
    except NotWholeKronerError:
        return None, _("Write whole kroner, for instance 1.250.000.")
    except TooLargeError:
        return None, _("Write at most 100.000.000.000.")
    except NotANumberError:
        if kind == "kroner":
            return None, _("Write an amount in whole kroner, for instance 1.250.000.")
        return None, _("Write a number with a decimal comma, for instance 1.234,5.")
    return _fitting(value, kind)


def _fitting(value: Decimal, kind: str) -> tuple[int | float | None, str]:
    if kind == "share":
        if not 0 <= value <= 100:  # noqa: PLR2004 - percent
            return None, _("Write a percentage from %(least)s to %(most)s.", least=0, most=100)
        return json_number(value / 100), ""
    if kind == "count" and value != value.to_integral_value():
        return None, _("Write a whole number, for instance 12.")
    return json_number(value), ""
