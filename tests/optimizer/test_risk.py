"""The risk of an allocation, and its parts in the result document."""

from fractions import Fraction

from optimizer import evaluate
from optimizer.risk import risk_of, risk_payers
from tests.optimizer.builders import MILLION, Json, a_flow, a_plan, an_intervention, net_saving

OUTCOMES: Json = {
    "net_saving": {
        "a/base": [6 * MILLION, 2 * MILLION, -4 * MILLION, 0],
        "b/base": [-MILLION, MILLION, -2 * MILLION, 2 * MILLION],
    }
}


def two(**more: object) -> list[Json]:
    """Return a and b, whose net saving in four outcomes is listed above."""
    del more
    flows = [a_flow("saving", MILLION, 2028)]
    return [an_intervention(name, option={"flows": flows, "pool": None}) for name in "ab"]


def test_the_distribution_of_a_choice() -> None:
    allocation = evaluate(a_plan(*two(), outcomes=OUTCOMES), {"a/base": 1, "b/base": 1})
    risk = allocation.risk
    assert risk is not None
    # a + b: 5, 3, -6, 2
    assert risk.net.kroner.tolist() == [5 * MILLION, 3 * MILLION, -6 * MILLION, 2 * MILLION]
    assert (risk.mean, risk.worst, risk.best) == (MILLION, -6 * MILLION, 5 * MILLION)
    assert risk.chance_of_loss == Fraction(1, 4)
    assert risk.expected_shortfall == ((Fraction(95, 100), 6 * MILLION),)
    assert risk.worst_outcomes(2) == [2, 3]


def test_what_each_adds_to_the_worst_tail_adds_up() -> None:
    overlap = {"kind": "overlap", "interventions": ["a", "b"], "payer": "kommune",
               "loses": {"2028": MILLION}, "reason": "samme borgere"}  # fmt: skip
    plan = a_plan(*two(), outcomes=OUTCOMES, relations=[overlap])
    allocation = evaluate(plan, {"a/base": 1, "b/base": 1})
    risk = allocation.risk
    assert risk is not None
    level = Fraction(1, 2)
    # the worst two are outcomes 2 and 3: a loses 4 and 0, b loses 2 and gains 2
    parts = risk.contributions(allocation.choice, level)
    assert parts == {"a/base": 2 * MILLION, "b/base": 0}
    assert sum(parts.values()) + MILLION == risk.net.expected_shortfall(level)


def test_levels_are_those_of_the_limits() -> None:
    limits = [
        {"tag": "expected_shortfall", "payers": "all", "level": level, "at_most": 9 * MILLION}
        for level in (0.75, 0.5)
    ]
    allocation = evaluate(a_plan(*two(), outcomes=OUTCOMES, constraints=limits), {"a/base": 1})
    assert allocation.risk is not None
    assert allocation.risk.expected_shortfall == (
        (Fraction(1, 2), 2 * MILLION), (Fraction(3, 4), 4 * MILLION),
    )  # fmt: skip


def test_whose_risk_it_is() -> None:
    limit = {"tag": "chance_of_loss", "payers": ["region"], "at_most": 1}
    terms = [net_saving(payers=["kommune"])]
    with_limit = a_plan(*two(), outcomes=OUTCOMES, terms=terms, constraints=[limit])
    assert risk_payers(with_limit) == {"region"}
    assert risk_payers(a_plan(*two(), terms=terms)) == {"kommune"}
    measure = {"of": "measure", "measure": "borgere"}
    one = an_intervention("a", option={"measures": {"borgere": 1}})
    assert risk_payers(a_plan(one, terms=[measure])) is None


def test_one_may_ask_for_others() -> None:
    plan = a_plan(*two(), outcomes={"sample": {"count": 4, "seed": 1, "correlation": {}}})
    allocation = evaluate(plan, {"a/base": 1})
    others = risk_of(plan, allocation.appraisal, allocation.choice, payers=frozenset({"region"}))
    assert (others.mean, others.worst) == (0, 0)


def test_without_outcomes_there_is_none() -> None:
    allocation = evaluate(a_plan(*two()), {"a/base": 1})
    assert allocation.risk is None
    assert "risk" not in allocation.document()


def test_the_document_says_it() -> None:
    document = evaluate(a_plan(*two(), outcomes=OUTCOMES), {"b/base": 1}).document()
    assert document["risk"] == {
        "payers": "all", "outcomes": 4, "mean": 0, "worst": -2 * MILLION, "best": 2 * MILLION,
        "expected_shortfall": [{"level": 0.95, "loss": 2 * MILLION}], "chance_of_loss": 0.5,
    }  # fmt: skip
