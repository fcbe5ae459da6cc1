"""The road of a case through the pages: submitted, returned, accepted, withdrawn, begun anew."""

import re

import pytest
from sqlalchemy import func, select

from planner.extensions import db
from planner.model import CaseRecord, EventRecord, InterventionRecord
from planner.model.database import reading
from planner.services.interventions import create_accepted, create_draft

PATH = "/interventions/housing-first"
ROLES = ("social", "employment", "finance", "politician", "administrator", "social_reader")


@pytest.fixture
def complete(build):
    """A case with everything that is required."""
    flows = (build.flow(2027, -3_000_000), build.flow(2028, 5_000_000, budget_line="5.38.42"))
    return build.case(options=(build.option(flows=flows),))


@pytest.fixture
def draft(session, complete, department, person, clock):
    case = create_draft(
        session, complete, department=department("social"), by=person("social"), now=clock()
    )
    session.commit()
    return case


@pytest.fixture
def state(app):
    """State, version and who and when of the newest version, read afresh."""

    def read():
        with app.app_context(), reading(db.engine) as session:
            case = session.scalars(select(CaseRecord).order_by(CaseRecord.number.desc())).first()
            return str(case.state)

    return read


@pytest.fixture
def lines(app):
    def count():
        with app.app_context(), reading(db.engine) as session:
            return session.scalar(select(func.count()).select_from(EventRecord))

    return count


def press(client, action, page=PATH, **changes):
    """Press the button whose form goes to `action`, as it stands on the page."""
    return client.submit(page, changes, to=f"{PATH}/{action}")


def submit(client):
    return press(client, "submit", f"{PATH}/edit/check")


def buttons(client, page=PATH):
    """What the head of the page offers."""
    html = client.get(page).text
    head = html[html.index('<div class="head">') : html.index('<section class="split">')]
    return set(re.findall(rf'(?:href|action)="{PATH}/([a-z/-]+)"', head))


def test_the_whole_road(client_for, draft, state, lines, clock):
    social, finance = client_for("social"), client_for("finance")
    count = lines()

    assert submit(social).location == PATH
    assert state() == "submitted"
    assert "Indsendt. Økonomi gennemgår casen" in social.get(PATH).text
    clock.forward(hours=1)
    answer = finance.submit(f"{PATH}/return", {"reason": "Mangler budgetlinje"})
    assert answer.location == PATH
    assert state() == "returned"
    assert "Mangler budgetlinje" in social.get(PATH).text
    assert press(social, "new-draft").location == f"{PATH}/edit/description"
    assert state() == "draft"
    submit(social)
    assert press(finance, "accept").location == PATH
    assert state() == "accepted"
    assert press(social, "new-draft").status_code == 303
    assert state() == "draft"
    assert lines() == count + 6

    words = finance.page(PATH).words
    assert "Finance: sendte den tilbage (version 1): Mangler budgetlinje" in words
    assert "Finance: godkendte den (version 2)" in words
    assert "Version 3" not in words


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("social", {"edit/description", "edit/check", "withdraw"}),
        ("social_reader", set()),
        ("auditor", set()),
    ],
)
def test_a_draft_offers_only_what_one_may(client_for, draft, name, expected):
    assert buttons(client_for(name)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("social", {"withdraw"}),
        ("finance", {"withdraw", "return", "accept", "department"}),
        ("auditor", set()),
    ],
)
def test_a_submitted_case_offers_only_what_one_may(client_for, draft, name, expected):
    submit(client_for("social"))

    assert buttons(client_for(name)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("social", {"withdraw", "new-draft"}), ("finance", {"withdraw", "department"}),
     ("politician", set()),
     ("employment", set()), ("administrator", set())],
)  # fmt: skip
def test_an_accepted_case_offers_only_what_one_may(client_for, draft, name, expected):
    submit(client_for("social"))
    press(client_for("finance"), "accept")

    assert buttons(client_for(name)) == expected


