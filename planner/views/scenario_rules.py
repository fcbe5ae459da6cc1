"""Limits, goals and relations of a scenario: three lists of rules, one way to change them."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from optimizer import Plan
from optimizer.constraints import constraints
from optimizer.constraints.changes import Changes
from optimizer.objectives import objectives
from optimizer.payers import Category
from optimizer.relations import relations
from optimizer.tagged import Registry, Tagged
from planner.extensions import db, me, now
from planner.formats import reader_language as language
from planner.forms.base import BaseForm
from planner.forms.rules import RuleForm, initial, rule_form, rule_of
from planner.model import PersonRecord, ScenarioRecord
from planner.model.states import SCENARIO, next_state
from planner.reports.stored import chosen_in
from planner.services import scenarios
from planner.services.scenario_outline import outline_plan
from planner.services.writing import NotFoundError, require_version
from planner.views.removed_limit import forget_removed, keep_removed, removed_limit

blueprint = Blueprint("scenario_rules", __name__, url_prefix="/scenarios")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """What the pages of one family say."""

    choose: Any
    lead: Any
    edit: Any
    remove: Any
    removed: Any


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes what, from which version."""

    scenario: ScenarioRecord
    by: PersonRecord
    now: datetime
    seen_version: int | None

    @property
    def who(self) -> dict[str, Any]:
        """Return the arguments that every service takes."""
        return {"by": self.by, "now": self.now, "seen_version": self.seen_version}


class Family:
    """One list of rules in a scenario."""

    registry: Registry[Any]
    words: Words
    demanded: tuple[str, ...] = ()

    def contents(self, scenario: ScenarioRecord) -> dict[int, Json]:
        """Return the rules by their place in the address."""
        raise NotImplementedError

    def add(self, change: Change, content: Json) -> None:
        """Add a rule at the end."""
        raise NotImplementedError

    def replace(self, change: Change, place: int, content: Json) -> None:
        """Put another content at a place."""
        raise NotImplementedError

    def remove(self, change: Change, place: int) -> None:
        """Take a rule away."""
        raise NotImplementedError

    def may_remove(self, scenario: ScenarioRecord) -> bool:
        """Say whether the list may lose one."""
        return True


class Limits(Family):
    """The limits, each a record of its own; its place is the record's id."""

    registry = constraints
    words = Words(
        choose=lazy_gettext("Add a limit"),
        lead=lazy_gettext(
            "A limit is something that every plan must keep. Choose what it is about."
        ),
        edit=lazy_gettext("Change the limit"),
        remove=lazy_gettext("Remove the limit"),
        removed=lazy_gettext("The limit is removed."),
    )

    def contents(self, scenario: ScenarioRecord) -> dict[int, Json]:
        return {limit.id: limit.content for limit in scenario.limits}

    def add(self, change: Change, content: Json) -> None:
        scenarios.add_limit(db.session, change.scenario, content, **change.who)

    def replace(self, change: Change, place: int, content: Json) -> None:
        scenarios.change_limit(db.session, change.scenario, place, content, **change.who)

    def remove(self, change: Change, place: int) -> None:
        scenarios.remove_limit(db.session, change.scenario, place, **change.who)


class ListFamily(Family):
    """Rules that lie in one list; a rule's place is its number in it."""

    def contents(self, scenario: ScenarioRecord) -> dict[int, Json]:
        return dict(enumerate(self.stored(scenario)))

    def stored(self, scenario: ScenarioRecord) -> list[Json]:
        """Return the list."""
        raise NotImplementedError

    def store(self, change: Change, content: list[Json]) -> None:
        """Store the whole list."""
        raise NotImplementedError

    def add(self, change: Change, content: Json) -> None:
        self.store(change, [*self.stored(change.scenario), content])

    def replace(self, change: Change, place: int, content: Json) -> None:
        old = self.stored(change.scenario)
        self.store(change, [*old[:place], content, *old[place + 1 :]])

    def remove(self, change: Change, place: int) -> None:
        old = self.stored(change.scenario)
        self.store(change, [*old[:place], *old[place + 1 :]])


class Relations(ListFamily):
    """What ties interventions together."""

    registry = relations
    demanded = ("reason",)
    words = Words(
        choose=lazy_gettext("Add a relation"),
        lead=lazy_gettext("Some interventions need, exclude or disturb each other. Choose how."),
        edit=lazy_gettext("Change the relation"),
        remove=lazy_gettext("Remove the relation"),
        removed=lazy_gettext("The relation is removed."),
    )

    def stored(self, scenario: ScenarioRecord) -> list[Json]:
        return list(scenario.relations)

    def store(self, change: Change, content: list[Json]) -> None:
        scenarios.update_relations(db.session, change.scenario, content, **change.who)


