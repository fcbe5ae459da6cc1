"""An answer to every "why": prices of choices and limits, conflicts, and what would help.

::

    from optimizer import read_plan
    from optimizer.explain import explain

    explanation = explain(read_plan("plan.json"))
    print(explanation.text("en"))
"""

from optimizer.explain.alternatives import (
    Alternative,
    Alternatives,
    Standing,
    alternatives,
    standings,
)
from optimizer.explain.conflict import Conflict, Rule
from optimizer.explain.core import CoreIndex, Variation, core_index, variations
from optimizer.explain.costs import RuleCost, RuleCosts, rule_costs
from optimizer.explain.difference import Change, Difference, Part, difference
from optimizer.explain.explaining import Explainer, Explanation, Phase, explain
from optimizer.explain.limits import Limit
from optimizer.explain.loosening import Loosening, Release, WaysOut, loosened_plan
from optimizer.explain.nested import CutList, Step, cut_list
from optimizer.explain.prices import Blocker, Price
from optimizer.explain.question import Question, Reply
from optimizer.explain.replanning import Replanner
from optimizer.explain.rows import LimitPrice

__all__ = [
    "Alternative",
    "Alternatives",
    "Blocker",
    "Change",
    "Conflict",
    "CoreIndex",
    "CutList",
    "Difference",
    "Explainer",
    "Explanation",
    "Limit",
    "LimitPrice",
    "Loosening",
    "Part",
    "Phase",
    "Price",
    "Question",
    "Release",
    "Replanner",
    "Reply",
    "Rule",
    "RuleCost",
    "RuleCosts",
    "Standing",
    "Step",
    "Variation",
    "WaysOut",
    "alternatives",
    "core_index",
    "cut_list",
    "difference",
    "explain",
    "loosened_plan",
    "rule_costs",
    "standings",
    "variations",
]
