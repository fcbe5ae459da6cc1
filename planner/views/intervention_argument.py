"""The steps of the form that make the argument: effect, consequences and costs, with a preview."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from optimizer.cases import CaseError, CaseErrors
from planner.access import allowed
from planner.extensions import db, me
from planner.formats import Language, reader_language
from planner.forms import consequence_step, cost_step, effect_step, split_fields, variant_fields
from planner.forms.argument_fields import Box, Typed
from planner.forms.argument_form import KINDS, ArgumentForm
from planner.forms.argument_steps import Surroundings
from planner.forms.from_shelf import SHELF_FIELDS
from planner.reports import argument as told
from planner.reports import interventions as report
from planner.reports.intervention_charts import cumulative_chart
from planner.services.case_argument import document_of, named, with_computed
from planner.services.case_judged import Judged, judge
from planner.services.cases import CaseData
from planner.services.interventions import get_intervention
from planner.services.writing import NotAllowedError, NotFoundError
from planner.views.intervention_steps import (
    Answer,
    Clash,
    Draft,
    place_in,
    step_page,
    store,
    surroundings,
    wish,
)
from planner.views.shelf_lines import shelf_lines

PREVIEW_HEIGHT = 160
USUAL: Mapping[str, Callable[[Surroundings], dict[str, str]]] = {
    "effect": lambda _around: {"outcome": ""},
    "consequences": consequence_step.usual_fields,
    "costs": cost_step.usual_fields,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One item of a step as its template draws it.

    Parameters
    ----------
    groups : sequence of (heading, boxes)
    """

    prefix: str
    place: int
    name: str
    groups: Sequence[tuple[str, Sequence[Box]]]
    has_rule: str = ""


# --- The step -------------------------------------------------------------------------------------


def argument_step(draft: Draft) -> Answer:
    """Show or save one of the three steps; what is half filled in is stored as it was typed."""
    data = draft.data
    if request.method == "GET":
        form = ArgumentForm(surroundings(draft), data.argument, data.typed)
        return _page(draft, form)
    typed = Typed.of_form(request.form.items(multi=True), KINDS[draft.step])
    dropped = place_in(wish(), "drop")
    if wish() == "add" or dropped is not None:
        return _changed_page(draft, typed, dropped)
    form = _form(draft, typed)
    settled = settle(draft, form)
    answer = store(
        draft,
        settled,
        fields=("argument", "typed"),
        again=lambda clash: _page(draft, form, clash=clash),
        errors=form.errors(draft.step),
        wrong=form.wrong(draft.step),
    )
    place = place_in(wish(), "shelf")
    if place is None or not isinstance(answer, Response):
        return answer
    item = typed.get(f"{KINDS[draft.step]}-{place}-id") or None
    choose = url_for("interventions.choose", code=draft.code, step=draft.step, item=item)
    return redirect(choose, 303)


def _form(draft: Draft, typed: Typed) -> ArgumentForm:
    """Return the three steps, with what was sent of the one that is written."""
    around, data = surroundings(draft), draft.data
    variants = Typed.of_form(request.form.items(multi=True), variant_fields.KIND)
    is_sent = draft.step == "effect" and bool(variants.values)
    return ArgumentForm(
        around, data.argument, data.typed, (draft.step, typed), variants if is_sent else None
    )


def _changed_page(draft: Draft, typed: Typed, dropped: int | None) -> str:
    """Return the page with an item more or less; nothing is stored before it is saved."""
    kind = KINDS[draft.step]
    if dropped is not None:
        typed.drop(kind, dropped)
    form = _form(draft, typed)
    if dropped is None:
        add_item(typed, kind, draft.step, form.around)
    typed.errors.clear()
    form.variant_fields.errors.clear()
    return _page(draft, form)


def add_item(typed: Typed, kind: str, step: str, around: Surroundings) -> None:
    """Put an item behind the others, with what a new one has from the start."""
    place = max(typed.places(kind), default=-1) + 1
    usual = USUAL[step](around)
    typed.values |= {f"{kind}-{place}-{part}": text for part, text in usual.items()}


def settle(draft: Draft, form: ArgumentForm) -> CaseData:
    """Return the case with what the form says; what cannot be computed is noted and kept as typed.

    The document that is stored can always be read and computed.
    """
    for _attempt in range(2):
        data = _with_form(draft, form)
        try:
            return with_computed(data, draft.strategy)
        except CaseErrors as wrong:
            language = reader_language()
            mistakes = named(wrong.errors, data.argument or {})
            form.refuse((error.path, error.message.say(language)) for error in mistakes)
        except CaseError as wrong:
            form.steps[draft.step].note("", wrong.message.say(reader_language()))
            break
    return replace(draft.data, typed=form.kept())


def _with_form(draft: Draft, form: ArgumentForm) -> CaseData:
    document = document_of(
        draft.data,
        draft.strategy,
        effects=form.effects,
        costs=form.costs,
        variants=form.variants,
    )
    return replace(draft.data, argument=document, typed=form.kept())


# --- The page -------------------------------------------------------------------------------------


