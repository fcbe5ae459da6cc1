"""Allocations: tolerances, the table, the result document key by key, and words for people."""

import json
import math
from fractions import Fraction
from typing import Any

import jsonschema
import pytest

from optimizer import (
    Allocation,
    ChoiceErrors,
    Status,
    allocate,
    evaluate,
    plan_from_document,
    plan_sha256,
    read_plan,
)
from optimizer.allocation import SolverNote
from optimizer.compilation import clean_scale
from optimizer.sentence import NO_BREAK_SPACE
from optimizer.text import allocation_text, status_sentence
from tests.optimizer.builders import (
    MILLION,
    Json,
    a_document,
    a_flow,
    a_plan,
    a_pool,
    an_intervention,
    an_option,
    net_saving,
)
from tests.optimizer.cases import PLANS, plan_names

HALF = Fraction(1, 2)


def pool_of(total: int) -> list[Json]:
    return [a_pool(total=total)]


class TestTolerance:
    """0 for whole choices, 1 kr. where scales enter, a millionth of the parts for measures."""

    def test_a_whole_choice_may_not_break_a_limit_by_one_krone(self) -> None:
        plan = a_plan(an_intervention("a", outlay=6_000_001), pools=pool_of(6 * MILLION))
        allocation = evaluate(plan, {"a/base": 1})
        assert allocation.status is Status.INFEASIBLE
        assert [(r.row.path, r.broken_by) for r in allocation.broken] == [("scenario.pools[0]", 1)]

    def test_nor_where_somebody_else_could_have_been_scaled(self) -> None:
        scaled = an_intervention("b", outlay=100, option={"scalable": {"minimum": 0.5}})
        plan = a_plan(an_intervention("a", outlay=6_000_001), scaled, pools=pool_of(6 * MILLION))
        assert evaluate(plan, {"a/base": 1}).status is Status.INFEASIBLE

    def test_a_scaled_choice_may_by_one_krone_and_no_more(self) -> None:
        scaled = an_intervention("b", outlay=1000, option={"scalable": {"minimum": 0}})
        plan = a_plan(scaled, pools=pool_of(500))
        for outlay, status in ((501, Status.FEASIBLE), (502, Status.INFEASIBLE)):
            allocation = evaluate(plan, {"b/base": Fraction(outlay, 1000)})
            assert allocation.status is status
        (row,) = evaluate(plan, {"b/base": Fraction(501, 1000)}).rows
        assert (row.broken_by, row.slack, row.is_kept, row.is_binding) == (0, -1, True, True)

    def test_a_fraction_of_a_krone_breaks_a_discounted_limit(self) -> None:
        limit = {"tag": "net_saving", "payers": "all", "period": "horizon", "discounted": True,
                 "at_least": 80}  # fmt: skip
        plan = a_plan(
            an_intervention("a", saving=99), constraints=[limit],
            discount=[{"after_year": 0, "rate": 0.25}],
        )  # fmt: skip
        allocation = evaluate(plan, {"a/base": 1})
        assert allocation.broken[0].broken_by == Fraction(4, 5)

    def test_a_measure_may_by_a_millionth_of_its_parts(self) -> None:
        one = an_intervention("a", option={"measures": {"borgere": 1_000_001}})
        for most, status in ((MILLION, Status.FEASIBLE), (MILLION - 1, Status.INFEASIBLE)):
            limit = {"tag": "measure", "measure": "borgere", "at_most": most}
            assert evaluate(a_plan(one, constraints=[limit]), {"a/base": 1}).status is status


