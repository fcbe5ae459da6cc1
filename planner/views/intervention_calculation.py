"""The page that says where every computed number of a case comes from."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from optimizer.cases import CaseError, CaseErrors
from planner.extensions import db, me
from planner.formats import Language, reader_language
from planner.forms.argument_fields import Box, Typed
from planner.model import CaseRecord
from planner.reports import argument as told
from planner.reports.values import Chart, Table
from planner.services.case_argument import outgrown
from planner.services.case_judged import Judged, judge
from planner.services.cases import CaseData, OptionData, case_data
from planner.services.intervention_page import stored_differs
from planner.services.interventions import get_intervention
from planner.views.intervention_list import price_note
from planner.views.intervention_margin import outgrown_words

RETENTION = "retention"


def calculation(code: str) -> str:
    """Show every line of one option, each amount with its formula, values and sources."""
    language = reader_language()
    view = get_intervention(db.session, code, actor=me())
    asked = request.args.get("version", type=int)
    case = next((c for c in view.cases if c.number == asked), view.current)
    data, strategy = case_data(case), view.intervention.strategy
    keys = [option.key for option in data.options]
    wanted = request.args.get("option", "")
    option = data.options[keys.index(wanted) if wanted in keys else 0] if keys else None
    judged, why = judged_or_none(case, data, option), outgrown(data, strategy)
    names = {payer.key: payer.name for payer in strategy.payers}
    back = url_for(
        "interventions.show", code=code, version=asked, option=wanted if wanted in keys else None
    )
    return render_template(
        "interventions/calculation.html",
        case=case,
        lines=told.calculation(judged.argued.computed, names, language=language) if judged else [],
        outgrown=outgrown_words(why, language) if why else "",
        **_equalised(judged),
        kept_arguments=[(k, v) for k, v in request.args.items() if k in {"version", "option"}],
        differs=option is not None
        and judged is not None
        and stored_differs(option, judged.computed),
        back=back,
        crumbs=[
            (_("Interventions"), url_for("interventions.index")),
            (case.title, back),
            (_("How the numbers are computed"), None),
        ],
        price_note=price_note(strategy),
    )


def _equalised(judged: Judged | None) -> dict[str, Any]:
    """Return the field that asks what equalisation leaves, and what the case comes to then.

    How much a municipality keeps is its own estimate; nothing of it is stored.
    """
    box = Box(
        RETENTION,
        _("What the municipality keeps of a saving after equalisation"),
        _("Your own estimate, for instance 90. It is not stored."),
        unit="%",
        width="short",
    )
    typed = Typed({RETENTION: request.args.get(RETENTION, "")})
    share = typed.percent(RETENTION, box.label, required=False)
    found: dict[str, Any] = {"retention": box, "typed": typed, "equalised": None}
    if judged is not None and share is not None:
        after = judged.after_equalisation(share)
        found["equalised"] = told.equalisation_table(judged.figures, after)
    return found


def judged_or_none(case: CaseRecord, data: CaseData, option: OptionData | None) -> Judged | None:
    """Return an option judged; None where it cannot be computed as the strategy is now."""
    if option is None:
        return None
    try:
        return judge(data, option, case.intervention.strategy, case=case)
    except (CaseErrors, CaseError):
        return None


def of_argument(
    case: CaseRecord, data: CaseData, option: OptionData, source: str, language: Language
) -> dict[str, Any]:
    """Return what the page of an intervention shows of an option that has an argument."""
    judged = judged_or_none(case, data, option)
    if judged is None or not judged.flows:
        return {}
    routes = judged.argued.case.effects
    effects = [(route, told.effect_words(route, language=language)) for route in routes]
    return {
        "every_figure": told.figure_table(judged.figures, judged.sums, language=language),
        "sensitivity": told.sensitivity_table(judged.standard_cases, language=language),
        **({} if judged.paid is not None else _without_contract(judged, source, language)),
        "effects": [
            {
                "outcome": route.outcome,
                "words": words,
                "source": route.source,
                "consequences": [c.name for c in route.consequences],
            }
            for route, words in effects
        ],
        "break_even": told.break_even_words(judged.figures, language),
        "differs": stored_differs(option, judged.computed),
    }


def _without_contract(judged: Judged, source: str, language: Language) -> dict[str, Table | Chart]:
    """Return what is only said of an option whose purses pay all of it.

    A contract moves with its inputs in its own way; its report stands on the page itself.
    """
    found: dict[str, Table | Chart] = {
        "optimism": told.optimism_table(judged.corrected, stars=judged.stars, language=language),
        "waterfall": told.waterfall_chart(
            judged.argued.computed,
            judged.argued.case.effects,
            judged.sums,
            source=source,
            language=language,
        ),
    }
    if judged.tornado.bars:
        found["tornado"] = told.tornado_chart(
            judged.tornado, judged.sums, source=source, language=language
        )
    return found
