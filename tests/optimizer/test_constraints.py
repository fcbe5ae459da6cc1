"""Each limit: kept, broken, exactly binding, with nobody it applies to, at a price, in words."""

from fractions import Fraction
from typing import Any

import pytest

from optimizer import RowResult, Status, evaluate, plan_from_document
from optimizer.constraints import constraints
from optimizer.objectives import objectives
from optimizer.quantity import is_required, quantities
from optimizer.relations import relations
from optimizer.sentence import NO_BREAK_SPACE
from optimizer.tagged import Registry
from tests.optimizer.builders import (
    MILLION,
    Json,
    a_document,
    a_flow,
    a_plan,
    an_intervention,
    an_option,
    net_saving,
)

ALL: Json = {"payers": "all"}
#: net saving in four futures; c, which is not listed, has its expected value in each
OUTCOMES: Json = {
    "net_saving": {
        "a/base": [3 * MILLION, 3 * MILLION, 3 * MILLION, -MILLION],
        "b/base": [MILLION, MILLION, -MILLION, -MILLION],
    }
}


def candidates() -> list[Json]:
    """Return three: a invests 2 m and saves 5; b invests 3 m and saves 4; c only costs 0.5 m."""
    return [
        an_intervention("a", outlay=2 * MILLION, saving=5 * MILLION, evidence_stars=3,
                        tags=["ude"], target_group="unge", supplier="Nord",
                        option={"measures": {"borgere": 40, "timer": {"2027": 900}}}),
        an_intervention("b", outlay=3 * MILLION, saving=4 * MILLION, evidence_stars=1,
                        department="job", external=True, supplier="Syd",
                        option={"measures": {"borgere": 60}}),
        an_intervention("c", option={"flows": [a_flow("cost", -MILLION // 2)]}),
    ]  # fmt: skip


def judged(limit: Json, *chosen: str, candidates: list[Json] | None = None) -> list[RowResult]:
    """Return the rows of a limit for a choice of whole options."""
    plan = a_plan(
        *(candidates or globals()["candidates"]()),
        constraints=[limit],
        outcomes=OUTCOMES if candidates is None else None,
    )
    allocation = evaluate(plan, dict.fromkeys((f"{name}/base" for name in chosen), 1))
    rows = [r for r in allocation.rows if r.row.path == "scenario.constraints[0]"]
    is_kept = all(r.is_kept for r in allocation.rows)
    soft = limit.get("soft_price") is not None
    assert (allocation.status is Status.FEASIBLE) == (is_kept or soft)
    return rows


def broken_by(limit: Json, *chosen: str) -> Fraction:
    return sum((row.broken_by for row in judged(limit, *chosen)), Fraction(0))


def is_binding(limit: Json, *chosen: str) -> bool:
    return any(row.is_binding for row in judged(limit, *chosen))


NET = {"tag": "net_saving", **ALL, "period": "horizon", "discounted": False}
SPENDING = {"tag": "spending", **ALL, "category": "service"}

CASES = [
    # (limit, keeps with room, keeps exactly, breaks, by how much)
    ({"tag": "invested", "at_most": 3 * MILLION}, "a", "b", "ab", 2 * MILLION),
    ({"tag": "invested", "at_least": 2 * MILLION}, "b", "a", "c", 2 * MILLION),
    ({"tag": "invested", "at_most": 3 * MILLION, "year": 2027}, "a", "b", "ab", 2 * MILLION),
    ({"tag": "invested_share", "at_most": 0.6, "where": {"departments": ["job"]}},
     "a", "ab", "b", 1_200_000),
    ({"tag": "invested_share", "at_least": 0.6, "where": {"departments": ["job"]}},
     "b", "ab", "a", 1_200_000),
    ({"tag": "chosen", "at_most": 2}, "a", "ab", "abc", 1),
    ({"tag": "chosen", "at_least": 2}, "abc", "ab", "a", 1),
    ({"tag": "measure", "measure": "borgere", "at_least": 60}, "ab", "b", "a", 20),
    ({"tag": "measure", "measure": "borgere", "at_most": 60}, "a", "b", "ab", 40),
    (NET | {"at_least": MILLION}, "a", "b", "c", 1_500_000),
    (NET | {"at_most": 3 * MILLION}, "b", "a", "ab", MILLION),
    (SPENDING | {"by_year": {"2027": 3 * MILLION}}, "a", "b", "ab", 2 * MILLION),
    ({"tag": "evidence", "at_least": 1.8}, "a", "ab", "b", 2_400_000),
    ({"tag": "cumulative", **ALL, "from_year": 2028, "at_least": MILLION}, "a", "b", "c",
     5 * 1_500_000),
    ({"tag": "changes", "reference": ["a/base"], "at_most": 1}, "a", "ab", "bc", 2),
    ({"tag": "disappointments", **ALL, "count": 1, "at_least": MILLION}, "a", "b", "c",
     1_500_000),
    # the worst two of four: a loses 1 and gains 3, b loses 1 twice, both lose 2 and gain 2
    ({"tag": "expected_shortfall", **ALL, "level": 0.5, "at_most": 0}, "a", "ab", "b", MILLION),
    ({"tag": "chance_of_loss", **ALL, "at_most": 0.25}, "", "a", "b", Fraction(1, 4)),
]  # fmt: skip
#: a fund needs options of its own: tests/optimizer/test_fund.py
ELSEWHERE = {"payback", "outcome_fund"}


class TestKeptBrokenBinding:
    @pytest.mark.parametrize(("limit", "kept", "exactly", "broken", "by"), CASES)
    def test_each(self, limit: Json, kept: str, exactly: str, broken: str, by: int) -> None:
        assert broken_by(limit, *kept) == 0
        assert not is_binding(limit, *kept)
        assert broken_by(limit, *exactly) == 0
        assert is_binding(limit, *exactly)
        assert broken_by(limit, *broken) == by
        assert is_binding(limit, *broken)

    def test_all_limits_stand_above(self) -> None:
        assert {case[0]["tag"] for case in CASES} | ELSEWHERE == set(constraints)

    def test_both_bounds_at_once(self) -> None:
        limit = {"tag": "invested", "at_least": 2 * MILLION, "at_most": 3 * MILLION}
        assert [broken_by(limit, *c) for c in ("", "a", "b", "ab")] == [
            2 * MILLION, 0, 0, 2 * MILLION,
        ]  # fmt: skip

    def test_the_room_left_is_that_at_the_nearer_bound(self) -> None:
        limit = {"tag": "invested", "at_least": MILLION, "at_most": 4 * MILLION}
        for chosen, slack in (("a", MILLION), ("b", MILLION), ("ab", -MILLION), ("", -MILLION)):
            (row,) = judged(limit, *chosen)
            assert row.slack == slack
            assert row.is_binding == (slack <= 0)

    def test_one_krone_breaks_a_limit(self) -> None:
        assert broken_by({"tag": "invested", "at_most": 2 * MILLION - 1}, "a") == 1

    def test_a_year_without_any_of_it(self) -> None:
        limit = {"tag": "invested", "year": 2030, "at_least": 1}
        assert broken_by(limit, "a", "b") == 1

    def test_a_measure_in_a_year(self) -> None:
        hours = {"tag": "measure", "measure": "timer", "at_most": 800}
        assert broken_by(hours | {"year": 2027}, "a") == 100
        assert broken_by(hours | {"year": 2028}, "a") == 0
        assert broken_by(hours, "a") == 100

    def test_net_saving_in_some_years_discounted_low_and_cashable_only(self) -> None:
        flows = [
            a_flow("outlay", -8 * MILLION),
            a_flow("saving", 10 * MILLION, 2029, low=5 * MILLION),
            a_flow("saving", 3 * MILLION, 2030, cashable=False),
        ]
        one = an_intervention("d", option={"flows": flows})
        plan = a_document(one, constraints=[], discount=[{"after_year": 0, "rate": 0.25}])

        def net(**more: Any) -> Fraction:
            limit = {"tag": "net_saving", **ALL, "discounted": False, "at_least": 0, **more}
            document = plan | {"scenario": plan["scenario"] | {"constraints": [limit]}}
            return evaluate(plan_from_document(document), {"d/base": 1}).rows[0].activity

        assert net(period="budget") == 5 * MILLION
        assert net(years=[2029, 2029]) == 10 * MILLION
        assert net(period="horizon", case="low") == 0
        assert net(period="horizon", cashable_only=True) == 2 * MILLION
        assert net(years=[2028, 2030], discounted=True) == 6_400_000 + 1_536_000

    def test_spending_counts_only_its_payer_and_category(self) -> None:
        flows = [
            a_flow("cost", -5 * MILLION, 2028),
            a_flow("saving", 8 * MILLION, 2028, category="transfers"),
            a_flow("saving", 4 * MILLION, 2028, payer="region"),
        ]
        one = an_intervention("d", option={"flows": flows})
        limit = {"tag": "spending", "payers": ["kommune"], "category": "service",
                 "by_year": {"2028": 4 * MILLION, "2029": 0}}  # fmt: skip
        rows = judged(limit, "d", candidates=[one])
        assert [(r.row.year, r.activity, r.broken_by) for r in rows] == [
            (2028, 5 * MILLION, MILLION), (2029, 0, 0),
        ]  # fmt: skip

    def test_a_chosen_option_counts_whatever_its_scale(self) -> None:
        one = an_intervention("d", outlay=MILLION, option={"scalable": {"minimum": 0}})
        plan = a_plan(one, constraints=[{"tag": "chosen", "at_least": 1}])
        assert evaluate(plan, {"d/base": Fraction(0)}).status is Status.FEASIBLE
        assert evaluate(plan, {}).status is Status.INFEASIBLE


class TestPayback:
    @staticmethod
    def blocked(*flows: Json, **more: Any) -> bool:
        limit = {"tag": "payback", "payers": ["kommune"], "latest_year": 2029, **more}
        one = an_intervention("d", option={"flows": list(flows)})
        (row,) = judged(limit, "d", candidates=[one])
        assert row.activity == row.broken_by
        return not row.is_kept

    def test_in_time_late_and_never(self) -> None:
        outlay = a_flow("outlay", -3)
        assert not self.blocked(outlay, a_flow("saving", 3, 2029))
        assert self.blocked(outlay, a_flow("saving", 3, 2030))
        assert self.blocked(outlay, a_flow("saving", 2, 2029))
        assert not self.blocked(outlay, a_flow("saving", 3, 2030), latest_year=2030)

    def test_one_that_falls_back_is_late(self) -> None:
        assert self.blocked(
            a_flow("outlay", -3), a_flow("saving", 5, 2028), a_flow("saving", -3, 2030),
            a_flow("saving", 2, 2031),
        )  # fmt: skip

    def test_other_purses_do_not_count(self) -> None:
        assert self.blocked(a_flow("outlay", -3), a_flow("saving", 9, 2028, payer="region"))
        assert not self.blocked(a_flow("outlay", -3, payer="region"), a_flow("saving", 1, 2028))

    def test_one_without_money_is_never_late(self) -> None:
        assert not self.blocked()

    def test_every_option_is_looked_at_for_itself(self) -> None:
        slow = an_option("slow", a_flow("outlay", -3), a_flow("saving", 4, 2031))
        quick = an_option("quick", a_flow("outlay", -3), a_flow("saving", 3, 2028))
        limit = {"tag": "payback", **ALL, "latest_year": 2029}
        plan = a_plan(an_intervention("d") | {"options": [slow, quick]}, constraints=[limit])
        assert evaluate(plan, {"d/quick": 1}).status is Status.FEASIBLE
        assert evaluate(plan, {"d/slow": 1}).status is Status.INFEASIBLE


NOBODY = {"where": {"target_groups": ["ingen"]}}


class TestNobody:
    @pytest.mark.parametrize(
        "limit",
        [
            {"tag": "invested", "at_most": 0, **NOBODY},
            {"tag": "invested_share", "at_most": 0, **NOBODY},
            {"tag": "invested_share", "at_least": 0, **NOBODY},
            {"tag": "chosen", "at_most": 0, **NOBODY},
            {"tag": "measure", "measure": "borgere", "at_most": 0, **NOBODY},
            NET | {"at_most": 0, **NOBODY},
        ],
    )
    def test_a_limit_that_applies_to_nobody_is_kept(self, limit: Json) -> None:
        assert broken_by(limit, "a", "b") == 0

    @pytest.mark.parametrize(
        "limit",
        [{"tag": "invested", "at_least": 1, **NOBODY}, {"tag": "chosen", "at_least": 1, **NOBODY}],
    )
    def test_or_broken_by_all_it_asks_for(self, limit: Json) -> None:
        assert broken_by(limit, "a", "b") == 1

    def test_shares_and_means_hold_when_nothing_is_invested(self) -> None:
        for limit in (
            {"tag": "invested_share", "at_least": 0.5, "where": {"external": True}},
            {"tag": "evidence", "at_least": 3},
        ):
            assert broken_by(limit) == 0
            assert broken_by(limit, "c") == 0


class TestPrices:
    def test_a_soft_limit_costs_its_price_for_each_unit(self) -> None:
        plan = a_plan(
            *candidates(),
            constraints=[{"tag": "invested", "at_most": 4 * MILLION, "soft_price": 0.25}],
        )
        allocation = evaluate(plan, {"a/base": 1, "b/base": 1})
        assert allocation.status is Status.FEASIBLE
        assert allocation.objective == 4 * MILLION - MILLION // 4
        assert allocation.broken == ()
        (row, _) = allocation.rows
        assert (row.broken_by, row.is_kept, row.slack) == (MILLION, False, -MILLION)

    def test_each_year_is_broken_for_itself(self) -> None:
        by_year = {"2027": MILLION, "2028": -8 * MILLION}
        limit = SPENDING | {"by_year": by_year, "soft_price": 2}
        plan = a_plan(*candidates(), constraints=[limit])
        allocation = evaluate(plan, {"a/base": 1})
        assert allocation.objective == 3 * MILLION - 2 * (MILLION + 3 * MILLION)

    @pytest.mark.parametrize("tag", sorted(set(constraints) - ELSEWHERE))
    def test_every_other_limit_may_be_soft(self, tag: str) -> None:
        limit = next(case[0] for case in CASES if case[0]["tag"] == tag)
        broken = next(case[3] for case in CASES if case[0] is limit)
        rows = judged(limit | {"soft_price": 1}, *broken)
        assert any(row.broken_by for row in rows)
        assert all(row.row.price == 1 for row in rows)

    def test_payback_and_the_outcome_fund_may_not(self) -> None:
        assert {cls.tag for cls in constraints.classes() if not cls.may_be_soft} == ELSEWHERE


class TestFilters:
    @pytest.mark.parametrize(
        ("where", "chosen"),
        [
            ({}, "abc"),
            ({"departments": ["social"]}, "ac"),
            ({"departments": []}, ""),
            ({"target_groups": ["unge", "gamle"]}, "a"),
            ({"suppliers": ["Syd"]}, "b"),
            ({"external": True}, "b"),
            ({"external": False}, "ac"),
            ({"stars_at_least": 0}, "abc"),
            ({"stars_at_least": 1}, "ab"),
            ({"stars_at_least": 3}, "a"),
            ({"tags": ["hjemme", "ude"]}, "a"),
            ({"interventions": ["b", "c"]}, "bc"),
            ({"options": ["a/base", "c/base"]}, "ac"),
            ({"departments": ["social"], "stars_at_least": 1}, "a"),
            ({"departments": ["social"], "external": True}, ""),
        ],
    )
    def test_every_given_key_must_hold(self, where: Json, chosen: str) -> None:
        limit = {"tag": "chosen", "at_most": 9, "where": where}
        (row,) = judged(limit, "a", "b", "c")
        assert row.activity == len(chosen)
        for name in "abc":
            assert judged(limit, name)[0].activity == (name in chosen)

    def test_an_option_of_several_is_looked_at_by_its_own_key(self) -> None:
        two = [an_option("x", a_flow("outlay", -5)), an_option("y", a_flow("outlay", -7))]
        one = an_intervention("d") | {"options": two}
        limit = {"tag": "invested", "at_most": 0, "where": {"options": ["d/x"]}}
        plan = a_plan(one, constraints=[limit])
        assert evaluate(plan, {"d/x": 1}).rows[0].broken_by == 5
        assert evaluate(plan, {"d/y": 1}).rows[0].broken_by == 0

    def test_an_overlap_counts_when_both_options_match(self) -> None:
        overlap = {"kind": "overlap", "interventions": ["a", "b"], "payer": "kommune",
                   "loses": {"2028": MILLION}}  # fmt: skip
        for where, expected in (
            ({"interventions": ["a", "b"]}, 3 * MILLION),
            ({"interventions": ["a"]}, 3 * MILLION),
            ({"interventions": ["a", "c"]}, 2_500_000),
            (None, 2_500_000),
        ):
            limit = NET | {"at_least": 0, "where": where}
            plan = a_plan(*candidates(), constraints=[limit], relations=[overlap])
            allocation = evaluate(plan, {"a/base": 1, "b/base": 1, "c/base": 1})
            assert allocation.rows[0].activity == expected


def spoken(limit: Json, language: str = "da") -> list[str]:
    rows = judged(limit, "a")
    return [row.row.label.say(language).replace(NO_BREAK_SPACE, " ") for row in rows]


class TestSentences:
    @pytest.mark.parametrize(
        ("limit", "da", "en"),
        [
            ({"tag": "invested", "at_most": 6 * MILLION, "year": 2027},
             "Højst 6.000.000 kr. i udlæg i 2027", "At most 6,000,000 kr. in outlay in 2027"),
            ({"tag": "invested_share", "at_most": 0.125, "where": {"external": True}},
             "Højst 12,5 % af udlægget til eksterne leverandører",
             "At most 12.5 % of the outlay to external suppliers"),
            ({"tag": "chosen", "at_most": 1, "where": {"departments": ["job"]}},
             "Højst 1 indsats fra Beskæftigelse", "At most 1 intervention from Beskæftigelse"),
            ({"tag": "chosen", "at_least": 2}, "Mindst 2 indsatser", "At least 2 interventions"),
            ({"tag": "measure", "measure": "borgere", "at_least": 52.5},
             "Mindst 52,5 borgere", "At least 52.5 borgere"),
            (NET | {"at_least": -MILLION, "payers": ["kommune"]},
             "Nettobesparelsen for Kommunen er mindst −1.000.000 kr. (2027–2032)",
             "The net saving for Kommunen is at least −1,000,000 kr. (2027–2032)"),
            (NET | {"at_most": 0, "discounted": True, "case": "high", "cashable_only": True},
             ("Nettobesparelsen for alle kasser er højst 0 kr. (2027–2032, nutidsværdi, "
             "kun det der kan hentes, højt skøn)"),
             ("The net saving for all purses is at most 0 kr. (2027–2032, discounted, "
             "cashable only, high estimate)")),
            (SPENDING | {"by_year": {"2027": MILLION}, "category": "construction"},
             "Anlægsudgifterne for alle kasser stiger højst 1.000.000 kr. i 2027",
             "Construction spending of all purses rises by at most 1,000,000 kr. in 2027"),
            ({"tag": "evidence", "at_least": 1.5},
             "Evidens på mindst 1,5 stjerner i gennemsnit",
             "Evidence of at least 1.5 stars on average"),
            ({"tag": "payback", "payers": ["kommune"], "latest_year": 2030},
             "Kun indsatser, der er tjent hjem for Kommunen senest i 2030",
             "Only interventions paid back for Kommunen by 2030"),
            ({"tag": "cumulative", **ALL, "from_year": 2032},
             "Det opsummerede resultat for alle kasser er mindst 0 kr. ved udgangen af 2032",
             "The cumulative result of all purses is at least 0 kr. at the end of 2032"),
            ({"tag": "changes", "reference": ["a/base"], "at_most": 1},
             "Højst 1 indsats skifter mellem at være med og ikke være med",
             "At most 1 intervention may go in or out"),
            ({"tag": "disappointments", **ALL, "count": 2, "at_least": MILLION},
             ("Nettobesparelsen for alle kasser er mindst 1.000.000 kr., selv når de 2 valgte, "
              "der falder mest, ender lavt"),
             ("The net saving of all purses is at least 1,000,000 kr. even when the 2 chosen "
              "that fall most come out low")),
            ({"tag": "disappointments", **ALL, "count": 1, "at_least": 0},
             ("Nettobesparelsen for alle kasser er mindst 0 kr., selv når den valgte, "
              "der falder mest, ender lavt"),
             ("The net saving of all purses is at least 0 kr. even when the chosen one "
              "that falls most comes out low")),
            ({"tag": "expected_shortfall", "payers": ["kommune"], "level": 0.95, "at_most": 0},
             ("Tabet for Kommunen i de dårligste 5 % af udfaldene er i gennemsnit højst 0 kr."),
             "The mean loss of Kommunen in the worst 5 % of outcomes is at most 0 kr."),
            ({"tag": "expected_shortfall", **ALL, "level": 1, "at_most": 0},
             "Tabet for alle kasser i det dårligste udfald er højst 0 kr.",
             "The loss of all purses in the worst outcome is at most 0 kr."),
            ({"tag": "chance_of_loss", **ALL, "at_most": 0.05, "threshold": MILLION},
             "I højst 5 % af udfaldene er nettobesparelsen for alle kasser under 1.000.000 kr.",
             "In at most 5 % of outcomes the net saving of all purses is below 1,000,000 kr."),
            ({"tag": "chance_of_loss", "payers": ["kommune"], "at_most": 0},
             "I intet udfald er nettobesparelsen for Kommunen under 0 kr.",
             "In no outcome the net saving of Kommunen is below 0 kr."),
        ],
    )  # fmt: skip
    def test_the_rows_are_sentences(self, limit: Json, da: str, en: str) -> None:
        assert spoken(limit) == [da]
        assert spoken(limit, "en") == [en]

    @pytest.mark.parametrize(
        ("where", "da", "en"),
        [
            ({"departments": ["social", "job"]}, "Social og Beskæftigelse",
             "Social and Beskæftigelse"),
            ({"external": False}, "interne leverandører", "internal suppliers"),
            ({"suppliers": ["Nord", "Syd", "Øst"]}, "Nord, Syd eller Øst", "Nord, Syd or Øst"),
            ({"tags": ["ude"]}, "»ude«", "“ude”"),
            ({"tags": ["ude", "hjemme"]}, "»ude« eller »hjemme«", "“ude” or “hjemme”"),
            ({"target_groups": ["unge"]}, "målgruppen »unge«", "the target group “unge”"),
            ({"stars_at_least": 1}, "indsatser med mindst 1 stjerne",
             "those with at least 1 star"),
            ({"stars_at_least": 2}, "indsatser med mindst 2 stjerner",
             "those with at least 2 stars"),
            ({"interventions": ["a", "b"]}, "Indsats a og Indsats b", "Indsats a and Indsats b"),
            ({"options": ["a/base"]}, "a/base", "a/base"),
            ({"departments": ["job"], "external": True}, "Beskæftigelse, eksterne leverandører",
             "Beskæftigelse, external suppliers"),
        ],
    )  # fmt: skip
    def test_a_filter_is_said_in_words(self, where: Json, da: str, en: str) -> None:
        limit = {"tag": "invested", "at_most": 0, "where": where}
        assert spoken(limit) == [f"Højst 0 kr. i udlæg til {da}"]
        assert spoken(limit, "en") == [f"At most 0 kr. in outlay to {en}"]

    def test_an_empty_filter_adds_no_words(self) -> None:
        assert spoken({"tag": "chosen", "at_most": 2, "where": {}}) == ["Højst 2 indsatser"]

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case[0]["tag"])
    def test_a_name_that_a_person_gave_stands_instead(self, case: Any) -> None:
        rows = judged(case[0] | {"label": "Vores ramme"}, "a")
        for row in rows:
            year = f", {row.row.year}" if row.row.tag in {"spending", "cumulative"} else ""
            assert row.row.label.da == row.row.label.en == f"Vores ramme{year}"

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case[0]["tag"])
    def test_a_limit_says_itself_in_one_sentence(self, case: Any) -> None:
        plan = a_plan(*candidates(), constraints=[case[0]], outcomes=OUTCOMES)
        (limit,) = plan.scenario.constraints
        sentence = limit.sentence(plan)
        assert sentence.da[0].isupper()
        assert sentence.en[0].isupper()
        assert sentence.da != sentence.en
        assert limit.named(plan) == sentence

    def test_low_estimates_too(self) -> None:
        (da,) = spoken(NET | {"at_least": 0, "case": "low"})
        assert da.endswith("(2027–2032, lavt skøn)")
        (da,) = spoken(NET | {"at_least": 0, "period": "budget"})
        assert da.endswith("(2027–2030)")

    @pytest.mark.parametrize(
        ("term", "da", "en"),
        [
            (net_saving(), "nettobesparelse for alle kasser (2027–2032)",
             "net saving for all purses (2027–2032)"),
            (net_saving(payers=["kommune"], period="budget", discounted=True, case="low"),
             "nettobesparelse for Kommunen (nutidsværdi, 2027–2030, lavt skøn)",
             "net saving for Kommunen (discounted, 2027–2030, low estimate)"),
            (net_saving(cashable_only=True, case="high") | {"of": "saving"},
             "besparelse for alle kasser (2027–2032, kun det der kan hentes, højt skøn)",
             "saving for all purses (2027–2032, cashable only, high estimate)"),
            ({"of": "measure", "measure": "borgere"}, "borgere i alt", "borgere in total"),
        ],
    )  # fmt: skip
    def test_what_is_maximised_is_said_too(self, term: Json, da: str, en: str) -> None:
        plan = a_plan(*candidates(), terms=[term])
        (found,) = plan.scenario.objective
        assert (found.sentence(plan).da, found.sentence(plan).en) == (da, en)
        assert found.is_money == (term["of"] != "measure")


class TestRelations:
    @pytest.mark.parametrize(
        ("rule", "members", "da", "en"),
        [
            ({"kind": "requires", "intervention": "a", "needs": "b"}, "ab",
             "Indsats a kræver Indsats b", "Indsats a requires Indsats b"),
            ({"kind": "excludes", "interventions": ["a", "b", "c"]}, "abc",
             "Højst én af Indsats a, Indsats b og Indsats c",
             "At most one of Indsats a, Indsats b and Indsats c"),
            ({"kind": "at_least", "count": 1, "interventions": ["b", "c"]}, "bc",
             "Mindst 1 af Indsats b og Indsats c", "At least 1 of Indsats b and Indsats c"),
            ({"kind": "at_most", "count": 2, "interventions": ["b", "c"]}, "bc",
             "Højst 2 af Indsats b og Indsats c", "At most 2 of Indsats b and Indsats c"),
            ({"kind": "overlap", "interventions": ["c", "a"], "payer": "kommune", "loses": {}},
             "ca", "Indsats c og Indsats a overlapper", "Indsats c and Indsats a overlap"),
        ],
    )  # fmt: skip
    def test_each_says_whom_it_ties_and_how(
        self, rule: Json, members: str, da: str, en: str
    ) -> None:
        plan = a_plan(*candidates(), relations=[rule])
        (relation,) = plan.relations
        assert relation.members() == tuple(members)
        sentence = relation.sentence({i.id: i.title for i in plan.interventions})
        assert (sentence.da, sentence.en) == (da, en)

    @pytest.mark.parametrize(
        ("rule", "kept", "broken"),
        [
            ({"kind": "requires", "intervention": "a", "needs": "b"}, ["", "b", "ab"], ["a", "ac"]),
            ({"kind": "excludes", "interventions": ["a", "b"]}, ["", "a", "bc"], ["ab"]),
            ({"kind": "at_least", "count": 2, "interventions": ["a", "b", "c"]}, ["ab", "abc"],
             ["", "c"]),
            ({"kind": "at_least", "count": 0, "interventions": ["a"]}, ["", "a"], []),
            ({"kind": "at_most", "count": 1, "interventions": ["a", "b", "c"]}, ["", "c"], ["ab"]),
            ({"kind": "at_most", "count": 0, "interventions": ["a"]}, ["", "bc"], ["a"]),
        ],
    )  # fmt: skip
    def test_each_is_kept_or_broken(self, rule: Json, kept: list[str], broken: list[str]) -> None:
        plan = a_plan(*candidates(), relations=[rule])
        for chosen, status in [(c, Status.FEASIBLE) for c in kept] + [
            (c, Status.INFEASIBLE) for c in broken
        ]:
            allocation = evaluate(plan, dict.fromkeys((f"{name}/base" for name in chosen), 1))
            assert allocation.status is status, chosen

    def test_a_reason_is_kept(self) -> None:
        rule = {"kind": "excludes", "interventions": ["a", "b"], "reason": "Samme lokaler"}
        (relation,) = a_plan(*candidates(), relations=[rule]).relations
        assert relation.reason == "Samme lokaler"


@pytest.mark.parametrize("registry", [constraints, objectives, relations], ids=lambda r: r.key)
class TestRegistries:
    def test_every_class_says_what_it_is_in_both_languages(self, registry: Registry[Any]) -> None:
        for cls in registry.classes():
            for words in (cls.title, cls.about):
                assert words.da[0].isupper()
                assert words.en[0].isupper()
            assert cls.about.da.endswith(".")
            assert cls.about.en.endswith(".")
            assert cls.__doc__
            assert registry[cls.tag] is cls
            assert cls.tag in registry

    def test_every_field_has_words_bounds_and_a_unit(self, registry: Registry[Any]) -> None:
        for cls in registry.classes():
            for name, about in quantities(cls).items():
                assert about.label.da
                assert about.label.en
                assert bool(about.choices) == (about.kind == "choice"), name
                if about.kind in {"kroner", "kroner_by_year"}:
                    assert about.unit.da == "kr."
                if about.kind == "share":
                    assert (about.minimum, about.maximum) == (0, 1)
                assert isinstance(is_required(cls, name), bool)

    def test_a_tag_is_never_given_twice(self, registry: Registry[Any]) -> None:
        taken = next(iter(registry))
        cls = registry[taken]
        with pytest.raises(ValueError, match="taken"):
            registry.register(taken, title=cls.title, about=cls.about)


def test_the_permanent_tags_are_those_of_the_format() -> None:
    assert {
        "invested", "invested_share", "chosen", "measure", "net_saving", "spending", "evidence",
        "payback", "cumulative", "changes", "outcome_fund", "disappointments",
        "expected_shortfall", "chance_of_loss",
    } == set(constraints)  # fmt: skip
    assert {"requires", "excludes", "at_least", "at_most", "overlap"} <= set(relations)
    assert {"net_saving", "saving", "measure"} <= set(objectives)


def test_base_classes_ask_their_heirs_for_everything() -> None:
    from optimizer.constraints import Constraint
    from optimizer.objectives import ObjectiveTerm
    from optimizer.objectives.money import MoneyTerm
    from optimizer.relations import Relation

    plan = a_plan()
    limit, term = Constraint(), ObjectiveTerm()
    with pytest.raises(NotImplementedError):
        next(iter(limit.rows(None)))  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError):
        limit.sentence(plan)
    with pytest.raises(NotImplementedError):
        term.is_money  # noqa: B018
    with pytest.raises(NotImplementedError):
        term.terms(None)  # type: ignore[arg-type]
    with pytest.raises(NotImplementedError):
        term.sentence(plan)
    money = MoneyTerm(payers=None, period="horizon", discounted=False)
    with pytest.raises(NotImplementedError):
        money.words()
    with pytest.raises(NotImplementedError):
        Relation().members()
    with pytest.raises(NotImplementedError):
        Relation().sentence({})
