"""The form of one intervention: a new one, and the steps whose fields are few."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from planner.access import allowed
from planner.extensions import db, me, now
from planner.forms.interventions import (
    DescriptionForm,
    EvidenceForm,
    NewInterventionForm,
    OptionsForm,
)
from planner.model import CaseRecord, DepartmentRecord, RoundRecord, StrategyRecord
from planner.model.states import PoolKind, WrongStateError
from planner.reports.intervention_list import danish_order
from planner.reports.intervention_words import STEP_WORDS, STEPS
from planner.services.cases import CaseData, OptionData
from planner.services.interventions import (
    create_draft,
    get_intervention,
    list_interventions,
    slug,
)
from planner.services.rounds import lock_of, rounds_for
from planner.services.strategies import get_strategy
from planner.services.writing import NotAllowedError, NotFoundError
from planner.views.intervention_grids import flows, measures
from planner.views.intervention_list import price_note
from planner.views.intervention_steps import (
    Answer,
    Clash,
    Draft,
    check_page,
    locked_page,
    place_in,
    step_page,
    store,
    wish,
)

FIRST_OPTION = "basis"
DESCRIPTION_FIELDS = ("title", "summary", "target_group", "supplier", "external")
EVIDENCE_FIELDS = ("evidence_stars", "evidence")


# --- A new one ------------------------------------------------------------------------------------


def new() -> Answer:
    """Begin a new intervention; it gets its address when the first step is saved."""
    strategy = get_strategy(db.session, request.args.get("strategy", type=int))
    own = {d.key: d for d in strategy.departments if d.id in me().department_ids}
    if not own:
        raise NotAllowedError
    open_rounds = rounds_for(db.session, strategy, [d.id for d in own.values()], now=now())
    offered = {str(one.id): one for one in open_rounds}
    form = NewInterventionForm(data={"round": next(iter(offered), "")})
    form.offer_departments([(key, d.name) for key, d in own.items()])
    form.offer_rounds([(key, one.name) for key, one in offered.items()])
    if form.validate_on_submit():
        case = create_draft(
            db.session,
            _described(CaseData(title=""), form, options=(_first_option(strategy),)),
            department=own[form.department.data],
            the_round=_chosen_round(form, offered, own),
            by=me(),
            now=now(),
        )
        flash(_("The draft is saved. Only your department sees it."), "success")
        return _after_creation(case)
    page = render_template(
        "interventions/new.html",
        form=form,
        groups=_target_groups(strategy),
        steps=[
            (str(STEP_WORDS[step]), "#content", "here" if step == STEPS[0] else "todo", "")
            for step in STEPS
        ],
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (_("New intervention"), None),
        ],
        key=form.key.data or str(uuid4()),
        price_note=price_note(strategy),
    )
    return (page, 422) if request.method == "POST" else page


def _chosen_round(
    form: NewInterventionForm,
    offered: dict[str, RoundRecord],
    own: dict[str, DepartmentRecord],
) -> RoundRecord | None:
    """Return the chosen round, where it takes the chosen department."""
    chosen = offered.get(form.round.data or "")
    takes = chosen is not None and chosen.takes(own[form.department.data].id)
    return chosen if takes else None


def _after_creation(case: CaseRecord) -> Response:
    step = "evidence" if wish() == "next" else "description"
    code = case.intervention.code
    return redirect(url_for("interventions.edit", code=code, step=step), 303)


def _first_option(strategy: StrategyRecord) -> OptionData:
    pools = [pool.key for pool in strategy.pools if pool.kind is PoolKind.INVESTMENT]
    return OptionData(key=FIRST_OPTION, pool=pools[0] if pools else None)


def _target_groups(strategy: StrategyRecord) -> list[str]:
    rows = list_interventions(db.session, strategy=strategy, actor=me())
    return sorted({row.target_group for row in rows if row.target_group}, key=danish_order)


def _described(
    data: CaseData, form: DescriptionForm, *, options: tuple[OptionData, ...]
) -> CaseData:
    return replace(
        data,
        title=form.title.data,
        summary=form.summary.data or "",
        target_group=form.target_group.data or "",
        supplier=form.supplier.data or "",
        external=bool(form.external.data),
        tags=tuple(form.tags.data or ()),
        options=options,
    )


# --- The steps ------------------------------------------------------------------------------------


def edit(code: str, step: str) -> Answer:
    """Show or save one step of the draft."""
    if step not in STEPS:
        raise NotFoundError
    view = get_intervention(db.session, code, actor=me())
    case = view.current
    if not allowed(me(), "save", case):
        if view.intervention.department_id not in me().department_ids:
            raise NotAllowedError
        if request.method == "POST":
            raise WrongStateError(case.KIND, case.state, "save")
        flash(
            _("This version has been submitted and is not changed. Begin a new draft."), "warning"
        )
        return redirect(url_for("interventions.show", code=code), 303)
    locked_by = lock_of(view.intervention, now=now())
    if locked_by is not None and request.method == "GET":
        return locked_page(view, locked_by)
    draft = Draft.of(view, step)
    return {
        "description": _description,
        "evidence": _evidence,
        "options": _options,
        "flows": flows,
        "measures": measures,
        "check": _check,
    }[step](draft)


def _check(draft: Draft) -> Answer:
    return check_page(draft.view)


def _description(draft: Draft) -> Answer:
    data = draft.data
    form = DescriptionForm(
        data={name: getattr(data, name) for name in (*DESCRIPTION_FIELDS, "tags")}
    )

    def page(clash: Clash | None = None) -> str:
        return step_page(
            draft,
            form=form,
            groups=_target_groups(draft.strategy),
            wrong=len(form.errors),
            clash=clash,
            key=form.key.data,
        )

    if request.method == "GET":
        return page()
    if not form.validate():
        return page(), 422
    described = _described(data, form, options=data.options)
    return store(draft, described, fields=DESCRIPTION_FIELDS, again=page)


def _evidence(draft: Draft) -> Answer:
    form = EvidenceForm(data={"stars": draft.data.evidence_stars, "evidence": draft.data.evidence})

    def page(clash: Clash | None = None) -> str:
        return step_page(draft, form=form, wrong=len(form.errors), clash=clash, key=form.key.data)

    if request.method == "GET":
        return page()
    if not form.validate():
        return page(), 422
    data = replace(draft.data, evidence_stars=form.stars.data, evidence=form.evidence.data or "")
    return store(draft, data, fields=EVIDENCE_FIELDS, again=page)


# --- Options --------------------------------------------------------------------------------------


def _options(draft: Draft) -> Answer:
    form = OptionsForm(data={"options": [_option_fields(o) for o in draft.data.options]})
    form.offer_pools([(pool.key, pool.name) for pool in draft.strategy.pools])

    def page(clash: Clash | None = None) -> str:
        form.offer_pools([(pool.key, pool.name) for pool in draft.strategy.pools])
        return step_page(
            draft,
            form=form,
            wrong=sum(map(len, form.options.errors)) if form.options.errors else 0,
            errors=_option_errors(form),
            clash=clash,
            key=form.key.data,
        )

    if request.method == "GET":
        return page()
    place = place_in(wish(), "drop")
    if wish() == "add" or place is not None:
        if place is None:
            form.add()
        else:
            form.drop(place)
        return page()
    if not form.validate():
        return page(), 422
    data = replace(draft.data, options=_read_options(draft.data, form))
    return store(draft, data, fields=("options",), again=page)


def _option_fields(option: OptionData) -> dict[str, object]:
    return {
        "key": option.key,
        "title": option.title,
        "pool": option.pool or "",
        "is_scalable": option.scalable_minimum is not None,
        "minimum": option.scalable_minimum or None,
    }


def _option_errors(form: OptionsForm) -> list[tuple[str, str]]:
    return [
        (field.id, f"{_('Option %(number)d', number=place + 1)}, {field.label.text}: {text}")
        for place, entry in enumerate(form.options)
        for field in entry.form
        for text in field.errors
    ]


def _read_options(data: CaseData, form: OptionsForm) -> tuple[OptionData, ...]:
    """Return the options of the form; a known key keeps its flows and measures."""
    known = {option.key: option for option in data.options}
    found: dict[str, OptionData] = {}
    for entry in form.options:
        fields = entry.form
        key = fields.key.data or ""
        old = known.get(key) if key not in found else None
        if old is None:
            old = OptionData(key=_free_key(fields.title.data or "", {*known, *found}))
        found[old.key] = replace(
            old,
            title=fields.title.data or "",
            pool=fields.pool.data or None,
            scalable_minimum=(fields.minimum.data or Decimal(0))
            if fields.is_scalable.data
            else None,
        )
    return tuple(found.values())


def _free_key(title: str, taken: set[str]) -> str:
    wanted = slug(title) if title else FIRST_OPTION
    number, key = 2, wanted
    while key in taken:
        key, number = f"{wanted}-{number}", number + 1
    return key
