"""The forms of a scenario itself: its name, its pools, its candidates."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Field, RadioField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from optimizer import Plan, PlanErrors, plan_from_document
from planner.forms.base import BaseForm, KronerField, PercentField, TextField, required
from planner.forms.base import choices as offered
from planner.forms.rule_parts import ChecksField, as_decimal, json_number

Json = Any
TIME_LIMITS = (10, 30, 60, 120, 300)
USUAL_TIME_LIMIT = 30
_POOL_PATH = re.compile(r"^scenario\.pools\[(\d+)\]\.?(.*)$")


class ScenarioForm(BaseForm):
    """Title and description."""

    title = TextField(
        _("Title"),
        validators=[required(), Length(max=200, message=_("Write at most 200 characters."))],
        description=_("What tells it from the others, for instance Prevention first."),
    )
    description = TextAreaField(
        _("Description"),
        validators=[Optional(), Length(max=2000, message=_("Write at most 2,000 characters."))],
        description=_("What the scenario tries out, in a sentence or two."),
    )


def time_limit_of(text: str | None) -> int:
    """Return the chosen number of seconds; the usual one for anything else."""
    chosen = int(text) if text is not None and text.isascii() and text.isdigit() else None
    return chosen if chosen in TIME_LIMITS else USUAL_TIME_LIMIT


# ---- Pools ----


@dataclass(frozen=True, slots=True)
class PoolName:
    """A pool of the strategy, about which the form asks."""

    key: str
    name: str
    kind: str


class PoolsForm(BaseForm):
    """How much is in each pool; made by :func:`pools_form`."""

    pools: ClassVar[tuple[PoolName, ...]]
    plan: ClassVar[Plan]
    language: ClassVar[str]

    def part(self, place: int, name: str) -> Field:
        """Return one field of a pool."""
        return self[f"p{place}_{name}"]

    def years(self, place: int) -> list[Field]:
        """Return the fields of the years of a pool."""
        start = f"p{place}_year_"
        return [field for field in self if field.short_name.startswith(start)]

    def content(self) -> list[dict[str, Json]] | None:
        """Return the pools as a plan file has them; None where something is wrong."""
        if not self.validate():
            return None
        pools = [self._pool(place, pool) for place, pool in enumerate(self.pools)]
        try:
            plan_from_document(_skeleton(self.plan, pools))
        except PlanErrors as errors:
            for error in errors.errors:
                self._say(error.path, error.message.say(self.language))
            return None
        return pools

    def _pool(self, place: int, pool: PoolName) -> dict[str, Json]:
        document: dict[str, Json] = {"id": pool.key, "name": pool.name, "kind": pool.kind}
        if self.part(place, "mode").data == "total":
            document["total"] = self.part(place, "total").data
            return document
        document["paid_in"] = {
            field.short_name.rpartition("_")[2]: field.data
            for field in self.years(place)
            if field.data is not None
        }
        document["carry_over"] = self.part(place, "carry_over").data
        if self.part(place, "repays").data:
            share = self.part(place, "share").data
            document["repayment"] = {
                "share": None if share is None else json_number(share),
                "payers": list(self.part(place, "payers").data or ()),
                "case": self.part(place, "case").data,
                "available": self.part(place, "available").data,
            }
        return document

    def _say(self, path: str, text: str) -> None:
        match = _POOL_PATH.match(path)
        if match is None:
            self.form_errors.append(text)
            return
        place, rest = int(match[1]), re.sub(r"\[\d+\]", "", match[2])
        known = {
            "": "total",
            "total": "total",
            "repayment.share": "share",
            "repayment.payers": "payers",
            "repayment.case": "case",
            "repayment.available": "available",
        }
        name = known.get(rest) or f"year_{rest.removeprefix('paid_in.')}"
        if f"p{place}_{name}" not in self:
            name = "total"
        field = self.part(place, name)
        said = text
        if rest == "":
            said = gettext("Write an amount in whole kroner, for instance 1.250.000.")
        elif rest == "repayment.payers" and not field.data:
            said = gettext("Tick one.")
        elif field.data is None and not rest.startswith("paid_in"):
            said = gettext("Fill in this field.")
        field.errors = [*field.errors, said]


def _skeleton(plan: Plan, pools: list[dict[str, Json]]) -> dict[str, Json]:
    """Return a plan with nothing but the pools, for the reader to judge."""
    goal = {"of": "net_saving", "payers": "all", "period": "horizon", "discounted": False}
    return {
        "format": "bundlinje-plan/1",
        "title": "",
        "price_year": plan.price_year,
        "budget_year": plan.budget_year,
        "budget_years": plan.budget_years,
        "horizon": list(plan.horizon),
        "discount": [],
        "payers": [{"id": p.id, "name": p.name, "level": p.level.value} for p in plan.payers],
        "departments": [],
        "interventions": [],
        "scenario": {
            "title": "",
            "pools": pools,
            "objective": {"terms": [goal]},
            "constraints": [],
        },
    }


def pools_form(pools: Iterable[PoolName], plan: Plan, *, language: str) -> type[PoolsForm]:
    """Return the form for the pools of a strategy."""
    asked = tuple(pools)
    fields: dict[str, Field] = {}
    for place in range(len(asked)):
        fields |= {f"p{place}_{name}": field for name, field in _pool_fields(plan).items()}
    attributes = {**fields, "pools": asked, "plan": plan, "language": language}
    return type("PoolsFormOfStrategy", (PoolsForm,), attributes)


def _pool_fields(plan: Plan) -> dict[str, Field]:
    years = {f"year_{year}": KronerField(str(year), validators=[Optional()]) for year in plan.years}
    return {
        "mode": RadioField(
            _("The money"),
            choices=offered(
                ("total", _("One amount for all years")), ("paid_in", _("Paid in by year"))
            ),
            default="total",
        ),
        "total": KronerField(_("Amount"), validators=[Optional()]),
        **years,
        "carry_over": BooleanField(_("What is left is carried over to the next year")),
        "repays": BooleanField(_("Savings are repaid to the pool, to be used again")),
        "share": PercentField(_("Share of the cashable savings"), validators=[Optional()]),
        "payers": ChecksField(
            _("Savings of"),
            choices=offered(*((p.id, p.name) for p in plan.payers)),
            validate_choice=False,
        ),
        "case": SelectField(
            _("Counted by the"),
            choices=offered(("expected", _("expected estimate")), ("low", _("low estimate"))),
        ),
        "available": SelectField(
            _("Can be used"),
            choices=offered(
                ("next_year", _("from the year after")), ("same_year", _("in the same year"))
            ),
        ),
    }


def pools_data(pools: Iterable[PoolName], stored: Iterable[Mapping[str, Json]]) -> dict[str, Any]:
    """Return what the fields hold for stored pools."""
    known = {pool["id"]: pool for pool in stored}
    data: dict[str, Any] = {}
    for place, name in enumerate(pools):
        pool = known.get(name.key, {})
        start = f"p{place}_"
        data[f"{start}mode"] = "paid_in" if pool.get("paid_in") is not None else "total"
        data[f"{start}total"] = pool.get("total")
        data[f"{start}carry_over"] = bool(pool.get("carry_over"))
        data |= {f"{start}year_{y}": a for y, a in (pool.get("paid_in") or {}).items()}
        terms = pool.get("repayment")
        data[f"{start}repays"] = terms is not None
        if terms is not None:
            data[f"{start}share"] = as_decimal(terms["share"])
            data |= {f"{start}{key}": terms[key] for key in ("payers", "case", "available")}
    return data


# ---- Candidates ----


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """What was chosen for one candidate."""

    intervention_id: int
    takes_part: bool
    force: Literal["in", "out"] | None
    reason: str


def read_candidates(
    typed: Mapping[str, str], intervention_ids: Iterable[int]
) -> tuple[list[CandidateLine], dict[str, str]]:
    """Return the lines of the table of candidates, and what is wrong by field name."""
    lines, errors = [], {}
    for identity in intervention_ids:
        chosen = typed.get(f"force-{identity}", "")
        force: Literal["in", "out"] | None = (
            "in" if chosen == "in" else "out" if chosen == "out" else None
        )
        line = CandidateLine(
            intervention_id=identity,
            takes_part=f"part-{identity}" in typed,
            force=force,
            reason=typed.get(f"reason-{identity}", "").strip(),
        )
        if force is not None and not line.reason:
            errors[f"reason-{identity}"] = gettext("Write why it is decided beforehand.")
        if force == "in" and not line.takes_part:
            errors[f"force-{identity}"] = gettext("It cannot be forced in without taking part.")
        lines.append(line)
    return lines, errors
