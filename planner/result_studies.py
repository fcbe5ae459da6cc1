"""What a worker finds out about a result: one function a kind, each returning what is stored.

The numerical libraries take half a second to load, so each function loads them itself: a worker
starts without.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from optimizer import Allocation, Plan
from optimizer.sentence import Sentence
from optimizer.writing import number_or_null, plain_number
from planner.model.states import JobKind

if TYPE_CHECKING:
    from optimizer.explain import Alternatives, Part, RuleCost, Step, Variation

Json = Any
Progress = Callable[[int, int], bool]
#: how much of the goal may be given up for another choice, in per cent
PERCENTS: Final = (1, 2, 5)
MOST_PLANS: Final = 5
#: sizes of a pool in per cent of its own
SIZES: Final = (50, 60, 70, 80, 85, 90, 95, 105, 110, 115, 120, 130, 140, 150)
#: of the evidence, beside all low, all expected and all high
DRAWS: Final = 12
#: of the time, after which no further variation is begun
ENOUGH: Final = 0.8
HALF, DOUBLE = Fraction(1, 2), Fraction(2)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be studied, for how many seconds, and who hears how far it is.

    Parameters
    ----------
    other : Allocation or None
        The result that it is compared with, where there is one.
    """

    allocation: Allocation
    seconds: float
    progress: Progress
    other: Allocation | None = None

    @property
    def plan(self) -> Plan:
        """Return the plan of the result."""
        return self.allocation.plan

    def after(self, before: int, total: int) -> Progress:
        """Return who hears how far a part is, when ``before`` steps of ``total`` came before it."""

        def told(done: int, _total: int) -> bool:
            return self.progress(before + done, total)

        return told


def plain_choice(choice: Mapping[str, Fraction]) -> dict[str, Json]:
    """Return a choice as it is stored."""
    return {key: plain_number(scale) for key, scale in sorted(choice.items())}


def _said(sentence: Sentence) -> dict[str, str]:
    return {"da": sentence.da, "en": sentence.en}


# ---- Other plans that are nearly as good ----


def alternatives_of(asked: Asked) -> dict[str, Json]:
    """Return nearly best plans at each share, and which interventions are in all or none."""
    from optimizer.explain import alternatives, explain, standings  # noqa: PLC0415

    share = asked.seconds / (len(PERCENTS) + 1)
    total = 1 + len(PERCENTS) * MOST_PLANS
    explanation = explain(
        asked.plan,
        allocation=asked.allocation,
        rows=False,
        time_limit=share,
        progress=lambda *_: asked.progress(0, total),
    )
    found = []
    for place, percent in enumerate(PERCENTS):
        within = Fraction(percent, 100)
        near = alternatives(
            asked.plan,
            asked.allocation,
            within=within,
            count=MOST_PLANS,
            time_limit=share,
            progress=asked.after(1 + place * MOST_PLANS, total),
        )
        words = {name: word.value for name, word in standings(explanation, within).items()}
        found.append({"percent": percent, **_alternatives_document(near), "standings": words})
    return {
        "format": "bundlinje-alternatives/1",
        "within": found,
        "proved": asked.allocation.status == "optimal",
    }


def _alternatives_document(near: "Alternatives") -> dict[str, Json]:
    return {
        "least": plain_number(near.least),
        "complete": near.is_complete,
        "plans": [
            {
                "choice": plain_choice(plan.choice),
                "objective": plain_number(plan.objective),
                "differs": plan.differs,
            }
            for plan in near.plans
        ],
    }


# ---- A smaller or a larger pool ----


