"""Settings: my own account, and the strategies with their purses, departments and pools."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_security.utils import verify_password
from werkzeug.wrappers import Response

from planner import formats
from planner.extensions import db, me, now
from planner.forms.auth import PasswordForm
from planner.forms.settings import (
    DepartmentForm,
    LanguageForm,
    PayerForm,
    PoolForm,
    StrategyForm,
    strategy_form,
)
from planner.model import DepartmentRecord, PayerRecord, StrategyRecord
from planner.model.states import PayerLevel, PoolKind
from planner.services import people, strategies
from planner.services.writing import NotFoundError
from planner.views.frame import may_go, roles_in_words

blueprint = Blueprint("settings", __name__, url_prefix="/settings")

Answer = str | Response | tuple[str, int]


def back_to(endpoint: str, **values: Any) -> Response:
    """Go to a page after a change."""
    return redirect(url_for(endpoint, **values), 303)


# --- My own account -------------------------------------------------------------------------------


@blueprint.get("")
def index() -> str:
    """Show my account and what I may set."""
    person = me()
    form = LanguageForm(language=formats.reader_language())
    return render_template(
        "settings/index.html",
        account=person,
        roles=roles_in_words(person),
        language_form=form,
        strategies=strategies.list_strategies(db.session),
        may_set=may_go(person, "/settings/strategies/new"),
        may_people=may_go(person, "/settings/people"),
        may_log=may_go(person, "/settings/log"),
    )


@blueprint.post("/language")
def language() -> Response:
    """Remember the language that I chose."""
    form = LanguageForm()
    if form.validate_on_submit():
        people.set_language(db.session, me(), language=form.language.data, now=now())
        session["language"] = form.language.data
        flash(_("Saved."))
    return back_to("settings.index")


@blueprint.route("/password", methods=["GET", "POST"])
def password() -> Answer:
    """Change my password."""
    form = PasswordForm()
    person = me()
    if form.validate_on_submit():
        if verify_password(form.password.data, person.password or ""):
            people.change_password(
                db.session, person, password=form.new_password.data, by=person, now=now()
            )
            session.pop("_user_id", None)
            flash(_("The password is changed. Sign in with the new one."))
            return back_to("security.login")
        form.password.errors = [_("This is not your present password.")]
    return render_template("settings/password.html", form=form), _status(form)


def _status(form: Any) -> int:
    return 422 if form.errors else 200


# --- Strategies -----------------------------------------------------------------------------------


def _data_of(form: StrategyForm) -> strategies.StrategyData:
    return strategies.StrategyData(
        title=form.title.data,
        municipality=form.municipality.data,
        price_year=form.price_year.data or 0,
        budget_year=form.budget_year.data or 0,
        budget_years=int(form.budget_years.data or 0),
        horizon_first=form.horizon_first.data,
        horizon_last=form.horizon_last.data,
        discount=form.discount(),
        is_illustrative=form.is_illustrative.data,
        note=form.note.data or "",
    )


def _form_values(strategy: StrategyRecord) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(strategy, name)
        for name in (
            *("title", "municipality", "price_year", "budget_year", "budget_years"),
            *("horizon_first", "horizon_last", "is_illustrative", "note", "version"),
        )
    }
    for number, step in enumerate(strategy.discount, start=1):
        if number > 1:
            values[f"after_year_{number}"] = step["after_year"]
        values[f"rate_{number}"] = Decimal(str(step["rate"]))
    return values


@blueprint.route("/strategies/new", methods=["GET", "POST"])
def new_strategy() -> Answer:
    """Make a strategy; it begins with the usual purses and one pool."""
    form = strategy_form(typed=request.form)()
    if form.validate_on_submit():
        strategy = strategies.create_strategy(
            db.session,
            _data_of(form),
            payers=_usual_payers(),
            departments=[],
            pools=[strategies.PoolData("pulje", _("Investment pool"))],
            by=me(),
            now=now(),
        )
        flash(_("The strategy is made. Now add its departments."))
        return back_to("settings.strategy_lists", strategy_id=strategy.id)
    return render_template("settings/strategy.html", form=form, strategy=None), _status(form)


def _usual_payers() -> list[strategies.PayerData]:
    return [
        strategies.PayerData("kommune", _("Municipality"), PayerLevel.MUNICIPALITY),
        strategies.PayerData("region", _("Region"), PayerLevel.REGION),
        strategies.PayerData("stat", _("The state"), PayerLevel.STATE),
        strategies.PayerData("borger", _("Citizen"), PayerLevel.CITIZEN),
    ]


@blueprint.route("/strategies/<int:strategy_id>", methods=["GET", "POST"])
def strategy(strategy_id: int) -> Answer:
    """Show and change the settings of one strategy."""
    found = strategies.get_strategy(db.session, strategy_id)
    form_class = strategy_form(stored=len(found.discount), typed=request.form)
    form = form_class(data=_form_values(found))
    if form.validate_on_submit():
        strategies.update_strategy(
            db.session,
            found,
            _data_of(form),
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("Saved."))
        return back_to("settings.strategy", strategy_id=found.id)
    return render_template("settings/strategy.html", form=form, strategy=found), _status(form)


@blueprint.get("/strategies/<int:strategy_id>/lists")
def strategy_lists(strategy_id: int) -> str:
    """Show the purses, departments and pools of one strategy."""
    return _lists(strategies.get_strategy(db.session, strategy_id))


def _lists(found: StrategyRecord, **forms: Any) -> str:
    version = {"version": found.version}
    return render_template(
        "settings/lists.html",
        strategy=found,
        payer_form=forms.get("payer") or PayerForm(formdata=None, prefix="payer-", data=version),
        department_form=forms.get("department")
        or DepartmentForm(formdata=None, prefix="department-", data=version),
        pool_form=forms.get("pool") or PoolForm(formdata=None, prefix="pool-", data=version),
        levels={choice.value: str(choice.label) for choice in PayerForm().level.choices},
        kinds={choice.value: str(choice.label) for choice in PoolForm().kind.choices},
    )


def _seen(form: Any) -> int | None:
    # the version has no prefix: it is the strategy's, whichever list is added to
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() else form.seen_version


def _taken(form: Any) -> None:
    form.short.errors = [_("The short name is already in use.")]


def _add(
    strategy_id: int, name: str, form: Any, add: Callable[..., object], data: Callable[[], object]
) -> Answer:
    """Add one entry to a list of a strategy, or show the form again with what is wrong."""
    found = strategies.get_strategy(db.session, strategy_id)
    if form.validate():
        try:
            add(db.session, found, data(), by=me(), now=now(), seen_version=_seen(form))
        except strategies.DuplicateKeyError:
            _taken(form)
        else:
            flash(_("Saved."))
            return back_to("settings.strategy_lists", strategy_id=found.id)
    return _lists(found, **{name: form}), 422


@blueprint.post("/strategies/<int:strategy_id>/payers")
def add_payer(strategy_id: int) -> Answer:
    """Add a purse."""
    form = PayerForm(prefix="payer-")

    def data() -> strategies.PayerData:
        return strategies.PayerData(form.short.data, form.name.data, PayerLevel(form.level.data))

    return _add(strategy_id, "payer", form, strategies.add_payer, data)


@blueprint.post("/strategies/<int:strategy_id>/departments")
def add_department(strategy_id: int) -> Answer:
    """Add a department."""
    form = DepartmentForm(prefix="department-")

    def data() -> strategies.DepartmentData:
        return strategies.DepartmentData(form.short.data, form.name.data)

    return _add(strategy_id, "department", form, strategies.add_department, data)


@blueprint.post("/strategies/<int:strategy_id>/pools")
def add_pool(strategy_id: int) -> Answer:
    """Add a pool."""
    form = PoolForm(prefix="pool-")

    def data() -> strategies.PoolData:
        return strategies.PoolData(form.short.data, form.name.data, PoolKind(form.kind.data))

    return _add(strategy_id, "pool", form, strategies.add_pool, data)


@blueprint.route("/payers/<int:payer_id>", methods=["GET", "POST"])
def payer(payer_id: int) -> Answer:
    """Rename a purse or say whose it is."""
    found = db.session.get(PayerRecord, payer_id)
    if found is None:
        raise NotFoundError
    form = PayerForm(
        data={
            "short": found.key,
            "name": found.name,
            "level": str(found.level),
            "version": found.strategy.version,
        }
    )
    del form.short
    if form.validate_on_submit():
        strategies.change_payer(
            db.session,
            found,
            name=form.name.data,
            level=PayerLevel(form.level.data),
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("Saved."))
        return back_to("settings.strategy_lists", strategy_id=found.strategy_id)
    return _one(form, found.name, found.strategy), _status(form)


@blueprint.route("/departments/<int:department_id>", methods=["GET", "POST"])
def department(department_id: int) -> Answer:
    """Rename a department."""
    found = db.session.get(DepartmentRecord, department_id)
    if found is None:
        raise NotFoundError
    form = DepartmentForm(
        data={"short": found.key, "name": found.name, "version": found.strategy.version}
    )
    del form.short
    if form.validate_on_submit():
        strategies.rename_department(
            db.session,
            found,
            name=form.name.data,
            by=me(),
            now=now(),
            seen_version=form.seen_version,
        )
        flash(_("Saved."))
        return back_to("settings.strategy_lists", strategy_id=found.strategy_id)
    return _one(form, found.name, found.strategy), _status(form)


def _one(form: Any, name: str, found: StrategyRecord) -> str:
    return render_template("settings/one.html", form=form, name=name, strategy=found)
