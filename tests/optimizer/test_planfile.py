"""Plan files: every mistake named at its place, and reading what was written gives it back."""

import copy
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer import (
    Plan,
    PlanErrors,
    plan_document,
    plan_from_document,
    plan_from_text,
    plan_sha256,
    read_plan,
    write_plan,
)
from tests.optimizer.builders import a_document, a_flow, a_pool, an_intervention, net_saving
from tests.optimizer.cases import INVALID, PLANS, REAL, case, plan_names
from tests.optimizer.profile import examples
from tests.optimizer.strategies import plans

EXPECTED_ERRORS: dict[str, list[str]] = case(INVALID / "errors.expected.json")
VALID = [PLANS / f"{name}.json" for name in plan_names()] + [
    REAL / name
    for name in ("danish_cases.json", "danish_cases_2027.json", "wsipp.json", "uganda_hbp.json")
]


def errors_of(document: Any) -> dict[str, str]:
    """Return the Danish messages by path; nothing where the document is valid."""
    try:
        if isinstance(document, (str, bytes)):
            plan_from_text(document)
        else:
            plan_from_document(document)
    except PlanErrors as error:
        return {e.path: e.message.da for e in error.errors}
    return {}


def paths(document: Any) -> list[str]:
    return list(errors_of(document))


class TestInvalidDocuments:
    def test_every_invalid_file_is_listed(self) -> None:
        files = {p.name for p in INVALID.glob("*.json")} - {"errors.expected.json"}
        assert files == set(EXPECTED_ERRORS)

    @pytest.mark.parametrize("name", sorted(EXPECTED_ERRORS))
    def test_all_planted_errors_are_named_at_once(self, name: str) -> None:
        with pytest.raises(PlanErrors) as raised:
            read_plan(INVALID / name)
        found = [error.path for error in raised.value.errors]
        assert set(EXPECTED_ERRORS[name]) <= set(found)
        assert found

    @pytest.mark.parametrize("name", sorted(EXPECTED_ERRORS))
    def test_nothing_else_is_named_but_references_to_what_is_lost(self, name: str) -> None:
        found = errors_of((INVALID / name).read_bytes())
        extra = [message for path, message in found.items() if path not in EXPECTED_ERRORS[name]]
        others = [message for message in extra if "findes ikke" not in message]
        assert len(others) <= (1 if EXPECTED_ERRORS[name] == [] else 0)

    @pytest.mark.parametrize("name", sorted(EXPECTED_ERRORS))
    def test_every_message_is_said_in_both_languages(self, name: str) -> None:
        with pytest.raises(PlanErrors) as raised:
            read_plan(INVALID / name)
        for error in raised.value.errors:
            assert error.message.da.endswith(".")
            assert error.message.en.endswith(".")
            assert error.message.da != error.message.en
            assert error.say("da") == (f"{error.path}: " if error.path else "") + error.message.da
            assert error.say("en").endswith(error.message.en)
        assert str(raised.value) == "\n".join(e.say("en") for e in raised.value.errors)


class TestUnreadableText:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            (b"", "JSON"),
            (b"{", "JSON"),
            (b'{"title": "\xe6"}', "UTF-8"),
            (b"\xff\xfe{\x00}\x00", "UTF-8"),
            ("[" * 200_000, "dybt"),
            ('{"a":' * 200_000, "dybt"),
            ('{"budget_year": ' + "9" * 10_000 + "}", "langt"),
            (b"[]", "JSON-objekt"),
            (b"null", "JSON-objekt"),
            (b"3", "JSON-objekt"),
        ],
    )
    def test_it_is_one_error_without_a_place(self, text: str | bytes, words: str) -> None:
        found = errors_of(text)
        assert list(found) == [""]
        assert words in found[""]

    def test_a_byte_order_mark_is_passed_over(self) -> None:
        text = b"\xef\xbb\xbf" + json.dumps(a_document()).encode()
        assert plan_from_text(text) == plan_from_document(a_document())

    def test_the_place_of_a_mistake_in_the_json_is_told(self) -> None:
        assert "linje 2, tegn 7" in errors_of('{\n  "a" 1}')[""]


