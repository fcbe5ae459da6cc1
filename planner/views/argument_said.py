"""The fields of an argument in words, as its form has them, for those who compare two versions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from planner.formats import Language
from planner.forms import split_fields
from planner.forms.argument_fields import Box
from planner.forms.argument_form import KINDS, ArgumentForm
from planner.model import CaseRecord
from planner.services.cases import case_data
from planner.services.intervention_list import InterventionView
from planner.views.intervention_argument import row_words, shown_item
from planner.views.intervention_steps import Draft, surroundings

#: step, id of the item, and the rest of the field's name
Key = tuple[str, str, str]
_ROW = re.compile(r"(?:(total|after)-)?([a-z]+)-(\d+)")


@dataclass(frozen=True, slots=True)
class SaidField:
    """One filled-in field.

    Parameters
    ----------
    where : str
        What the item is called, and the year of a row by year.
    text : str
        What stands in it, with its unit.
    """

    label: str
    where: str
    text: str


def differing(
    first: CaseRecord, second: CaseRecord, view: InterventionView, language: Language
) -> Iterator[tuple[str, str, str, str]]:
    """Yield label, place, and what stands in each version, of every field that differs."""
    before, after = (fields_of(case, view, language) for case in (first, second))
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        shown = new or old
        if shown is not None and (old and old.text) != (new and new.text):
            texts = (one.text if one is not None else "–" for one in (old, new))
            yield (shown.label, shown.where, *texts)  # type: ignore[misc]


def fields_of(case: CaseRecord, view: InterventionView, language: Language) -> dict[Key, SaidField]:
    """Return every filled-in field of a version's argument, in the order of the form."""
    data = case_data(case)
    around = surroundings(Draft(view, "effect", data))
    form = ArgumentForm(around, data.argument, data.typed)
    found: dict[Key, SaidField] = {}
    for step, kind in KINDS.items():
        typed = form.steps[step]
        for place in typed.places(kind):
            for part, field in _of_item(step, form, place, language):
                found[step, typed.get(f"{kind}-{place}-id"), part] = field
    return found


def _of_item(
    step: str, form: ArgumentForm, place: int, language: Language
) -> Iterator[tuple[str, SaidField]]:
    """Yield the filled-in fields of one effect, consequence or cost; rows by year come last."""
    item, typed = shown_item(step, form, place, language), form.steps[step]
    groups = [*item.groups, ("", split_fields.number_boxes())]
    if item.has_rule == split_fields.FIXED:
        groups.append((_("Who pays"), split_fields.share_boxes(form.around)))
        groups.append((_("Who pays later"), split_fields.later_boxes(form.around)))
    seen = {"id"}
    for heading, boxes in groups:
        for box in boxes:
            seen.add(box.part)
            text = typed.get(f"{item.prefix}{box.part}").strip()
            if text:
                label = f"{heading}: {box.label}" if heading else str(box.label)
                yield box.part, SaidField(label, item.name, _with_unit(box, text))
    for name, text in sorted(typed.values.items()):
        part = name.removeprefix(item.prefix)
        found = _ROW.fullmatch(part)
        if name.startswith(item.prefix) and part not in seen and found and text.strip():
            yield part, SaidField(*_row_label(step, item.name, found), text.strip())


def _with_unit(box: Box, text: str) -> str:
    if box.choices:
        return str(dict(box.choices).get(text, text))
    return f"{text}\N{NO-BREAK SPACE}{box.unit}" if box.unit else text


def _row_label(step: str, name: str, found: "re.Match[str]") -> tuple[str, str]:
    """Return the label and the place of a field of a row by year."""
    way, row, year = found.groups()
    if step == "effect":
        return _("Citizens who start"), f"{name} · {year}"
    label = dict(row_words(step)).get(row, row)
    if step == "costs" and way == "total":
        return label, f"{name} · {year}"
    if step == "consequences":
        label = f"{_('How much')}: {label}"
    return label, f"{name} · " + _("%(years)s years after the start", years=year)
