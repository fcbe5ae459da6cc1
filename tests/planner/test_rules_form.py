"""The form made from a class: every registered limit, goal and relation, there and back."""

from types import SimpleNamespace
from typing import Any

import pytest

from optimizer import Department, Intervention, Level, Measure, Option, Payer, Plan, Scenario
from optimizer.constraints import constraints
from optimizer.objectives import objectives
from optimizer.quantity import quantities
from optimizer.relations import relations
from optimizer.tagged import Registry
from planner.forms.numbers_in_place import field_name, pieces, read_numbers
from planner.forms.parts import PARTS
from planner.forms.rules import initial, parts_of, rule_form, rule_of

LIMITS: dict[str, dict[str, Any]] = {
    "invested": {"tag": "invested", "at_least": 1_000_000, "year": 2028},
    "invested_share": {
        "tag": "invested_share",
        "at_least": 0.65,
        "where": {"tags": ["forebyggelse"], "external": False, "stars_at_least": 2},
    },
    "net_saving": {
        "tag": "net_saving",
        "payers": ["kommune"],
        "at_least": -10_000_000,
        "years": [2027, 2029],
        "discounted": True,
        "cashable_only": True,
        "case": "low",
    },
    "spending": {
        "tag": "spending",
        "payers": ["kommune"],
        "category": "service",
        "by_year": {"2027": 2_000_000, "2028": 0},
        "soft_price": 2.5,
    },
    "cumulative": {"tag": "cumulative", "payers": "all", "from_year": 2030, "at_least": -5},
    "chosen": {
        "tag": "chosen",
        "at_most": 3,
        "where": {"departments": ["social"], "options": ["A/lille"]},
        "label": "Ikke for mange",
    },
    "measure": {"tag": "measure", "measure": "borgere", "at_least": 40.5, "year": 2027},
    "evidence": {"tag": "evidence", "at_least": 2.4},
    "payback": {"tag": "payback", "payers": ["kommune", "stat"], "latest_year": 2032},
    "changes": {"tag": "changes", "at_most": 2, "reference": ["A/lille"]},
    "outcome_fund": {
        "tag": "outcome_fund",
        "fund": "pulje",
        "payers": ["kommune", "stat"],
        "split": "shapley",
    },
    "disappointments": {
        "tag": "disappointments",
        "payers": ["kommune"],
        "count": 2,
        "at_least": -500_000,
    },
    "expected_shortfall": {
        "tag": "expected_shortfall",
        "payers": "all",
        "level": 0.95,
        "at_most": 3_000_000,
    },
    "chance_of_loss": {
        "tag": "chance_of_loss",
        "payers": "all",
        "at_most": 0.05,
        "threshold": -1_000_000,
        "soft_price": 1000,
    },
}
GOALS: dict[str, dict[str, Any]] = {
    "net_saving": {
        "of": "net_saving",
        "payers": "all",
        "period": "horizon",
        "discounted": True,
        "weight": 0.5,
    },
    "saving": {"of": "saving", "payers": ["stat"], "period": "budget", "discounted": False},
    "measure": {"of": "measure", "measure": "borgere", "weight": 1000},
}
RELATIONS: dict[str, dict[str, Any]] = {
    "requires": {"kind": "requires", "intervention": "A", "needs": "B", "reason": "Fordi"},
    "excludes": {"kind": "excludes", "interventions": ["A", "B"], "reason": "Fordi"},
    "at_least": {"kind": "at_least", "count": 1, "interventions": ["A", "B"], "reason": "Fordi"},
    "at_most": {"kind": "at_most", "count": 1, "interventions": ["A"], "reason": "Fordi"},
    "overlap": {
        "kind": "overlap",
        "interventions": ["A", "B"],
        "payer": "kommune",
        "loses": {"2028": 300_000},
        "category": "transfers",
        "cashable": False,
        "reason": "Samme borgere",
    },
}
FAMILIES = ((constraints, LIMITS), (objectives, GOALS), (relations, RELATIONS))
EVERY = [(registry, document) for registry, found in FAMILIES for document in found.values()]


def name_of(value: Any) -> str:
    """Return the name of a case: the same in every process that runs tests."""
    return value.key if isinstance(value, Registry) else str(value)[:60]