class TestNumbers:
    def amount(self, text: str) -> dict[str, str]:
        raw = json.dumps(a_document(an_intervention("a", saving=1), title="X"))
        return errors_of(raw.replace('"amount": 1', f'"amount": {text}'))

    @pytest.mark.parametrize("text", ["1200000", "1200000.0", "1.2e6", "-0", "1e11"])
    def test_whole_kroner_are_accepted_in_any_spelling(self, text: str) -> None:
        assert self.amount(text) == {}

    @pytest.mark.parametrize(
        "text",
        ["0.5", "NaN", "Infinity", "-Infinity", "1e400", "true", "null", '"5"', "[]", "{}",
         "100000000001", "1e300", "1" + "0" * 400],
    )  # fmt: skip
    def test_anything_else_is_named_at_its_place(self, text: str) -> None:
        assert list(self.amount(text)) == ["interventions[0].options[0].flows[0].amount"]

    def test_a_boolean_is_no_number_and_a_number_no_boolean(self) -> None:
        document = a_document(an_intervention("a", saving=1, external=1, evidence_stars=True))
        document["budget_years"] = True
        assert sorted(paths(document)) == [
            "budget_years", "interventions[0].evidence_stars", "interventions[0].external",
        ]  # fmt: skip

    def test_a_decimal_is_read_as_it_stands_in_the_file(self) -> None:
        plan = plan_from_document(a_document(discount=[{"after_year": 0, "rate": 0.035}]))
        assert str(plan.discount[0].rate) == "7/200"

    @pytest.mark.parametrize("rate", [-0.01, 1, 35])
    def test_a_rate_is_a_fraction(self, rate: float) -> None:
        document = a_document(discount=[{"after_year": 0, "rate": rate}])
        assert paths(document) == ["discount[0].rate"]

    @pytest.mark.parametrize("year", [1899, 2201, 2027.5, "2027", True])
    def test_a_year_is_a_calendar_year(self, year: Any) -> None:
        assert "price_year" in paths(a_document() | {"price_year": year})

    @pytest.mark.parametrize("key", ["20x7", "２０２７", " 2027", "2027.0", "1066", "02027"])
    def test_the_key_of_a_year_has_four_plain_digits(self, key: str) -> None:
        document = a_document(pools=[a_pool(paid_in={key: 1}, carry_over=True)])
        assert paths(document) == [f"scenario.pools[0].paid_in.{key}"]


