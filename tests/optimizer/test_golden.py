"""The rows of every rule on one small plan, printed, so that the mathematics can be read.

``golden/`` holds one file a limit (``<tag>.txt``), a relation (``relation_<kind>.txt``), a term of
the objective (``objective_<of>.txt``), a kind of pool (``pool_<kind>.txt``), and what a force and a
scale add. Each shows what the rule adds to the plan without it. To write them anew, then read the
difference before it is committed::

    python -m tests.optimizer.test_golden
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from optimizer import plan_from_document
from optimizer.compilation import Compilation
from optimizer.constraints import constraints
from optimizer.objectives import objectives
from optimizer.program import Program, Row
from optimizer.relations import relations
from optimizer.sentence import NO_BREAK_SPACE
from optimizer.writing import plain_number
from tests.optimizer.builders import (
    Json,
    a_document,
    a_flow,
    a_pool,
    an_intervention,
    an_option,
    net_saving,
)

GOLDEN = Path(__file__).resolve().parent / "golden"

SMALL = an_option(
    "lille",
    a_flow("outlay", -2_000_000),
    a_flow("saving", 1_500_000, 2028, low=1_000_000, high=2_000_000),
    a_flow("saving", 1_500_000, 2029),
    measures={"borgere": 40, "timer": {"2027": 900, "2028": 600}},
)
LARGE = an_option(
    "stor",
    a_flow("outlay", -3_000_000),
    a_flow("outlay", -1_000_000, 2028),
    a_flow("cost", -200_000, 2029),
    a_flow("saving", 5_000_000, 2029, category="transfers"),
    a_flow("saving", 500_000, 2030, cashable=False),
    measures={"borgere": 90, "timer": {"2027": 1500}},
    scalable={"minimum": 0.4},
)
A = an_intervention("a", evidence_stars=3, tags=["unge"]) | {"options": [SMALL, LARGE]}
B = an_intervention(
    "b", outlay=1_000_000, saving=2_500_000, department="job", external=True, evidence_stars=1,
    supplier="Nord", target_group="ledige",
    option={"measures": {"borgere": 12.5, "timer": {"2028": 100}}},
)  # fmt: skip
C = an_intervention("c", saving=700_000) | {
    "options": [an_option("base", a_flow("cost", -300_000), a_flow("saving", 700_000, 2031,
                payer="region"), pool=None)]
}  # fmt: skip

ALL = {"payers": "all"}
MUNICIPALITY = {"payers": ["kommune"]}
OVERLAP = {
    "kind": "overlap", "interventions": ["a", "b"], "payer": "kommune", "reason": "Samme borgere",
    "loses": {"2028": 300_000, "2029": 100_000},
}  # fmt: skip

LIMITS: dict[str, list[Json]] = {
    "invested": [
        {"tag": "invested", "at_least": 1_000_000, "at_most": 4_000_000},
        {"tag": "invested", "at_most": 3_000_000, "year": 2027, "soft_price": 0.5,
         "where": {"departments": ["social"]}},
    ],
    "invested_share": [
        {"tag": "invested_share", "at_least": 0.1, "at_most": 0.5, "where": {"external": True}}
    ],
    "chosen": [{"tag": "chosen", "at_least": 1, "at_most": 2, "where": {"stars_at_least": 1}}],
    "measure": [
        {"tag": "measure", "measure": "borgere", "at_least": 52.5},
        {"tag": "measure", "measure": "timer", "year": 2028, "at_most": 650, "soft_price": 1000},
    ],
    "net_saving": [
        {"tag": "net_saving", **MUNICIPALITY, "period": "budget", "discounted": False,
         "at_least": 0},
        {"tag": "net_saving", **ALL, "years": [2028, 2029], "discounted": True, "case": "low",
         "cashable_only": True, "at_most": 5_000_000, "where": {"tags": ["unge"]}},
    ],
    "spending": [
        {"tag": "spending", **MUNICIPALITY, "category": "service",
         "by_year": {"2027": 2_000_000, "2028": 0}}
    ],
    "evidence": [{"tag": "evidence", "at_least": 1.5}],
    "payback": [{"tag": "payback", **MUNICIPALITY, "latest_year": 2028}],
    "cumulative": [
        {"tag": "cumulative", **MUNICIPALITY, "from_year": 2030, "at_least": -500_000},
        {"tag": "cumulative", **ALL, "from_year": 2031, "label": "Ikke under nul"},
    ],
    "changes": [{"tag": "changes", "at_most": 1, "reference": ["a/lille", "c/base"]}],
    "outcome_fund": [{"tag": "outcome_fund", "fund": "fond", "payers": ["kommune", "region"]}],
    "disappointments": [
        {"tag": "disappointments", **MUNICIPALITY, "count": 1, "at_least": 500_000}
    ],
    "expected_shortfall": [
        {"tag": "expected_shortfall", **ALL, "level": 0.5, "at_most": 250_000},
        {"tag": "expected_shortfall", **ALL, "level": 0.5, "at_most": 0, "soft_price": 2},
    ],
    "chance_of_loss": [{"tag": "chance_of_loss", **ALL, "at_most": 0.25, "threshold": 100_000}],
}  # fmt: skip
# net saving in four outcomes; c has its expected value in all of them
OUTCOMES: Json = {
    "net_saving": {
        "a/lille": [1_000_000, 500_000, -250_000, -2_000_000],
        "a/stor": [2_000_000, 0, 0, -1_500_000],
        "b/base": [1_500_000, 1_500_000, 800_000, -100_000],
    }
}
#: what a limit's plan holds besides, with and without the limit
BESIDES: dict[str, Json] = {
    "expected_shortfall": {"outcomes": OUTCOMES},
    "chance_of_loss": {"outcomes": OUTCOMES},
}
RELATIONS: dict[str, list[Json]] = {
    "requires": [{"kind": "requires", "intervention": "b", "needs": "a"}],
    "excludes": [{"kind": "excludes", "interventions": ["a", "b", "c"]}],
    "at_least": [{"kind": "at_least", "count": 2, "interventions": ["a", "b", "c"]}],
    "at_most": [{"kind": "at_most", "count": 1, "interventions": ["a", "b"]}],
    "overlap": [OVERLAP],
}
TERMS: dict[str, list[Json]] = {
    "net_saving": [net_saving(payers=["kommune"], period="budget", discounted=True, weight=2)],
    "saving": [net_saving(case="low", cashable_only=True) | {"of": "saving"}],
    "measure": [{"of": "measure", "measure": "borgere", "weight": 10_000}],
}
REPAYMENT = {"share": 0.5, "payers": ["kommune"], "case": "expected", "available": "next_year"}
PAID_IN = {"paid_in": {"2027": 3_000_000, "2028": 500_000}}
POOLS: dict[str, Json] = {
    "total": a_pool(total=4_000_000),
    "each_year": a_pool(**PAID_IN, carry_over=False),
    "carry_over": a_pool(**PAID_IN, carry_over=True),
    "repayment_next_year": a_pool(**PAID_IN, carry_over=True, repayment=REPAYMENT),
    "repayment_same_year": a_pool(
        **PAID_IN, carry_over=True, repayment=REPAYMENT | {"case": "low", "available": "same_year"}
    ),
}

DISCOUNT = [{"after_year": 0, "rate": 0.25}]


def document(*interventions: Json, **more: Any) -> Json:
    return a_document(*(interventions or (A, B, C)), discount=DISCOUNT, **more)


def instances() -> Iterator[tuple[str, Json, Json]]:
    """Yield (name, plan with the rule, plan without it)."""
    unlimited = [a_pool(paid_in={}, carry_over=True) | {"paid_in": {}}]
    without = document(pools=unlimited)
    for tag, limits in LIMITS.items():
        more = BESIDES.get(tag, {})
        if tag == "outcome_fund":  # one pool would be empty without what the fund pays
            paid = [one | {"options": [o | {"pool": "fond"} for o in one["options"]]}
                    for one in (A, B)]  # fmt: skip
            yield tag, document(*paid, C, pools=[], constraints=limits), document(A, B, C)
        else:
            yield tag, document(pools=unlimited, constraints=limits, **more), without
    for kind, rules in RELATIONS.items():
        yield f"relation_{kind}", document(pools=unlimited, relations=rules), without
    for of, terms in TERMS.items():
        nothing = [net_saving(weight=0)]
        plain = document(pools=unlimited, terms=nothing)
        yield f"objective_{of}", document(pools=unlimited, terms=terms), plain
    for kind, pool in POOLS.items():
        yield f"pool_{kind}", document(pools=[pool]), document(pools=[a_pool(total=0)])
    two = document(A, B, pools=unlimited)
    forced = document(A | {"force": "in"}, B | {"force": "out"}, pools=unlimited)
    yield "force", forced, two
    limit = {"tag": "spending", **ALL, "category": "service", "by_year": {"2028": 0}}
    inside = {"tag": "net_saving", **ALL, "period": "budget", "discounted": False, "at_least": 1,
              "where": {"options": ["a/lille", "b/base"]}}  # fmt: skip
    rules = [limit, inside]
    yield (
        "overlap_in_limits",
        document(pools=unlimited, constraints=rules, relations=[OVERLAP]),
        document(pools=unlimited, constraints=rules),
    )


def printed(with_rule: Json, without: Json) -> str:
    """Return what the rule adds: variables, terms of the objective, and rows."""
    new, old = (Compilation(plan_from_document(d)) for d in (with_rule, without))
    known = set(paragraphs(old))
    return "\n".join(p for p in paragraphs(new) if p not in known)


def paragraphs(compilation: Compilation) -> Iterator[str]:
    """Yield the program in pieces that can be compared one by one.

    Of a rule kept by cuts: the cut that the choice of everything calls for.
    """
    program = compilation.program
    for variable in program.variables:
        kind = "whole" if variable.integer else "any number"
        yield f"{variable.lower} <= {variable.name} <= {variable.upper}, {kind}\n"
    yield f"maximise\n    {terms(program, program.objective)}\n"
    for row in program.rows:
        yield paragraph(program, row)
    for lazy in compilation.lazy_rows:
        cut = lazy.cut([1.0 for _ in program.variables])
        yield paragraph(program, replace(cut, path=lazy.path))


def paragraph(program: Program, row: Row) -> str:
    facts = [row.path or "-", row.tag]
    facts += [str(row.year)] if row.year is not None else []
    facts += [f"price {plain_number(row.price)}"] if row.price is not None else []
    words = [w.replace(NO_BREAK_SPACE, " ") for w in (row.label.da, row.label.en) if w]
    activity = terms(program, row.terms)
    if row.constant:
        activity += f" + {plain_number(row.constant)}"
    lower = "" if row.lower is None else f"{plain_number(row.lower)} <= "
    upper = "" if row.upper is None else f" <= {plain_number(row.upper)}"
    lines = ["  ".join(facts), *words, f"    {lower}{activity}{upper}"]
    return "\n".join(lines) + "\n"


def terms(program: Program, values: Any) -> str:
    """Return ``2000000 a/lille + 0.5 b/base``."""
    parts = [
        f"{plain_number(c)} {program.variables[v].name}" for v, c in sorted(values.items()) if c
    ]
    return " + ".join(parts).replace("+ -", "- ") or "0"


@pytest.mark.parametrize(
    ("name", "with_rule", "without"), list(instances()), ids=[name for name, _, _ in instances()]
)
def test_the_rows_are_as_they_were_read(name: str, with_rule: Json, without: Json) -> None:
    assert printed(with_rule, without) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_every_constraint_has_a_golden_file() -> None:
    assert set(LIMITS) == set(constraints)
    assert all((GOLDEN / f"{tag}.txt").is_file() for tag in constraints)


def test_every_relation_and_objective_has_a_golden_file() -> None:
    assert set(RELATIONS) == set(relations)
    assert set(TERMS) == set(objectives)


def test_no_golden_file_is_left_over() -> None:
    assert {p.stem for p in GOLDEN.iterdir()} == {name for name, _, _ in instances()}


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.txt"):
        old.unlink()
    for name, with_rule, without in instances():
        (GOLDEN / f"{name}.txt").write_text(printed(with_rule, without), encoding="utf-8")
