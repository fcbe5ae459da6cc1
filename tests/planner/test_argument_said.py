"""An argument where it is compared, commented on, and where its savings get their owners."""

from dataclasses import replace

import pytest

from planner.services.cases import case_data
from planner.services.interventions import create_accepted, new_draft_from, save_draft
from tests.planner.arguments import a_consequence, a_cost, an_argument, an_effect

CODE = "/interventions/housing-first"
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture
def first(session, build, department, clock):
    case = build.case(argument=an_argument(), options=(build.option(flows=(), measures=()),))
    accepted = create_accepted(session, case, department=department("social"), by=None, now=clock())
    session.commit()
    return accepted


@pytest.fixture
def second(session, first, person, clock):
    """Version 2: more citizens, a lower success, another price, and costs by citizen."""
    draft = new_draft_from(session, first, by=person("social"), now=clock())
    price = {"kroner": 1250, "unit": "døgn", "price_year": 2027, "source": "opdigtet eksempel"}
    uses = [
        a_consequence(price=price, quantity={"by_year": {"0": -30, "1": -20}}),
        a_consequence(id="sygehus", name="Sengedage", cashability="none"),
    ]
    effect = an_effect(
        citizens={"2027": 40, "2028": 60}, success={"counted": [7, 20]}, consequences=uses
    )
    cost = a_cost(gross={"0": 5000}, per_citizen="bolig")
    data = replace(case_data(draft), argument=an_argument(effects=[effect], costs=[cost]))
    save_draft(session, draft, data, by=None, now=clock(), seen_version=draft.version)
    session.commit()
    return draft


def rows(page):
    """Return (field, before, after) of each row of the comparison."""
    return page.words.replace(NBSP, " ")


@pytest.mark.parametrize(
    "row",
    [
        "Borgere, der starter i egen bolig efter et år · 2028 – 60",
        "Med indsatsen: Forventet i egen bolig efter et år 40 % –",
        "Med indsatsen: Lykkedes i egen bolig efter et år – 7 borgere",
        "Prisen: Pris for én Døgn på herberg 1.000 kr. 1.250 kr.",
        "Hvor meget: Forventet Døgn på herberg · 1 år efter start – 20",
        "Hvis budget: Hvad det gør ved budgettet Sengedage – Ingen",
        "Beløb Kursus for medarbejdere · 2027 200.000 –",
        "Beløb Kursus for medarbejdere · 0 år efter start – 5.000",
    ],
)
def test_each_field_that_differs_stands_with_its_name_and_value(second, client_for, row):
    assert row in rows(client_for("social").page(f"{CODE}/versions?a=1&b=2"))


def test_what_is_equal_does_not_stand_there(second, client_for):
    words = rows(client_for("social").page(f"{CODE}/versions?a=1&b=2"))

    assert "Uden indsatsen" not in words
    assert "Hvem ejer budgetlinjen Døgn" not in words


def test_versions_of_equal_arguments_have_no_rows(session, first, person, clock, client_for):
    new_draft_from(session, first, by=person("social"), now=clock())
    session.commit()

    words = client_for("social").page(f"{CODE}/versions?a=1&b=2").words
    assert "De to versioner har det samme indhold" in words


@pytest.mark.parametrize("field", ["effect", "citizens", "success", "consequences", "costs"])
def test_finance_comments_on_a_field_and_the_department_sees_it_there(
    second, client_for, session, field
):
    step = field if field in {"consequences", "costs"} else "effect"
    client_for("social").submit(f"{CODE}/comments", {"field": field, "text": "Hvor fra?"})

    client = client_for("social")
    assert "Hvor fra?" in client.page(f"{CODE}/edit/{step}").words
    other = "costs" if step != "costs" else "effect"
    assert "Hvor fra?" not in client.page(f"{CODE}/edit/{other}").words


def test_owners_begin_with_what_the_consequences_say(second, client_for):
    page = client_for("social").page(f"{CODE}/owners")
    fields = next(form for form in page.forms if "version" in form["fields"])["fields"]

    said = [(*fields[f"lines-{n}-kind"], fields[f"lines-{n}-name"]) for n in range(2)]
    assert said == [("budget_cut", ["Socialchefen"]), ("none", ["Socialchefen"])]


def test_what_has_been_declared_goes_before_what_the_consequence_says(second, client_for):
    client = client_for("social")
    client.submit(f"{CODE}/owners", {"lines-0-kind": "time_freed", "lines-0-name": "Chefen"})

    page = client.page(f"{CODE}/owners")
    fields = next(form for form in page.forms if "version" in form["fields"])["fields"]
    assert (fields["lines-0-kind"], fields["lines-0-name"]) == (["time_freed"], ["Chefen"])
