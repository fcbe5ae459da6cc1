"""What a page says of an allocation, judged against plans that are small enough to see through."""

from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from optimizer import Status, allocate, evaluate, plan_document, plan_from_document
from optimizer.explain import explain
from planner.reports.allocation_status import headline
from planner.reports.decisive import decisive_limits
from planner.reports.infeasible import diagnosis_of
from planner.reports.limit_uses import uses_of
from planner.reports.stored import brief_of, citizens_measure, stored_allocation
from planner.reports.why import whys_of

MILLION = 1_000_000


def document(*, constraints: list[Any] = (), pool: int = 10, **changes: Any) -> dict[str, Any]:
    """Five candidates of one to five millions, each worth twice its outlay and a little more."""
    interventions = [
        {
            "id": f"I{n}",
            "title": f"Indsats {n}",
            "department": "a" if n % 2 else "b",
            "evidence_stars": n % 4,
            "options": [
                {
                    "id": "o",
                    "pool": "pulje",
                    "measures": {"borgere": 10 * n},
                    "flows": [
                        {
                            "year": 2027,
                            "payer": "kommune",
                            "category": "service",
                            "kind": "outlay",
                            "amount": -n * MILLION,
                        },
                        {
                            "year": 2031,
                            "payer": "kommune",
                            "category": "service",
                            "kind": "saving",
                            "amount": 2 * n * MILLION + n * n * 1000,
                        },
                    ],
                }
            ],
        }
        for n in range(1, 6)
    ]
    return {
        "format": "bundlinje-plan/1",
        "title": "Prøve",
        "price_year": 2027,
        "budget_year": 2027,
        "budget_years": 4,
        "horizon": [2027, 2032],
        "discount": [],
        "payers": [{"id": "kommune", "name": "Kommunen", "level": "municipality"}],
        "departments": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}],
        "interventions": interventions,
        "scenario": {
            "title": "Prøve",
            "pools": [
                {"id": "pulje", "name": "Puljen", "kind": "investment", "total": pool * MILLION}
            ],
            "objective": {
                "terms": [
                    {
                        "of": "net_saving",
                        "payers": "all",
                        "period": "horizon",
                        "discounted": False,
                    }
                ]
            },
            "constraints": list(constraints),
        },
        **changes,
    }


LIMITS = [
    [{"tag": "chosen", "at_most": 2}],
    [{"tag": "chosen", "at_most": 4}, {"tag": "measure", "measure": "borgere", "at_most": 70}],
    [{"tag": "invested_share", "at_least": 0.6, "where": {"departments": ["b"]}}],
    [{"tag": "evidence", "at_least": 2}],
    [{"tag": "chosen", "at_least": 1}, {"tag": "chosen", "at_most": 3, "soft_price": 10}],
]


def best(plan: dict[str, Any]) -> Fraction:
    """The best objective by trying every choice."""
    read = plan_from_document(plan)
    keys = list(read.options)
    found = [
        evaluate(read, {k: 1 for k, is_in in zip(keys, chosen, strict=True) if is_in})
        for chosen in product([False, True], repeat=len(keys))
    ]
    return max(a.objective for a in found if a.status is Status.FEASIBLE)


@pytest.mark.parametrize("constraints", LIMITS)
def test_a_limit_that_is_said_to_decide_does_so(constraints):
    """Without it, trying every choice finds a better plan."""
    plan = document(constraints=constraints)
    allocation = allocate(plan_from_document(plan), gap=0)
    assert allocation.objective == best(plan)

    for path in decisive_limits(allocation):
        if path.startswith("scenario.constraints"):
            place = int(path.rpartition("[")[2].rstrip("]"))
            without = document(constraints=constraints[:place] + constraints[place + 1 :])
        else:
            without = document(constraints=constraints, pool=1000)
        assert best(without) > allocation.objective, path