class TestChoices:
    def plan(self):
        scaled = an_intervention("b", outlay=100, option={"scalable": {"minimum": 0.4}})
        return a_plan(an_intervention("a", outlay=100), scaled)

    def test_every_mistake_is_told_at_once(self) -> None:
        with pytest.raises(ChoiceErrors) as raised:
            evaluate(self.plan(), {"x/base": 1, "a/base": HALF, "b/base": Fraction(1, 4)})
        da = [message.da for message in raised.value.messages]
        assert da == [
            "»x/base« findes ikke i planen.",
            "»a/base« kan ikke have omfang 0,5; skriv 1.",
            "»b/base« kan ikke have omfang 0,25; skriv fra 0,4 til 1.",
        ]
        assert "“b/base” cannot have scale 0.25; write from 0.4 to 1." in str(raised.value)

    @pytest.mark.parametrize("scale", [0, 2, Fraction(-1, 2)])
    def test_a_scale_out_of_range(self, scale: Any) -> None:
        with pytest.raises(ChoiceErrors):
            evaluate(self.plan(), {"b/base": scale})

    def test_two_options_of_one_intervention_break_a_rule(self) -> None:
        two = an_intervention("a") | {"options": [an_option("x"), an_option("y")]}
        allocation = evaluate(a_plan(two), {"a/x": 1, "a/y": 1})
        assert allocation.status is Status.INFEASIBLE
        assert [row.row.tag for row in allocation.broken] == ["one_option"]
        assert "Højst én mulighed" in allocation.broken[0].row.label.da

    @pytest.mark.parametrize(("force", "choice"), [("in", {}), ("out", {"a/base": 1})])
    def test_a_force_that_is_not_kept(self, force: str, choice: Json) -> None:
        allocation = evaluate(a_plan(an_intervention("a", force=force)), choice)
        assert allocation.status is Status.INFEASIBLE
        assert [row.row.path for row in allocation.broken] == ["interventions[0].force"]

    def test_forces_relations_and_limits_are_reported_in_the_order_of_the_plan(self) -> None:
        names = [an_intervention(name, saving=1) for name in "abc"]
        plan = a_plan(
            *names,
            constraints=[
                {"tag": "chosen", "at_most": 2},
                {"tag": "spending", "payers": "all", "category": "service",
                 "by_year": {"2029": 0, "2028": 0}},
                {"tag": "chosen", "at_least": 1},
            ],
            relations=[
                {"kind": "excludes", "interventions": ["a", "b"]},
                {"kind": "at_least", "count": 1, "interventions": ["c"]},
            ],
            pools=[a_pool(), a_pool("anden", paid_in={}, carry_over=True)],
        )  # fmt: skip
        places = [(r.row.path, r.row.year) for r in allocate(plan).rows]
        assert places == [
            ("scenario.constraints[0]", None), ("scenario.constraints[1]", 2028),
            ("scenario.constraints[1]", 2029), ("scenario.constraints[2]", None),
            ("scenario.pools[0]", None),
            *(("scenario.pools[1]", year) for year in range(2027, 2033)),
            ("relations[0]", None), ("relations[1]", None),
        ]  # fmt: skip


class TestScales:
    @pytest.mark.parametrize(
        ("raw", "minimum", "clean"),
        [
            (0.9999999999, 0, 1),
            (1.0000000001, 0, 1),
            (1e-11, 0, 0),
            (-1e-9, 0, 0),
            (0.4000000000001, Fraction(2, 5), Fraction(2, 5)),
            (0.39999, Fraction(2, 5), Fraction(2, 5)),
            (0.5, Fraction(2, 5), HALF),
            (1 / 3, 0, Fraction("0.333333333333")),
        ],
    )
    def test_round_off_is_cleaned(self, raw: float, minimum: Any, clean: Any) -> None:
        assert clean_scale(raw, Fraction(minimum)) == clean

    def test_an_option_at_scale_nothing_is_left_out(self) -> None:
        """A chosen option may have scale 0, but without a reason it is not shown as chosen."""
        scaled = an_intervention("a", outlay=100, option={"scalable": {"minimum": 0}})
        allocation = allocate(a_plan(scaled), gap=0)
        assert allocation.choice == {}

    def test_unless_a_rule_asks_for_it(self) -> None:
        scaled = an_intervention("a", outlay=100, option={"scalable": {"minimum": 0}}, force="in")
        allocation = allocate(a_plan(scaled), gap=0)
        assert allocation.choice == {"a/base": 0}
        assert allocation.status is Status.OPTIMAL
        assert allocation.document()["chosen"] == [
            {"intervention": "a", "option": "base", "scale": 0}
        ]

    def test_a_scale_that_fills_the_pool_to_the_krone(self) -> None:
        scaled = an_intervention("a", outlay=3 * MILLION, saving=7 * MILLION,
                                 option={"scalable": {"minimum": 0.25}})  # fmt: skip
        allocation = allocate(a_plan(scaled, pools=pool_of(MILLION)), gap=0)
        assert abs(allocation.choice["a/base"] - Fraction(1, 3)) < Fraction(1, 10**9)
        assert abs(allocation.invested - MILLION) <= 1
        assert allocation.status is Status.OPTIMAL