class Goal(ListFamily):
    """The terms of the goal, which are added up."""

    registry = objectives
    words = Words(
        choose=lazy_gettext("Choose a goal"),
        lead=lazy_gettext("The goal is what a plan gets as much of as the limits allow."),
        edit=lazy_gettext("Change the goal"),
        remove=lazy_gettext("Remove this part of the goal"),
        removed=lazy_gettext("That part of the goal is removed."),
    )

    def stored(self, scenario: ScenarioRecord) -> list[Json]:
        return list(scenario.objective["terms"])

    def store(self, change: Change, content: list[Json]) -> None:
        scenarios.update_objective(db.session, change.scenario, {"terms": content}, **change.who)

    def may_remove(self, scenario: ScenarioRecord) -> bool:
        return len(self.stored(scenario)) > 1


class FurtherGoals(ListFamily):
    """The goals after the first: a new one begins with one term, and gives nothing up."""

    registry = objectives
    words = Words(
        choose=lazy_gettext("Choose a further goal"),
        lead=lazy_gettext(
            "A further goal decides among the plans that are good enough by the goals before it."
        ),
        edit=lazy_gettext("Change the goal"),
        remove=lazy_gettext("Remove this part of the goal"),
        removed=lazy_gettext("That part of the goal is removed."),
    )

    def stored(self, scenario: ScenarioRecord) -> list[Json]:
        return []

    def store(self, change: Change, content: list[Json]) -> None:
        then = [*change.scenario.then, {"terms": content, "within": 0}]
        scenarios.update_then(db.session, change.scenario, then, **change.who)


class LaterGoal(Goal):
    """The terms of one goal after the first."""

    def __init__(self, place: int) -> None:
        self.place = place

    def stored(self, scenario: ScenarioRecord) -> list[Json]:
        if self.place >= len(scenario.then):
            raise NotFoundError
        return list(scenario.then[self.place]["terms"])

    def store(self, change: Change, content: list[Json]) -> None:
        then = [dict(one) for one in change.scenario.then]
        then[self.place]["terms"] = content
        scenarios.update_then(db.session, change.scenario, then, **change.who)


FAMILIES: dict[str, Family] = {
    "limits": Limits(),
    "relations": Relations(),
    "goal": Goal(),
    "then": FurtherGoals(),
}
LATER = re.compile(r"then-(\d{1,3})")


# ---- Pages ----


def _draft(scenario_id: int) -> ScenarioRecord:
    scenario = scenarios.get_scenario(db.session, scenario_id, actor=me())
    next_state(SCENARIO, scenario.state, "edit")
    return scenario


def _family(name: str) -> Family:
    later = LATER.fullmatch(name)
    if later is not None:
        return LaterGoal(int(later[1]))
    if name not in FAMILIES:
        raise NotFoundError
    return FAMILIES[name]


def _change(scenario: ScenarioRecord, seen_version: int | None) -> Change:
    return Change(scenario, me(), now(), seen_version)


def _back(scenario: ScenarioRecord, family: str) -> Response:
    return redirect(_home(scenario, family), 303)


def _home(scenario: ScenarioRecord, family: str) -> str:
    """Return where a list of rules is shown."""
    if family.startswith("then"):
        return url_for("scenario_goals.show", scenario_id=scenario.id)
    return url_for("scenarios.show", scenario_id=scenario.id) + f"#{family}"


@blueprint.get("/<int:scenario_id>/<family>/new")
def choose(scenario_id: int, family: str) -> str:
    """Choose what a new rule is about."""
    scenario, kind = _draft(scenario_id), _family(family)
    kind.contents(scenario)  # a goal that is not there has no terms to choose
    replaced = request.args.get("replace", type=int)
    classes = [
        (
            cls.title.say(language()),
            cls.about.say(language()),
            url_for(".add", scenario_id=scenario.id, family=family, tag=cls.tag, replace=replaced),
        )
        for cls in kind.registry.classes()
    ]
    return render_template(
        "scenarios/choose_rule.html",
        scenario=scenario,
        family=family,
        words=kind.words,
        home=_home(scenario, family),
        classes=classes,
    )


@blueprint.route("/<int:scenario_id>/<family>/new/<tag>", methods=["GET", "POST"])
def add(scenario_id: int, family: str, tag: str) -> str | tuple[str, int] | Response:
    """Ask for a new rule, and add it."""
    scenario, kind = _draft(scenario_id), _family(family)
    there = kind.contents(scenario)
    if tag not in kind.registry:
        raise NotFoundError
    cls, plan = kind.registry[tag], outline_plan(db.session, scenario)
    form = _form(kind, cls, plan, scenario, content=None)
    content = form.content() if request.method == "POST" else None
    if content is None:
        return _page(scenario, family, form, place=None)
    change = _change(scenario, form.seen_version)
    replaced = request.args.get("replace", type=int)
    if replaced is not None and replaced in there:
        kind.replace(change, replaced, content)
    else:
        kind.add(change, content)
    flash(_said(content, kind, plan))
    return _back(scenario, family)