def cut_lists_of(asked: Asked) -> dict[str, Json]:
    """Return the nested plans of each pool that holds something."""
    from optimizer.explain import cut_list  # noqa: PLC0415

    pools = [pool for pool in asked.plan.scenario.pools if pool.amount]
    found = []
    for place, pool in enumerate(pools):
        nested = cut_list(
            asked.plan,
            asked.allocation,
            pool=pool.id,
            amounts=[pool.amount * percent // 100 for percent in SIZES],
            time_limit=asked.seconds / len(pools),
            progress=asked.after(place * len(SIZES), len(pools) * len(SIZES)),
        )
        steps = [_step_document(step) for step in nested.steps]
        found.append({"pool": pool.id, "amount": pool.amount, "steps": steps})
    return {"format": "bundlinje-cut-list/1", "pools": found}


def _step_document(step: "Step") -> dict[str, Json]:
    return {
        "amount": step.amount,
        "choice": plain_choice(step.choice),
        "objective": number_or_null(step.objective),
        "best": number_or_null(step.best),
        "cost": number_or_null(step.cost),
        "enters": list(step.enters),
        "leaves": list(step.leaves),
        "proved": step.is_proved,
    }


# ---- Why two results differ ----


def difference_of(asked: Asked) -> dict[str, Json]:
    """Return why a result differs from another, which comes first."""
    from optimizer.explain import difference  # noqa: PLC0415

    if asked.other is None:
        message = "there is no other result to compare with"
        raise ValueError(message)
    found = difference(
        asked.other, asked.allocation, time_limit=asked.seconds, progress=asked.progress
    )
    return {
        "format": "bundlinje-difference/1",
        "first": plain_number(found.first),
        "second": plain_number(found.second),
        "whole": plain_number(found.whole),
        "parts": [_part_document(part) for part in found.parts],
    }


def _part_document(part: "Part") -> dict[str, Json]:
    return {
        "changes": [{"change": c.value, **_said(c.label)} for c in part.changes],
        "adds": plain_number(part.adds),
        "enters": list(part.enters),
        "leaves": list(part.leaves),
        "proved": part.is_proved,
    }


# ---- How sure each choice is ----


def robustness_of(asked: Asked) -> dict[str, Json]:
    """Return how often each intervention is in the best plan when the uncertain varies."""
    from optimizer.explain import core_index, variations  # noqa: PLC0415

    sets = weights_of(asked.plan)
    varied = variations(asked.plan, draws=DRAWS, weights=sets)
    # the last of them still gets the time it needs
    deadline = time.perf_counter() + ENOUGH * asked.seconds

    def followed() -> "Iterator[Variation]":
        for done, variation in enumerate(varied):
            if asked.progress(done, len(varied)) or time.perf_counter() > deadline:
                return
            yield variation

    index = core_index(followed(), time_limit=asked.seconds)
    return {
        "format": "bundlinje-robustness/1",
        "share": {name: plain_number(share) for name, share in index.share.items()},
        "best": [{**_said(v.name), "taken": sorted(inside)} for v, inside in index.plans],
        "without_plan": [_said(variation.name) for variation in index.without_plan],
        "asked": len(varied),
        "weights": bool(sets),
    }


def weights_of(plan: Plan) -> list[tuple[Fraction, ...]]:
    """Return sets of weights for the goal: each of its terms halved, and doubled.

    One term alone has no weight that matters.
    """
    own = tuple(Fraction(term.weight) for term in plan.scenario.objective)
    if len(own) == 1:
        return []
    return [
        (*own[:place], weight * factor, *own[place + 1 :])
        for place, weight in enumerate(own)
        for factor in (HALF, DOUBLE)
    ]


# ---- What the rules cost ----


def rule_costs_of(asked: Asked) -> dict[str, Json]:
    """Return what each forced choice and each limit costs, alone and all together."""
    from optimizer.explain import Explainer, rule_costs  # noqa: PLC0415

    explainer = Explainer(asked.plan, allocation=asked.allocation, time_limit=asked.seconds)
    found = rule_costs(explainer, time_limit=asked.seconds)
    return {
        "format": "bundlinje-rule-costs/1",
        "alone": [_cost_document(cost) for cost in found.alone],
        "together": _cost_document(found.together),
    }


def _cost_document(cost: "RuleCost") -> dict[str, Json]:
    return {
        "rules": [{"path": rule.path, **_said(rule.label)} for rule in cost.rules],
        "cost": number_or_null(cost.cost),
        "gap": number_or_null(cost.gap),
    }


STUDIES: Final[Mapping[str, Callable[[Asked], dict[str, Json]]]] = {
    JobKind.ALTERNATIVES: alternatives_of,
    JobKind.CUT_LIST: cut_lists_of,
    JobKind.DIFFERENCE: difference_of,
    JobKind.ROBUSTNESS: robustness_of,
    JobKind.RULE_COSTS: rule_costs_of,
}
