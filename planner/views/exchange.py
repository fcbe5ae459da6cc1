"""Plan files in, and plan files, results and workbooks out."""

import json
import re
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import to_user_timezone
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from optimizer import Plan, PlanError, PlanErrors
from planner import formats
from planner.extensions import db, me, now
from planner.forms.exchange import StoreForm, UploadForm
from planner.model import AllocationRecord, ScenarioRecord
from planner.reports.plan_preview import preview_of
from planner.reports.workbook import WorkbookInput, allocation_workbook
from planner.services import exchange
from planner.services.exchange_reading import packed, read_upload, unpacked
from planner.services.scenarios import get_scenario, latest_allocation
from planner.services.writing import NotFoundError

blueprint = Blueprint("exchange", __name__)

JSON = "application/json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ERRORS_SHOWN = 100
LONGEST_PATH = 300
# up to a dot or a bracket, and never too long for a narrow screen
PATH_PART = re.compile(r"[^.\[]{1,24}[.\[]?|[.\[]", re.DOTALL)


# --- In -------------------------------------------------------------------------------------------


@blueprint.get("/import")
def upload() -> str:
    """Ask for a plan file."""
    return render_template("exchange/upload.html", form=UploadForm(), errors=[], count=0, more=0)


@blueprint.post("/import")
def preview() -> tuple[str, int]:
    """Show what the file holds, or everything that is wrong with it; store nothing."""
    form = UploadForm()
    try:
        plan = read_upload(_uploaded(request.files.get(form.plan.name)))
    except PlanErrors as errors:
        return _refused(errors)
    return _shown(plan, StoreForm(formdata=None, packed=packed(plan) or ""), status=200)


@blueprint.post("/import/store")
def store() -> AnyResponse | tuple[str, int]:
    """Make a strategy of its own from the file, with one draft scenario."""
    form = StoreForm()
    # let go of the database's write lock: others go on while the file is read
    db.session.rollback()
    try:
        plan = _sent_plan(form)
        if not form.validate():
            return _shown(plan, form, status=422)
        scenario = exchange.import_plan(
            db.session, plan, by=me(), now=now(), note=(form.note.data or "").strip()
        )
    except PlanErrors as errors:
        return _refused(errors)
    flash(
        _(
            "“%(title)s” is stored, with a strategy of its own and %(count)s accepted business"
            " cases. Nothing else was changed.",
            title=scenario.title,
            count=len(plan.interventions),
        )
    )
    return redirect(_scenario_address(scenario.id), 303)


def _shown(plan: Plan, form: StoreForm, *, status: int) -> tuple[str, int]:
    page = render_template(
        "exchange/preview.html",
        form=form,
        is_packed=bool(form.packed.data),
        preview=preview_of(plan, language=formats.reader_language()),
    )
    return page, status


def _sent_plan(form: StoreForm) -> Plan:
    if form.packed.data:
        return read_upload(unpacked(form.packed.data))
    return read_upload(_uploaded(request.files.get(form.plan.name)))


def _uploaded(file: FileStorage | None) -> bytes:
    return b"" if file is None else file.read()


def _refused(errors: PlanErrors) -> tuple[str, int]:
    language = formats.reader_language()
    shown = [_place_and_words(error, language) for error in errors.errors[:MOST_ERRORS_SHOWN]]
    return render_template(
        "exchange/upload.html",
        form=UploadForm(formdata=None),
        errors=shown,
        count=len(errors.errors),
        more=len(errors.errors) - len(shown),
    ), 422


def _place_and_words(error: PlanError, language: str) -> tuple[list[str], str]:
    """Return the path in parts between which a line may break, and what is wrong there."""
    path = _sendable(error.path)
    shown = path if len(path) <= LONGEST_PATH else path[: LONGEST_PATH - 1] + "…"
    return PATH_PART.findall(shown), _sendable(error.message.say(language))


def _sendable(text: str) -> str:
    """Return ``text`` without half characters, which no page can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _scenario_address(scenario_id: int) -> str:
    return f"/scenarios/{scenario_id}"


# --- Out ------------------------------------------------------------------------------------------


@blueprint.get("/scenarios/<int:scenario_id>/plan.json")
def plan_file(scenario_id: int) -> Response:
    """Download the scenario as a plan file."""
    scenario = get_scenario(db.session, scenario_id, actor=me())
    return _download(
        _json(exchange.plan_file(db.session, scenario)), JSON, "plan", scenario, "json"
    )


@blueprint.get("/scenarios/<int:scenario_id>/result.json")
def result_file(scenario_id: int) -> Response:
    """Download the result document of the scenario's last calculation."""
    scenario, allocation = _allocated(scenario_id)
    document = exchange.result_file(allocation, language=formats.reader_language())
    return _download(_json(document), JSON, "result", scenario, "json")


@blueprint.get("/scenarios/<int:scenario_id>/workbook.xlsx")
def workbook(scenario_id: int) -> Response:
    """Download the result as an Excel workbook with live numbers."""
    scenario, allocation = _allocated(scenario_id)
    language = formats.reader_language()
    content = allocation_workbook(
        WorkbookInput(
            title=scenario.title,
            version=allocation.scenario_version,
            plan=allocation.plan,
            result=exchange.result_file(allocation, language=language),
            calculated_at=to_user_timezone(allocation.created_at),
        ),
        language=language,
    )
    return _download(content, XLSX, "workbook", scenario, "xlsx")


def _allocated(scenario_id: int) -> tuple[ScenarioRecord, AllocationRecord]:
    scenario = get_scenario(db.session, scenario_id, actor=me())
    allocation = latest_allocation(db.session, scenario)
    if allocation is None:
        raise NotFoundError
    return scenario, allocation


def _json(document: dict[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _download(
    content: bytes, mimetype: str, what: str, scenario: ScenarioRecord, ending: str
) -> Response:
    date = to_user_timezone(now()).strftime("%Y-%m-%d")
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="bundlinje-{what}-{scenario.id}-{date}.{ending}"'
    )
    return response
