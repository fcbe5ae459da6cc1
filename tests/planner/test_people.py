"""Accounts."""

import pytest
from sqlalchemy import select

from planner.model import EventRecord
from planner.model.states import Role
from planner.services.people import (
    TakenEmailError,
    WeakPasswordError,
    change_password,
    create_person,
    deactivate_person,
    demo_people,
    find_person,
    list_people,
    set_language,
    update_person,
)
from planner.services.writing import Conflict, NotAllowedError


def someone(session, clock, **changes):
    values = {
        "email": "Ane@Proeveby.example",
        "name": "Ane Å",
        "password": "long-enough-password",
        "roles": [Role.FINANCE],
        "by": None,
        "now": clock(),
    }
    return create_person(session, **(values | changes))


def test_an_email_has_one_account(session, clock):
    made = someone(session, clock)

    assert find_person(session, " ane@PROEVEBY.example ") is made
    with pytest.raises(TakenEmailError):
        someone(session, clock, email="ANE@proeveby.example")


def test_a_password_is_long_and_is_never_stored(session, clock):
    with pytest.raises(WeakPasswordError):
        someone(session, clock, password="short")

    made = someone(session, clock)

    assert made.password.startswith("$argon2id$")
    assert made.verify_and_update_password("long-enough-password")
    assert not made.verify_and_update_password("another")


def test_names_and_addresses_never_stand_in_the_log(session, clock, person):
    made = someone(session, clock)
    update_person(
        session,
        made,
        name="Bente B",
        roles=[Role.AUDITOR],
        departments=[],
        by=person("administrator"),
        now=clock(),
        seen_version=1,
    )

    texts = [f"{line.before}{line.after}" for line in session.scalars(select(EventRecord))]

    assert not any(word in text for text in texts for word in ("Ane", "Bente", "@", "argon2"))


def test_a_new_password_ends_every_session(session, clock):
    made = someone(session, clock)
    before = made.fs_uniquifier

    change_password(session, made, password="another-long-one", by=made, now=clock())

    assert made.fs_uniquifier != before
    assert made.verify_and_update_password("another-long-one")


def test_rights_are_changed_from_the_present_version_and_never_ones_own(session, clock, person):
    made = someone(session, clock)
    change = {"name": "Ane", "roles": [Role.AUDITOR], "departments": [], "now": clock()}
    with pytest.raises(NotAllowedError):
        update_person(session, made, **change, by=made, seen_version=1)
    with pytest.raises(NotAllowedError):
        deactivate_person(session, made, by=made, now=clock(), seen_version=1)

    update_person(session, made, **change, by=person("administrator"), seen_version=1)

    assert made.role_names == {Role.AUDITOR}
    with pytest.raises(Conflict):
        update_person(session, made, **change, by=None, seen_version=1)


def test_one_may_correct_ones_own_name(session, clock):
    made = someone(session, clock)

    update_person(
        session,
        made,
        name="Ane Aa",
        roles=[Role.FINANCE],
        departments=[],
        by=made,
        now=clock(),
        seen_version=1,
    )

    assert made.name == "Ane Aa"


def test_closed_accounts_come_last_and_are_no_demo(session, clock):
    made = someone(session, clock, name="Aa", is_demo=True)
    assert demo_people(session) == [made]

    deactivate_person(session, made, by=None, now=clock(), seen_version=1)

    assert demo_people(session) == []
    assert list_people(session)[-1] is made


def test_only_known_languages_are_remembered(session, clock):
    made = someone(session, clock)

    set_language(session, made, language="fr", now=clock())
    assert made.language is None
    set_language(session, made, language="en", now=clock())
    assert made.language == "en"
