"""Backup and restore: only sound copies, and nothing that lay there is lost."""

import sqlite3

import pytest
from sqlalchemy import create_engine, select, text

from planner.model import StrategyRecord
from planner.model.database import reading, writing
from planner.services.backup import BackupError, back_up, check, restore


@pytest.fixture(autouse=True)
def _sqlite_only(database):
    return database


def test_a_copy_taken_while_somebody_writes_is_sound_and_whole(engine, tmp_path):
    with writing(engine) as session:
        session.execute(text("UPDATE strategy SET note = 'not yet'"))
        report = back_up(engine, tmp_path / "copies" / "one.sqlite")
        session.rollback()

    assert report.chain.is_sound
    assert report.chain.count > 0
    assert report.path.stat().st_mode & 0o077 == 0
    with sqlite3.connect(report.path) as copy:
        assert copy.execute("SELECT note FROM strategy").fetchall() == [("",)]
    copy.close()


def test_an_older_copy_is_never_overwritten(engine, tmp_path):
    back_up(engine, tmp_path / "one.sqlite")

    with pytest.raises(BackupError, match="exists"):
        back_up(engine, tmp_path / "one.sqlite")


def test_restoring_brings_back_what_was_and_keeps_what_is(engine, database, tmp_path):
    copy = back_up(engine, tmp_path / "one.sqlite").path
    with writing(engine) as session:
        session.execute(text("UPDATE strategy SET title = 'senere'"))
        session.commit()
    engine.dispose()

    restore(copy, database)

    with reading(engine) as session:
        assert session.scalar(select(StrategyRecord.title)) == "Budget 2027"
    aside = database.with_name(database.name + ".before-restore-1")
    with sqlite3.connect(aside) as kept:
        assert kept.execute("SELECT title FROM strategy").fetchall() == [("senere",)]
    kept.close()
    engine.dispose()
    restore(copy, database)
    assert database.with_name(database.name + ".before-restore-2").exists()


def test_restoring_on_an_empty_machine(engine, tmp_path):
    copy = back_up(engine, tmp_path / "one.sqlite").path

    report = restore(copy, tmp_path / "elsewhere" / "bundlinje.sqlite")

    assert report.chain.is_sound


@pytest.mark.parametrize("damage", ["missing", "text", "empty", "cut", "log"])
def test_an_unsound_copy_is_refused_and_nothing_is_touched(engine, database, tmp_path, damage):
    copy = back_up(engine, tmp_path / "one.sqlite").path
    engine.dispose()
    before = database.read_bytes()
    match damage:
        case "missing":
            copy.unlink()
        case "text":
            copy.write_text("no database", encoding="utf-8")
        case "empty":
            copy.write_bytes(b"")
        case "cut":
            copy.write_bytes(copy.read_bytes()[: 8 * 4096])
        case "log":
            with sqlite3.connect(copy) as raw:
                raw.execute("DROP TRIGGER event_is_never_changed")
                raw.execute("UPDATE event SET action = 'x' WHERE seq = 2")
            raw.close()

    with pytest.raises(BackupError):
        check(copy)
    with pytest.raises(BackupError):
        restore(copy, database)

    assert database.read_bytes() == before


def test_another_database_is_backed_up_by_its_own_tool(tmp_path):
    engine = create_engine("postgresql+psycopg://nobody@localhost/nothing")

    with pytest.raises(BackupError, match="pg_dump"):
        back_up(engine, tmp_path / "one.sqlite")
