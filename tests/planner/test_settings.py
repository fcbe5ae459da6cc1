"""The settings: strategies and their lists, people and their rights, one's own account, the log."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from planner.model import EventRecord, PersonRecord, StrategyRecord
from planner.services.events import record_event, verify_events
from planner.services.people import find_person


def events(session):
    return session.scalar(select(func.count()).select_from(EventRecord))


NEW_STRATEGY = {
    "title": "Budget 2028",
    "municipality": "Prøveby Kommune",
    "price_year": "2028",
    "budget_year": "2028",
    "budget_years": "4",
    "rate_1": "3,5",
    "after_year_2": "35",
    "rate_2": "2,5",
}


def test_a_strategy_is_made_with_danish_numbers(client_for, session):
    answer = client_for("finance").submit("/settings/strategies/new", NEW_STRATEGY)

    assert answer.status_code == 303
    made = session.scalar(select(StrategyRecord).where(StrategyRecord.title == "Budget 2028"))
    assert made.discount == [
        {"after_year": 0, "rate": 0.035},
        {"after_year": 35, "rate": 0.025},
    ]
    assert [payer.key for payer in made.payers] == ["kommune", "region", "stat", "borger"]
    assert not made.is_default


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "   "},
        {"budget_years": "  "},
        {"budget_year": "28"},
        {"budget_year": "２０２８"},
        {"budget_years": "0"},
        {"budget_years": "51"},
        {"rate_1": "3.5"},
        {"rate_1": "101"},
        {"rate_1": ""},
        {"after_year_2": ""},
        {"after_year_2": "1,5"},
        {"after_year_2": "0"},
        {"after_year_3": "50"},
        {"rate_1": "100"},
        {"horizon_first": "2028"},
        {"horizon_first": "2030", "horizon_last": "2029"},
        {"price_year": "1899"},
    ],
)
def test_a_wrong_strategy_keeps_what_was_typed_and_stores_nothing(client_for, session, wrong):
    before = events(session)

    answer = client_for("finance").submit("/settings/strategies/new", NEW_STRATEGY | wrong)

    assert answer.status_code == 422
    for value in (NEW_STRATEGY | wrong).values():
        assert value in answer.text
    assert events(session) == before


def test_settings_are_changed_and_logged(client_for, session, strategy):
    client = client_for("administrator")
    path = f"/settings/strategies/{strategy.id}"

    answer = client.submit(path, {"budget_years": "5"})

    assert answer.status_code == 303
    session.refresh(strategy)
    assert strategy.budget_years == 5
    line = session.scalar(select(EventRecord).order_by(EventRecord.seq.desc()).limit(1))
    assert (line.action, line.before, line.after) == (
        "strategy.update",
        {"budget_years": 4},
        {"budget_years": 5},
    )


STEPS = [
    {"after_year": 0, "rate": 0.035},
    {"after_year": 10, "rate": 0.031},
    {"after_year": 20, "rate": 0.0275},
    {"after_year": 30, "rate": 0.02125},
    {"after_year": 40, "rate": 0.015},
]


def test_every_discount_step_survives_a_save_and_two_more_can_be_written(
    client_for, session, strategy, clock
):
    strategy.discount = STEPS
    strategy.version += 1
    record_event(session, by=None, now=clock(), action="strategy.update", object=strategy)
    session.commit()
    client, path = client_for("finance"), f"/settings/strategies/{strategy.id}"

    assert client.submit(path, {"budget_years": "5"}).status_code == 303
    session.refresh(strategy)
    assert strategy.discount == STEPS

    more = {"after_year_6": "50", "rate_6": "1", "after_year_7": "60", "rate_7": "0,5"}
    assert client.submit(path, more).status_code == 303
    session.refresh(strategy)
    assert strategy.discount == [
        *STEPS,
        {"after_year": 50, "rate": 0.01},
        {"after_year": 60, "rate": 0.005},
    ]

    gone = {f"{name}_{number}": "" for number in (3, 4) for name in ("after_year", "rate")}
    assert client.submit(path, gone).status_code == 303
    session.refresh(strategy)
    assert [step["after_year"] for step in strategy.discount] == [0, 10, 40, 50, 60]


def test_a_refused_strategy_keeps_the_steps_that_were_typed(client_for, strategy):
    path = f"/settings/strategies/{strategy.id}"
    later = {f"after_year_{n}": str(n * 10) for n in range(2, 10)}
    rates = {f"rate_{n}": f"{n},5" for n in range(2, 10)}

    answer = client_for("finance").submit(path, {"title": "", **later, **rates})

    assert answer.status_code == 422
    for number in range(2, 10):
        assert f'name="after_year_{number}"' in answer.text
        assert f'value="{number},5"' in answer.text


def test_the_second_editor_learns_who_changed_what_and_loses_no_text(client_for, session, strategy):
    path = f"/settings/strategies/{strategy.id}"
    first, second = client_for("administrator"), client_for("finance")
    forms = [
        next(form["fields"] for form in client.page(path).forms if "version" in form["fields"])
        for client in (first, second)
    ]

    assert first.post(path, data=forms[0] | {"title": "Deres titel"}).status_code == 303
    answer = second.post(path, data=forms[1] | {"title": "Min titel"})

    assert answer.status_code == 409
    for shown in ("Min titel", "Deres titel", "Administrator"):
        assert shown in answer.text
    page = second.read(answer)
    assert "Første år, der tæller" in page.words
    assert "Rente fra budgetåret" in page.words
    for stored in ("budget_years", "horizon_first", "rate_1", "is_illustrative"):
        assert stored not in page.words
    session.refresh(strategy)
    assert strategy.title == "Deres titel"


def test_a_form_without_a_version_is_refused(client_for, session, strategy):
    path = f"/settings/strategies/{strategy.id}"

    answer = client_for("finance").submit(path, {"version": ""})

    assert answer.status_code == 428


@pytest.mark.parametrize(
    ("place", "fields", "shown"),
    [
        (
            "payers",
            {"payer-short": "andre", "payer-name": "Andre", "payer-level": "other"},
            "Andre",
        ),
        ("departments", {"department-short": "teknik", "department-name": "Teknik"}, "Teknik"),
        (
            "pools",
            {
                "pool-short": "resultat",
                "pool-name": "Resultatpuljen",
                "pool-kind": "outcome_payments",
            },
            "Resultatpuljen",
        ),
    ],
)
def test_lists_grow_and_keep_short_names_apart(client_for, session, strategy, place, fields, shown):
    client = client_for("finance")
    lists = f"/settings/strategies/{strategy.id}/lists"
    address = f"/settings/strategies/{strategy.id}/{place}"

    assert client.submit(lists, fields, to=address).status_code == 303
    assert shown in client.page(lists).words
    again = client.submit(lists, fields, to=address)
    assert again.status_code == 422
    slashed = {key: "a/b" if key.endswith("short") else value for key, value in fields.items()}
    assert client.submit(lists, slashed, to=address).status_code == 422


def test_payers_and_departments_are_renamed(client_for, session, strategy, department):
    client = client_for("finance")
    payer_id, department_id = strategy.payers[0].id, department("social").id

    assert client.submit(f"/settings/payers/{payer_id}", {"name": "Byen"}).status_code == 303
    assert (
        client.submit(f"/settings/departments/{department_id}", {"name": "Velfærd"}).status_code
        == 303
    )

    words = client.page(f"/settings/strategies/{strategy.id}/lists").words
    assert "Byen" in words
    assert "Velfærd" in words


@pytest.mark.parametrize("kind", ["payers", "departments", "strategies"])
def test_what_is_not_there_is_not_there(client_for, kind):
    assert client_for("finance").get(f"/settings/{kind}/999").status_code == 404


# --- People ---------------------------------------------------------------------------------------


def test_an_account_is_made_and_signs_in(client_for, client, session, department):
    administrator = client_for("administrator")
    social = department("social").id

    answer = administrator.submit(
        "/settings/people/new",
        {
            "name": "Ny Person",
            "email": "Ny@Proeveby.example",
            "password": "enough-characters",
            "roles": ["department_editor"],
            "departments": [str(social)],
        },
    )

    assert answer.status_code == 303
    assert client.sign_in("ny@proeveby.example", "enough-characters").status_code == 303
    made = find_person(session, "ny@proeveby.example")
    assert made.department_ids == {social}
    lines = session.scalars(select(EventRecord)).all()
    assert not any("Ny" in str(line.after) or "@" in str(line.after) for line in lines)


@pytest.mark.parametrize(
    "wrong",
    [{"email": "finance@proeveby.example"}, {"email": "x"}, {"password": "short"}, {"roles": []}],
)
def test_a_wrong_account_is_not_made(client_for, session, wrong):
    fields = {
        "name": "Ny Person",
        "email": "ny@proeveby.example",
        "password": "enough-characters",
        "roles": ["finance"],
    }

    answer = client_for("administrator").submit("/settings/people/new", fields | wrong)

    assert answer.status_code == 422
    assert session.scalar(select(PersonRecord).where(PersonRecord.name == "Ny Person")) is None


def test_a_lost_role_bites_on_the_next_request(client_for, session, person):
    finance = client_for("finance")
    identity = person("finance").id
    assert finance.get("/settings/strategies/new").status_code == 200

    changed = client_for("administrator").submit(
        f"/settings/people/{identity}", {"roles": ["politician"]}
    )

    assert changed.status_code == 303
    assert finance.get("/settings/strategies/new").status_code == 403


def test_a_closed_account_is_out_at_once_and_may_be_opened(client_for, client, session, person):
    finance, administrator = client_for("finance"), client_for("administrator")
    path = f"/settings/people/{person('finance').id}"

    assert administrator.submit(path, to=path + "/active").status_code == 303
    assert finance.get("/").status_code == 303
    assert client.sign_in("finance@proeveby.example").status_code == 422
    assert administrator.submit(path, to=path + "/active").status_code == 303
    assert client.sign_in("finance@proeveby.example").status_code == 303


def test_nobody_changes_their_own_rights(client_for, session, person):
    path = f"/settings/people/{person('administrator').id}"
    administrator = client_for("administrator")

    changed = administrator.submit(path, {"roles": ["administrator", "finance"]})

    assert changed.status_code == 422
    assert administrator.submit(path, to=path + "/active").status_code == 403
    assert person("administrator").role_names == {"administrator"}


# --- My account -----------------------------------------------------------------------------------


def test_a_new_password_signs_out_everywhere_else(client_for, client):
    here, there = client_for("social"), client_for("social")

    answer = here.submit(
        "/settings/password",
        {
            "password": "a-long-enough-password",
            "new_password": "another-long-password",
            "repeated": "another-long-password",
        },
    )

    assert answer.status_code == 303
    assert there.get("/").status_code == 303
    assert client.sign_in("social@proeveby.example").status_code == 422
    assert client.sign_in("social@proeveby.example", "another-long-password").status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "not-the-present-one"},
        {"new_password": "short", "repeated": "short"},
        {"repeated": "something-else-here"},
    ],
)
def test_a_wrong_change_of_password_changes_nothing(client_for, client, wrong):
    fields = {
        "password": "a-long-enough-password",
        "new_password": "another-long-password",
        "repeated": "another-long-password",
    }

    answer = client_for("social").submit("/settings/password", fields | wrong)

    assert answer.status_code == 422
    assert "another-long-password" not in answer.text
    assert client.sign_in("social@proeveby.example").status_code == 303


def test_the_chosen_language_is_remembered_at_the_next_sign_in(client_for):
    client = client_for("social")
    assert 'lang="da"' in client.get("/").text

    assert (
        client.submit("/settings", {"language": "en"}, to="/settings/language").status_code == 303
    )

    assert 'lang="en"' in client.get("/").text
    assert 'lang="en"' in client_for("social").get("/").text


def test_the_session_ends_after_an_hour_idle_and_after_twelve_in_all(client_for, clock):
    client = client_for("social")
    for _hour in range(11):
        clock.forward(minutes=59)
        assert client.get("/").status_code == 200

    clock.now += timedelta(hours=2)

    assert client.get("/").status_code == 303


# --- The log --------------------------------------------------------------------------------------


def test_the_log_is_shown_in_pages_with_its_head(client_for, session, strategy, person, clock):
    for number in range(120):
        record_event(
            session,
            by=person("finance"),
            now=clock(),
            action="test.line",
            object=strategy,
            after={"number": number},
        )
    head = verify_events(session).head
    session.commit()
    auditor = client_for("auditor")

    page = auditor.page("/settings/log")

    assert head in page.words.replace(" ", "")
    assert "Finance" in page.words
    assert "/settings/log?page=2" in page.links
    assert auditor.page("/settings/log?page=2").words
    assert auditor.page("/settings/log?page=99").words
    assert auditor.page("/settings/log?page=x").words


def test_a_changed_line_shows_on_the_page(client_for, session, unguarded):
    unguarded("event_is_never_changed", "event")
    session.execute(text("UPDATE event SET action = 'nothing' WHERE seq = 2"))
    session.commit()

    answer = client_for("auditor").get("/settings/log")

    assert "notice bad" in answer.text
