"""The log: every edit, removal and insertion shows, and the database refuses them."""

import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from planner.model import EventRecord
from planner.model.database import writing
from planner.services.events import (
    FIRST_HASH,
    changed_keys,
    events_of,
    hash_of,
    record_event,
    verify_events,
)
from planner.services.strategies import get_strategy

COLUMNS = {
    "at": "'2020-01-01T00:00:00Z'",
    "actor": "'person:99'",
    "action": "'nothing'",
    "object_kind": "'thing'",
    "object_id": "'77'",
    "before": """'{"a": 1}'""",
    "after": """'{"a": 2}'""",
    "request_id": "'other'",
    "version": "99",
    "prev": "'" + "1" * 64 + "'",
    "hash": "'" + "2" * 64 + "'",
}


@pytest.fixture
def lines(session, strategy, clock):
    for number in range(5):
        record_event(
            session,
            by=None,
            now=clock(),
            action="test.line",
            object=strategy,
            before={"number": number},
            after={"number": number + 1, "amount": Decimal("0.5"), "text": "æøå"},
        )
    session.commit()
    return session.scalar(select(func.max(EventRecord.seq)))


def test_a_new_log_is_sound_and_linked(session, lines):
    report = verify_events(session)

    assert report.is_sound
    assert report.count == lines
    first = session.get(EventRecord, 1)
    assert first.prev == FIRST_HASH
    assert session.get(EventRecord, 2).prev == first.hash
    assert report.head == session.get(EventRecord, lines).hash


def test_only_texts_whole_numbers_and_lists_stand_in_the_log(session, strategy, clock):
    line = record_event(
        session,
        by=None,
        now=datetime(2026, 7, 1, 12, 0, 30, 999, tzinfo=UTC),
        action="test",
        object=strategy,
        after={"share": 0.1, "year": 2027, "on": True, "none": None, "list": (1, "b")},
    )

    assert line.after == {"share": "0.1", "year": 2027, "on": True, "none": None, "list": [1, "b"]}
    assert line.at == "2026-07-01T12:00:30Z"
    with pytest.raises(TypeError):
        record_event(
            session, by=None, now=clock(), action="test", object=strategy, after={"x": object()}
        )


@pytest.mark.parametrize("column", COLUMNS)
def test_any_edited_column_is_named(session, unguarded, lines, column):
    unguarded("event_is_never_changed", "event")
    session.execute(text(f"UPDATE event SET {column} = {COLUMNS[column]} WHERE seq = 3"))
    session.expire_all()

    assert 3 in verify_events(session).broken


def test_a_removed_line_shows(session, unguarded, lines):
    unguarded("event_is_never_removed", "event")
    session.execute(text("DELETE FROM event WHERE seq = 3"))
    session.expire_all()

    assert verify_events(session).broken == (4,)


def test_the_newest_lines_can_be_checked_alone(session, unguarded, lines):
    whole = verify_events(session)
    tail = verify_events(session, newest=2)
    assert (tail.count, tail.head, tail.is_sound) == (2, whole.head, True)
    assert verify_events(session, newest=1_000) == whole

    unguarded("event_is_never_changed", "event")
    session.execute(text("UPDATE event SET action = 'x' WHERE seq = 3"))
    session.expire_all()

    assert verify_events(session, newest=whole.count - 3).is_sound
    assert verify_events(session, newest=whole.count - 2).broken == (3,)


def test_a_cut_tail_changes_the_head(session, unguarded, lines):
    head = verify_events(session).head
    unguarded("event_is_never_removed", "event")
    session.execute(text("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)"))
    session.expire_all()

    report = verify_events(session)

    assert report.is_sound
    assert report.head != head


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET action = 'x' WHERE seq = 2",
        "DELETE FROM event WHERE seq = 2",
        "INSERT INTO event (seq, at, actor, action, object_kind, object_id, prev, hash)"  # noqa: ISC004
        " VALUES (2, 'x', 'x', 'x', 'x', 'x', 'p', 'h')",
    ],
)
def test_the_database_refuses_every_change_of_the_log(session, lines, statement):
    with pytest.raises(IntegrityError):
        session.execute(text(statement))


def test_the_database_refuses_a_replaced_line(session, database, lines):
    with pytest.raises(IntegrityError):
        session.execute(text("INSERT OR REPLACE INTO event SELECT * FROM event WHERE seq = 2"))


def test_many_writers_at_once_make_one_chain(engine, clock):
    def write():
        for _line in range(4):
            with writing(engine) as session:
                record_event(
                    session, by=None, now=clock(), action="t", object=get_strategy(session)
                )
                session.commit()

    threads = [threading.Thread(target=write) for _thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with writing(engine) as session:
        report = verify_events(session)
        assert report.is_sound
        assert len(events_of(session, "strategy", 1)) == 33


def test_lines_of_one_object_come_in_order(session, strategy, lines):
    found = events_of(session, "strategy", strategy.id)

    assert [line.action for line in found] == ["strategy.create", *["test.line"] * 5]
    assert all(line.hash == hash_of(line) for line in found)


def test_only_what_differs_is_kept():
    assert changed_keys({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5, "d": 4}) == (
        {"b": 2, "c": 3},
        {"b": 5, "d": 4},
    )