class TestPools:
    def test_a_total(self) -> None:
        flows = [a_flow("outlay", -30), a_flow("outlay", -20, 2029)]
        plan = a_plan(an_intervention("a", option={"flows": flows}), pools=pool_of(100))
        (years,) = evaluate(plan, {"a/base": 1}).pools.values()
        assert [(y.year, y.paid_in, y.outlay, y.balance) for y in years] == [
            (2027, None, 30, 70), (2028, None, 0, 70), (2029, None, 20, 50),
            (2030, None, 0, 50), (2031, None, 0, 50), (2032, None, 0, 50),
        ]  # fmt: skip

    @pytest.mark.parametrize(("carry_over", "balances"), [(True, [70, 80, 60]),
                                                          (False, [70, 10, -20])])  # fmt: skip
    def test_by_year(self, carry_over: bool, balances: list[int]) -> None:
        flows = [a_flow("outlay", -30), a_flow("outlay", -20, 2029)]
        pool = a_pool(paid_in={"2027": 100, "2028": 10}, carry_over=carry_over)
        plan = a_plan(
            an_intervention("a", option={"flows": flows}), pools=[pool], horizon=[2027, 2029],
            budget_years=3,
        )  # fmt: skip
        allocation = evaluate(plan, {"a/base": 1})
        (years,) = allocation.pools.values()
        assert [y.balance for y in years] == balances
        assert (allocation.status is Status.FEASIBLE) == (min(balances) >= 0)

    def test_only_its_own_options_and_at_their_scale(self) -> None:
        terms = {"share": 1, "payers": ["kommune"], "case": "expected", "available": "next_year"}
        pool = a_pool(paid_in={"2027": 100}, carry_over=True, repayment=terms)
        scaled = an_intervention("a", outlay=80, saving=50, option={"scalable": {"minimum": 0}})
        free = an_intervention("b", outlay=70, option={"pool": None})
        plan = a_plan(scaled, free, pools=[pool])
        (years,) = evaluate(plan, {"a/base": HALF, "b/base": 1}).pools.values()
        assert [(y.outlay, y.repaid, y.balance) for y in years[:3]] == [
            (40, 0, 60), (0, 0, 60), (0, 25, 85),
        ]  # fmt: skip


def a_result() -> Allocation:
    scaled = {"scalable": {"minimum": 0.25}, "measures": {"borgere": 8}}
    plan = a_plan(
        an_intervention("a", outlay=2 * MILLION, saving=5 * MILLION, evidence_stars=3),
        an_intervention("b", outlay=4 * MILLION, saving=6 * MILLION, department="job",
                        option=scaled),
        an_intervention("c", outlay=5 * MILLION, saving=MILLION, saving_year=2031),
        pools=[a_pool(paid_in={"2027": 4 * MILLION}, carry_over=True)],
        constraints=[{"tag": "invested", "at_most": 4 * MILLION, "year": 2027},
                     {"tag": "chosen", "at_least": 3, "soft_price": 1000}],
        relations=[{"kind": "excludes", "interventions": ["b", "c"]}],
        discount=[{"after_year": 0, "rate": 0.25}],
    )  # fmt: skip
    return allocate(plan, gap=0)


