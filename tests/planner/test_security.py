"""Doors, headers, cookies, error pages, and the settings with which nothing starts."""

import dataclasses
import re
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, text

from planner.app import create_app
from planner.config import ConfigError, default_data_folder, is_loopback, load_config
from planner.extensions import FailedTries
from planner.migrations import upgrade
from planner.model import AccessEventRecord
from planner.model.database import engine_for
from planner.requests import CONTENT_SECURITY_POLICY

EMAIL = "finance@proeveby.example"
PASSWORD = "a-long-enough-password"


# --- Starting -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "unsafe",
    [
        {"debug": True},
        {"secret_key": ""},
        {"secret_key": "short"},
        {"secret_key": "changeme" + "-" * 40},
        {"most_request_bytes": None},
        {"most_form_bytes": None},
        {"most_form_parts": 0},
    ],
)
def test_nothing_starts_with_an_unsafe_setting(config, unsafe):
    with pytest.raises(ConfigError):
        create_app(dataclasses.replace(config, **unsafe))


def test_the_secret_is_made_once_and_is_for_the_owner_only(tmp_path):
    first, second = load_config(data=tmp_path / "d"), load_config(data=tmp_path / "d")

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "d" / "secret-key").stat().st_mode & 0o077 == 0
    assert first.secret_key not in repr(first)


def test_data_lies_in_the_users_folder_unless_told_otherwise(tmp_path, monkeypatch):
    assert default_data_folder({"XDG_DATA_HOME": str(tmp_path)}) == tmp_path / "bundlinje"
    monkeypatch.setenv("BUNDLINJE_DATABASE_URL", "postgresql://u@h/d")
    assert load_config(data=tmp_path).database_url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("localhost", True),
        ("::1", True),
        ("127.8.9.1", True),
        ("0.0.0.0", False),
        ("192.168.1.4", False),
        ("example.org", False),
        ("127.0.0.1.example.org", False),
    ],
)
def test_loopback_is_this_machine_only(host, alone):
    assert is_loopback(host) is alone


# --- Answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/login", "/", "/nowhere", "/healthz", "/static/bundlinje.css"])
def test_every_answer_has_the_headers(client, path):
    answer = client.get(path)
    answer.close()

    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "Server" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_over_tls_the_cookie_is_bound_to_the_host(config):
    app = create_app(dataclasses.replace(config, is_https=True))
    answer = app.test_client().get("/login", base_url="https://localhost")
    cookie = answer.headers["Set-Cookie"]

    assert cookie.startswith("__Host-bundlinje=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"]
    _close(app)


def _close(app):
    from planner.extensions import db

    with app.app_context():
        db.engine.dispose()


def test_ready_is_said_to_anybody(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


# --- The door -------------------------------------------------------------------------------------


def test_who_signs_in_comes_to_the_page_asked_for(client):
    asked = client.get("/settings?lang=en")
    assert asked.status_code == 303

    answer = client.submit(asked.location, {"email": EMAIL, "password": PASSWORD})

    assert answer.status_code == 303
    assert answer.location == "/settings?lang=en"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "\\\\evil"])
def test_nobody_is_sent_to_a_foreign_place(client, elsewhere):
    page = client.get("/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]

    answer = client.post(
        "/login",
        query_string={"next": elsewhere},
        data={"csrf_token": token, "email": EMAIL, "password": PASSWORD, "next": elsewhere},
    )

    assert answer.location is None or not urlsplit(answer.location).netloc
    assert not (answer.location or "").startswith(("//", "\\", "http"))


def test_what_a_page_is_made_of_does_not_bring_the_cookie_of_then(client_for):
    """It may arrive after the reader has chosen another language, and would undo that."""
    reader = client_for("finance")
    page = reader.get("/scenarios")
    assert "bundlinje=" in page.headers["Set-Cookie"]  # another hour
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        answer = reader.get(address)
        answer.close()
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" in reader.get("/scenarios?lang=en").headers


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "wrong"),
        ("nobody@proeveby.example", PASSWORD),
        ("", ""),
        ("no address", "x"),
        (EMAIL, ""),
    ],
)
def test_a_failed_try_says_the_same_whatever_was_wrong(client, email, password):
    answer = client.sign_in(email, password)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "Set-Cookie" not in answer.headers or "_user_id" not in answer.headers["Set-Cookie"]


def test_the_email_is_read_without_regard_to_case(client):
    assert client.sign_in(EMAIL.upper()).status_code == 303


def test_after_five_failed_tries_one_waits_a_minute(client, clock):
    for _number in range(5):
        assert client.sign_in(EMAIL, "wrong").status_code == 422

    assert client.sign_in(EMAIL).status_code == 429
    clock.forward(seconds=61)
    assert client.sign_in(EMAIL).status_code == 303


def test_another_address_does_not_help_against_the_limit(client):
    for number in range(5):
        client.sign_in(EMAIL, "wrong")
        assert number < 5
    page = client.get("/login")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]

    answer = client.post(
        "/login",
        data={"csrf_token": token, "email": EMAIL, "password": PASSWORD},
        environ_overrides={"REMOTE_ADDR": "10.0.0.7"},
    )

    assert answer.status_code == 429


def test_only_failures_count(clock):
    tries = FailedTries(most=2)
    assert not tries.too_many("a", now=clock())
    tries.count("a", now=clock())
    clock.forward(seconds=59)
    tries.count("a", now=clock())
    assert tries.too_many("a", now=clock())
    assert not tries.too_many("b", now=clock())
    clock.forward(seconds=1)
    assert not tries.too_many("a", now=clock())