class TestRulesBetweenKeys:
    """What PLANFILE states beyond the type of a single key; each breaks one and names it."""

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"horizon": [2027]}, "horizon"),
            ({"horizon": [2030, 2027]}, "horizon"),
            ({"horizon": "2027-2030"}, "horizon"),
            ({"budget_years": 0}, "budget_years"),
            ({"budget_years": 101}, "budget_years"),
            ({"discount": [{"after_year": 1, "rate": 0.03}]}, "discount[0].after_year"),
            (
                {"discount": [{"after_year": 0, "rate": 0.03}, {"after_year": 0, "rate": 0.02}]},
                "discount[1].after_year",
            ),
            ({"format": "bundlinje-plan/2"}, "format"),
            ({"payers": {}}, "payers"),
            ({"interventions": [3]}, "interventions[0]"),
            ({"scenario": None}, "scenario"),
            ({"outcomes": {}}, "outcomes"),
            ({"unknown": 1}, "unknown"),
        ],
    )
    def test_of_the_document(self, change: dict[str, Any], path: str) -> None:
        assert path in paths(a_document(an_intervention("a", saving=1)) | change)

    @pytest.mark.parametrize(
        ("pool", "path"),
        [
            ({"total": 1, "paid_in": {"2027": 1}, "carry_over": True}, ""),
            ({"paid_in": None}, ""),
            ({"total": -1}, ".total"),
            ({"total": 1, "carry_over": False}, ".carry_over"),
            ({"total": 1, "repayment": {}}, ".repayment"),
            ({"paid_in": {"2027": 1}}, ".carry_over"),
            ({"paid_in": {"2027": -1}, "carry_over": True}, ".paid_in.2027"),
            ({"paid_in": {"2026": 1}, "carry_over": True}, ".paid_in.2026"),
            ({"paid_in": [1], "carry_over": True}, ".paid_in"),
            ({"paid_in": {}, "carry_over": True, "repayment": 1}, ".repayment"),
            ({"total": 1, "kind": "pool"}, ".kind"),
            ({"total": 1, "name": " "}, ".name"),
        ],
    )
    def test_of_a_pool(self, pool: dict[str, Any], path: str) -> None:
        one = {"id": "pulje", "name": "P", "kind": "investment"} | pool
        assert f"scenario.pools[0]{path}" in paths(a_document(pools=[one]))

    @pytest.mark.parametrize(
        ("change", "key"),
        [
            ({"share": 1.5}, "share"),
            ({"share": -0.1}, "share"),
            ({"case": "high"}, "case"),
            ({"available": "soon"}, "available"),
            ({"payers": []}, "payers"),
            ({"payers": "all"}, "payers"),
            ({"payers": ["kommune", "kommune"]}, "payers[1]"),
            ({"extra": 1}, "extra"),
        ],
    )
    def test_of_a_repayment(self, change: dict[str, Any], key: str) -> None:
        terms = {"share": 1, "payers": ["kommune"], "case": "low", "available": "next_year"}
        pool = a_pool(paid_in={"2027": 1}, carry_over=True, repayment=terms | change)
        assert paths(a_document(pools=[pool])) == [f"scenario.pools[0].repayment.{key}"]

    @pytest.mark.parametrize(
        ("flow", "key"),
        [
            (a_flow("outlay", 1), "amount"),
            (a_flow("cost", -1, high=1), "high"),
            (a_flow("cost", -1, cashable=True), "cashable"),
            (a_flow("saving", 1, low=2), "low"),
            (a_flow("saving", 1, high=0), "high"),
            (a_flow("saving", 1, year=2033), "year"),
            (a_flow("saving", 1, payer="ukendt"), "payer"),
            (a_flow("saving", 1, category="drift"), "category"),
            (a_flow("gain", 1), "kind"),
            (a_flow("saving", 1, budget_line=""), "budget_line"),
            (a_flow("saving", 1, budget_line=7), "budget_line"),
        ],
    )
    def test_of_a_flow(self, flow: dict[str, Any], key: str) -> None:
        document = a_document(an_intervention("a", option={"flows": [flow]}))
        assert paths(document) == [f"interventions[0].options[0].flows[0].{key}"]

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"id": "a/b"}, "id"),
            ({"id": "a,b"}, "id"),
            ({"id": "a@b"}, "id"),
            ({"id": ""}, "id"),
            ({"id": None}, "id"),
            ({"options": []}, "options"),
            ({"department": "ukendt"}, "department"),
            ({"evidence_stars": 4}, "evidence_stars"),
            ({"force": "maybe"}, "force"),
            ({"tags": "ude"}, "tags"),
            ({"tags": [1]}, "tags[0]"),
        ],
    )
    def test_of_an_intervention(self, change: dict[str, Any], path: str) -> None:
        document = a_document(an_intervention("a", saving=1) | change)
        assert f"interventions[0].{path}" in paths(document)

    @pytest.mark.parametrize(
        ("change", "path"),
        [
            ({"pool": "ukendt"}, "pool"),
            ({"scalable": {"minimum": 1.1}}, "scalable.minimum"),
            ({"scalable": {}}, "scalable.minimum"),
            ({"scalable": 0.5}, "scalable"),
            ({"measures": [1]}, "measures"),
            ({"measures": {"borgere": "40"}}, "measures.borgere"),
            ({"measures": {"borgere": {"2033": 1}}}, "measures.borgere.2033"),
        ],
    )
    def test_of_an_option(self, change: dict[str, Any], path: str) -> None:
        document = a_document(an_intervention("a", saving=1, option=change))
        assert f"interventions[0].options[0].{path}" in paths(document)

    def test_an_option_without_the_key_pool(self) -> None:
        document = a_document(an_intervention("a", saving=1))
        del document["interventions"][0]["options"][0]["pool"]
        assert paths(document) == ["interventions[0].options[0].pool"]

    @pytest.mark.parametrize(
        ("rule", "path"),
        [
            ({"tag": "invested"}, ""),
            ({"tag": "invested", "at_least": 2, "at_most": 1}, ".at_least"),
            ({"tag": "invested", "at_most": -1}, ".at_most"),
            ({"tag": "invested", "at_most": 0.5}, ".at_most"),
            ({"tag": "invested_share", "at_most": 1.5}, ".at_most"),
            ({"tag": "chosen", "at_most": 1, "soft_price": 0}, ".soft_price"),
            ({"tag": "chosen", "at_most": -1}, ".at_most"),
            ({"tag": "chosen", "at_most": 1, "label": ""}, ".label"),
            ({"tag": "chosen", "at_most": 1, "where": []}, ".where"),
            ({"tag": "chosen", "at_most": 1, "where": {"colour": 1}}, ".where.colour"),
            ({"tag": "chosen", "at_most": 1, "where": {"stars_at_least": 4}},
             ".where.stars_at_least"),
            ({"tag": "chosen", "at_most": 1, "where": {"options": ["a/x"]}}, ".where.options[0]"),
            ({"tag": "chosen", "at_most": 1, "where": {"external": 1}}, ".where.external"),
            ({"tag": "measure", "measure": "ukendt", "at_most": 1}, ".measure"),
            ({"tag": "measure", "measure": "borgere", "at_most": 1, "year": 2027}, ".year"),
            ({"tag": "measure", "measure": "borgere"}, ""),
            ({"tag": "net_saving", "payers": "all", "discounted": False, "at_least": 1}, ""),
            ({"tag": "net_saving", "payers": "all", "discounted": False, "at_least": 1,
              "period": "budget", "years": [2027, 2028]}, ""),
            ({"tag": "net_saving", "payers": "all", "discounted": False, "at_least": 1,
              "period": "year"}, ".period"),
            ({"tag": "net_saving", "payers": "all", "discounted": False, "at_least": 1,
              "years": [2028, 2027]}, ".years"),
            ({"tag": "net_saving", "payers": "all", "discounted": False, "at_least": 1,
              "years": [2028]}, ".years"),
            ({"tag": "net_saving", "payers": [], "discounted": False, "at_least": 1,
              "period": "budget"}, ".payers"),
            ({"tag": "spending", "payers": "all", "category": "service",
              "by_year": {"2033": 1}}, ".by_year.2033"),
            ({"tag": "spending", "payers": "all", "category": "drift", "by_year": {}},
             ".category"),
            ({"tag": "spending", "payers": "all", "category": "service"}, ".by_year"),
            ({"tag": "evidence", "at_least": 3.5}, ".at_least"),
            ({"tag": "evidence"}, ".at_least"),
            ({"tag": "payback", "payers": "all", "latest_year": 2030, "soft_price": 1},
             ".soft_price"),
            ({"tag": "payback", "payers": ["ukendt"], "latest_year": 2030}, ".payers[0]"),
            ({"tag": "cumulative", "payers": "all"}, ".from_year"),
            ({"tag": "ukendt"}, ".tag"),
            ({"at_most": 1}, ".tag"),
            (7, ""),
        ],
    )  # fmt: skip
    def test_of_a_limit(self, rule: Any, path: str) -> None:
        one = an_intervention("a", saving=1, option={"measures": {"borgere": 1}})
        found = paths(a_document(one, constraints=[rule]))
        assert found == [f"scenario.constraints[0]{path}"]

    @pytest.mark.parametrize(
        ("rule", "path"),
        [
            ({"kind": "requires", "intervention": "a", "needs": "a"}, ".needs"),
            ({"kind": "requires", "intervention": "a"}, ".needs"),
            ({"kind": "excludes", "interventions": ["a"]}, ".interventions"),
            ({"kind": "excludes", "interventions": ["a", "a"]}, ".interventions[1]"),
            ({"kind": "at_least", "interventions": ["a"]}, ".count"),
            ({"kind": "at_most", "count": -1, "interventions": ["a"]}, ".count"),
            ({"kind": "overlap", "interventions": ["a", "b", "c"], "payer": "kommune",
              "loses": {}}, ".interventions"),
            ({"kind": "overlap", "interventions": ["a", "b"], "payer": "kommune",
              "loses": {"2027": -1}}, ".loses.2027"),
            ({"kind": "overlap", "interventions": ["a", "b"], "payer": "kommune",
              "loses": {"2033": 1}}, ".loses.2033"),
            ({"kind": "overlap", "interventions": ["a", "b"], "payer": "ingen", "loses": {}},
             ".payer"),
            ({"kind": "blocks"}, ".kind"),
        ],
    )  # fmt: skip
    def test_of_a_relation(self, rule: dict[str, Any], path: str) -> None:
        three = [an_intervention(name, saving=1) for name in "abc"]
        assert paths(a_document(*three, relations=[rule])) == [f"relations[0]{path}"]

    @pytest.mark.parametrize(
        ("term", "path"),
        [
            (net_saving(weight="1"), ".weight"),
            (net_saving(period=None), ".period"),
            (net_saving(payers="some"), ".payers"),
            ({"of": "measure", "measure": "ukendt"}, ".measure"),
            ({"of": "happiness"}, ".of"),
            (net_saving(where={}), ".where"),
        ],
    )
    def test_of_the_objective(self, term: dict[str, Any], path: str) -> None:
        document = a_document(an_intervention("a", saving=1), terms=[term])
        assert paths(document) == [f"scenario.objective.terms[0]{path}"]

    def test_an_objective_has_a_term(self) -> None:
        document = a_document()
        document["scenario"]["objective"] = {"terms": []}
        assert paths(document) == ["scenario.objective.terms"]

    def test_a_doubled_key_is_named_where_it_stands(self) -> None:
        text = json.dumps(a_document(pools=[a_pool(paid_in={"2027": 1}, carry_over=True)]))
        text = text.replace('"2027": 1', '"2027": 1, "2027": 2').replace(
            '"budget_year": 2027', '"budget_year": 2027, "budget_year": 2027, "budget_year": 2027'
        )
        assert sorted(paths(text)) == ["budget_year", "scenario.pools[0].paid_in.2027"]

    def test_many_known_ids_are_not_all_listed(self) -> None:
        many = [an_intervention(f"nr{n}", saving=1) for n in range(40)]
        rule = {"tag": "chosen", "at_most": 1, "where": {"interventions": ["nr99"]}}
        (message,) = errors_of(a_document(*many, constraints=[rule])).values()
        assert "nr0" in message
        assert "nr39" not in message