class TestTable:
    def test_one_line_an_intervention_in_the_order_of_the_plan(self) -> None:
        table = a_result().table()
        assert list(table.index) == ["a", "b", "c"]
        assert list(table.columns) == [
            "title", "department", "option", "chosen", "scale", "stars", "outlay",
            "net_budget_period", "net_after", "discounted",
        ]  # fmt: skip
        a, b, c = (table.loc[name] for name in "abc")
        assert (a.title, a.department, a.option, a.stars) == ("Indsats a", "social", "base", 3)
        assert (a.chosen, a.scale, a.outlay, a.net_budget_period) == (True, 1, 2e6, 3e6)
        assert a.discounted == -2e6 + 5e6 / 1.25
        assert (b.chosen, b.scale, b.outlay, b.net_budget_period) == (True, 0.5, 2e6, 1e6)
        assert (c.chosen, c.scale, c.outlay) == (False, 0, 5e6)
        assert (c.net_budget_period, c.net_after) == (-5e6, 1e6)

    def test_what_is_chosen_adds_up_to_the_invested(self) -> None:
        allocation = a_result()
        table = allocation.table()
        assert table[table.chosen].outlay.sum() == allocation.invested

    def test_the_chosen_option_is_shown_else_the_first(self) -> None:
        two = an_intervention("a") | {"options": [
            an_option("x", a_flow("saving", 1)), an_option("y", a_flow("saving", 2))
        ]}  # fmt: skip
        plan = a_plan(two)
        assert list(allocate(plan).table().option) == ["y"]
        assert list(evaluate(plan, {}).table().option) == ["x"]

    def test_a_horizon_that_ends_with_the_budget_period(self) -> None:
        plan = a_plan(an_intervention("a", saving=7), horizon=[2027, 2030])
        assert list(allocate(plan).table().net_after) == [0]


NUMBER = {"type": "number"}
MAYBE_NUMBER = {"type": ["number", "null"]}
TEXT = {"type": "string"}


def an_object(**properties: Any) -> Json:
    return {
        "type": "object", "properties": properties, "required": sorted(properties),
        "additionalProperties": False,
    }  # fmt: skip


def a_list(items: Json) -> Json:
    return {"type": "array", "items": items}


PAYER_TOTALS = an_object(
    before=NUMBER, budget_period=NUMBER, after=NUMBER, horizon=NUMBER, discounted=NUMBER
)
POOL_YEAR = an_object(
    year={"type": "integer"}, paid_in={"type": ["integer", "null"]}, outlay=NUMBER, repaid=NUMBER,
    balance=NUMBER,
)  # fmt: skip
ROW = an_object(
    path=TEXT, tag=TEXT, label=TEXT, year={"type": ["integer", "null"]}, activity=NUMBER,
    lower=MAYBE_NUMBER, upper=MAYBE_NUMBER, slack=MAYBE_NUMBER, binding={"type": "boolean"},
    broken_by={"type": "number", "minimum": 0},
)  # fmt: skip
SCHEMA = an_object(
    format={"const": "bundlinje-allocation/1"},
    plan_sha256={"type": "string", "pattern": "^[0-9a-f]{64}$"},
    status={"enum": ["optimal", "feasible", "infeasible", "unbounded", "no_answer"]},
    objective=MAYBE_NUMBER,
    bound=MAYBE_NUMBER,
    gap=MAYBE_NUMBER,
    chosen=a_list(
        an_object(intervention=TEXT, option=TEXT, scale=NUMBER | {"minimum": 0, "maximum": 1})
    ),
    pools=a_list(an_object(id=TEXT, years=a_list(POOL_YEAR), spent=NUMBER)),
    totals={
        "anyOf": [
            {"type": "null"},
            an_object(
                invested=NUMBER,
                net_saving={"type": "object", "additionalProperties": PAYER_TOTALS},
            ),
        ]
    },
    rows=a_list(ROW),
    solver={
        "anyOf": [
            {"type": "null"},
            an_object(name=TEXT, version=TEXT, threads={"type": "integer", "minimum": 1}),
        ]
    },
    seconds=an_object(read=NUMBER, build=NUMBER, transfer=NUMBER, solve=NUMBER, check=NUMBER),
)
SCHEMA["properties"] |= {
    "equally_good": a_list(an_object(without=a_list(TEXT), instead=a_list(TEXT))),
    "contributions": {},
    "risk": {},
}