def test_many_names_do_not_fill_the_memory(clock):
    tries = FailedTries()
    for number in range(FailedTries.MOST_KEYS):
        tries.count(str(number), now=clock())
    clock.forward(minutes=2)

    tries.count("last", now=clock())

    assert len(tries._failures) == 1


def test_strangers_and_wrong_addresses_are_not_logged(client, client_for, session):
    client.get("/nowhere")
    client_for("finance").get("/nowhere")

    assert session.scalar(select(AccessEventRecord)) is None


def test_signing_out_ends_it(client_for):
    client = client_for("finance")

    answer = client.send("/logout")

    assert answer.status_code == 303
    assert client.get("/").status_code == 303


def test_signing_out_needs_a_post(client_for):
    assert client_for("finance").get("/logout").status_code == 405


def test_a_form_after_the_sign_in_has_ended_leads_to_the_door(client):
    answer = client.send("/settings/strategies/new", {"title": "x"})

    assert answer.status_code == 303
    assert answer.location == "/login"


def test_the_demo_accounts_are_shown_on_this_machine_only(config, session, clock):
    from planner.model.states import Role
    from planner.services.people import create_person

    create_person(
        session,
        email="admin@nordby.example",
        name="Demo",
        password="bundlinje-demo",
        roles=[Role.ADMINISTRATOR],
        is_demo=True,
        by=None,
        now=clock(),
    )
    session.commit()
    for alone in (True, False):
        app = create_app(dataclasses.replace(config, is_loopback=alone))
        page = app.test_client().get("/login").text
        assert ("admin@nordby.example" in page) is alone
        _close(app)


# --- Error pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/logout", "/settings/language", "/settings/people/new", "/login"]
)
def test_a_form_without_a_token_is_refused(client_for, path):
    answer = client_for("administrator").post(path, data={"title": "keep me"})

    assert answer.status_code == 400
    assert "keep me" in answer.text


def test_a_page_for_another_role_is_refused_and_logged(client_for, session):
    answer = client_for("politician").get("/settings/people")

    assert answer.status_code == 403
    line = session.scalar(select(AccessEventRecord))
    assert (line.endpoint, line.path, line.status) == ("people.index", "/settings/people", 403)
    assert line.actor.startswith("person:")


def test_too_much_at_once_is_said(client_for):
    client = client_for("finance")

    answer = client.post(
        "/settings/strategies/new",
        data={"title": "x"},
        environ_overrides={"CONTENT_LENGTH": str(12 * 1024 * 1024 + 1)},
    )

    assert answer.status_code == 413


def test_too_many_fields_are_refused(client_for):
    client = client_for("finance")
    parts = "".join(
        f'--line\r\nContent-Disposition: form-data; name="{number}"\r\n\r\nx\r\n'
        for number in range(1_001)
    )

    answer = client.post(
        "/settings/strategies/new",
        data=f"{parts}--line--\r\n",
        content_type="multipart/form-data; boundary=line",
    )

    assert answer.status_code == 413


def test_a_broken_database_is_said_without_a_trace(app, client, monkeypatch):
    from sqlalchemy.exc import OperationalError

    from planner.extensions import db

    def away(*_arguments, **_options):
        raise OperationalError("SELECT secret", {}, Exception("database is locked"))

    monkeypatch.setattr("planner.views.health.text", away)
    assert db

    answer = client.get("/healthz")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "secret" not in answer.text


def test_a_full_disk_is_said(client, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def full(*_arguments, **_options):
        raise OperationalError("x", {}, Exception("database or disk is full"))

    monkeypatch.setattr("planner.views.health.text", full)

    assert client.get("/healthz").status_code == 507


@pytest.mark.parametrize(("lang", "words"), [("da", "ikke"), ("en", "not")])
def test_error_pages_speak_the_readers_language(client, lang, words):
    answer = client.get("/nowhere", headers={"Accept-Language": lang})

    assert answer.status_code == 404
    assert f'<html lang="{lang}">' in answer.text


def test_programs_get_errors_as_json(client):
    answer = client.get("/nowhere", headers={"Accept": "application/json"})

    assert answer.json == {
        "ok": False,
        "error": answer.json["error"],
        "code": 404,
        "request_id": "",
    }
    assert answer.json["error"]


def test_a_password_is_never_shown_again(client_for):
    answer = client_for("finance").post(
        "/settings/password", data={"password": "hidden-secret", "new_password": "hidden-too"}
    )

    assert answer.status_code == 400
    assert "hidden" not in answer.text.replace('class="hidden"', "").replace('type="hidden"', "")


# --- Languages ------------------------------------------------------------------------------------


def test_the_language_is_chosen_then_the_browsers_then_danish(client):
    def language(path="/login", **headers):
        return re.search(r'<html lang="(..)"', client.get(path, headers=headers).text)[1]

    assert language() == "da"
    assert language(**{"Accept-Language": "de, en;q=0.5"}) == "en"
    assert language("/login?lang=en") == "en"
    assert language() == "en"
    assert language("/login?lang=xx") == "en"
    assert language("/login?lang=da", **{"Accept-Language": "en"}) == "da"


def test_the_language_link_keeps_the_address(client):
    page = client.page("/login?next=/settings%3Fa%3D1%26b%3D%C3%A6")

    assert any(link.startswith("/login?next=") and link.endswith("&lang=en") for link in page.links)


def test_an_unmigrated_database_answers_with_an_error_and_no_trace(tmp_path, config, client):
    path = tmp_path / "new.sqlite"
    app = create_app(dataclasses.replace(config, database_url=f"sqlite:///{path}"))
    answer = app.test_client().get("/login")
    assert answer.status_code in {500, 503}
    assert "no such table" not in answer.text
    _close(app)
    engine = engine_for(f"sqlite:///{path}")
    upgrade(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM event")).scalar() == 0
    engine.dispose()
