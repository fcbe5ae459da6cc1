"""The form of one intervention: a new one, and the steps whose fields are few."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import Field, FieldList, Form, FormField

from optimizer.planfile import contract_document
from planner.access import allowed
from planner.extensions import db, me, now
from planner.formats import reader_language
from planner.forms.contracts import Offer, contract_data
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
from planner.reports.interventions import option_name
from planner.services.case_plan import option_from, years_offered
from planner.services.cases import CaseData, OptionData, financed_otherwise
from planner.services.interventions import (
    create_draft,
    get_intervention,
    list_interventions,
    slug,
)
from planner.services.rounds import lock_of, rounds_for
from planner.services.strategies import get_strategy
from planner.services.writing import NotAllowedError, NotFoundError
from planner.views.intervention_argument import argument_step
from planner.views.intervention_grids import flows, measures
from planner.views.intervention_list import price_note
from planner.views.intervention_steps import (
    Answer,
    Clash,
    Draft,
    as_json,
    check_page,
    is_autosave,
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
    answer: Answer = {
        "description": _description,
        "evidence": _evidence,
        "options": _options,
        "effect": argument_step,
        "consequences": argument_step,
        "costs": argument_step,
        "flows": flows,
        "measures": measures,
        "check": _check,
    }[step](draft)
    return as_json(answer) if is_autosave() else answer


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
    given = _offer(draft)

    def offer() -> None:
        form.offer_pools([(pool.key, pool.name) for pool in draft.strategy.pools])
        form.offer_contracts(given)

    def page(clash: Clash | None = None) -> str:
        offer()
        errors = _option_errors(form)
        return step_page(
            draft,
            form=form,
            contracts_said=_contracts_said(form, given),
            names=[option_name(o.title, n) for n, o in enumerate(draft.data.options)],
            wrong=len(errors),
            errors=errors,
            clash=clash,
            key=form.key.data,
        )

    offer()
    if request.method == "GET":
        return page()
    if _reshaped(form, draft):
        return page()
    is_valid = form.validate()
    if wish() == "show":
        return page()
    if not is_valid:
        return page(), 422
    data = replace(draft.data, options=_read_options(draft.data, form))
    return store(draft, data, fields=("options",), again=page)


def _offer(draft: Draft) -> Offer:
    """Return what the contracts of a draft may refer to."""
    years = years_offered(draft.strategy, draft.data)
    return Offer(
        payers=[(payer.key, payer.name) for payer in draft.strategy.payers],
        years=(years[0], years[-1]),
        measures={
            o.key: option_from(replace(o, contract=None)).measures for o in draft.data.options
        },
    )


def _reshaped(form: OptionsForm, draft: Draft) -> bool:
    """Add, copy or take out an option, where the pressed button asks for it."""
    dropped, copied = place_in(wish(), "drop"), place_in(wish(), "copy")
    if wish() == "add":
        form.add()
    elif dropped is not None:
        form.drop(dropped)
    elif copied is not None and copied < len(draft.data.options):
        form.add(source=draft.data.options[copied].key)
    else:
        return False
    return True


def _contracts_said(form: OptionsForm, given: Offer) -> list[str]:
    """Return what each option's contract says in words; nothing where there is none."""
    names = dict(given.payers)
    said = []
    for entry in form.options:
        fields = entry.form
        is_read = request.method == "POST" or not fields.has_contract.data
        terms = fields.terms if is_read else fields.stored_terms()
        said.append("" if terms is None else terms.sentence(names).say(reader_language()))
    return said


def _option_fields(option: OptionData) -> dict[str, object]:
    return {
        "key": option.key,
        "title": option.title,
        "pool": option.pool or "",
        "is_scalable": option.scalable_minimum is not None,
        "minimum": option.scalable_minimum or None,
        "has_contract": option.contract is not None,
        "contract": contract_data(option.contract),
    }


def _option_errors(form: OptionsForm) -> list[tuple[str, str]]:
    return [
        (field.id, f"{_('Option %(number)d', number=place + 1)}, {field.label.text}: {text}")
        for place, entry in enumerate(form.options)
        for field in _every_field(entry.form)
        for text in field.errors
    ]


def _every_field(form: Form) -> Iterator[Field]:
    """Yield the fields of a form, and of those inside it."""
    for field in form:
        if isinstance(field, FormField):
            yield from _every_field(field.form)
        elif isinstance(field, FieldList):
            for entry in field:
                yield from _every_field(entry.form)
        else:
            yield field


def _read_options(data: CaseData, form: OptionsForm) -> tuple[OptionData, ...]:
    """Return the options of the form; a known key keeps its flows and measures."""
    known = {option.key: option for option in data.options}
    found: dict[str, OptionData] = {}
    for entry in form.options:
        fields = entry.form
        key = fields.key.data or ""
        old = known.get(key) if key not in found else None
        if old is None:
            free = _free_key(fields.title.data or "", {*known, *found})
            begun = known.get(fields.source.data or "")
            old = (
                OptionData(key=free)
                if begun is None
                else financed_otherwise(begun, free, fields.outlay_share.data or Decimal(0))
            )
        found[old.key] = replace(
            old,
            title=fields.title.data or "",
            pool=fields.pool.data or None,
            scalable_minimum=(fields.minimum.data or Decimal(0))
            if fields.is_scalable.data
            else None,
            contract=None if fields.terms is None else contract_document(fields.terms),
        )
    return tuple(found.values())


def _free_key(title: str, taken: set[str]) -> str:
    wanted = slug(title) if title else FIRST_OPTION
    number, key = 2, wanted
    while key in taken:
        key, number = f"{wanted}-{number}", number + 1
    return key
