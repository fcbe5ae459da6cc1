"""Writing: one door, one commit, nothing overwritten unseen, nothing done twice."""

import sqlite3
import threading
from datetime import timedelta

import pytest
from flask import Blueprint, redirect
from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from planner import access
from planner.access import EVERYBODY, Rule
from planner.app import create_app
from planner.extensions import current_session, me, now
from planner.model import EventRecord, IdempotencyRecord, StrategyRecord
from planner.model.database import (
    DatabaseSettingError,
    UnloggedChangeError,
    assert_settings,
    configure_engine,
    reading,
    writing,
)
from planner.services.strategies import get_strategy, settings_of, update_strategy
from planner.services.writing import (
    Conflict,
    MissingVersionError,
    RepeatedKeyError,
    content_hash,
    earlier_answer,
    folded,
    require_version,
    store_answer,
)


def dump(path):
    with sqlite3.connect(path) as connection:
        return list(connection.iterdump())


def count(session, record):
    return session.scalar(select(func.count()).select_from(record))


# --- Sessions -------------------------------------------------------------------------------------


def test_a_reading_session_cannot_write(engine):
    with reading(engine) as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.execute(text("UPDATE strategy SET title = 'x'"))


def test_the_same_connection_writes_after_it_has_read(engine):
    for _round in range(2):
        with reading(engine) as session:
            assert get_strategy(session).title == "Budget 2027"
        with writing(engine) as session:
            session.execute(text("UPDATE strategy SET note = note || 'x'"))
            session.rollback()