@pytest.fixture
def plan() -> Plan:
    measures = {"borgere": Measure(0, {2027: 0}), "timer": Measure(0)}
    return Plan(
        title="Prøve",
        price_year=2027,
        budget_year=2027,
        budget_years=4,
        horizon=(2027, 2032),
        discount=(),
        payers=(
            Payer("kommune", "Kommunen", Level.MUNICIPALITY),
            Payer("stat", "Staten", Level.STATE),
        ),
        departments=(Department("social", "Sociale forhold"),),
        interventions=(
            Intervention(
                "A",
                "Alfa",
                "social",
                (
                    Option("lille", None, (), title="Lille", measures=measures),
                    Option("stor", None, (), title="Stor", measures=measures),
                ),
                target_group="Unge",
                supplier="Fonden",
                tags=("forebyggelse",),
            ),
            Intervention("B", "Beta", "social", (Option("basis", None, (), measures=measures),)),
        ),
        scenario=Scenario("Prøve", (), ()),
    )


def typed(form) -> dict[str, Any]:
    """What a browser would send for a form as it stands."""
    sent: dict[str, Any] = {}
    for field in form:
        if field.type == "BooleanField":
            if field.data:
                sent[field.name] = "y"
        elif field.type == "ChecksField":
            sent[field.name] = list(field.data or ())
        elif hasattr(field, "_value"):
            sent[field.name] = field._value()
        elif field.data is not None:
            sent[field.name] = field.data
    return sent


@pytest.fixture
def made(app, plan):
    def make(registry, tag, data=None, *, sent=None, language="da"):
        form_class = rule_form(registry[tag], registry, plan, language=language)
        method = "POST" if sent is not None else "GET"
        with app.test_request_context(
            "/", method=method, data=sent, headers={"Accept-Language": language}
        ):
            form = form_class(data=data or {}, meta={"csrf": False})
            content = form.content() if sent is not None else None
            # texts are said in the reader's language, which ends with the request
            said = {f.name: " ".join(map(str, f.errors)) for f in form if f.errors}
            return SimpleNamespace(
                form=form,
                content=content,
                sent=typed(form),
                said=said,
                said_of_all=list(map(str, form.form_errors)),
                labels={f.name: (str(f.label.text), str(f.description)) for f in form},
            )

    return make


def test_every_registered_class_is_tried_here():
    for registry, found in FAMILIES:
        assert set(found) == set(registry)


def test_every_kind_of_quantity_has_a_part():
    for registry, _found in FAMILIES:
        for cls in registry.classes():
            for about in quantities(cls).values():
                assert about.kind in PARTS


@pytest.mark.parametrize(("registry", "document"), EVERY, ids=name_of)
def test_a_stored_rule_comes_back_from_its_form_as_it_was(made, plan, registry, document):
    tag = document[registry.key]
    data = initial(registry[tag], document, plan)

    shown = made(registry, tag, data)
    answer = made(registry, tag, sent=shown.sent)

    assert not answer.said
    assert answer.content == document


@pytest.mark.parametrize(("registry", "document"), EVERY, ids=name_of)
@pytest.mark.parametrize("language", ["da", "en"])
def test_labels_help_and_units_come_from_the_class(made, registry, document, language):
    cls = registry[document[registry.key]]
    shown = made(registry, document[registry.key], language=language)

    for part in parts_of(cls):
        about = quantities(cls)[part.name]
        found = part.bound(shown.form)
        assert found, part.name
        if part.layout == "single":
            words = (about.label.say(language), about.help.say(language))
            assert shown.labels[found[0].name] == words


