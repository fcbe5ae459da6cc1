"""A form for any limit, goal or relation, made from its class.

Bounds are checked by the plan reader, so that the form and the file speak with one voice.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from optimizer import Level, Plan, PlanError
from optimizer.constraints.selection import MeasureLimit
from optimizer.quantity import is_required, quantities
from optimizer.reading import Reading
from optimizer.rules import Known, read_rule
from optimizer.sentence import Sentence
from optimizer.tagged import Registry, Tagged
from optimizer.writing import tagged_document
from planner.forms.base import BaseForm
from planner.forms.choice_parts import measures_of
from planner.forms.parts import PARTS
from planner.forms.rule_parts import Part

Json = Any

#: what few need, shown folded after the rest
FOLDED = frozenset({"label", "soft_price", "weight", "cashable_only", "case"})
_PLACE = re.compile(r"\[\d+\]")
_DANISH_KEY = re.compile(r"\b[a-z_]+ \(([a-zæøå ]+)\)")


def known_of(plan: Plan) -> Known:
    """Return what a rule of a scenario may refer to."""
    return Known(
        payers=tuple(p.id for p in plan.payers),
        departments=tuple(d.id for d in plan.departments),
        interventions=tuple(i.id for i in plan.interventions),
        options=tuple(f"{i.id}/{o.id}" for i in plan.interventions for o in i.options),
        measures=tuple(measures_of(plan)),
    )


def rule_of(
    document: Mapping[str, Json], registry: Registry[Any], plan: Plan
) -> tuple[Any | None, tuple[PlanError, ...]]:
    """Return the rule that a document holds, else None and what is wrong with it."""
    reading = Reading()
    rule = read_rule(reading, dict(document), "", registry, known_of(plan))
    first, last = plan.horizon
    for path, year in reading.years:
        if not first <= year <= last:
            reading.wrong(
                path,
                f"{year} ligger uden for perioden {first}-{last}.",
                f"{year} lies outside the horizon {first}-{last}.",
            )
    if isinstance(rule, MeasureLimit) and rule.year is not None and not _is_by_year(rule, plan):
        reading.wrong(
            "year",
            f"{rule.measure} er kun kendt i alt, ikke år for år.",
            f"{rule.measure} is known only in total, not by year.",
        )
    return (None if reading.errors else rule), tuple(reading.errors)


def _is_by_year(rule: MeasureLimit, plan: Plan) -> bool:
    return all(
        o.measures[rule.measure].by_year is not None
        for i in plan.interventions
        for o in i.options
        if rule.measure in o.measures and (rule.where is None or rule.where.matches(i, o))
    )


class RuleForm(BaseForm):
    """The form of one class; made by :func:`rule_form`."""

    registry: ClassVar[Registry[Any]]
    rule_class: ClassVar[type[Tagged]]
    plan: ClassVar[Plan]
    language: ClassVar[str]
    parts: ClassVar[tuple[Part, ...]]

    @property
    def plain_parts(self) -> list[Part]:
        """Return the parts that everybody meets."""
        return [part for part in self.parts if part.name not in FOLDED]

    @property
    def folded_parts(self) -> list[Part]:
        """Return the parts that few need."""
        return [part for part in self.parts if part.name in FOLDED]

    @property
    def folded_words(self) -> str:
        """Return what is found in the fold."""
        return ", ".join(p.about.label.say(self.language).lower() for p in self.folded_parts)

    @property
    def is_unfolded(self) -> bool:
        """Return whether a folded part says something, or is wrong."""
        return any(
            field.errors
            or (part.layout != "single" and field.data)
            or (part.read(self) is not None and part.read(self) != _plain_default(part))
            for part in self.folded_parts
            for field in part.bound(self)
        )

    def document(self) -> dict[str, Json]:
        """Return what was typed, as the plan file has it."""
        values = {part.name: part.read(self) for part in self.parts}
        given = {name: value for name, value in values.items() if value is not None}
        return {self.registry.key: self.rule_class.tag, **given}

    def content(self) -> dict[str, Json] | None:
        """Return the rule as a plan file has it; None where something is wrong."""
        if not self.validate():
            return None
        rule, errors = rule_of(self.document(), self.registry, self.plan)
        for error in errors:
            self._say(error)
        return None if rule is None else tagged_document(rule, self.registry.key)

    def _say(self, error: PlanError) -> None:
        text = in_words(error.message, self.rule_class).say(self.language)
        name = _PLACE.sub("", error.path).replace(".", "_")
        fields = [f for f in self if f.short_name == name or f.short_name.startswith(f"{name}_")]
        if name and fields:
            fields[0].errors = [*fields[0].errors, text]
        else:
            self.form_errors.append(text)


def _plain_default(part: Part) -> Json:
    default = part.default
    return getattr(default, "value", default)


def in_words(message: Sentence, cls: type[Tagged]) -> Sentence:
    """Return an error with the words of the form instead of the keys of the file."""
    danish = _DANISH_KEY.sub(r"»\1«", message.da)
    english = message.en
    for name, about in quantities(cls).items():
        if "_" in name:
            danish = re.sub(rf"\b{name}\b", f"»{about.label.da}«", danish)
            english = re.sub(rf"\b{name}\b", f"“{about.label.en}”", english)
    return Sentence(danish, english)


def rule_form(
    cls: type[Tagged],
    registry: Registry[Any],
    plan: Plan,
    *,
    language: str,
    demanded: Iterable[str] = (),
) -> type[RuleForm]:
    """Return the form of a registered class.

    Parameters
    ----------
    plan : Plan
        Where payers, interventions, measures and years to choose from are found.
    demanded : iterable of str
        Fields that this interface asks for although a plan file may leave them out.
    """
    parts = parts_of(cls, demanded=frozenset(demanded))
    fields: dict[str, Any] = {}
    for part in parts:
        fields |= part.fields(plan, language)
    return type(
        f"{cls.__name__}Form",
        (RuleForm,),
        {
            **fields,
            "registry": registry,
            "rule_class": cls,
            "plan": plan,
            "language": language,
            "parts": parts,
        },
    )


def parts_of(cls: type[Tagged], *, demanded: frozenset[str] = frozenset()) -> tuple[Part, ...]:
    """Return the parts of a class, its own before those that all limits have."""
    defaults = {f.name: f.default for f in dataclasses.fields(cls)}
    parts = [
        PARTS[about.kind](
            name=name,
            about=about,
            is_required=is_required(cls, name) or name in demanded,
            default=defaults[name],
        )
        for name, about in quantities(cls).items()
    ]
    return tuple(sorted(parts, key=lambda part: part.name in FOLDED))


def initial(cls: type[Tagged], content: Mapping[str, Json] | None, plan: Plan) -> dict[str, Any]:
    """Return what the form of a class holds: a stored rule, or the defaults of a new one.

    A new one looks at the municipality's purses: that is whose budget is planned.
    """
    data: dict[str, Any] = {}
    own = [p.id for p in plan.payers if p.level is Level.MUNICIPALITY]
    for part in parts_of(cls):
        if content is not None and part.name in content:
            data |= part.data(content[part.name])
        elif content is None and part.about.kind in {"payers", "payer"} and own:
            data |= part.data(own if part.about.kind == "payers" else own[0])
        elif not part.is_required and part.default is not None:
            data |= part.data(part.default)
    return data
