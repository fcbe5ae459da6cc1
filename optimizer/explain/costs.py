"""What the rules that people set cost: each forced choice and each limit, alone and together."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from optimizer.explain.conflict import Rule, hard_rules
from optimizer.explain.explaining import Explainer
from optimizer.explain.question import Question, Reply


@dataclass(frozen=True, slots=True)
class RuleCost:
    """What the best plan would gain without some rules.

    ``cost`` is None where there is no best plan, with or without them. A proved lower bound where
    ``gap`` is not 0; the true cost is at most so much higher (None: not known).
    """

    rules: tuple[Rule, ...]
    cost: Fraction | None
    gap: Fraction | None = Fraction(0)


@dataclass(frozen=True, slots=True)
class RuleCosts:
    """What rules cost one by one, and all together."""

    alone: tuple[RuleCost, ...]
    together: RuleCost


def rule_costs(
    explainer: Explainer, paths: Iterable[str] | None = None, *, time_limit: float = 60.0
) -> RuleCosts:
    """Return what rules cost; by default all forces and all hard limits.

    For a rule that is not saved yet, give the explainer the plan that has it.

    Examples
    --------
    >>> from optimizer.explain import Explainer, rule_costs
    >>> from optimizer.explain.examples import small_plan
    >>> found = rule_costs(Explainer(small_plan(pool=4, at_least=1)))
    >>> [(cost.rules[0].path, int(cost.cost)) for cost in found.alone]
    [('scenario.constraints[0]', 0)]
    """
    known = {rule.path: rule for rule in hard_rules(explainer.replanner)}
    if paths is None:
        paths = [path for path in known if path.startswith(("interventions", "scenario.c"))]
    rules = [known[path] for path in paths]
    deadline = time.perf_counter() + time_limit
    alone = [
        _cost(explainer, (rule,), (deadline - time.perf_counter()) / (len(rules) + 1 - done))
        for done, rule in enumerate(rules)
    ]
    together = _cost(explainer, tuple(rules), deadline - time.perf_counter())
    return RuleCosts(tuple(alone), together)


def _cost(explainer: Explainer, rules: tuple[Rule, ...], seconds: float) -> RuleCost:
    without = frozenset(rule.path for rule in rules)
    best = explainer.best
    reply = explainer.replanner.best(Question(without=without), seconds=max(0.0, seconds))
    if best.objective is None or reply.objective is None:
        return RuleCost(rules, None)
    low = max(Fraction(0), reply.objective - _ceiling(best, best.objective))
    if best.is_proved and reply.is_proved:
        return RuleCost(rules, low)
    gap = None if reply.bound is None else max(Fraction(0), reply.bound - best.objective - low)
    return RuleCost(rules, low, gap)


def _ceiling(best: Reply, objective: Fraction) -> Fraction:
    return objective if best.is_proved or best.bound is None else best.bound