class TestOutcomes:
    """Outcomes are read, kept and written; limits that look at them have tests of their own."""

    def outcomes(self, value: Any) -> list[str]:
        pair = [an_intervention("a", saving=1), an_intervention("b", saving=1)]
        return paths(a_document(*pair, outcomes=value))

    def test_explicit_lists_are_equally_long_and_name_options(self) -> None:
        assert self.outcomes({"net_saving": {"a/base": [1, 2.5], "b/base": [3, -4]}}) == []
        assert self.outcomes({"net_saving": {"a/base": [1, 2], "b/base": [3]}}) == [
            "outcomes.net_saving.b/base"
        ]
        assert self.outcomes({"net_saving": {"c/base": [1]}}) == ["outcomes.net_saving.c/base"]
        assert self.outcomes({"net_saving": []}) == ["outcomes.net_saving"]

    @pytest.mark.parametrize(
        ("change", "key"),
        [
            ({"count": 0}, "count"),
            ({"seed": -1}, "seed"),
            ({"correlation": None}, "correlation"),
            ({"correlation": {"all": 1.2}}, "correlation.all"),
            ({"correlation": {"all": 0.6, "department": 0.6}}, "correlation"),
            ({"correlation": {"supplier": 0.1}}, "correlation.supplier"),
        ],
    )
    def test_a_sample_is_checked_too(self, change: dict[str, Any], key: str) -> None:
        sample = {"count": 10, "seed": 7, "correlation": {"all": 0.05}}
        assert self.outcomes({"sample": sample}) == []
        assert f"outcomes.sample.{key}" in self.outcomes({"sample": sample | change})

    @pytest.mark.parametrize(
        "value",
        [
            {"net_saving": {"a/base": [1, 2.5]}},
            {"sample": {"count": 10, "seed": 7,
                        "correlation": {"target_group": 0.3, "department": 0.1, "all": 0.05}}},
        ],
    )  # fmt: skip
    def test_they_are_written_as_they_were_read(self, value: dict[str, Any]) -> None:
        plan = plan_from_document(a_document(an_intervention("a", saving=1), outcomes=value))
        assert plan_document(plan)["outcomes"] == value


