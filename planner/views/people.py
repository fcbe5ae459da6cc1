"""People and their roles: for administrators."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from planner.extensions import db, me, now
from planner.forms.base import choices
from planner.forms.settings import NewPersonForm, PersonForm
from planner.model import DepartmentRecord, PersonRecord
from planner.model.states import Role
from planner.services import people, strategies
from planner.services.writing import NotAllowedError, NotFoundError
from planner.views.frame import ROLE_WORDS, roles_in_words

blueprint = Blueprint("people", __name__, url_prefix="/settings/people")

Answer = str | Response | tuple[str, int]


def _departments() -> dict[int, DepartmentRecord]:
    return {
        department.id: department
        for strategy in strategies.list_strategies(db.session)
        for department in strategy.departments
    }


def _with_choices(form: PersonForm, departments: dict[int, DepartmentRecord]) -> PersonForm:
    form.roles.choices = choices(*((str(role), str(ROLE_WORDS[role])) for role in Role))
    several = len({department.strategy_id for department in departments.values()}) > 1
    form.departments.choices = choices(
        *(
            (
                identity,
                f"{department.name} ({department.strategy.title})" if several else department.name,
            )
            for identity, department in departments.items()
        )
    )
    return form


def _person(person_id: int) -> PersonRecord:
    found = db.session.get(PersonRecord, person_id)
    if found is None:
        raise NotFoundError
    return found


@blueprint.get("")
def index() -> str:
    """Show everybody with an account."""
    return render_template(
        "settings/people.html",
        people=[(person, roles_in_words(person)) for person in people.list_people(db.session)],
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Make an account."""
    departments = _departments()
    form = _with_choices(NewPersonForm(), departments)
    if form.validate_on_submit():
        try:
            people.create_person(
                db.session,
                email=form.email.data,
                name=form.name.data,
                password=form.password.data,
                roles=[Role(role) for role in form.roles.data],
                departments=[departments[identity] for identity in form.departments.data],
                by=me(),
                now=now(),
            )
        except people.TakenEmailError:
            form.email.errors = [_("There is already an account with this e-mail.")]
        else:
            flash(_("The account is made."))
            return redirect(url_for("people.index"), 303)
    return render_template("settings/person.html", form=form, account=None), _status(form)


def _status(form: Any) -> int:
    return 422 if form.errors else 200


@blueprint.route("/<int:person_id>", methods=["GET", "POST"])
def person(person_id: int) -> Answer:
    """Change a person's name, roles and departments."""
    found = _person(person_id)
    departments = _departments()
    form = _with_choices(
        PersonForm(
            data={
                "name": found.name,
                "roles": [str(role) for role in found.role_names],
                "departments": sorted(found.department_ids),
                "version": found.version,
            }
        ),
        departments,
    )
    if form.validate_on_submit():
        try:
            people.update_person(
                db.session,
                found,
                name=form.name.data,
                roles=[Role(role) for role in form.roles.data],
                departments=[departments[identity] for identity in form.departments.data],
                by=me(),
                now=now(),
                seen_version=form.seen_version,
            )
        except NotAllowedError:
            form.roles.errors = [_("Nobody changes their own rights; ask another administrator.")]
        else:
            flash(_("Saved."))
            return redirect(url_for("people.index"), 303)
    return render_template("settings/person.html", form=form, account=found), _status(form)


@blueprint.post("/<int:person_id>/active")
def active(person_id: int) -> Response:
    """Close an account, or open it again."""
    found = _person(person_id)
    seen = request.form.get("version", "")
    people.set_active(
        db.session,
        found,
        active=request.form.get("active") == "1",
        by=me(),
        now=now(),
        seen_version=int(seen) if seen.isascii() and seen.isdigit() else None,
    )
    flash(_("Saved."))
    return redirect(url_for("people.index"), 303)