class TestDocument:
    @pytest.mark.parametrize("name", plan_names())
    def test_it_keeps_to_the_format(self, name: str) -> None:
        allocation = allocate(read_plan(PLANS / f"{name}.json"), gap=0)
        for language in ("da", "en"):
            document = json.loads(json.dumps(allocation.document(language), allow_nan=False))
            jsonschema.validate(document, SCHEMA)
        evaluated = evaluate(allocation.plan, allocation.choice).document()
        jsonschema.validate(evaluated, SCHEMA)
        assert evaluated["solver"] is None
        assert evaluated["bound"] is None
        assert evaluated["gap"] is None

    def test_every_figure_of_a_plan(self) -> None:
        allocation = a_result()
        document = allocation.document()
        assert document["plan_sha256"] == plan_sha256(allocation.plan)
        assert document["status"] == "optimal"
        assert document["objective"] == document["bound"] == 3 * MILLION + MILLION - 1000
        assert document["gap"] == 0
        assert document["chosen"] == [
            {"intervention": "a", "option": "base", "scale": 1},
            {"intervention": "b", "option": "base", "scale": 0.5},
        ]
        (pool,) = document["pools"]
        assert (pool["id"], pool["spent"]) == ("pulje", 4 * MILLION)
        assert pool["years"][0] == {
            "year": 2027, "paid_in": 4 * MILLION, "outlay": 4 * MILLION, "repaid": 0, "balance": 0,
        }  # fmt: skip
        assert pool["years"][1]["paid_in"] == 0
        assert len(pool["years"]) == 6
        assert document["totals"]["invested"] == 4 * MILLION
        assert document["totals"]["net_saving"]["kommune"] == {
            "before": 0, "budget_period": 4 * MILLION, "after": 0, "horizon": 4 * MILLION,
            "discounted": -4 * MILLION + 8 * MILLION / 1.25,
        }  # fmt: skip
        invested, chosen, *balances, excludes = document["rows"]
        label = invested.pop("label").replace(NO_BREAK_SPACE, " ")
        assert label == "Højst 4.000.000 kr. i udlæg i 2027"
        assert invested == {
            "path": "scenario.constraints[0]", "tag": "invested", "year": 2027,
            "activity": 4 * MILLION, "lower": None, "upper": 4 * MILLION, "slack": 0,
            "binding": True, "broken_by": 0,
        }  # fmt: skip
        assert (chosen["broken_by"], chosen["slack"], chosen["binding"]) == (1, -1, True)
        assert [row["tag"] for row in balances] == ["pool"] * 6
        assert (excludes["tag"], excludes["activity"], excludes["slack"]) == ("excludes", 1, 0)
        assert document["solver"]["name"] == "HiGHS"
        assert document["solver"]["threads"] == 1
        english = allocation.document("en")["rows"][0]["label"].replace(NO_BREAK_SPACE, " ")
        assert english == "At most 4,000,000 kr. in outlay in 2027"

    def test_a_tie_is_told(self) -> None:
        alike = [an_intervention(name, outlay=1, saving=3) for name in "ab"]
        document = allocate(a_plan(*alike, pools=pool_of(1)), gap=0).document()
        jsonschema.validate(document, SCHEMA)
        assert len(document["equally_good"]) == 1

    def test_without_a_plan_there_are_no_figures(self) -> None:
        limit = {"tag": "chosen", "at_least": 2}
        document = allocate(a_plan(an_intervention("a"), constraints=[limit])).document()
        jsonschema.validate(document, SCHEMA)
        figures = {key: document[key] for key in ("objective", "bound", "gap", "totals")}
        assert set(figures.values()) == {None}
        assert (document["chosen"], document["pools"], document["rows"]) == ([], [], [])
        assert document["status"] == "infeasible"

    def test_a_broken_choice_says_by_how_much(self) -> None:
        plan = a_plan(an_intervention("a", outlay=7), pools=pool_of(5))
        document = evaluate(plan, {"a/base": 1}).document()
        jsonschema.validate(document, SCHEMA)
        assert document["status"] == "infeasible"
        (row,) = document["rows"]
        assert (row["broken_by"], row["slack"], row["upper"]) == (2, -2, 5)

    def test_money_is_whole_where_it_is_whole(self) -> None:
        document = a_result().document()
        assert isinstance(document["objective"], int)
        assert isinstance(document["totals"]["invested"], int)
        assert isinstance(document["totals"]["net_saving"]["kommune"]["horizon"], int)

    def test_the_gap_is_relative_to_the_objective_or_to_one(self) -> None:
        def gap(objective: int, bound: int) -> Fraction | None:
            return Allocation(
                a_plan(), Status.FEASIBLE, {}, Fraction(objective), Fraction(bound)
            ).gap

        assert gap(200, 250) == Fraction(1, 4)
        assert gap(-200, -150) == Fraction(1, 4)
        assert gap(0, 3) == 3