@pytest.mark.parametrize("action", ["submit", "accept", "return", "new-draft", "withdraw"])
@pytest.mark.parametrize("name", ROLES)
def test_nobody_takes_a_step_that_is_not_theirs(client_for, draft, state, lines, name, action):
    client, count = client_for(name), lines()
    if (name, action) in {("social", "submit"), ("social", "withdraw"), ("social", "new-draft")}:
        return

    answer = client.send(f"{PATH}/{action}", {"version": "1", "reason": "x"})

    assert answer.status_code in {403, 404}
    assert "Housing" not in answer.text
    assert (state(), lines()) == ("draft", count)


def test_what_is_missing_is_listed_and_blocks(client_for, session, build, department, clock, state):
    nameless = build.option(flows=(build.flow(2027, -3), build.flow(2028, 4, budget_line="")))
    lacking = build.case(summary="", target_group="", options=(nameless,))
    create_draft(session, lacking, department=department("social"), by=None, now=clock())
    session.commit()
    client = client_for("social")

    page = client.page(f"{PATH}/edit/check")
    answer = client.send(f"{PATH}/submit", {"version": "1"})

    assert f"{PATH}/edit/description#summary" in page.links
    assert f"{PATH}/edit/flows?option=base#line-1-budget" in page.links
    assert "Mindre forbrug: skriv den budgetlinje, der bliver mindre" in page.words
    assert "3 ting mangler, før den kan indsendes" in page.words
    assert f"{PATH}/submit" not in [form["action"] for form in page.forms]
    assert answer.status_code == 422
    assert "Skriv målgruppen." in answer.text
    assert state() == "draft"


def test_a_link_to_what_is_missing_leads_to_its_field(
    client_for, session, build, department, clock
):
    nameless = build.option(flows=(build.flow(2027, -3), build.flow(2028, 4, budget_line="")))
    lacking = build.case(summary="", options=(nameless,))
    create_draft(session, lacking, department=department("social"), by=None, now=clock())
    session.commit()
    client = client_for("social")
    links = [link for link in client.page(f"{PATH}/edit/check").links if "#" in link]

    for link in links:
        path, _hash, anchor = link.partition("#")
        assert anchor == "content" or anchor in client.page(path).ids, link
    assert len(links) >= 2


def test_what_a_plan_file_would_refuse_blocks_too(client_for, session, build, department, clock):
    flows = (build.flow(2027, 5, budget_line="x", low=9),)
    create_draft(
        session,
        build.case(options=(build.option(flows=flows),)),
        department=department("social"),
        by=None,
        now=clock(),
    )
    session.commit()
    client = client_for("social")

    assert client.send(f"{PATH}/submit", {"version": "1"}).status_code == 422
    assert f"{PATH}/edit/flows?option=base" in client.page(f"{PATH}/edit/check").links


@pytest.mark.parametrize("step", ["return", "withdraw"])
@pytest.mark.parametrize("reason", ["", "   ", "\x00", "x" * 2_001])
def test_without_a_reason_nothing_happens(client_for, draft, state, step, reason):
    submit(client_for("social"))

    answer = client_for("finance").submit(f"{PATH}/{step}", {"reason": reason})

    assert answer.status_code == 422
    assert 'href="#reason"' in answer.text
    assert state() == "submitted"


def test_withdrawn_it_stays_visible_and_nothing_more_is_done(client_for, draft, state, app):
    social = client_for("social")
    page = f"{PATH}/edit/check"
    fields = {"version": "1"}

    answer = social.submit(f"{PATH}/withdraw", {"reason": "Flyttet til BES"})

    assert answer.location == PATH
    html = social.get(PATH).text
    assert "Flyttet til BES" in html
    assert "Trukket tilbage" in html
    assert buttons(social) == set()
    assert social.send(f"{PATH}/submit", fields).status_code == 409
    assert social.send(f"{PATH}/edit/description", fields | {"title": "X"}).status_code == 409
    assert social.send(f"{PATH}/withdraw", fields | {"reason": "x"}).status_code == 409
    assert social.get(page).status_code == 303
    assert state() == "draft"
    with app.app_context(), reading(db.engine) as session:
        assert session.scalar(select(func.count()).select_from(InterventionRecord)) == 1


