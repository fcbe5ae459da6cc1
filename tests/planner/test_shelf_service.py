"""The shelf: versions are added and never changed, and whoever uses old ones is found."""

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from optimizer.shelf import ShelfKind
from optimizer.shelf_reader import ShelfErrors
from planner.model import EventRecord, ShelfVersionRecord
from planner.model.database import UnloggedChangeError
from planner.model.states import WrongStateError
from planner.services.interventions import (
    accept_case,
    create_draft,
    new_draft_from,
    submit_case,
    withdraw_intervention,
)
from planner.services.scenarios import ScenarioData, create_scenario
from planner.services.shelf import (
    EntryDraft,
    RetiredError,
    ShelfFilters,
    add_entry,
    add_version,
    first_day,
    get_entry,
    get_setting,
    is_old,
    list_entries,
    retire_entry,
    set_years,
)
from planner.services.shelf_uses import attention, flags, record_uses, uses_of
from planner.services.writing import Conflict, MissingVersionError, NotFoundError


def a_price(title="Herbergsdøgn", amount=1_400, **changes):
    values = {
        "amount": amount,
        "unit": "døgn",
        "price_year": 2026,
        "category": "service",
        "share_municipality": Fraction(1),
    }
    frame = {"source": "Kommunens regnskab", "source_date": "2025"} | changes
    return EntryDraft(kind=ShelfKind.UNIT_PRICE, title=title, values=values, **frame)


def a_consequence(price, title="Færre døgn"):
    values = {"unit_price": price, "year_0": Fraction(-90)}
    return EntryDraft(
        kind=ShelfKind.CONSEQUENCE, title=title, values=values, source="Skøn", source_date="2026"
    )


@pytest.fixture
def price(session, person, clock):
    return add_entry(session, a_price(), by=person("finance"), now=clock())


@pytest.fixture
def renew(session, person, clock):
    def renewed(entry, amount=1_500, **changes):
        return add_version(
            *(session, entry, a_price(amount=amount, **changes)),
            by=person("finance"),
            now=clock(),
            seen_version=entry.version,
        )

    return renewed


@pytest.fixture
def case(session, build, department, clock):
    """A draft of the department "social" that uses the given versions."""

    def made(*versions, title="Housing First"):
        found = create_draft(
            session, build.case(title), department=department("social"), by=None, now=clock()
        )
        record_uses(session, found, [version.id for version in versions])
        return found

    return made


def faults(call, *args, **kwargs):
    with pytest.raises(ShelfErrors) as wrong:
        call(*args, **kwargs)
    return {error.field: error.message.da for error in wrong.value.errors}


# --- Laying up ------------------------------------------------------------------------------------


def test_a_new_entry_has_a_first_version_an_address_and_a_line_in_the_log(session, price, person):
    assert (price.key, price.newest.number, price.newest.says.amount) == ("herbergsdoegn", 1, 1_400)
    line = session.scalars(select(EventRecord).order_by(EventRecord.seq.desc())).first()
    assert (line.action, line.object_id) == ("shelf.add", str(price.id))
    assert line.actor == f"person:{person('finance').id}"
    assert line.after["amount"] == 1_400
    assert line.after["source"] == "Kommunens regnskab"


def test_everything_wrong_with_a_draft_is_said_at_once(session, price, clock):
    draft = EntryDraft(
        kind=ShelfKind.UNIT_PRICE,
        title=" herbergsDØGN ",
        key="new",
        values={"amount": -5},
        source="",
        source_date="2026-13",
    )

    found = faults(add_entry, session, draft, by=None, now=clock())

    assert set(found) == {
        *("title", "key", "amount", "unit", "price_year", "category"),
        *("share_municipality", "source", "source_date"),
    }
    assert "allerede en post" in found["title"]
    assert len(list_entries(session)) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"key": "Ikke Sådan"}, "key"),
        ({"key": "herbergsdoegn"}, "key"),
        ({"key": "a" * 81}, "key"),
        ({"source": "x" * 501}, "source"),
        ({"source_date": "i går"}, "source_date"),
        ({"source_date": "2026-11-24"}, "source_date"),  # tomorrow
        ({"source_date": "2027"}, "source_date"),
    ],
)
def test_the_frame_of_an_entry_is_checked(session, price, clock, changes, field):
    draft = a_price(**({"title": "Noget andet"} | changes))

    assert list(faults(add_entry, session, draft, by=None, now=clock())) == [field]


def test_equal_titles_of_two_kinds_get_addresses_of_their_own(session, price, clock):
    other = add_entry(session, a_consequence(price.key, title="Herbergsdøgn"), by=None, now=clock())

    assert other.key == "herbergsdoegn-2"


def test_a_consequence_refers_to_a_price_that_is_in_use(session, price, person, clock):
    assert list(faults(add_entry, session, a_consequence("intet"), by=None, now=clock())) == [
        "unit_price"
    ]
    add_entry(session, a_consequence(price.key), by=None, now=clock())
    retire_entry(session, price, reason="x", by=None, now=clock(), seen_version=1)
    again = a_consequence(price.key, title="En til")
    assert list(faults(add_entry, session, again, by=None, now=clock())) == ["unit_price"]