@blueprint.route("/<int:scenario_id>/<family>/<int:place>", methods=["GET", "POST"])
def edit(scenario_id: int, family: str, place: int) -> str | tuple[str, int] | Response:
    """Show a rule in its form, and change it."""
    scenario, kind = _draft(scenario_id), _family(family)
    stored = kind.contents(scenario).get(place)
    if stored is None or stored.get(kind.registry.key) not in kind.registry:
        raise NotFoundError
    cls, plan = kind.registry[stored[kind.registry.key]], outline_plan(db.session, scenario)
    form = _form(kind, cls, plan, scenario, content=stored)
    content = form.content() if request.method == "POST" else None
    if content is None:
        return _page(scenario, family, form, place=place)
    kind.replace(_change(scenario, form.seen_version), place, content)
    flash(_said(content, kind, plan))
    return _back(scenario, family)


@blueprint.post("/<int:scenario_id>/<family>/<int:place>/remove")
def remove(scenario_id: int, family: str, place: int) -> Response:
    """Take a rule out of the scenario."""
    scenario, kind = _draft(scenario_id), _family(family)
    form = BaseForm()
    require_version(scenario, form.seen_version)
    if place not in kind.contents(scenario) or not kind.may_remove(scenario):
        raise NotFoundError
    removed = next((one for one in scenario.limits if one.id == place), None)
    kind.remove(_change(scenario, form.seen_version), place)
    if family == "limits" and removed is not None and keep_removed(scenario, removed):
        return redirect(url_for("scenarios.show", scenario_id=scenario.id), 303)
    flash(str(kind.words.removed))
    return _back(scenario, family)


@blueprint.post("/<int:scenario_id>/limits/undo")
def undo(scenario_id: int) -> Response:
    """Put back the limit that was taken out last, if nothing else was changed since."""
    scenario, form = _draft(scenario_id), BaseForm()
    require_version(scenario, form.seen_version)
    removed = removed_limit(scenario)
    if removed is None:
        raise NotFoundError
    scenarios.add_limit(
        db.session,
        scenario,
        removed["content"],
        by=me(),
        now=now(),
        seen_version=form.seen_version,
        place=removed["place"],
        is_on=removed["is_on"],
    )
    forget_removed()
    flash(_("The limit is back."))
    return _back(scenario, "limits")


@blueprint.post("/<int:scenario_id>/limits/<int:place>/switch")
def switch(scenario_id: int, place: int) -> Response:
    """Switch a limit on or off; what it says is kept."""
    scenario, form = _draft(scenario_id), BaseForm()
    limit = scenarios.switch_limit(
        db.session,
        scenario,
        place,
        is_on=request.form.get("on") == "yes",
        by=me(),
        now=now(),
        seen_version=form.seen_version,
    )
    flash(_("The limit is on.") if limit.is_on else _("The limit is off; it is kept here."))
    return _back(scenario, "limits")


def _form(
    kind: Family, cls: type[Tagged], plan: Plan, scenario: ScenarioRecord, *, content: Json | None
) -> RuleForm:
    made = rule_form(cls, kind.registry, plan, language=language(), demanded=kind.demanded)
    data = initial(cls, content, plan)
    if content is None and issubclass(cls, Changes):
        data["reference"] = _chosen_last(scenario, plan)
    if content is None and kind is FAMILIES["relations"]:
        # a page that points out two candidates leads here with them ticked
        among = [key for key in request.args.getlist("among") if key in plan.intervention_by_id]
        data |= {"interventions": among} if among else {}
        category = request.args.get("category", "")
        data |= {"category": category} if category in set(Category) else {}
    return made(data={**data, "version": scenario.version})


def _chosen_last(scenario: ScenarioRecord, plan: Plan) -> list[str]:
    """Return the options of the last result: what changes are counted from."""
    allocation = scenarios.latest_allocation(db.session, scenario)
    chosen = {} if allocation is None else chosen_in(allocation.result)
    return [key for key in chosen if key in plan.options]


def _page(
    scenario: ScenarioRecord, family: str, form: RuleForm, *, place: int | None
) -> str | tuple[str, int]:
    kind = _family(family)
    page: str = render_template(
        "scenarios/rule.html",
        scenario=scenario,
        family=family,
        place=place,
        form=form,
        words=kind.words,
        home=_home(scenario, family),
        is_goal=kind.registry is objectives and family != "then",
        title=form.rule_class.title.say(language()),
        about=form.rule_class.about.say(language()),
        language_code=language(),
        may_remove=place is not None and kind.may_remove(scenario),
        replaced=request.args.get("replace", type=int),
        is_on=_is_on(scenario, place) if family == "limits" else True,
    )
    return page if request.method == "GET" else (page, 422)


def _is_on(scenario: ScenarioRecord, place: int | None) -> bool:
    return all(limit.is_on for limit in scenario.limits if limit.id == place)


def _said(content: Json, kind: Family, plan: Plan) -> str:
    rule, _errors = rule_of(content, kind.registry, plan)
    if rule is None or kind.registry is not constraints:
        return _("Saved.")
    return _("Saved: %(limit)s.", limit=rule.named(plan).say(language()))