def test_a_writer_holds_the_lock_from_its_first_read(engine, database):
    with writing(engine) as session:
        get_strategy(session)
        other = sqlite3.connect(database, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_a_change_without_a_log_line_is_not_committed(session, strategy):
    strategy.note = "unlogged"

    with pytest.raises(UnloggedChangeError):
        session.commit()


@pytest.mark.parametrize("setting", ["synchronous=1", "foreign_keys=0", "trusted_schema=1"])
def test_a_database_with_an_unsafe_setting_is_refused(tmp_path, setting):
    engine = configure_engine(create_engine(f"sqlite:///{tmp_path / 'x.sqlite'}"))
    event.listen(engine, "connect", lambda raw, _entry: raw.execute(f"PRAGMA {setting}"))

    with pytest.raises(DatabaseSettingError, match=setting.split("=")[0]):
        assert_settings(engine)
    engine.dispose()


def test_money_is_whole_kroner_also_for_the_database(session, build, department, clock):
    from planner.services.interventions import create_draft

    create_draft(session, build.case(), department=department("social"), by=None, now=clock())
    session.commit()

    # a column of whole numbers in PostgreSQL cannot hold a half; one in SQLite could
    half = ["12.5"] if session.get_bind().dialect.name == "sqlite" else []
    for wrong in (*half, "'tusind'", "100000000001", "-100000000001", "NULL"):
        with pytest.raises((IntegrityError, DataError)):
            session.execute(text(f"UPDATE flow SET amount = {wrong}"))
        session.rollback()


# --- Versions -------------------------------------------------------------------------------------


def test_a_stale_version_is_a_conflict_and_a_missing_one_is_said(strategy):
    require_version(strategy, strategy.version)
    with pytest.raises(MissingVersionError):
        require_version(strategy, None)
    with pytest.raises(Conflict) as caught:
        require_version(strategy, strategy.version - 1)
    assert (caught.value.seen, caught.value.current) == (0, 1)


def test_the_database_itself_refuses_a_stale_change(session, strategy):
    session.execute(text("UPDATE strategy SET version = version + 1"))
    strategy.title = "mine"

    with pytest.raises(StaleDataError):
        session.flush()


def test_of_twenty_editors_with_one_version_one_wins(engine, clock):
    answers = []

    def edit(number):
        with writing(engine) as session:
            strategy = get_strategy(session)
            data = settings_of(strategy)
            changed = type(data)(**{**_fields(data), "title": f"Redaktør {number}"})
            try:
                update_strategy(session, strategy, changed, by=None, now=clock(), seen_version=1)
                session.commit()
            except (Conflict, StaleDataError):
                answers.append(409)
            else:
                answers.append(200)

    threads = [threading.Thread(target=edit, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [200, *[409] * 19]


def _fields(data):
    return {name: getattr(data, name) for name in type(data).__slots__}


# --- Once only ------------------------------------------------------------------------------------


def test_the_same_key_gives_the_same_answer_and_another_content_is_refused(session, clock):
    content = content_hash([("title", "a"), ("note", "b")])
    assert content == content_hash([("note", "b"), ("title", "a")])
    assert content != content_hash([("title", "ab"), ("note", "")])
    assert earlier_answer(session, actor="person:1", key="k", content=content) is None

    store_answer(session, actor="person:1", key="k", content=content, location="/x", now=clock())

    assert earlier_answer(session, actor="person:1", key="k", content=content).location == "/x"
    assert earlier_answer(session, actor="person:2", key="k", content=content) is None
    with pytest.raises(RepeatedKeyError):
        earlier_answer(session, actor="person:1", key="k", content="other")


def test_answers_are_forgotten_after_thirty_days(session, clock):
    store_answer(session, actor="a", key="1", content="c", location="/x", now=clock())
    store_answer(
        session,
        actor="a",
        key="2",
        content="c",
        location="/x",
        now=clock() + timedelta(days=30, seconds=1),
    )

    assert session.scalars(select(IdempotencyRecord.key)).all() == ["2"]


def test_a_form_sent_twice_is_done_once(client_for, session):
    client = client_for("finance")
    page = client.page("/settings/strategies/new")
    form = next(form["fields"] for form in page.forms if "_key" in form["fields"])
    form |= {
        "title": "Kun én gang",
        "municipality": "Prøveby",
        "price_year": "2028",
        "budget_year": "2028",
        "budget_years": "4",
    }

    first = client.post("/settings/strategies/new", data=form)
    second = client.post("/settings/strategies/new", data=form)
    changed = client.post("/settings/strategies/new", data=form | {"title": "Noget andet"})

    assert (first.status_code, second.status_code, changed.status_code) == (303, 303, 422)
    assert first.location == second.location
    assert count(session, StrategyRecord) == 2


def test_equal_forms_at_the_same_moment_are_done_once(app, client_for, session):
    client = client_for("finance")
    page = client.page("/settings/strategies/new")
    form = next(form["fields"] for form in page.forms if "_key" in form["fields"])
    form |= {
        "title": "Kun én gang",
        "municipality": "Prøveby",
        "price_year": "2028",
        "budget_year": "2028",
        "budget_years": "4",
    }
    cookie = client.get_cookie("bundlinje").value
    answers = []

    def send():
        other = app.test_client()
        other.set_cookie("bundlinje", cookie)
        answers.append(other.post("/settings/strategies/new", data=form))

    threads = [threading.Thread(target=send) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer.status_code for answer in answers] == [303] * 8
    assert len({answer.location for answer in answers}) == 1
    assert count(session, StrategyRecord) == 2


# --- One commit -----------------------------------------------------------------------------------


@pytest.fixture
def app(config, monkeypatch):
    """An application with pages that write in ways that none of ours does."""
    made = create_app(config)
    pages = Blueprint("probe", __name__, url_prefix="/probe")

    def change():
        strategy = get_strategy(current_session())
        data = settings_of(strategy)
        update_strategy(
            current_session(),
            strategy,
            type(data)(**{**_fields(data), "title": "ændret"}),
            by=me(),
            now=now(),
            seen_version=strategy.version,
        )

    @pages.route("/reading", methods=["GET"])
    def reads():
        change()
        return "written"

    @pages.post("/refusing")
    def refuses():
        change()
        return "no", 422, {"Content-Type": "text/plain"}

    @pages.post("/failing")
    def fails():
        change()
        raise RuntimeError("secret of the inside")

    @pages.post("/unlogged")
    def unlogged():
        get_strategy(current_session()).title = "ændret"
        return redirect("/")

    @pages.post("/done")
    def done():
        change()
        return redirect("/")

    made.register_blueprint(pages)
    for name in ("reads", "refuses", "fails", "unlogged", "done"):
        monkeypatch.setitem(access.RULES, f"probe.{name}", Rule(EVERYBODY, "probe"))
    yield made
    with made.app_context():
        from planner.extensions import db

        db.engine.dispose()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/probe/reading", 500),
        ("POST", "/probe/refusing", 422),
        ("POST", "/probe/failing", 500),
        ("POST", "/probe/unlogged", 500),
    ],
)
def test_without_success_nothing_is_stored(client_for, database, method, path, status):
    client = client_for("finance")
    token = client.token()
    before = dump(database)

    answer = client.open(path, method=method, data={"csrf_token": token})

    assert answer.status_code == status
    assert "secret of the inside" not in answer.text
    assert dump(database) == before


def test_success_is_stored_and_answered_with_303(client_for, session):
    client = client_for("finance")
    lines = count(session, EventRecord)

    answer = client.send("/probe/done")

    assert answer.status_code == 303
    assert get_strategy(session).title == "ændret"
    assert count(session, EventRecord) == lines + 1
    line = session.scalar(select(EventRecord).order_by(EventRecord.seq.desc()).limit(1))
    assert line.request_id


def test_every_page_is_read_without_a_change(client_for, database):
    client = client_for("administrator")
    before = dump(database)

    for path in ("/", "/settings", "/settings/people", "/settings/log", "/settings?lang=en"):
        assert client.get(path).status_code == 200

    assert dump(database) == before


def test_text_is_composed_and_folded_beyond_ascii():
    assert folded("  SMA\u030aBØRN ") == "småbørn"