class TestThereAndBack:
    @pytest.mark.parametrize("path", VALID, ids=lambda p: p.name)
    def test_reading_what_was_written_gives_an_equal_plan(self, path: Path) -> None:
        plan = read_plan(path)
        assert plan_from_document(plan_document(plan)) == plan
        assert plan_from_text(json.dumps(plan_document(plan))) == plan
        canonical = plan_document(plan, full=True)
        assert plan_document(plan_from_document(canonical), full=True) == canonical

    @pytest.mark.parametrize("path", VALID, ids=lambda p: p.name)
    def test_what_a_person_wrote_is_written_again(self, path: Path) -> None:
        """No key is lost: what is left out is only what holds its default."""
        written, original = plan_document(read_plan(path)), case(path)
        for intervention, mine in zip(
            original["interventions"], written["interventions"], strict=True
        ):
            left_out = set(intervention) - set(mine)
            assert all(intervention[key] in (None, False, 0, []) for key in left_out), left_out
        given = [limit["tag"] for limit in original["scenario"]["constraints"]]
        assert [limit["tag"] for limit in written["scenario"]["constraints"]] == given

    @examples(60)
    @given(plans(scalable=True))
    def test_any_plan_comes_back_as_it_was(self, document: dict[str, Any]) -> None:
        plan = plan_from_document(document)
        assert plan_from_text(json.dumps(plan_document(plan))) == plan
        canonical = plan_from_document(plan_document(plan, full=True))
        assert plan_sha256(canonical) == plan_sha256(plan)

    def test_a_file_can_be_written_and_read(self, tmp_path: Path) -> None:
        plan = read_plan(PLANS / "overlap.json")
        write_plan(plan, tmp_path / "plan.json")
        assert read_plan(str(tmp_path / "plan.json")) == plan

    def test_a_stream_and_standard_input_are_read_too(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        text = json.dumps(a_document())
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        assert read_plan("-") == read_plan(io.StringIO(text)) == plan_from_text(text)

    def test_the_default_horizon_spans_flows_and_budget_period(self) -> None:
        document = a_document(an_intervention("a", outlay=1, saving=5, saving_year=2040))
        del document["horizon"]
        assert plan_from_document(document).horizon == (2027, 2040)
        early = a_document(an_intervention("a", saving=5, saving_year=2025)) | {"horizon": None}
        assert plan_from_document(early).horizon == (2025, 2030)

    def test_a_value_without_a_json_form_is_refused(self) -> None:
        from optimizer.writing import plain

        with pytest.raises(TypeError, match="complex"):
            plain(1j)


def shuffled(document: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return the document with every list of things with ids, and every key, in another order."""
    rng = random.Random(seed)

    def mixed(value: Any) -> Any:
        if isinstance(value, dict):
            keys = list(value)
            rng.shuffle(keys)
            return {key: mixed(value[key]) for key in keys}
        if isinstance(value, list):
            items = [mixed(item) for item in value]
            if items and all(isinstance(item, dict) and "id" in item for item in items):
                rng.shuffle(items)
            return items
        return value

    return mixed(copy.deepcopy(document))


class TestSha:
    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("path", VALID, ids=lambda p: p.name)
    def test_the_order_of_things_with_ids_is_nothing(self, path: Path, seed: int) -> None:
        document = case(path)
        other = shuffled(document, seed)
        assert plan_sha256(plan_from_document(other)) == plan_sha256(plan_from_document(document))

    def test_a_default_written_out_is_nothing(self) -> None:
        plan = plan_from_document(a_document(an_intervention("a", saving=1)))
        explicit = an_intervention("a", saving=1, external=False, tags=[], evidence_stars=0)
        explicit["options"][0]["flows"][0] |= {"low": 1, "high": 1, "cashable": True}
        other = a_document(explicit, budget_years=4)
        assert plan_sha256(plan_from_document(other)) == plan_sha256(plan)

    @pytest.mark.parametrize(
        "change",
        [{"title": "Anden"}, {"price_year": 2025}, {"budget_years": 3}, {"horizon": [2027, 2033]}],
    )
    def test_any_real_change_is_seen(self, change: dict[str, Any]) -> None:
        plan: Plan = plan_from_document(a_document())
        assert plan_sha256(plan_from_document(a_document() | change)) != plan_sha256(plan)

    def test_it_is_the_same_on_every_machine_and_day(self) -> None:
        """Stored results name it, so it may never change for the same plan."""
        sha = plan_sha256(read_plan(PLANS / "winston_42.json"))
        assert sha == SHA_OF_WINSTON_42


SHA_OF_WINSTON_42 = "0307f5df6850d1ebc75bf80d392698d9ccbe71a83802cabc7bfbe9d93d7e1469"

JSON_VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.just(10**30), st.just(1.5), st.just("kommune"),
    st.just(""), st.just("all"), st.just([]), st.just({}), st.just([None]), st.just({"2027": 1}),
    st.just(float("nan")), st.just(float("inf")), st.just({"id": "x"}), st.just([{"id": "x"}]),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value of a document but the document itself."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, item in pairs:
        found.append((*path, key))
        if isinstance(item, (dict, list)):
            found += places(item, (*path, key))
    return found


@st.composite
def mutilated(draw: Any) -> dict[str, Any]:
    """A valid document in which up to three places hold something else, or nothing."""
    names = ["overlap", "repayment_next_year", "soft_price", "spending_ceiling", "invested_share"]
    document = case(PLANS / f"{draw(st.sampled_from(names))}.json")
    for _ in range(draw(st.integers(1, 3))):
        *parents, last = draw(st.sampled_from(places(document)))
        holder = document
        for key in parents:
            holder = holder[key]
        match draw(st.sampled_from(("replace", "replace", "delete", "rename"))):
            case "replace":
                holder[last] = copy.deepcopy(draw(JSON_VALUES))  # it may be changed next
            case "delete":
                del holder[last]
            case "rename" if isinstance(holder, dict):
                holder[draw(st.sampled_from(("ukendt", "", "id", "2027")))] = holder.pop(last)
    return document


@examples(400)
@given(mutilated())
def test_a_mutilated_document_is_a_plan_or_a_list_of_errors(document: dict[str, Any]) -> None:
    try:
        plan = plan_from_document(document)
    except PlanErrors as error:
        assert error.errors
        assert all(e.message.da and e.message.en for e in error.errors)
    else:
        assert plan_from_document(plan_document(plan)) == plan


@examples(150)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(max_size=3) | st.just("scenario"), inner, max_size=3)
        ),
        max_leaves=10,
    )
)
def test_any_json_at_all_is_a_list_of_errors(document: Any) -> None:
    with pytest.raises(PlanErrors) as raised:
        plan_from_document(document)
    assert raised.value.errors
