"""The explanation as a whole: the document, the words, the time, and what is asked one by one."""

import pytest

from optimizer import Force, SolverError, Status, allocate, read_plan
from optimizer.answer import Answer, Solution
from optimizer.explain import Explainer, Phase, Replanner, explain
from optimizer.explain.engine import VariedEngine
from optimizer.explain.examples import small_plan
from optimizer.explain.sentences import price_sentence
from optimizer.solver import Engine
from tests.optimizer.builders import MILLION, a_plan, a_pool, an_intervention
from tests.optimizer.cases import PLANS, REAL, plan_names
from tests.optimizer.explain.checking import forced

KEYS = {
    "intervention", "chosen", "price_to_enter", "price_of_leaving_out", "price_gap", "blocked_by",
    "replaced_by", "sentence",
}  # fmt: skip

DOCUMENT = {"format", "objective", "interventions", "rows", "conflict", "loosening"}
ROW = {
    "path", "label", "year", "price", "valid_from", "valid_to", "more_buys", "less_costs",
}  # fmt: skip


@pytest.mark.parametrize("name", plan_names())
def test_every_known_plan_is_explained(name: str) -> None:
    plan = read_plan(PLANS / f"{name}.json")
    document = explain(plan).document()
    assert document["format"] == "bundlinje-explanation/1"
    assert [i["intervention"] for i in document["interventions"]] == [
        i.id for i in plan.interventions
    ]
    for one in document["interventions"]:
        assert set(one) == KEYS
        assert one["price_to_enter"] is None or one["price_of_leaving_out"] is None
        assert one["price_gap"] == 0
        assert one["sentence"]["da"].endswith(".")
        assert ".." not in one["sentence"]["da"] + one["sentence"]["en"]
    is_feasible = document["objective"] is not None
    assert set(document) == DOCUMENT
    assert all(set(row) == ROW for row in document["rows"])
    assert is_feasible == bool(document["rows"]) != bool(document["conflict"])


@pytest.mark.parametrize("name", ["danish_cases", "danish_cases_2027", "uganda_hbp_task_shifting"])
def test_published_plans_of_full_size_are_explained_exactly(name: str) -> None:
    """Every price and limit is proved; a sample is the same as of plans allocated anew."""
    plan = read_plan(REAL / f"{name}.json")
    explanation = explain(plan)
    assert explanation.status is Status.OPTIMAL
    assert all(price.is_exact for price in explanation.prices)
    assert all(row.is_exact for row in explanation.rows)
    for price in explanation.prices[::12]:
        force = Force.OUT if price.chosen else Force.IN
        other = allocate(forced(plan, price.intervention, force), gap=0)
        if price.price is None:
            assert other.status is Status.INFEASIBLE
        else:
            true = explanation.objective - other.objective
            assert abs(price.price - true) < max(1, abs(true) / 10**6)


def test_the_allocation_that_is_shown_is_the_one_that_is_explained() -> None:
    """a and b are worth the same; whichever the page shows, the prices are told of that one."""
    plan = a_plan(
        an_intervention("a", 2 * MILLION, 5 * MILLION),
        an_intervention("b", 2 * MILLION, 5 * MILLION),
        pools=[a_pool(total=3 * MILLION)],
    )
    for name in ("a", "b"):
        shown = allocate(forced(plan, name, Force.IN))
        explanation = explain(plan, allocation=shown)
        assert set(explanation.choice) == {f"{name}/base"}
        assert {p.price for p in explanation.prices} == {0}


def test_a_force_has_a_negative_price_where_it_costs() -> None:
    plan = a_plan(
        an_intervention("a", 3 * MILLION, 4 * MILLION, force="in"),
        an_intervention("b", 3 * MILLION, 9 * MILLION),
        an_intervention("c", 2 * MILLION, 5 * MILLION, force="out"),
        pools=[a_pool(total=5 * MILLION)],
    )
    prices = explain(plan).price_of
    assert (prices["a"].price, prices["a"].replaced_by) == (-5 * MILLION, ("b",))
    assert prices["c"].price == -3 * MILLION
    assert [b.path for b in prices["c"].blocked_by] == ["interventions[2].force"]
    words = explain(plan).document()["interventions"][0]["sentence"]
    assert words["da"].startswith("Indsats a er tvunget med. Det koster 5,0")


def test_the_sentence_names_who_must_go_and_what_is_missing() -> None:
    words = explain(small_plan()).document()["interventions"][2]["sentence"]
    assert words["en"].replace("\N{NO-BREAK SPACE}", " ") == (
        "Intervention c is not funded. Taking it in costs 1.0 million kr. of the net saving, and "
        "Intervention b must go. It enters when it becomes worth more than 1.0 million kr. more. "
        "Added to the plan as it is, it breaks “The pool: outlay in total at most 7,000,000 kr.” "
        "by 4.0 million kr."
    )


