"""The argument as fields and back: nothing changes or is lost, every mistake is said."""

import pytest

from planner.formats import reader_language
from planner.forms.argument_fields import Typed
from planner.forms.argument_form import ArgumentForm
from planner.forms.argument_steps import Surroundings, new_id
from tests.planner.arguments import SOURCE, a_consequence, a_cost, an_argument, an_effect

AROUND = Surroundings(
    years=range(2027, 2037),
    payers=[
        ("kommune", "Kommunen", "municipality"),
        ("region", "Regionen", "region"),
        ("stat", "Staten", "state"),
    ],
    price_year=2027,
)
RICH = an_argument(
    effects=[
        an_effect(
            durability={"row": [1, 0.8, 0.5]},
            consequences=[
                a_consequence(
                    quantity={"expected": -30, "low": -40, "high": -20},
                    split={"rule": "shelter", "municipality": "kommune", "state": "stat",
                           "days_without": 200},
                ),
                a_consequence(
                    id="ydelse",
                    name="Uger på ydelse",
                    quantity={"by_year": {"0": -10, "1": {"expected": -5, "low": -8}}},
                    category="transfers",
                    cashability="avoided_growth",
                    split={"rule": "refusion", "municipality": "kommune", "state": "stat",
                           "weeks_before": 52},
                    price={"kroner": {"expected": 2500.5, "low": 2000}, "unit": "uge",
                           "price_year": 2027, "source": SOURCE, "entry": "uge", "version": 2},
                ),
                a_consequence(
                    id="uddannelse",
                    name="Elever",
                    quantity=1,
                    split={"rule": "dated", "by_year": {"2027": {"shares": {"stat": 1}}}},
                ),
            ],
        ),
        an_effect(
            id="skole",
            outcome="point i læsning",
            is_share=False,
            success={"expected": 12.5, "high": 14},
            without=11,
            consequences=[a_consequence(quantity={"expected": 1, "low": -1, "high": 2})],
        ),
    ],
    costs=[
        a_cost(gross={"2027": {"expected": 200_000, "high": 300_000}}),
        a_cost(
            id="forloeb",
            kind="cost",
            gross={"0": 50_000, "1": 10_000},
            alternative={"0": {"expected": 5_000, "low": 4_000}},
            per_citizen="bolig",
            split={"rule": "fixed", "shares": {"kommune": 0.6, "region": "1/3", "stat": "1/15"}},
        ),
    ],
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_a_request(app):
    with app.test_request_context("/?lang=da"):
        assert reader_language() == "da"
        yield


def form(argument=RICH, kept=None, changed=None):
    found = ArgumentForm(AROUND, argument, kept, changed)
    return found, {"effects": found.effects, "costs": found.costs}


def typed(step, **changes):
    """Return the fields of a step of the rich argument, some of them written anew."""
    fields = dict(form()[0].steps[step].values)
    return Typed(fields | {name.replace("__", "-"): text for name, text in changes.items()})


def parts(argument):
    return {"effects": argument["effects"], "costs": argument["costs"]}


@pytest.mark.parametrize("step", ["effect", "consequences", "costs"])
def test_saving_what_is_shown_changes_nothing(step):
    found, document = form(changed=(step, typed(step)))

    assert found.errors(step) == []
    assert found.kept() is None
    assert document == parts(RICH)


def test_an_untouched_step_keeps_more_digits_than_a_field_shows():
    argument = an_argument(effects=[an_effect(success="1/3")])

    assert form(argument)[1] == parts(argument)


def test_nothing_is_missing_in_an_empty_argument():
    found, document = form(None)

    assert document == {"effects": [], "costs": []}
    assert found.kept() is None


def test_an_effect_that_is_half_written_waits_with_its_consequences_and_costs():
    changed = typed("effect", effect__0__with__expected="", effect__0__with__low="")
    for part in ("with-high", "with-x", "with-n"):
        changed.values[f"effect-0-{part}"] = ""

    found, document = form(changed=("effect", changed))

    assert [error for error, _text in found.errors("effect")] == ["effect-0-with-x"]
    assert [effect["id"] for effect in document["effects"]] == ["skole"]
    assert [cost["id"] for cost in document["costs"]] == ["kursus"]
    kept = found.kept()
    assert set(kept) == {"effect", "consequences", "costs", "before"}

    later = Typed(kept["effect"] | {"effect-0-with-expected": "40"})
    again, whole = form(document, kept=kept, changed=("effect", later))
    assert again.kept() is None
    assert [c["id"] for c in whole["effects"][0]["consequences"]] == [
        "herberg", "ydelse", "uddannelse",
    ]  # fmt: skip
    assert [cost["id"] for cost in whole["costs"]] == ["kursus", "forloeb"]


@pytest.mark.parametrize(
    ("step", "field", "text", "said"),
    [
        ("effect", "effect-0-outcome", "", "Hvad tæller som en succes: udfyld feltet."),
        ("effect", "effect-0-citizens-2028", "mange", "kan ikke læses. Skriv et helt tal"),
        ("effect", "effect-0-with-expected", "140", "skriv en procent fra 0 til 100"),
        ("effect", "effect-0-with-low", "45", "lav er over det forventede"),
        ("effect", "effect-0-without-x", "21", "ikke flere være lykkedes"),
        ("effect", "effect-0-without-n", "", "skriv både hvor mange"),
        ("effect", "effect-0-row", "100; x", "Skriv procenter med semikolon"),
        ("consequences", "use-0-expected", "-30", "mindst 0"),
        ("consequences", "use-0-price", "12,5 kr", "kan ikke læses"),
        ("consequences", "use-0-source", " ", "Hvor prisen kommer fra: udfyld feltet."),
        ("consequences", "use-0-days_without", "", "udfyld feltet"),
        ("consequences", "use-0-rule", "andet", "vælg fra listen"),
        ("consequences", "use-0-price_year", "27", "fire cifre"),
        ("costs", "cost-0-total-expected-2027", "1,5", "helt tal uden decimaler"),
        ("costs", "cost-0-total-low-2027", "300.000", "lav er over det forventede"),
        ("costs", "cost-0-share-kommune", "60", "tilsammen være 100"),
        ("costs", "cost-1-per", "findes-ikke", "vælg fra listen"),
    ],
)
def test_each_mistake_stands_at_its_field_and_the_rest_is_kept(step, field, text, said):
    changed = typed(step)
    changed.values[field] = text

    found, document = form(changed=(step, changed))

    assert len(found.errors(step)) == 1, found.errors(step)
    assert said in found.errors(step)[0][1]
    assert found.kept()[step].get(field, "") == text.strip() or found.kept()[step][field] == text
    assert len(document["effects"]) + len(document["costs"]) >= 2


def test_what_the_reader_of_cases_says_stands_at_its_field():
    found, _document = form()

    found.refuse(
        [
            ("effects[0].consequences[1].price.price_year", "Prisniveauet står ikke i tabellen."),
            ("costs[1].alternative.0", "For dyrt."),
        ]
    )

    assert [c["id"] for c in found.effects[0]["consequences"]] == ["herberg", "uddannelse"]
    assert [cost["id"] for cost in found.costs] == ["kursus"]
    assert found.errors("consequences") == [
        ("use-1-price_year", "Prisniveauet står ikke i tabellen.")
    ]
    assert found.errors("costs") == [("cost-1-after-alternative-0", "For dyrt.")]
    assert set(found.kept()) == {"consequences", "costs", "before"}


def test_an_item_that_nobody_wrote_in_is_none():
    fields = Typed({"use-0-direction": "less", "use-0-category": "service", "use-0-name": " "})

    found, document = form(an_argument(), changed=("consequences", fields))

    assert found.errors("consequences") == []
    assert "consequences" not in document["effects"][0]


def test_items_move_up_when_one_is_taken_out():
    fields = typed("costs")

    fields.drop("cost", 0)

    assert fields.places("cost") == [0]
    assert fields.get("cost-0-id") == "forloeb"


def test_ids_are_made_from_names():
    assert new_id("Færre døgn på § 110", []) == "faerre-doegn-paa-110"
    assert new_id("!!", ["linje"]) == "linje-2"