@pytest.mark.parametrize(
    ("tag", "sent", "field", "words"),
    [
        ("invested", {"at_least": "12,5"}, "at_least", "Skriv hele kroner"),
        ("invested", {"at_least": "mange"}, "at_least", "Skriv et beløb i hele kroner"),
        ("invested", {"at_least": "-5"}, "at_least", "Skal være mindst 0, ikke −5."),
        ("invested", {"at_least": "9", "at_most": "5"}, "at_least", "større end"),
        ("invested_share", {"at_least": "120"}, "at_least", "procent fra 0 til 100"),
        ("evidence", {"at_least": "3,5"}, "at_least", "Må højst være 3"),
        ("chosen", {"at_least": "2,5"}, "at_least", "helt tal"),
        ("measure", {"measure": "andet", "at_least": "1"}, "measure", "findes ikke"),
        ("measure", {"measure": "timer", "at_least": "1", "year": "2027"}, "year", "år for år"),
        ("payback", {"latest_year": "2032"}, "payers", "kryds"),
        ("payback", {"payers": "kommune", "latest_year": "32"}, "latest_year", "fire cifre"),
        ("spending", {"payers": "kommune", "category": "service"}, "by_year_2027", "mindst ét år"),
        (
            "net_saving",
            {"payers": "all", "at_least": "1", "years_first": "2030", "years_last": "2028"},
            "years_first",
            "ligger efter",
        ),
        (
            "net_saving",
            {"payers": "all", "at_least": "1", "years_first": "2030"},
            "years_last",
            "både det første og det sidste",
        ),
        ("chosen", {"at_least": "1", "soft_price": "0"}, "soft_price", "Skal være over 0"),
        (
            "payback",
            {"payers": "all", "latest_year": "2030", "soft_price": "1"},
            "soft_price",
            "pris",
        ),
        (
            "chosen",
            {"at_least": "1", "where_interventions": "findes-ikke"},
            "where_interventions",
            "findes ikke",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(made, tag, sent, field, words):
    answer = made(constraints, tag, sent=sent)

    assert answer.content is None
    assert words in answer.said[field]
    for name, value in sent.items():
        assert value in answer.sent[name]


def test_what_is_wrong_between_fields_is_said_for_the_form_in_the_words_of_the_form(made):
    answer = made(constraints, "invested", sent={"year": "2028"})

    assert answer.content is None
    assert answer.said_of_all == ["Skriv mindst ét af »mindst« og »højst«."]

    answer = made(constraints, "invested", sent={"year": "2028"}, language="en")
    assert answer.said_of_all == ["Give at least one of “At least” and “At most”."]


def test_a_new_limit_looks_at_the_municipality_and_the_defaults_of_its_class(plan):
    data = initial(constraints["net_saving"], None, plan)

    assert data["payers"] == ["kommune"]
    assert data["case"] == "expected"
    assert data["cashable_only"] is False


def test_an_amount_outside_the_years_that_count_is_refused_like_in_a_file(plan):
    rule, errors = rule_of({**LIMITS["spending"], "by_year": {"2050": 1}}, constraints, plan)

    assert rule is None
    assert [error.path for error in errors] == ["by_year.2050"]


# ---- Numbers where they stand ----


def test_numbers_become_fields_inside_the_sentence(plan):
    rule, _errors = rule_of(
        LIMITS["spending"] | {"by_year": {"2027": 2_000_000, "2028": 0}}, constraints, plan
    )

    found = pieces(7, rule, plan, "da")

    assert [p.name for p in found if p.name] == [
        "limit-7-by_year.2027",
        "limit-7-by_year.2028",
    ]
    assert [p.value for p in found if p.name] == ["2.000.000", "0"]
    said = "".join(p.words or p.value for p in found)
    assert said == rule.sentence(plan).da


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("tag", sorted(set(LIMITS) - {"payback", "outcome_fund"}))
def test_the_pieces_are_the_sentence(plan, tag, language):
    rule, _errors = rule_of(
        {k: v for k, v in LIMITS[tag].items() if k != "label"}, constraints, plan
    )

    found = pieces(1, rule, plan, language)

    assert any(p.name for p in found), tag
    whole = "".join(p.words for p in found)
    words = rule.sentence(plan).say(language)
    assert all(word in words for word in whole.split())


def test_a_limit_with_a_name_of_its_own_is_not_changed_in_place(plan):
    rule, _errors = rule_of(LIMITS["chosen"], constraints, plan)

    assert pieces(1, rule, plan, "da") == ()


def test_typed_numbers_change_only_what_differs(app, plan):
    stored = {3: LIMITS["invested_share"], 4: LIMITS["evidence"], 5: LIMITS["spending"]}
    sent = {
        field_name(3, "at_least"): "70",
        field_name(4, "at_least"): "2,4",
        field_name(5, "by_year.2028"): "−1.500.000",
    }
    with app.test_request_context("/"):
        typed_in = read_numbers(sent, stored, plan, "da")

    assert not typed_in.errors
    assert typed_in.changes == {
        3: LIMITS["invested_share"] | {"at_least": 0.7},
        5: LIMITS["spending"] | {"by_year": {"2027": 2_000_000, "2028": -1_500_000}},
    }


@pytest.mark.parametrize(
    ("limit", "name", "text", "words"),
    [
        ("evidence", "at_least", "4", "Må højst være 3"),
        ("evidence", "at_least", "", "Skriv et tal"),
        ("invested_share", "at_least", "101", "procent"),
        ("spending", "by_year.2027", "2,5", "hele kroner"),
        ("spending", "by_year.2027", "mange", "hele kroner"),
        ("spending", "by_year.2027", "100.000.000.001", "højst 100.000.000.000"),
    ],
)
def test_a_typed_number_that_cannot_be_taken_is_said_at_its_field(
    app, plan, limit, name, text, words
):
    with app.test_request_context("/", headers={"Accept-Language": "da"}):
        typed_in = read_numbers({field_name(1, name): text}, {1: LIMITS[limit]}, plan, "da")

    assert typed_in.changes == {}
    assert words in typed_in.errors[field_name(1, name)]