def test_the_limit_in_the_way_is_found_and_the_loose_one_is_not():
    plan = document(
        constraints=[
            {"tag": "chosen", "at_most": 2},
            {"tag": "measure", "measure": "borgere", "at_least": 20},
        ],
        pool=1000,
    )
    allocation = allocate(plan_from_document(plan), gap=0)

    assert decisive_limits(allocation) == {"scenario.constraints[0]"}
    uses = uses_of(allocation, decisive_limits(allocation), language="da")
    assert [use.state for use in uses] == ["binds", "slack", "slack"]


def test_shares_and_stars_are_said_as_people_think_of_them():
    plan = document(
        constraints=[
            {"tag": "invested_share", "at_least": 0.25, "where": {"departments": ["a"]}},
            {"tag": "evidence", "at_least": 1},
        ],
        pool=1000,
    )
    read = plan_from_document(plan)
    allocation = evaluate(read, {"I2/o": 1, "I3/o": 1})

    share, stars, _pool = uses_of(allocation, frozenset(), language="da")

    assert (share.used, share.limit, share.slack) == (
        Fraction(3, 5),
        Fraction(1, 4),
        Fraction(7, 20),
    )
    assert (stars.used, stars.limit) == (Fraction(2 * 2 + 3 * 3, 5), 1)
    nothing = uses_of(evaluate(read, {}), frozenset(), language="da")
    assert nothing[0].used is None


@pytest.mark.parametrize("constraints", LIMITS)
def test_a_stored_result_says_what_it_said_when_it_was_made(constraints):
    plan = plan_from_document(document(constraints=constraints))
    allocation = allocate(plan)
    result = allocation.document()

    again = stored_allocation(plan_document(plan), result)

    assert again.status is allocation.status
    told = again.document()
    for key in ("plan_sha256", "objective", "bound", "chosen", "pools", "totals", "rows"):
        assert told[key] == result[key], key
    brief = brief_of(plan_document(plan), result)
    own = result["totals"]["net_saving"]["kommune"]
    assert (brief.period, brief.after) == (own["budget_period"], own["after"])
    assert citizens_measure(plan) == "borgere"


def test_what_is_said_of_an_infeasible_plan_is_what_was_found(app):
    constraints = [
        {"tag": "measure", "measure": "borgere", "at_least": 151},
        {"tag": "measure", "measure": "borgere", "at_least": 150},
        {"tag": "chosen", "at_most": 4},
    ]
    plan = plan_from_document(document(constraints=constraints, pool=1000))
    explanation = explain(plan).document("da")
    with app.test_request_context("/", headers={"Accept-Language": "da"}):
        known = diagnosis_of(explanation, plan, language="da")
        unproved = diagnosis_of(explanation | {"conflict_proved": False}, plan, language="da")
        nothing = diagnosis_of(explanation | {"conflict": []}, plan, language="da")

    assert known.conflict == tuple(rule["label"] for rule in explanation["conflict"])
    assert known.is_proved
    assert [way.path for way in known.loosenings] == [
        one["path"] for one in explanation["loosening"]
    ]
    assert not unproved.is_proved
    assert nothing is None


def test_amounts_to_loosen_are_said_in_the_unit_of_the_limit(app):
    constraints = [
        {"tag": "invested_share", "where": {"tags": ["x"]}, "at_least": 0.5},
        {"tag": "evidence", "at_least": 1},
        {"tag": "measure", "measure": "borgere", "at_least": 1},
    ]
    plan = plan_from_document(document(constraints=constraints, pool=1000))
    loosening = [
        {"path": "scenario.constraints[0]", "by": 0.1234},
        {"path": "scenario.constraints[1]", "by": 0.5},
        {"path": "scenario.constraints[2]", "by": 3},
        {"path": "scenario.pools[0]", "by": {"2027": 100, "2028": 0, "2029": 2}},
    ]
    told = {
        "conflict": [{"path": "relations[0]", "label": "Kræver"}],
        "loosening": [{**one, "label": "x", "objective": 12.6} for one in loosening],
        "releases": [{"path": "relations[0]", "label": "Kræver", "objective": 1, "proved": False}],
    }
    with app.test_request_context("/", headers={"Accept-Language": "da"}):
        known = diagnosis_of(told, plan, language="da")

    said = [way.amount.replace("\xa0", " ") for way in known.loosenings]
    # a share is rounded up: with less there would be no plan
    assert said == [
        "12,4 procentpoint",
        "0,5 stjerner",
        "3",
        "100 kr. i 2027, 2 kr. i 2029",
    ]
    assert known.loosenings[0].value.replace("\xa0", " ") == "13 kr."
    (release,) = known.releases
    assert (release.amount, release.is_proved) == ("", False)


