"""Comments between finance and a department: at a field or the whole case, open or resolved."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from planner.model import CommentRecord, EventRecord
from planner.services.interventions import new_draft_from, return_case, submit_case

PATH = "/interventions/housing-first"


@pytest.fixture
def submitted(session, build, add_draft, person, clock):
    case = add_draft(build.flow(2027, -3), build.flow(2028, 5, budget_line="5.38"))
    submit_case(session, case, by=person("social"), now=clock(), seen_version=1)
    session.commit()
    return case


def say(client, words, field="summary", path=f"{PATH}/comments"):
    return client.submit(path, {"text": words, "field": field})


def test_a_thread_goes_from_finance_to_the_department_and_is_resolved(
    client_for, submitted, session
):
    finance, social = client_for("finance"), client_for("social")
    assert say(finance, "Hvem er borgerne?").status_code == 303
    assert "1 åben" in social.page(PATH).words
    thread = session.scalar(select(CommentRecord))
    session.rollback()

    page = social.page(f"{PATH}/comments")
    assert "Finance" in page.words
    assert "Hvem er borgerne?" in page.words
    answer = say(social, "40 hjemløse", path=f"{PATH}/comments?thread={thread.id}")
    assert answer.status_code == 303
    stored = session.scalars(select(CommentRecord).order_by(CommentRecord.id)).all()
    assert [(c.thread_id, c.field, c.text) for c in stored] == [
        (None, "summary", "Hvem er borgerne?"),
        (thread.id, "summary", "40 hjemløse"),
    ]
    session.rollback()

    resolve = f"{PATH}/comments/{thread.id}/resolve"
    assert finance.submit(f"{PATH}/comments", to=resolve).status_code == 303
    words = social.page(PATH).words
    assert "0 åbne" in words
    assert "Løst af Finance, 23. november 2026 kl. 10.00." in words
    say(social, "Og deres familier", path=f"{PATH}/comments?thread={thread.id}")
    assert "1 åben" in social.page(PATH).words


def test_what_is_said_is_in_the_log_but_not_its_words(client_for, submitted, session):
    say(client_for("finance"), "Fru Jensen siger nej")

    line = session.scalar(select(EventRecord).order_by(EventRecord.seq.desc()).limit(1))
    assert line.action == "case.comment"
    assert line.after["field"] == "summary"
    assert "Jensen" not in str(line.after)


def test_open_comments_stand_at_the_step_of_their_field_in_the_next_draft(
    client_for, submitted, session, person, clock
):
    finance = client_for("finance")
    say(finance, "Uklart resumé")
    say(finance, "Hvor er regionen?", field="flows")
    return_case(session, submitted, reason="Ret", by=person("finance"), now=clock(), seen_version=2)
    new_draft_from(session, submitted, by=person("social"), now=clock())
    session.commit()
    social = client_for("social")

    description = social.page(f"{PATH}/edit/description").words
    assert "Uklart resumé" in description
    assert "Hvor er regionen?" not in description
    assert "Hvor er regionen?" in social.page(f"{PATH}/edit/flows").words


@pytest.mark.parametrize("wrong", [{"text": " "}, {"text": "\x00"}, {"field": "nothing"}])
def test_a_faulty_comment_is_refused_with_what_was_typed(client_for, submitted, wrong, session):
    answer = client_for("finance").submit(
        f"{PATH}/comments", {"text": "Bevar mig", "field": ""} | wrong
    )

    assert answer.status_code == 422
    assert "text" in wrong or "Bevar mig" in answer.text
    assert session.scalar(select(CommentRecord)) is None
    session.rollback()


def test_only_those_who_work_with_the_case_read_and_write(client_for, submitted, session):
    say(client_for("finance"), "Kun for jer")
    thread = session.scalar(select(CommentRecord.id))
    session.rollback()

    assert "Kun for jer" in client_for("auditor").page(PATH).words
    assert "Kun for jer" in client_for("social_reader").page(f"{PATH}/comments").words
    for reader in ("auditor", "social_reader"):
        assert client_for(reader).send(f"{PATH}/comments", {"text": "x"}).status_code == 403
    assert client_for("politician").get(f"{PATH}/comments").status_code == 403
    stranger = client_for("employment")
    assert stranger.get(f"{PATH}/comments").status_code == 404
    assert stranger.send(f"{PATH}/comments/{thread}/resolve").status_code == 404
    assert client_for("finance").get(f"{PATH}/comments?thread=99").status_code == 404


def test_a_comment_is_never_rewritten(client_for, submitted, session):
    say(client_for("finance"), "Oprindelig")
    for statement in ("UPDATE comment SET text = 'x'", "DELETE FROM comment"):
        with pytest.raises(IntegrityError, match="never"):
            session.execute(text(statement))
        session.rollback()