class TestObjective:
    def test_a_weight_of_nothing_is_nothing(self) -> None:
        plan = a_plan(an_intervention("a", saving=5), terms=[net_saving(weight=0)])
        assert allocate(plan, gap=0).objective == 0

    def test_a_negative_weight_takes_away(self) -> None:
        terms = [net_saving(), net_saving(payers=["region"], weight=-2)]
        flows = [a_flow("saving", 9), a_flow("saving", 4, payer="region")]
        plan = a_plan(an_intervention("a", option={"flows": flows}), terms=terms)
        assert evaluate(plan, {"a/base": 1}).objective == 13 - 8

    def test_money_and_people_together(self) -> None:
        terms = [net_saving(), {"of": "measure", "measure": "borgere", "weight": 100}]
        one = an_intervention("a", outlay=350, option={"measures": {"borgere": 4}})
        allocation = allocate(a_plan(one, terms=terms), gap=0)
        assert allocation.objective == 50
        assert allocation.status is Status.OPTIMAL

    def test_a_plan_without_candidates_has_an_empty_answer(self) -> None:
        for solver in ("highs", "cbc"):
            allocation = allocate(a_plan(), gap=0, solver=solver)
            assert (allocation.status, allocation.objective, allocation.choice) == (
                Status.OPTIMAL, 0, {},
            )  # fmt: skip

    @pytest.mark.parametrize("solver", ["highs", "cbc"])
    def test_nor_does_it_keep_what_nobody_can_keep(self, solver: str) -> None:
        plan = a_plan(constraints=[{"tag": "chosen", "at_least": 1}])
        assert allocate(plan, gap=0, solver=solver).status is Status.INFEASIBLE


