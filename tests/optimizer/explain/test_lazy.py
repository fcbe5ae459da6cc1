"""Limits that are kept by cuts: every question of them, against all choices judged one by one."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer import Plan, evaluate
from optimizer.compilation import Compilation
from optimizer.constraints.base import Constraint
from optimizer.explain import Explainer, explain
from optimizer.program import LazyRow, Row
from optimizer.sentence import same
from tests.optimizer.builders import MILLION, a_flow, a_plan, a_pool, an_intervention
from tests.optimizer.profile import examples

NAMES = "abcde"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstLoss(Constraint):
    """The greatest loss over some futures is at most so much: as many rows as futures."""

    losses: tuple[tuple[int, ...], ...]
    at_most: int

    def rows(self, program: Compilation) -> Iterator[Row]:
        yield from ()

    def lazy_rows(self, program: Compilation) -> Iterator[LazyRow]:
        columns = [program.chosen_variable[f"{name}/base"] for name in NAMES]
        yield Worst(columns, self.losses, self.at_most)

    def sentence(self, plan: Plan) -> Any:
        return same("worst loss")


WorstLoss.tag = "worst_loss"


class Worst(LazyRow):
    """The greatest of several sums."""

    def __init__(self, columns: list[int], losses: Sequence[Sequence[int]], upper: int) -> None:
        self.columns, self.losses, self.upper = columns, losses, upper
        self.label = same("worst loss")

    def activity(self, values: Sequence[Any]) -> Fraction:
        return Fraction(max(self._sum(loss, values) for loss in self.losses))

    def _sum(self, loss: Sequence[int], values: Sequence[Any]) -> Any:
        return sum(c * values[v] for v, c in zip(self.columns, loss, strict=True))

    def cut(self, values: Sequence[float]) -> Row:
        worst = max(self.losses, key=lambda loss: self._sum(loss, values))
        terms = dict(zip(self.columns, worst, strict=True))
        if self.softener is not None:
            terms[self.softener] = -1
        return Row(same(""), terms, upper=self.upper, tag="cut")


@st.composite
def cases(draw: Any) -> Plan:
    number = st.integers(-3, 6)
    plan = a_plan(
        *(
            an_intervention(
                n, draw(st.integers(1, 6)) * MILLION, draw(st.integers(2, 15)) * MILLION
            )
            for n in NAMES
        ),
        pools=[a_pool(total=draw(st.integers(3, 15)) * MILLION)],
        constraints=[{"tag": "chosen", "at_least": draw(st.integers(0, 3))}],
    )
    losses = tuple(
        tuple(draw(number) * MILLION for _ in NAMES) for _ in range(draw(st.integers(1, 6)))
    )
    limit = WorstLoss(losses=losses, at_most=draw(st.integers(-4, 6)) * MILLION)
    limits = (*plan.scenario.constraints, limit)
    return replace(plan, scenario=replace(plan.scenario, constraints=limits))


def judgements(plan: Plan) -> list[tuple[frozenset[str], Fraction, frozenset[str]]]:
    """Return (taken, value, broken paths) of every choice."""
    found = []
    for size in range(len(NAMES) + 1):
        for names in itertools.combinations(NAMES, size):
            result = evaluate(plan, {f"{name}/base": 1 for name in names})
            broken = frozenset(row.row.path for row in result.broken)
            found.append((frozenset(names), result.objective, broken))
    return found


def best(plan: Plan, excused: frozenset[str] = frozenset()) -> Fraction | None:
    return max((v for _, v, broken in judgements(plan) if broken <= excused), default=None)


def moved(plan: Plan, by: int) -> Plan:
    limits = plan.scenario.constraints
    last = replace(limits[-1], at_most=limits[-1].at_most + by)
    return replace(plan, scenario=replace(plan.scenario, constraints=(*limits[:-1], last)))


@examples(40)
@given(cases())
def test_every_question_of_a_limit_kept_by_cuts(plan: Plan) -> None:
    value = best(plan)
    explanation = explain(plan)
    assert explanation.objective == value
    if value is None:
        check_conflict(plan, explanation)
        return
    choices = judgements(plan)
    for price in explanation.prices:
        other = [
            v for names, v, broken in choices
            if not broken and (price.intervention in names) != price.chosen
        ]  # fmt: skip
        assert price.gap == 0
        assert price.price == (value - max(other) if other else None)
    for row in explanation.rows:
        if row.path == "scenario.constraints[1]":
            more, less = best(moved(plan, MILLION)), best(moved(plan, -MILLION))
            assert row.is_exact
            assert row.more_buys == more - value
            assert row.less_costs == (None if less is None else value - less)
            assert row.price >= 0


def check_conflict(plan: Plan, explanation: Any) -> None:
    choices = judgements(plan)
    paths = set(explanation.conflict.paths)
    assert all(broken & paths for _, _, broken in choices)
    for path in paths:
        assert any(not broken & (paths - {path}) for _, _, broken in choices)
    for one in explanation.ways_out.loosenings:
        if one.path == "scenario.constraints[1]":
            assert best(moved(plan, one.by)) == one.objective
            assert best(moved(plan, one.by - 1)) is None


@examples(20)
@given(cases())
def test_a_question_of_it_leaves_no_cut_behind(plan: Plan) -> None:
    explainer = Explainer(plan)
    if not explainer.best.has_plan:
        return
    for limit in explainer.limits.limits:
        explainer.limits.price(limit)
    names = [i.id for i in plan.interventions]
    after = explainer.pricing.prices(names, seconds=20)
    assert [p.price for p in after] == [p.price for p in explain(plan, rows=False).prices]


def test_the_cuts_of_one_limit_leave_the_prices_of_others_alone() -> None:
    # a saves 16 and loses 9 in the only outcome, b costs 2 and gains 8; the pool pays 8 of b's 18
    plan = a_plan(
        an_intervention("a", option={"flows": [a_flow("saving", 16)], "pool": None}),
        an_intervention("b", option={"flows": [a_flow("outlay", -18), a_flow("saving", 16)]}),
        outcomes={"net_saving": {"a/base": [-9], "b/base": [8]}},
        constraints=[{"tag": "expected_shortfall", "payers": "all", "level": 0, "at_most": 0}],
        pools=[a_pool(total=8)],
    )
    shortfall, pool = explain(plan, interventions=False).rows
    # one more of loss lets in a ninth of a; one more krone an eighteenth of b, whose gain of
    # 8 / 18 lets in a ninth of so much of a
    assert shortfall.price == pytest.approx(16 / 9)
    assert pool.price == pytest.approx(8 / 18 / 9 * 16 - 2 / 18)