def test_a_version_is_added_and_the_earlier_one_stays(session, price, renew):
    renew(price)

    assert [(v.number, v.says.amount) for v in price.versions] == [(1, 1_400), (2, 1_500)]
    line = session.scalars(select(EventRecord).order_by(EventRecord.seq.desc())).first()
    assert (line.action, line.before, line.after) == (
        "shelf.version",
        {"number": 1, "amount": 1_400},
        {"key": "herbergsdoegn", "number": 2, "amount": 1_500},
    )


def test_nothing_is_overwritten_unseen(session, price, renew, clock):
    renew(price)

    for seen, error in ((1, Conflict), (None, MissingVersionError)):
        with pytest.raises(error):
            add_version(session, price, a_price(), by=None, now=clock(), seen_version=seen)
        with pytest.raises(error):
            retire_entry(session, price, reason="x", by=None, now=clock(), seen_version=seen)
    assert len(price.versions) == 2


def test_a_retired_entry_stays_visible_and_gets_no_new_version(session, price, clock):
    retire_entry(session, price, reason="Erstattet", by=None, now=clock(), seen_version=1)

    assert list_entries(session) == []
    assert list_entries(session, ShelfFilters(with_retired=True)) == [price]
    assert get_entry(session, price.key).retired_reason == "Erstattet"
    with pytest.raises(RetiredError):
        add_version(session, price, a_price(), by=None, now=clock(), seen_version=2)
    with pytest.raises(RetiredError):
        retire_entry(session, price, reason="x", by=None, now=clock(), seen_version=2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE shelf_version SET source = 'x'",
        "DELETE FROM shelf_version",
        "DELETE FROM shelf_entry",
        "UPDATE shelf_entry SET title = 'x'",
        "UPDATE shelf_entry SET key = 'x'",
    ],
)
def test_the_database_itself_refuses_to_change_what_lies_on_the_shelf(session, price, statement):
    session.commit()

    with pytest.raises(IntegrityError):
        session.execute(text(statement))


def test_searching_finds_every_word_in_title_source_and_fields(session, price, clock):
    add_entry(session, a_price(title="Sengedag", source="Regionen"), by=None, now=clock())

    def found(**asked):
        return [entry.title for entry in list_entries(session, ShelfFilters(**asked))]

    assert found() == ["Herbergsdøgn", "Sengedag"]
    assert found(text="HERBERGSDØGN regnskab") == ["Herbergsdøgn"]
    assert found(text="regionen") == ["Sengedag"]
    assert found(text="regionen regnskab") == []
    assert found(kind=ShelfKind.EFFECT) == []


def test_what_is_not_there(session):
    with pytest.raises(NotFoundError):
        get_entry(session, "intet")


# --- Age ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text_", "first"),
    [("2025", (2025, 1, 1)), ("2025-10", (2025, 10, 1)), ("2025-10-31", (2025, 10, 31))],
)
def test_dates_of_sources(text_, first):
    assert first_day(text_).timetuple()[:3] == first


@pytest.mark.parametrize(
    "text_", ["", "25", "2025-2", "2025-13", "2025-02-30", "0000", "2025-1-01"]
)
def test_what_is_no_date(text_):
    assert first_day(text_) is None


@pytest.mark.parametrize(
    ("source_date", "years", "old"),
    [
        # today is 23 November 2026
        ("2023-11-23", 3, False),
        ("2023-11-22", 3, True),
        ("2023-11", 3, False),  # may be of the 30th
        ("2023-10", 3, True),
        ("2023", 3, False),  # may be of 31 December
        ("2022", 3, True),
        ("2022", 4, False),
        ("", 3, False),  # counted from when it was made: today
    ],
)
def test_when_a_source_is_old(session, clock, source_date, years, old):
    entry = add_entry(session, a_price(source_date=source_date), by=None, now=clock())

    assert is_old(entry.newest, now=clock(), years=years) is old


def test_a_source_without_a_date_is_as_old_as_its_version(session, clock):
    entry = add_entry(session, a_price(source_date=""), by=None, now=clock())
    version = entry.newest

    clock.forward(days=3 * 365)
    assert not is_old(version, now=clock(), years=3)
    clock.forward(days=3)
    assert is_old(version, now=clock(), years=3)


def test_the_age_is_a_setting(session, clock):
    assert (get_setting(session).years, get_setting(session).version) == (3, 0)

    set_years(session, 5, by=None, now=clock(), seen_version=0)
    set_years(session, 4, by=None, now=clock(), seen_version=1)

    assert (get_setting(session).years, get_setting(session).version) == (4, 2)
    with pytest.raises(Conflict):
        set_years(session, 2, by=None, now=clock(), seen_version=1)


# --- Uses -----------------------------------------------------------------------------------------


def test_a_draft_says_what_it_uses_and_may_say_something_else(session, price, renew, case):
    first = price.newest
    found = case(first)
    second = renew(price)

    record_uses(session, found, [first.id, second.id])
    assert [use.version.number for use in uses_of(session, price)] == [2, 1]
    record_uses(session, found, [second.id])

    (use,) = uses_of(session, price)
    assert (use.version, use.case, use.scenarios) == (second, found, ())
    with pytest.raises(NotFoundError):
        record_uses(session, found, [999_999])