def test_the_text_says_all_of_it_in_both_languages() -> None:
    explanation = explain(small_plan())
    danish, english = explanation.text("da"), explanation.text("en")
    assert "Bedste plan, bevist: 9,0" in danish
    assert "Best plan, proved: 9.0" in english
    assert len(danish.splitlines()) == len(english.splitlines())


# ---- time ----


def test_stopped_early_the_prices_are_proved_bounds() -> None:
    plan = read_plan(PLANS / "weingartner_28.json")
    exact = explain(plan, rows=False)

    def stop(phase: Phase, done: int, total: int) -> bool:
        return phase is Phase.INTERVENTIONS

    hasty = explain(plan, rows=False, progress=stop)
    assert exact.status is hasty.status is Status.OPTIMAL
    assert sum(not price.is_exact for price in hasty.prices) > len(hasty.prices) / 2
    true = {p.intervention: p for p in exact.prices}
    for price in hasty.prices:
        exactly = true[price.intervention].price
        if price.is_exact:
            assert price.price == exactly
        elif exactly is not None and price.price is not None:
            assert price.price <= exactly
            assert price.gap is None or exactly <= price.price + price.gap
        if not price.is_exact:
            words = price_sentence(hasty, price).en
            assert "between" in words or "at least" in words or "not decided" in words


@pytest.mark.parametrize("name", ["weingartner_28", "discount_steps_forced_in"])
def test_without_any_time_no_price_is_said_to_be_exact_that_is_not(name: str) -> None:
    plan = read_plan(PLANS / f"{name}.json")
    explainer, exact = Explainer(plan), explain(plan, rows=False)
    hasty = explainer.pricing.prices([i.id for i in plan.interventions], seconds=0)
    for price, true in zip(hasty, exact.prices, strict=True):
        assert price.price == true.price or not price.is_exact
        if price.gap is not None:
            assert price.price <= true.price <= price.price + price.gap
    assert not all(price.is_exact for price in hasty)


def test_it_can_be_stopped_and_says_what_it_is_doing() -> None:
    seen = []

    def stop_at_limits(phase: Phase, done: int, total: int) -> bool:
        seen.append((phase, done, total))
        return phase is Phase.LIMITS

    explanation = explain(small_plan(), progress=stop_at_limits)
    assert seen[0] == (Phase.BEST, 0, 1)
    assert {phase for phase, _, _ in seen} >= {Phase.BEST, Phase.LIMITS}
    assert len(explanation.prices) == 3


def test_one_question_can_be_asked_at_a_time() -> None:
    explainer = Explainer(small_plan())
    (price,) = explainer.pricing.prices(["c"], seconds=5)
    assert price.price == MILLION
    limit = explainer.limits.limits[0]
    assert explainer.limits.price(limit).less_costs == 3 * MILLION
    assert explainer.limits.slope(limit) is not None


# ---- the same model ----


def test_a_question_leaves_the_plan_as_it_was() -> None:
    """Whatever was asked in between, the same question has the same answer."""
    plan = read_plan(PLANS / "requires_excludes.json")
    explainer = Explainer(plan)
    names = [i.id for i in plan.interventions]
    before = explainer.pricing.prices(names, seconds=10)
    rows = list(explainer.replanner.program.rows)
    for limit in explainer.limits.limits:
        explainer.limits.price(limit)
    assert explainer.replanner.program.rows == rows
    fresh = Explainer(plan).pricing.prices(names, seconds=10)
    assert [(p.price, p.gap) for p in before] == [(p.price, p.gap) for p in fresh]
    assert explainer.replanner.best().objective == allocate(plan).objective


def test_an_engine_that_stops_with_an_error_is_run_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    failures, own = [SolverError("a basis that is no good")], Engine._run

    def fail_once(engine: Engine) -> None:
        if failures and isinstance(engine, VariedEngine):
            raise failures.pop()
        own(engine)

    monkeypatch.setattr(Engine, "_run", fail_once)
    assert explain(small_plan()).objective == 9 * MILLION
    assert not failures


def test_a_known_plan_refutes_that_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = small_plan()
    replanner = Replanner(plan)
    replanner.known.add(allocate(plan).choice)
    nothing = Solution(Answer.INFEASIBLE)
    monkeypatch.setattr(VariedEngine, "solve", lambda *_, **__: nothing)
    reply = replanner.best()
    assert (reply.answer, reply.objective) == (Answer.FEASIBLE, 9 * MILLION)