class TestWords:
    def allocation(self, status: Status, *, bound: Any = None, objective: Any = None, **more: Any):
        return Allocation(a_plan(), status, {}, objective, bound, solver=SolverNote("X"), **more)

    @pytest.mark.parametrize(
        ("status", "figures", "da"),
        [
            (Status.OPTIMAL, {}, "Bedste plan, bevist"),
            (Status.FEASIBLE, {"objective": Fraction(1)},
             "Bedste fundet plan; hvor langt fra den bedste mulige vides ikke"),
            (Status.FEASIBLE, {"objective": Fraction(1000), "bound": Fraction(1013)},
             "Bedste fundet plan, højst 1,3 % fra den bedste mulige"),
            (Status.FEASIBLE, {"objective": Fraction(10**6), "bound": Fraction(10**6 + 1)},
             "Bedste fundet plan, højst 0,0001 % fra den bedste mulige"),
            (Status.INFEASIBLE, {}, "Ingen plan overholder alle rammer"),
            (Status.INFEASIBLE, {"objective": Fraction(1)}, "Planen overholder ikke alle rammer"),
            (Status.UNBOUNDED, {}, "Målet har ingen øvre grænse"),
            (Status.NO_ANSWER, {}, "Intet svar inden for tiden"),
        ],
    )  # fmt: skip
    def test_which_answer_it_is(self, status: Status, figures: Json, da: str) -> None:
        sentence = status_sentence(self.allocation(status, **figures))
        assert sentence.da.replace(NO_BREAK_SPACE, " ") == da
        assert sentence.en != sentence.da

    def test_a_gap_is_never_told_smaller_than_it_is(self) -> None:
        for bound in (1000.4, 1001.1, 1013.37, 1000.00001, 1500):
            found = self.allocation(
                Status.FEASIBLE, objective=Fraction(1000), bound=Fraction(str(bound))
            )
            told = status_sentence(found).en.split("at most ")[1].split(NO_BREAK_SPACE)[0]
            assert float(told) / 100 >= float(found.gap) - 1e-12

    def test_an_evaluated_choice(self) -> None:
        assert status_sentence(evaluate(a_plan(), {})).en == "The plan keeps every limit"

    def test_a_plan_as_lines_of_text(self) -> None:
        text = allocation_text(a_result()).replace(NO_BREAK_SPACE, " ")
        assert text.splitlines() == [
            "Prøve", "Bedste plan, bevist.", "",
            "2 af 3 indsatser får midler, udlæg i 1.000 kr.",
            "  a/base       2.000  Indsats a",
            "  b/base       2.000  Indsats b × 0,500",
            "",
            "Mål: 3.999.000",
            "Investeret, 1.000 kr.: 4.000",
            "Netto, 1.000 kr.: kasse, budgetperiode, derefter, nutidsværdi",
            "  Kommunen        4.000            0        2.400",
            "  Regionen            0            0            0",
            "",
            "Rammer",
            "  Højst 4.000.000 kr. i udlæg i 2027: 4.000.000, luft 0",
            "  Mindst 3 indsatser: 2, BRUDT med 1",
            "  Puljen: saldoen må ikke gå under nul i 2027: 4.000.000, luft 0",
            *(f"  Puljen: saldoen må ikke gå under nul i {y}: 4.000.000, luft 0"
              for y in range(2028, 2033)),
            "  Højst én af Indsats b og Indsats c: 1, luft 0",
        ]  # fmt: skip

    def test_the_same_in_english_with_a_tie_and_without_a_plan(self) -> None:
        alike = [an_intervention(name, outlay=1000, saving=3000) for name in "ab"]
        text = allocation_text(allocate(a_plan(*alike, pools=pool_of(1000)), gap=0), "en")
        assert "Best plan, proved." in text
        assert "1 of 2 interventions are funded" in text
        assert "Just as good: a/base out, b/base in." in text or (
            "Just as good: b/base out, a/base in." in text
        )
        limit = {"tag": "chosen", "at_least": 2}
        nothing = allocation_text(allocate(a_plan(constraints=[limit])), "en")
        assert nothing == "Prøve\nNo plan keeps every limit."

    def test_a_limit_without_bounds_has_no_slack_to_show(self) -> None:
        plan = a_plan(an_intervention("a", saving=1))
        from optimizer.allocation import RowResult
        from optimizer.program import Row
        from optimizer.sentence import same

        row = RowResult(Row(same("Fri"), {}), Fraction(3), Fraction(0), is_kept=True)
        assert (row.slack, row.is_binding) == (None, False)
        text = allocation_text(Allocation(plan, Status.FEASIBLE, {}, Fraction(0), rows=(row,)))
        assert text.endswith("  Fri: 3")


def test_a_result_is_the_same_however_often_it_is_asked_for() -> None:
    first, second = (a_result() for _ in range(2))
    one, other = first.document(), second.document()
    for document in (one, other):
        assert all(math.isfinite(s) and s >= 0 for s in document.pop("seconds").values())
    assert one == other
    assert plan_from_document(a_document()) == plan_from_document(a_document())