def test_a_use_alone_is_no_saving_without_a_line_in_the_log(session, price, case):
    found = case(price.newest)
    session.commit()

    record_uses(session, found, [])
    with pytest.raises(UnloggedChangeError):
        session.commit()


def test_what_a_submitted_case_used_is_never_changed(session, price, renew, case, clock):
    found = case(price.newest)
    submit_case(session, found, by=None, now=clock(), seen_version=found.version)
    second = renew(price)

    with pytest.raises(WrongStateError):
        record_uses(session, found, [second.id])
    session.commit()
    for statement in (
        "DELETE FROM case_shelf_use",
        f"UPDATE case_shelf_use SET shelf_version_id = {second.id}",
        f"INSERT INTO case_shelf_use (case_id, shelf_version_id) VALUES ({found.id}, {second.id})",
    ):
        with pytest.raises(IntegrityError):
            session.execute(text(statement))
        session.rollback()


def test_one_sees_only_the_uses_of_cases_that_one_may_see(session, price, case, person):
    case(price.newest)

    seen = {
        name: len(uses_of(session, price, actor=person(name)))
        for name in ("social", "employment", "finance", "auditor", "administrator")
    }

    assert seen == {"social": 1, "employment": 0, "finance": 0, "auditor": 1, "administrator": 0}


def reasons(session, clock):
    return [
        (flag.use.case.title, flag.has_newer, flag.is_old, flag.is_retired)
        for flag in flags(session, now=clock())
    ]


def test_a_case_is_flagged_when_its_version_is_renewed_old_or_retired(
    session, price, renew, case, clock
):
    other = add_entry(session, a_price(title="Sengedag"), by=None, now=clock())
    case(price.newest, title="A")
    case(other.newest, title="B")
    assert reasons(session, clock) == []

    renew(price)
    assert reasons(session, clock) == [("A", True, False, False)]
    retire_entry(session, other, reason="x", by=None, now=clock(), seen_version=1)
    assert reasons(session, clock) == [("A", True, False, False), ("B", False, False, True)]
    # both sources are of 2025: old when all of 2025 lies three years back
    clock.now = clock.now.replace(year=2029, month=1, day=1)
    assert reasons(session, clock) == [("A", True, True, False), ("B", False, True, True)]


def test_only_cases_that_still_count_are_flagged(session, strategy, price, renew, case, clock):
    first = case(price.newest, title="A")
    submit_case(session, first, by=None, now=clock(), seen_version=first.version)
    accept_case(session, first, by=None, now=clock(), seen_version=first.version)
    second = renew(price)
    draft = new_draft_from(session, first, by=None, now=clock())
    record_uses(session, draft, [second.id])
    # the accepted version still counts beside the draft
    assert [flag.use.case for flag in flags(session, now=clock())] == [first]

    scenario = create_scenario(session, strategy, ScenarioData(title="S"), by=None, now=clock())
    submit_case(session, draft, by=None, now=clock(), seen_version=draft.version)
    accept_case(session, draft, by=None, now=clock(), seen_version=draft.version)
    (flag,) = flags(session, now=clock())
    # superseded, but a scenario stands on it
    assert (flag.use.case, flag.use.scenarios) == (first, (scenario,))

    withdraw_intervention(
        *(session, first.intervention),
        reason="x",
        by=None,
        now=clock(),
        seen_version=first.intervention.version,
    )
    assert flags(session, now=clock()) == []


def test_attention_counts_entries_and_cases(session, price, renew, case, clock):
    assert not attention(session, now=clock()).is_needed
    used = price.newest
    case(used, title="A")
    case(used, title="B")
    renew(price)

    found = attention(session, now=clock())
    assert (found.old_entries, found.flagged_cases, found.is_needed) == (0, 2, True)
    clock.now += timedelta(days=5 * 365)
    assert attention(session, now=clock()).old_entries == 1


def test_flags_cost_as_many_queries_for_ten_cases_as_for_one(session, price, renew, case, clock):
    from sqlalchemy import event

    used = price.newest
    case(used, title="0")
    renew(price)

    def queries():
        session.commit()
        session.expire_all()
        seen = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(session.get_bind(), "before_cursor_execute", listener)
        found = flags(session, now=clock())
        # what a page says of each
        _words = [(f.use.case.intervention.code, f.use.version.entry.title) for f in found]
        event.remove(session.get_bind(), "before_cursor_execute", listener)
        return len(found), len(seen)

    one = queries()
    for number in range(1, 10):
        case(used, title=str(number))
    ten = queries()

    assert (one[0], ten[0]) == (1, 10)
    assert ten[1] == one[1]


def test_versions_are_kept_in_order(session, price, renew):
    for amount in (1_500, 1_600, 1_700):
        renew(price, amount)

    rows = session.scalars(select(ShelfVersionRecord).order_by(ShelfVersionRecord.id)).all()
    assert [row.number for row in rows] == [1, 2, 3, 4]