def test_what_is_not_decided_is_said_to_be_open(app):
    plan = plan_from_document(document(constraints=[{"tag": "chosen", "at_most": 1}]))
    names = [one.id for one in plan.interventions][:4]
    base = {"blocked_by": [], "replaced_by": [], "sentence": {"da": "x", "en": "x"}}
    prices = [(5, 7, True), (5, None, False), (None, None, True), (None, 0, False)]
    told = {
        "objective": 9,
        "interventions": [
            base
            | {
                "intervention": name,
                "chosen": chosen,
                "price_to_enter": None if chosen else price,
                "price_of_leaving_out": price if chosen else None,
                "price_gap": gap,
            }
            for name, (price, gap, chosen) in zip(names, prices, strict=False)
        ],
        "rows": [
            {"path": path, "label": "x", "year": None, "price": 0.5, "more_buys": more,
             "less_costs": less, "valid_from": low, "valid_to": high, "exact": False}
            for path, more, less, low, high in (
                ("scenario.constraints[0]", None, 2, None, 3.5),
                ("scenario.pools[0]", 1, None, 1000, None),
            )
        ],
    }  # fmt: skip
    with app.test_request_context("/", headers={"Accept-Language": "da"}):
        whys = whys_of(told, plan, language="da")
        assert whys_of(told | {"objective": None}, plan, language="da").interventions == {}

    said = [dict(whys.interventions[name].facts) for name in names[: len(whys.interventions)]]
    expected = [
        {"Pris for at sige nej": "mellem 5 kr. og 12 kr."},
        {"Pris for at komme med": "mindst 5 kr."},
        {"Pris for at sige nej": "Ikke afgjort inden for tiden"},
        {"Pris for at komme med": "Ingen plan med"},
    ]
    plain = [{k: v.replace("\xa0", " ") for k, v in one.items()} for one in said]
    assert plain == expected[: len(plain)]
    assert len(plain) >= 3
    count, pool = whys.limit("scenario.constraints[0]", None), whys.limit("scenario.pools[0]", 2027)
    assert "vides ikke" in count.finding
    assert dict(count.facts)["Skønnet gælder"] == "op til 3,5"
    assert "Ikke bevist" in dict(count.facts)
    assert pool.finding.replace("\xa0", " ") == "1 mio. kr. mere køber 1 kr."
    assert "ingen plan" in pool.detail
    assert dict(pool.facts)["Skønnet gælder"].replace("\xa0", " ") == "fra 1.000 kr."


@pytest.mark.parametrize(
    ("status", "gap", "words"),
    [
        (Status.OPTIMAL, 0, "Bedste plan, bevist."),
        (Status.FEASIBLE, 0.008, "Bedste fundet plan, højst 0,8 % fra den bedste mulige."),
        (Status.FEASIBLE, 0.00001, "Bedste fundet plan, højst 0,01 % fra den bedste mulige."),
        (Status.FEASIBLE, None, "Bedste fundet plan; det vides ikke"),
        (Status.INFEASIBLE, None, "Ingen plan overholder alle rammer."),
        (Status.UNBOUNDED, None, "Målet har ingen øvre grænse."),
        (Status.NO_ANSWER, None, "Intet svar inden for tiden."),
    ],
)
def test_the_five_outcomes_have_the_words_of_the_glossary(app, status, gap, words):
    with app.test_request_context("/", headers={"Accept-Language": "da"}):
        said = headline(status, gap, language="da").replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith(words)
