"""The form: every step, drafts that are not finished, errors, conflicts, hostile input."""

from html.parser import HTMLParser

import pytest
from sqlalchemy import func, select

from planner.extensions import db
from planner.model import CaseRecord, EventRecord
from planner.model.database import reading
from planner.model.states import FlowKind
from planner.services.interventions import case_data, create_draft, save_draft

HOSTILE = [
    "<script>alert(1)</script>",
    "\x00nul\x07",
    "{{ 7*7 }}",
    "'; DROP TABLE flow; --",
    "ð" * 5_000,
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "=HYPERLINK(1)",
    "../../etc/passwd",
    " ",
]


class Filled(HTMLParser):
    """The fields of the first form with a key, as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._inside = self._done = False
        self._select = self._area = ""
        self._found: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "form":
            self._inside, self._found = values.get("method") == "post", {}
        if not self._inside:
            return
        name = values.get("name")
        if tag == "input" and name and values.get("type") in {"checkbox", "radio"}:
            if "checked" in values:
                self._found[name] = values.get("value", "on")
        elif tag == "input" and name:
            self._found[name] = values.get("value") or ""
        elif tag == "textarea":
            self._area = name
            self._found[name] = ""
        elif tag == "select":
            self._select = name
        elif (
            tag == "option"
            and self._select
            and ("selected" in values or self._select not in self._found)
        ):
            self._found[self._select] = values.get("value", "")

    def handle_data(self, data):
        if self._area:
            self._found[self._area] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._found[self._area] = self._found[self._area].removeprefix("\r\n").lstrip("\n")
            self._area = ""
        if tag == "select":
            self._select = ""
        if tag == "form" and self._inside:
            if "_key" in self._found and not self.fields:
                self.fields = self._found
            self._inside = False


def filled(client, path, **changes):
    """Fill the form of a page; `drop` names what is left out."""
    fields = Filled(client.get(path).text).fields
    assert fields, f"no form on {path}"
    return fields | {name.replace("__", "-"): value for name, value in changes.items()}


def send(client, path, **changes):
    return client.post(path, data=filled(client, path, **changes))


@pytest.fixture
def draft(session, build, department, person, clock):
    case = create_draft(
        session, build.case(), department=department("social"), by=person("social"), now=clock()
    )
    session.commit()
    return case


EDIT = "/interventions/housing-first/edit"


@pytest.fixture
def stored(app):
    """The newest version as plain values, read afresh."""

    def read(code="housing-first"):
        with app.app_context(), reading(db.engine) as session:
            case = session.scalars(
                select(CaseRecord)
                .where(CaseRecord.intervention.has(code=code))
                .order_by(CaseRecord.number.desc())
            ).first()
            return case_data(case), case.state, case.version

    return read


@pytest.fixture
def lines(app):
    def count():
        with app.app_context(), reading(db.engine) as session:
            return session.scalar(select(func.count()).select_from(EventRecord))

    return count


# --- A new one ------------------------------------------------------------------------------------


def test_a_title_is_enough_to_begin(client_for, stored):
    answer = send(client_for("social"), "/interventions/new", title="Lær for livet", do="next")

    assert answer.status_code == 303
    assert answer.location == "/interventions/laer-for-livet/edit/evidence"
    data, state, _version = stored("laer-for-livet")
    assert state == "draft"
    assert data.title == "Lær for livet"
    assert [option.pool for option in data.options] == ["pulje"]


def test_only_own_departments_are_offered(client_for):
    client = client_for("social")

    html = client.get("/interventions/new").text
    assert "Sociale forhold" in html
    assert "Beskæftigelse" not in html
    answer = send(client, "/interventions/new", title="X", department="employment")
    assert answer.status_code == 422
    assert "Vælg fra listen." in answer.text


def test_without_a_title_everything_else_is_kept(client_for):
    answer = send(client_for("social"), "/interventions/new", title=" ", summary="Min tekst")

    assert answer.status_code == 422
    assert 'href="#title"' in answer.text
    assert "Skriv en titel." in answer.text
    assert "Min tekst" in answer.text


def test_sent_twice_it_is_made_once(client_for, lines):
    client = client_for("social")
    fields = filled(client, "/interventions/new", title="Én gang")

    first, second = (client.post("/interventions/new", data=fields) for _ in range(2))

    assert first.location == second.location
    assert lines() == lines()
    assert "Allerede gemt" in client.get(second.location).text
    other = client.post("/interventions/new", data=fields | {"title": "En anden"})
    assert other.status_code == 422


@pytest.mark.parametrize("name", ["finance", "politician", "administrator", "social_reader"])
def test_others_begin_nothing(client_for, name):
    client = client_for(name)

    assert client.get("/interventions/new").status_code == 403
    assert client.send("/interventions/new", {"title": "X"}).status_code == 403


# --- Steps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step", ["description", "evidence", "options", "flows", "measures", "check"]
)
def test_each_step_is_a_page_in_both_languages(client_for, draft, step):
    client = client_for("social")

    assert client.page(f"{EDIT}/{step}?lang=da").words
    assert "Close" in client.page(f"{EDIT}/{step}?lang=en").words


@pytest.mark.parametrize("step", ["description", "evidence", "options", "flows", "measures"])
def test_saving_what_is_shown_changes_nothing(client_for, draft, stored, lines, step):
    before, count = stored(), lines()

    answer = send(client_for("social"), f"{EDIT}/{step}")

    assert answer.status_code == 303
    assert stored() == before
    assert lines() == count


def test_the_description_is_saved_with_one_line_in_the_log(client_for, draft, stored, lines):
    count = lines()

    answer = send(
        client_for("social"),
        f"{EDIT}/description",
        title="Housing First II",
        summary="Første linje\r\nAnden linje",
        target_group="Hjemløse unge",
        supplier="Fonden",
        external="y",
        tags="bolig, , forebyggelse,bolig",
        do="next",
    )

    assert answer.location == f"{EDIT}/evidence"
    data, _state, version = stored()
    assert (data.title, data.supplier, data.external) == ("Housing First II", "Fonden", True)
    assert data.summary == "Første linje\nAnden linje"
    assert data.tags == ("bolig", "forebyggelse")
    assert version == 2
    assert lines() == count + 1


def test_evidence_is_stars_and_words(client_for, draft, stored):
    send(client_for("social"), f"{EDIT}/evidence", stars="3", evidence="Fem forsøg")

    data, _state, _version = stored()
    assert (data.evidence_stars, data.evidence) == (3, "Fem forsøg")
    assert "Fem forsøg" in client_for("social").get("/interventions/housing-first").text


@pytest.mark.parametrize("stars", ["4", "-1", "x", ""])
def test_other_stars_there_are_none(client_for, draft, stored, stars):
    before = stored()

    answer = send(client_for("social"), f"{EDIT}/evidence", stars=stars)

    assert answer.status_code == 422
    assert stored() == before


def test_options_are_added_and_taken_out(client_for, draft, stored):
    client = client_for("social")
    path = f"{EDIT}/options"

    added = send(client, path, do="add", options__0__title="Stor")
    assert added.status_code == 200
    fields = Filled(added.text).fields | {
        "options-1-title": "Lille start",
        "options-1-pool": "",
        "options-1-is_scalable": "y",
        "options-1-minimum": "40",
        "do": "save",
    }
    assert client.post(path, data=fields).status_code == 303
    data, _state, _version = stored()
    assert [(o.key, o.title, o.pool) for o in data.options] == [
        ("base", "Stor", "pulje"),
        ("lille-start", "Lille start", None),
    ]
    assert str(data.options[1].scalable_minimum) == "0.4"
    assert len(data.options[0].flows) == 3

    dropped = send(client, path, do="drop-0")
    assert client.post(path, data=Filled(dropped.text).fields | {"do": "save"}).status_code == 303
    assert [o.key for o in stored()[0].options] == ["lille-start"]


@pytest.mark.parametrize(
    "changes",
    [
        {"options__0__pool": "andres"},
        {"options__0__title": "x" * 201},
        {"options__0__is_scalable": "y", "options__0__minimum": "101"},
        {"options__0__is_scalable": "y", "options__0__minimum": "1.5"},
        {"options__0__is_scalable": "y", "options__0__minimum": "0,12345"},
    ],
)
def test_a_wrong_option_is_said_and_kept(client_for, draft, stored, changes):
    before = stored()

    answer = send(client_for("social"), f"{EDIT}/options", **changes)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert stored() == before


def test_a_strange_key_makes_a_new_option(client_for, draft, stored):
    answer = send(client_for("social"), f"{EDIT}/options", options__0__key="a/b,c@d")

    assert answer.status_code == 303
    assert [o.key for o in stored()[0].options] == ["fuld-skala"]


# --- The grid -------------------------------------------------------------------------------------


def test_money_is_written_in_the_grid(client_for, draft, stored):
    client = client_for("social")
    path = f"{EDIT}/flows"
    added = send(client, path, do="add-cost")
    assert added.status_code == 200
    fields = Filled(added.text).fields | {
        "line-2-text": "Drift",
        "line-2-payer": "region",
        "line-2-amount-2028": "−250.000",
        "line-2-low-2028": "-400.000",
        "line-1-budget": "5.38.42",
        "do": "next",
    }

    answer = client.post(path, data=fields)

    assert answer.location == f"{EDIT}/measures"
    flows = stored()[0].options[0].flows
    cost = next(flow for flow in flows if flow.kind is FlowKind.COST)
    assert (cost.amount, cost.low, cost.high, cost.payer) == (-250_000, -400_000, None, "region")
    assert {f.budget_line for f in flows if f.kind is FlowKind.SAVING} == {"5.38.42"}
    assert sum(flow.amount for flow in flows) == 750_000


def test_what_cannot_be_read_stands_in_its_field_and_nothing_is_stored(client_for, draft, stored):
    before = stored()

    answer = send(
        client_for("social"),
        f"{EDIT}/flows",
        **{
            "line-1-amount-2029": "1,2 mio",
            "line-0-amount-2027": "5",
            "line-1-text": "Herberg",
        },
    )

    assert answer.status_code == 422
    assert "2 ting skal rettes" in answer.text
    assert 'href="#line-1-amount-2029"' in answer.text
    assert 'value="1,2 mio"' in answer.text
    assert "Herberg 2029: »1,2 mio« kan ikke læses." in answer.text
    assert 'href="#line-0-amount-2027"' in answer.text
    assert "mangler" in answer.text
    assert stored() == before


def test_a_line_without_amounts_is_kept_as_a_draft(client_for, draft, stored):
    client = client_for("social")
    added = send(client, f"{EDIT}/flows", do="add-saving")
    fields = Filled(added.text).fields | {"line-2-text": "Kommer senere", "do": "save"}

    assert client.post(f"{EDIT}/flows", data=fields).status_code == 303

    assert "Kommer senere" in client.get(f"{EDIT}/flows").text
    assert "Kommer senere: skriv et beløb" in client.page(f"{EDIT}/check").words


def test_a_line_is_taken_out_only_when_it_is_saved(client_for, draft, stored):
    client = client_for("social")

    answer = send(client, f"{EDIT}/flows", do="drop-0")

    assert answer.status_code == 200
    assert "line-1-text" not in answer.text
    assert len(stored()[0].options[0].flows) == 3
    client.post(f"{EDIT}/flows", data=Filled(answer.text).fields | {"do": "save"})
    assert [f.amount for f in stored()[0].options[0].flows] == [1_500_000, 2_500_000]


def test_a_new_option_offers_an_outlay_and_a_saving(client_for):
    client = client_for("social")
    send(client, "/interventions/new", title="Ny")

    fields = Filled(client.get("/interventions/ny/edit/flows").text).fields

    assert (fields["line-0-kind"], fields["line-1-kind"]) == ("outlay", "saving")
    assert fields["line-0-payer"] == "kommune"
    assert {name for name in fields if name.startswith("line-0-amount-")} == {
        f"line-0-amount-{year}" for year in range(2027, 2037)
    }


def test_each_option_has_its_own_grid(client_for, session, build, department, person, clock):
    options = (
        build.option("en", title="En"),
        build.option("to", title="To", flows=(build.flow(2027, -77),)),
    )
    create_draft(
        session,
        build.case("Dobbelt", options=options),
        department=department("social"),
        by=person("social"),
        now=clock(),
    )
    session.commit()
    client = client_for("social")
    path = "/interventions/dobbelt/edit/flows?option=to"

    assert 'value="−77"' in client.get(path).text
    assert 'value="−77"' not in client.get("/interventions/dobbelt/edit/flows").text
    answer = client.post(path, data=filled(client, path, **{"line-0-amount-2028": "-3"}))
    assert answer.location == path
    assert 'value="−3"' in client.get(path).text
    assert 'value="−3"' not in client.get("/interventions/dobbelt/edit/flows").text


def test_measures_are_written(client_for, draft, stored):
    client = client_for("social")
    added = send(client, f"{EDIT}/measures", do="add")
    fields = Filled(added.text).fields | {
        "measure-1-name": "timer",
        "measure-1-2027": "12,5",
        "measure-1-2028": "7",
        "do": "save",
    }

    assert client.post(f"{EDIT}/measures", data=fields).status_code == 303

    found = {(m.name, m.year): str(m.value) for m in stored()[0].options[0].measures}
    assert found == {("citizens", None): "40", ("timer", 2027): "12.5", ("timer", 2028): "7"}


def test_a_wrong_measure_is_kept(client_for, draft, stored):
    before = stored()

    answer = send(client_for("social"), f"{EDIT}/measures", **{"measure-0-total": "mange"})

    assert answer.status_code == 422
    assert 'value="mange"' in answer.text
    assert stored() == before


# --- Conflicts ------------------------------------------------------------------------------------


def save_as_another(session, draft, data, person, clock):
    save_draft(session, draft, data, by=person("social"), now=clock(), seen_version=1)
    session.commit()


def test_a_conflict_shows_both_and_loses_nothing(
    client_for, session, draft, build, person, clock, stored
):
    client = client_for("social")
    mine = filled(client, f"{EDIT}/description", title="Min titel", summary="Min tekst")
    save_as_another(session, draft, build.case("Din titel"), person, clock)

    answer = client.post(f"{EDIT}/description", data=mine)

    assert answer.status_code == 409
    for said in ("Før: Housing First", "Gemt nu: Din titel", "Du skrev: Min titel", "Social, "):
        assert said in answer.text
    assert stored()[0].title == "Din titel"
    again = Filled(answer.text).fields
    assert again["title"] == "Min titel"
    assert client.post(f"{EDIT}/description", data=again).status_code == 303
    assert stored()[0].title == "Min titel"


def test_a_conflict_in_the_grid_keeps_the_amounts(
    client_for, session, draft, build, person, clock, stored
):
    client = client_for("social")
    mine = filled(client, f"{EDIT}/flows", **{"line-0-amount-2027": "-999"})
    theirs = build.option(flows=(build.flow(2027, -555_000, line="Andres linje"),))
    save_as_another(session, draft, build.case(options=(theirs,)), person, clock)

    answer = client.post(f"{EDIT}/flows", data=mine)

    assert answer.status_code == 409
    assert 'value="-999"' in answer.text
    assert "Andres linje" in answer.text
    assert [f.amount for f in stored()[0].options[0].flows] == [-555_000]


def test_a_conflict_in_the_measures_keeps_them(client_for, session, draft, build, person, clock):
    client = client_for("social")
    mine = filled(client, f"{EDIT}/measures", **{"measure-0-total": "41"})
    save_as_another(session, draft, build.case("Andet"), person, clock)

    answer = client.post(f"{EDIT}/measures", data=mine)

    assert answer.status_code == 409
    assert Filled(answer.text).fields["measure-0-total"] == "41"


def test_without_a_version_nothing_is_saved(client_for, draft, stored):
    before = stored()

    answer = send(client_for("social"), f"{EDIT}/description", version="", title="X")

    assert answer.status_code == 428
    assert stored() == before


def test_saved_twice_with_one_key_is_saved_once(client_for, draft, lines):
    client = client_for("social")
    fields = filled(client, f"{EDIT}/description", title="Nyt navn")
    first = client.post(f"{EDIT}/description", data=fields)
    count = lines()

    second = client.post(f"{EDIT}/description", data=fields)

    assert (first.status_code, second.status_code) == (303, 303)
    assert lines() == count


# --- Who may, and what is hostile -----------------------------------------------------------------


@pytest.mark.parametrize("step", ["description", "flows"])
@pytest.mark.parametrize(
    ("name", "status"),
    [("employment", 404), ("finance", 403), ("politician", 403), ("administrator", 403),
     ("social_reader", 403)],
)  # fmt: skip
def test_nobody_else_writes_the_draft(client_for, draft, stored, name, status, step):
    client, before = client_for(name), stored()

    assert client.get(f"{EDIT}/{step}").status_code == status
    answer = client.send(f"{EDIT}/{step}", {"version": "1", "title": "X"})
    assert answer.status_code == status
    assert "Housing" not in answer.text
    assert stored() == before


def test_there_are_no_other_steps(client_for, draft):
    client_for("social").page(f"{EDIT}/finish", status=404)


@pytest.mark.parametrize(
    ("step", "field"),
    [
        ("description", "title"),
        ("description", "summary"),
        ("description", "target_group"),
        ("description", "supplier"),
        ("description", "tags"),
        ("evidence", "evidence"),
        ("evidence", "stars"),
        ("options", "options-0-title"),
        ("options", "options-0-key"),
        ("options", "options-0-pool"),
        ("flows", "line-0-text"),
        ("flows", "line-0-payer"),
        ("flows", "line-0-kind"),
        ("flows", "line-0-category"),
        ("flows", "line-1-budget"),
        ("flows", "line-0-amount-2027"),
        ("flows", "do"),
        ("measures", "measure-0-name"),
        ("measures", "measure-0-total"),
        ("measures", "version"),
    ],
)
def test_hostile_input_is_text_or_an_error(client_for, draft, step, field):
    client = client_for("social")

    for text in HOSTILE:
        fields = filled(client, f"{EDIT}/{step}") | {field: text}
        answer = client.post(f"{EDIT}/{step}", data=fields)
        assert answer.status_code in {200, 303, 422, 428}, text
        assert "<script>alert" not in answer.text
    for path in ("/interventions/housing-first", f"{EDIT}/{step}", "/interventions"):
        assert client.get(path).status_code == 200
