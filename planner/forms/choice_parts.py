"""Fields that choose among what a plan holds: payers, interventions, options, a filter."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, SelectField
from wtforms.validators import ValidationError

from optimizer import Plan
from optimizer.intervention import option_key
from planner.forms.base import choices as offered
from planner.forms.rule_parts import ALL, MOST_STARS, ChecksField, Json, Part, capital


class SelectPart(Part):
    """One of several: a payer, an intervention, a measure, a word."""

    __slots__ = ()

    def fields(self, plan: Plan, language: str) -> dict[str, Field]:
        choices = self.choices(plan, language)
        if self.may_be_empty:
            choices = [("", "–"), *choices]
        elif self.is_required and len(choices) != 1:
            choices = [("", _("Choose")), *choices]
        return {
            self.name: SelectField(
                validators=self.validators,
                choices=offered(*choices),
                validate_choice=False,
                **self.words(language),
            )
        }

    def choices(self, plan: Plan, language: str) -> list[tuple[str, Any]]:
        """Return what there is to choose from."""
        match self.about.kind:
            case "payer":
                return [(p.id, p.name) for p in plan.payers]
            case "intervention":
                return [(i.id, i.title) for i in plan.interventions]
            case "measure":
                return [(name, name) for name in measures_of(plan)]
        return [(c.value, capital(c.label.say(language))) for c in self.about.choices]

    def data(self, value: Json) -> dict[str, Any]:
        return {self.name: value.value if isinstance(value, StrEnum) else value}

    def read(self, form: FlaskForm) -> Json:
        return form[self.name].data or None


class FundPart(SelectPart):
    """The pool that is run as an outcome fund: what it pays is paid by contributions instead."""

    __slots__ = ()

    def choices(self, plan: Plan, language: str) -> list[tuple[str, Any]]:
        named = {pool.id: pool.name for pool in plan.scenario.pools}
        paying = {o.pool: o.pool for i in plan.interventions for o in i.options if o.pool}
        return list((paying | named).items())


class ManyPart(Part):
    """Several of many: interventions."""

    __slots__ = ()
    layout = "checks"

    def fields(self, plan: Plan, language: str) -> dict[str, Field]:
        return {
            self.name: ChecksField(
                choices=offered(*self.choices(plan)),
                validators=[self._enough],
                validate_choice=False,
                **self.words(language),
            )
        }

    def choices(self, plan: Plan) -> list[tuple[str, Any]]:
        """Return what there is to choose from."""
        return [(i.id, i.title) for i in plan.interventions]

    def _enough(self, _form: FlaskForm, field: Field) -> None:
        least = int(self.about.minimum or 0)
        if len(field.data or ()) < least:
            message = _("Tick at least %(count)s.", count=least) if least > 1 else _("Tick one.")
            raise ValidationError(message)

    def data(self, value: Json) -> dict[str, Any]:
        return {self.name: list(value or ())}

    def read(self, form: FlaskForm) -> Json:
        return list(form[self.name].data or ())


class OptionsPart(ManyPart):
    """Several of many: options, each by the key that a plan file gives it."""

    __slots__ = ()

    def choices(self, plan: Plan) -> list[tuple[str, Any]]:
        return [
            (
                option_key(i, o),
                f"{i.title}: {o.title or o.id}" if len(i.options) > 1 else i.title,
            )
            for i in plan.interventions
            for o in i.options
        ]


class PayersPart(ManyPart):
    """Some of the purses, or all of them."""

    __slots__ = ()

    def choices(self, plan: Plan) -> list[tuple[str, Any]]:
        return [(ALL, _("All payers")), *((p.id, p.name) for p in plan.payers)]

    def _enough(self, _form: FlaskForm, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Tick one."))

    def data(self, value: Json) -> dict[str, Any]:
        return {self.name: [ALL] if value is None or value == ALL else sorted(value)}

    def read(self, form: FlaskForm) -> Json:
        chosen = list(form[self.name].data or ())
        return ALL if ALL in chosen else chosen


class WherePart(Part):
    """A filter: every kind of answer that is given must hold."""

    __slots__ = ()
    layout = "where"

    def fields(self, plan: Plan, language: str) -> dict[str, Field]:
        fields: dict[str, Field] = {}
        for key, label, choices in _where_choices(plan):
            if choices:
                fields[f"{self.name}_{key}"] = ChecksField(
                    label, choices=offered(*choices), validate_choice=False
                )
        fields[f"{self.name}_external"] = SelectField(
            _("Supplier inside or outside"),
            choices=offered(
                ("", _("Both")), ("yes", _("External only")), ("no", _("Internal only"))
            ),
            validate_choice=False,
        )
        stars = [(str(n), _("At least %(stars)s", stars=n)) for n in range(1, MOST_STARS + 1)]
        fields[f"{self.name}_stars_at_least"] = SelectField(
            _("Evidence level"), choices=offered(("", _("All")), *stars), validate_choice=False
        )
        return fields

    def data(self, value: Json) -> dict[str, Any]:
        where = dict(value or {})
        data: dict[str, Any] = {}
        for key, content in where.items():
            if key == "external":
                data[f"{self.name}_{key}"] = "yes" if content else "no"
            elif key == "stars_at_least":
                data[f"{self.name}_{key}"] = str(content or "")
            else:
                data[f"{self.name}_{key}"] = list(content)
        return data

    def read(self, form: FlaskForm) -> Json:
        start = len(self.name) + 1
        where: dict[str, Json] = {}
        for field in self.bound(form):
            key = field.short_name[start:]
            if not field.data:
                continue
            if key == "external":
                where[key] = field.data == "yes"
            elif key == "stars_at_least":
                where[key] = _whole(field.data)
            else:
                where[key] = list(field.data)
        return where or None


def _whole(text: str) -> int | str:
    """Return a whole number; anything else as it is, for the reader to refuse."""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 1 else text


def _where_choices(plan: Plan) -> Iterator[tuple[str, Any, list[tuple[str, str]]]]:
    found = plan.interventions
    tags = sorted({tag for i in found for tag in i.tags})
    groups = sorted({i.target_group for i in found if i.target_group})
    suppliers = sorted({i.supplier for i in found if i.supplier})
    options = [
        (option_key(i, o), f"{i.title}: {o.title or o.id}")
        for i in found
        for o in i.options
        if len(i.options) > 1
    ]
    yield "departments", _("Departments"), [(d.id, d.name) for d in plan.departments]
    yield "tags", _("Tags"), [(tag, tag) for tag in tags]
    yield "target_groups", _("Target groups"), [(group, group) for group in groups]
    yield "suppliers", _("Suppliers"), [(name, name) for name in suppliers]
    yield "interventions", _("Interventions"), [(i.id, i.title) for i in found]
    yield "options", _("Single options"), options


def measures_of(plan: Plan) -> list[str]:
    """Return the names of the measures that some option has."""
    return list(
        dict.fromkeys(name for i in plan.interventions for o in i.options for name in o.measures)
    )