def test_a_stale_step_is_a_conflict(client_for, draft, state):
    social = client_for("social")
    assert social.send(f"{PATH}/submit", {"version": "7"}).status_code == 409
    submit(social)

    finance = client_for("finance")
    assert finance.send(f"{PATH}/accept", {"version": "1"}).status_code == 409
    assert finance.send(f"{PATH}/accept", {}).status_code == 428
    assert finance.send(f"{PATH}/return", {"version": "1", "reason": "x"}).status_code == 409
    assert state() == "submitted"


def test_a_step_that_somebody_else_took_first_is_a_conflict(client_for, draft, state):
    submit(client_for("social"))
    finance = client_for("finance")
    press(finance, "accept")

    assert finance.send(f"{PATH}/return", {"version": "3", "reason": "x"}).status_code == 409
    assert finance.send(f"{PATH}/accept", {"version": "3"}).status_code == 409
    assert client_for("social").send(f"{PATH}/submit", {"version": "3"}).status_code == 409
    assert state() == "accepted"


def test_pressed_twice_it_is_done_once(client_for, draft, lines):
    submit(client_for("social"))
    finance = client_for("finance")
    page = finance.page(PATH)
    form = next(form for form in page.forms if form["action"] == f"{PATH}/accept")

    first, second = (finance.post(form["action"], data=form["fields"]) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 303)
    assert "Allerede gemt" in finance.get(PATH).text
    assert lines() == lines()


def test_a_submitted_case_is_not_edited(client_for, draft):
    social = client_for("social")
    submit(social)

    assert social.get(f"{PATH}/edit/flows").location == PATH
    assert social.send(f"{PATH}/edit/flows", {"version": "2"}).status_code == 409


def test_nobody_without_a_token(client_for, draft, state):
    answer = client_for("social").post(f"{PATH}/submit", data={"version": "1"})

    assert answer.status_code == 400
    assert state() == "draft"


# ---- The department ----


def test_finance_gives_an_intervention_to_another_department(
    client_for, session, build, department, clock
):
    create_accepted(session, build.case(), department=department("social"), by=None, now=clock())
    session.commit()
    finance = client_for("finance")
    assert f"{PATH}/department" in finance.page(PATH).links

    answer = finance.submit(f"{PATH}/department", {"department": "employment"})

    assert answer.status_code == 303
    session.rollback()
    session.expire_all()
    moved = session.scalar(select(InterventionRecord))
    assert moved.department.key == "employment"
    line = session.scalar(select(EventRecord).order_by(EventRecord.seq.desc()).limit(1))
    assert (line.action, line.before, line.after) == (
        "intervention.move",
        {"department": "social"},
        {"department": "employment"},
    )
    session.rollback()
    assert "gav indsatsen til en anden forvaltning" in finance.page(PATH).words


def test_only_finance_moves_it_and_only_to_a_known_department(
    client_for, session, build, department, clock, lines
):
    create_accepted(session, build.case(), department=department("social"), by=None, now=clock())
    session.commit()
    before = lines()

    for name in ("social", "administrator", "politician"):
        sent = {"version": "1", "department": "employment"}
        assert client_for(name).send(f"{PATH}/department", sent).status_code == 403
    finance = client_for("finance")
    for wrong in ({"department": "ukendt"}, {"department": ""}):
        assert finance.submit(f"{PATH}/department", wrong).status_code == 422
    old = {"version": "7", "department": "employment"}
    assert finance.submit(f"{PATH}/department", old).status_code == 409

    assert lines() == before
