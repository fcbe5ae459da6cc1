"""Notices: to the right people, once, on the overview and as e-mail sent by the worker."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from planner.config import ConfigError
from planner.model import NoticeRecord
from planner.model.states import NoticeKind
from planner.noticing import tell
from planner.outbox import FileOutbox, SmtpOutbox, message_of, outbox_from
from planner.services.interventions import return_case, submit_case
from planner.services.notices import Letter, notify, tell_deadlines
from planner.services.rounds import RoundData, create_round, reopen_round

DEADLINE = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)


@pytest.fixture
def submitted(session, build, add_draft, person, clock):
    case = add_draft(build.flow(2027, -3), build.flow(2028, 5, budget_line="5.38"))
    submit_case(session, case, by=person("social"), now=clock(), seen_version=1)
    session.commit()
    return case


@pytest.fixture
def the_round(session, strategy, person, clock):
    made = create_round(
        session,
        strategy,
        RoundData(
            name="Budget 2028",
            opens_at=datetime(2026, 11, 1, tzinfo=UTC),
            deadline=DEADLINE,
            departments=("social",),
        ),
        by=person("finance"),
        now=clock(),
    )
    session.commit()
    return made


def told(session):
    """Who has been told what."""
    rows = session.scalars(select(NoticeRecord).order_by(NoticeRecord.id)).all()
    return [(row.person.name, str(row.kind)) for row in rows]


def test_the_department_is_told_of_a_return(client_for, submitted, session, person, clock):
    return_case(session, submitted, reason="Ret", by=person("finance"), now=clock(), seen_version=2)
    session.commit()
    assert told(session) == [("Social", "returned")]  # not the reader, not another department
    social = client_for("social")

    page = social.page("/")
    assert "Økonomi har sendt »Housing First« tilbage med en begrundelse." in page.words
    read = next(form["action"] for form in page.forms if form["action"].startswith("/notices/"))
    assert client_for("finance").send(read).status_code == 404
    assert social.submit("/", to=read).status_code == 303
    assert "Økonomi har sendt" not in social.page("/").words


def test_a_comment_is_told_to_the_other_side_only(client_for, submitted, session):
    say = {"text": "Hvem?", "field": ""}
    client_for("finance").submit("/interventions/housing-first/comments", say)
    client_for("social").submit("/interventions/housing-first/comments", say)

    assert told(session) == [("Social", "commented"), ("Finance", "commented")]


@pytest.mark.parametrize(
    ("before", "count"),
    [
        (timedelta(days=3, seconds=1), 0),
        (timedelta(days=3), 1),
        (timedelta(0), 1),
        (timedelta(seconds=-1), 0),
    ],
)
def test_a_deadline_is_told_in_its_last_three_days(session, the_round, before, count):
    assert len(tell_deadlines(session, now=DEADLINE - before)) == count


def test_a_deadline_is_told_once_and_a_new_one_anew(session, the_round, person):
    near = DEADLINE - timedelta(days=2)
    tell_deadlines(session, now=near)
    assert tell_deadlines(session, now=near + timedelta(days=1)) == []
    reopen_round(
        session,
        the_round,
        deadline=DEADLINE + timedelta(days=7),
        reason="Mere tid",
        by=person("finance"),
        now=near,
        seen_version=1,
    )

    assert len(tell_deadlines(session, now=DEADLINE + timedelta(days=5))) == 1
    assert told(session) == [("Social", "deadline_near")] * 2


def test_the_worker_writes_each_letter_once(session, the_round, engine, tmp_path, clock):
    clock.now = DEADLINE - timedelta(days=1)
    outbox = FileOutbox(tmp_path / "outbox")

    assert tell(engine, outbox, clock=clock) == 1
    assert tell(engine, outbox, clock=clock) == 0

    (file,) = (tmp_path / "outbox").iterdir()
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert message["To"] == "social@proeveby.example"
    assert message["Subject"].startswith("Bundlinje: Fristen for runden »Budget 2028« udløber")
    assert f"/rounds/{the_round.id}" in message.get_content()


def test_what_cannot_be_sent_waits(session, the_round, engine, tmp_path, clock):
    class Broken:
        def send(self, name, message):
            raise ConnectionRefusedError

    clock.now = DEADLINE - timedelta(days=1)
    assert tell(engine, Broken(), clock=clock) == 0
    assert tell(engine, FileOutbox(tmp_path / "outbox"), clock=clock) == 1


def test_a_closed_account_is_told_nothing(session, submitted, person, clock):
    person("social").active = False
    made = notify(
        session,
        [person("social"), person("finance")],
        NoticeKind.FLAGGED,
        about=submitted,
        key="price:1",
        title="x",
        path="/",
        now=clock(),
    )

    assert [notice.person_id for notice in made] == [person("finance").id]


def test_the_mail_server_is_set_by_its_address(tmp_path):
    assert outbox_from(tmp_path, {}) == FileOutbox(tmp_path / "outbox")
    found = outbox_from(tmp_path, {"BUNDLINJE_SMTP": "smtp://post:h%40t@mail.example:587"})
    assert isinstance(found, SmtpOutbox)
    assert (found.address.hostname, found.address.port) == ("mail.example", 587)
    with pytest.raises(ConfigError):
        outbox_from(tmp_path, {"BUNDLINJE_SMTP": "mail.example:25"})


def test_a_title_over_several_lines_is_no_header():
    letter = Letter(1, "a@b.example", "A", "Økonomi\r\nBcc: alle@b.example", "/x", "da")

    message = message_of(letter, {"BUNDLINJE_URL": "https://bundlinje.kommune.example/"})

    assert message["Bcc"] is None
    assert "https://bundlinje.kommune.example/x" in message.get_content()