def _page(draft: Draft, form: ArgumentForm, *, clash: Clash | None = None) -> str:
    language = reader_language()
    typed, kind = form.steps[draft.step], KINDS[draft.step]
    if not typed.places(kind):
        add_item(typed, kind, draft.step, form.around)
    # first: what cannot be computed is noted at its field
    preview = preview_of(draft, settle(draft, form), language)
    return step_page(
        draft,
        errors=form.errors(draft.step),
        clash=clash,
        typed=typed,
        kind=kind,
        items=[shown_item(draft.step, form, place, language) for place in typed.places(kind)],
        years=list(form.around.years),
        years_after=list(consequence_step.YEARS_AFTER),
        budget_years=list(draft.strategy.budget_period),
        share_boxes=split_fields.share_boxes(form.around),
        later_boxes=split_fields.later_boxes(form.around),
        number_boxes=split_fields.number_boxes() if draft.step == "consequences" else [],
        rows=row_words(draft.step),
        shelf_fields=SHELF_FIELDS.get(draft.step, ()),
        shelf=shelf_lines(typed, kind, SHELF_FIELDS.get(draft.step, ())),
        is_alone=len(typed.places(kind)) == 1,
        no_effect=draft.step == "consequences" and not form.around.effects,
        preview=preview,
        variants=_variants(form) if draft.step == "effect" else [],
        variant_fields=form.variant_fields,
        variant_rows=variant_fields.rows(form.around),
        preview_url=_preview_url(draft),
    )


def _variants(form: ArgumentForm) -> list[Shown]:
    """Return an item for each option, where there are several that may differ."""
    options = form.around.options
    if len(options) < 2:  # noqa: PLR2004 - one cannot differ
        return []
    return [
        Shown(f"{variant_fields.KIND}-{place}-", place, name, [("", variant_fields.boxes())])
        for place, (_key, name) in enumerate(options)
    ]


def _preview_url(draft: Draft) -> str:
    option = request.args.get("option")
    return url_for("interventions.figures", code=draft.code, step=draft.step, option=option)


def row_words(step: str) -> list[tuple[str, str]]:
    """Return the rows of a step's amounts by year, as (part of the field's name, words)."""
    if step == "costs":
        return [
            ("expected", _("Amount")),
            ("alternative", _("What the alternative costs")),
            ("low", _("Low amount")),
            ("high", _("High amount")),
        ]
    return [("expected", _("Expected")), ("low", _("At least")), ("high", _("At most"))]


def shown_item(step: str, form: ArgumentForm, place: int, language: Language) -> Shown:
    """Return one item of a step with its boxes, group by group."""
    typed, around, kind = form.steps[step], form.around, KINDS[step]
    prefix = f"{kind}-{place}-"
    own = typed.get(f"{prefix}{'outcome' if step == 'effect' else 'name'}").strip()
    groups: list[tuple[str, Sequence[Box]]]
    if step == "effect":
        word = _("Effect %(number)d", number=place + 1)
        groups = [
            ("", effect_step.first_boxes()),
            (_("With the intervention"), effect_step.group_boxes("with")),
            (_("Without it"), effect_step.group_boxes("without")),
            ("", [effect_step.source_box()]),
            (_("How long it lasts"), effect_step.durability_boxes()),
        ]
        return Shown(prefix, place, own or word, groups)
    has_dated = typed.get(f"{prefix}rule") == split_fields.DATED
    rules = split_fields.rule_boxes(only_shares=step == "costs", has_dated=has_dated)
    if step == "consequences":
        word = _("Consequence %(number)d", number=place + 1)
        groups = [
            ("", consequence_step.name_boxes(around)),
            (_("How much"), consequence_step.quantity_boxes()),
            (_("The price"), consequence_step.price_boxes()),
            ("", rules),
            (_("Whose budget"), consequence_step.budget_boxes(language)),
        ]
    else:
        word = _("Cost %(number)d", number=place + 1)
        groups = [
            ("", cost_step.first_boxes(around, language)),
            ("", rules),
            (_("Price year and budget"), cost_step.budget_boxes(language)),
        ]
    return Shown(prefix, place, own or word, groups, typed.get(f"{prefix}rule"))


# --- The preview ----------------------------------------------------------------------------------


def figures(code: str, step: str) -> str:
    """Show what the typed fields come to; nothing is stored."""
    if step not in KINDS:
        raise NotFoundError
    view = get_intervention(db.session, code, actor=me())
    if not allowed(me(), "save", view.current):
        raise NotAllowedError
    draft = Draft.of(view, step)
    typed = Typed.of_form(request.form.items(multi=True), KINDS[step])
    form = _form(draft, typed)
    found = preview_of(draft, settle(draft, form), reader_language())
    return render_template("interventions/_preview.html", preview=found)


def preview_of(draft: Draft, data: CaseData, language: Language) -> dict[str, Any]:
    """Return how the asked option looks with what is complete."""
    keys = [option.key for option in data.options]
    asked = request.args.get("option", "")
    place = keys.index(asked) if asked in keys else 0
    if not keys:
        return {"sentence": _("No option has been described yet."), "effects": [], "facts": []}
    try:
        judged = judge(data, data.options[place], draft.strategy, case=draft.case)
    except (CaseErrors, CaseError):
        return {"sentence": _("It cannot be computed yet."), "effects": [], "facts": []}
    return {
        "sentence": report.summary_sentence(judged.sums, language=language),
        "effects": [
            (route.outcome, told.effect_words(route, language=language))
            for route in judged.argued.case.effects
        ],
        "facts": told.facts(judged.figures, judged.sums, language=language)
        if judged.sums.has_money
        else [],
        "chart": _small_chart(judged, language),
        "waits": bool(data.typed),
    }


def _small_chart(judged: Judged, language: Language) -> Any:
    if not judged.sums.has_money:
        return None
    return cumulative_chart(judged.sums, source="", language=language, height=PREVIEW_HEIGHT)
