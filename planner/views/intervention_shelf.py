"""The page that fills in an item of the form from the knowledge shelf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from optimizer.shelf import ShelfConsequence, ShelfKind, ShelfPrice
from planner.access import allowed
from planner.extensions import db, me, now
from planner.formats import Language, reader_language
from planner.forms import consequence_step, effect_step
from planner.forms.argument_form import KINDS, ArgumentForm
from planner.forms.from_shelf import KINDS_OF_STEP, can_fill, fill, place_of
from planner.model import ShelfEntryRecord
from planner.model.states import WrongStateError
from planner.reports.intervention_words import STEP_WORDS
from planner.reports.shelf import headline, payers_words
from planner.services import shelf
from planner.services.case_shelf import choice_of, taken
from planner.services.interventions import get_intervention, save_draft
from planner.services.rounds import lock_of
from planner.services.writing import NotAllowedError, NotFoundError
from planner.views.intervention_argument import add_item, settle
from planner.views.intervention_list import price_note
from planner.views.intervention_steps import Draft, locked_page, seen_version, surroundings

BLANK = {"effect": effect_step.BESIDE, "consequences": consequence_step.BESIDE}


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry that can be chosen.

    Parameters
    ----------
    says, more : str
        Its figures in one line; and who pays a price, or at what price a consequence is counted.
    can_fill : bool
        Whether it has figures that the form has fields for.
    """

    key: str
    title: str
    href: str
    kind: str
    says: str
    more: str
    source: str
    is_old: bool
    can_fill: bool


def choose(code: str, step: str) -> str | Response:
    """List what the shelf has for a step, and write the chosen entry into the item's fields."""
    if step not in KINDS_OF_STEP:
        raise NotFoundError
    view = get_intervention(db.session, code, actor=me())
    if not allowed(me(), "save", view.current):
        if view.intervention.department_id not in me().department_ids:
            raise NotAllowedError
        raise WrongStateError(view.current.KIND, view.current.state, "save")
    draft = Draft.of(view, step)
    if request.method == "POST":
        return _take(draft)
    locked_by = lock_of(view.intervention, now=now())
    return _page(draft) if locked_by is None else locked_page(view, locked_by)


def _take(draft: Draft) -> Response:
    """Fill in the item, and go back to it; what was typed elsewhere stays."""
    chosen = choice_of(db.session, request.form.get("entry", "")[:100])
    kind, data = KINDS[draft.step], draft.data
    if chosen.chosen.content.KIND not in KINDS_OF_STEP[draft.step] or not can_fill(chosen.chosen):
        raise NotFoundError
    form = ArgumentForm(surroundings(draft), data.argument, data.typed)
    typed = form.steps[draft.step]
    item = request.form.get("item", "")
    place = place_of(typed, kind, item, blank=_blank(draft.step, form))
    if place not in typed.places(kind):
        add_item(typed, kind, draft.step, form.around)
    prefix = f"{kind}-{place}-"
    fill(typed, prefix, form.around, chosen.chosen, title=chosen.title, price=chosen.price)
    typed.errors.clear()
    typed.wrong.clear()
    form = ArgumentForm(surroundings(draft), data.argument, data.typed, (draft.step, typed))
    settled = settle(draft, form)
    save_draft(db.session, draft.case, settled, by=me(), now=now(), seen_version=seen_version())
    flash(
        _("“%(title)s” has been filled in. Look it over, and write what is missing.",
          title=chosen.title),
        "success",
    )  # fmt: skip
    first = "outcome" if draft.step == "effect" else "name"
    return redirect(f"{draft.address(draft.step)}#{prefix}{first}", 303)


def _blank(step: str, form: ArgumentForm) -> Sequence[str]:
    return [*BLANK[step], *form.around.share_fields]


# --- The list -------------------------------------------------------------------------------------


def _page(draft: Draft) -> str:
    kinds, asked = KINDS_OF_STEP[draft.step], request.args.get("kind", "")
    kind = ShelfKind(asked) if asked in set(kinds) else None
    text, item = request.args.get("q", "")[:200], request.args.get("item", "")[:200]
    language = reader_language()
    years = shelf.get_setting(db.session).years
    of_prices = shelf.ShelfFilters(kind=ShelfKind.UNIT_PRICE)
    prices = {entry.key: entry for entry in shelf.list_entries(db.session, of_prices)}
    offers = [
        _offer(entry, prices, years, language)
        for one in ([kind] if kind else kinds)
        for entry in shelf.list_entries(db.session, shelf.ShelfFilters(kind=one, text=text))
    ]
    word = str(STEP_WORDS[draft.step])
    return render_template(
        "interventions/choose.html",
        draft=draft,
        item=item,
        text=text,
        kind=kind,
        kinds=[("", _("All")), *((k.value, k.plural.say(language)) for k in kinds)]
        if len(kinds) > 1
        else [],
        offers=offers,
        counted=ngettext("%(num)d entry", "%(num)d entries", len(offers)),
        version=draft.case.version,
        keys=[str(uuid4()) for _offer_ in offers],
        price_note=price_note(draft.strategy),
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (draft.case.title, url_for("interventions.show", code=draft.code)),
            (word, draft.address(draft.step)),
            (_("Choose from the knowledge shelf"), None),
        ],
    )


def _offer(
    entry: ShelfEntryRecord, prices: Mapping[str, ShelfEntryRecord], years: int, language: Language
) -> Offer:
    newest = entry.newest
    one = taken(newest)
    content = one.content
    price = prices.get(content.unit_price) if isinstance(content, ShelfConsequence) else None
    more = "" if price is None else headline(price.newest.says, language=language)
    if isinstance(content, ShelfPrice):
        more = payers_words(content, language=language)
    return Offer(
        key=entry.key,
        title=entry.title,
        href=url_for("library.show", code=entry.key),
        kind=entry.kind.label.say(language),
        says=headline(content, language=language, price="" if price is None else price.title),
        more=more,
        source=one.source,
        is_old=shelf.is_old(newest, now=now(), years=years),
        can_fill=can_fill(one),
    )
