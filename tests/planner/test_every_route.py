"""Every route has a rule, every rule a route; every page is tried as everybody."""

import re

import pytest

from planner.access import CLOSED, RULES, Rule, may_ask
from planner.model.states import Role

SAFE = {"GET", "HEAD", "OPTIONS"}
ROLE_OF = {
    "administrator": Role.ADMINISTRATOR,
    "finance": Role.FINANCE,
    "social": Role.DEPARTMENT_EDITOR,
    "social_reader": Role.DEPARTMENT_READER,
    "politician": Role.POLITICIAN,
    "auditor": Role.AUDITOR,
}


def address(rule):
    """An address of a route, with things that do not exist."""
    return re.sub(
        r"<(?:(\w+):)?\w+>", lambda m: "999999" if m[1] == "int" else "nothing", rule.rule
    )


def test_every_route_has_a_rule_and_every_rule_a_route(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert endpoints - set(RULES) - CLOSED == set(), "routes without a rule in planner/access.py"
    assert set(RULES) - endpoints == set(), "rules without a route"


def test_every_rule_says_why():
    assert all(rule.note for rule in RULES.values())
    assert all(isinstance(rule, Rule) and rule.roles for rule in RULES.values())


def test_addresses_are_kebab_case_and_identities_are_typed(app):
    for rule in app.url_map.iter_rules():
        fixed = re.sub(r"<[^>]*>", "", rule.rule)
        assert fixed == fixed.lower(), rule.rule
        assert "_" not in fixed, rule.rule
        for argument in rule.arguments:
            if argument.endswith("_id"):
                assert f"<int:{argument}>" in rule.rule, rule.rule


def test_who_is_not_signed_in_comes_to_the_door_and_nowhere_else(app, client):
    form = {"csrf_token": client.token()}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in CLOSED or RULES[rule.endpoint].anybody:
            continue
        for method in (rule.methods or set()) & {"GET", "POST"}:
            data = form if method == "POST" else None
            answer = client.open(address(rule), method=method, data=data)
            assert answer.status_code == 303, (method, rule.rule)
            assert answer.location.startswith("/login"), (method, rule.rule)


def test_a_closed_route_answers_nobody(app, client_for):
    client = client_for("administrator")
    for rule in app.url_map.iter_rules():
        if rule.endpoint in CLOSED:
            assert client.get(address(rule)).status_code == 404


@pytest.mark.parametrize("name", ROLE_OF)
def test_each_role_is_refused_exactly_where_the_table_says(app, client_for, person, name):
    client = client_for(name)
    form = {"csrf_token": client.token()}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in CLOSED or rule.endpoint in {"security.logout", "settings.password"}:
            continue
        for method in (rule.methods or set()) & {"GET", "POST"}:
            data = form if method == "POST" else None
            answer = client.open(address(rule), method=method, data=data)
            answer.close()
            allowed = may_ask(person(name), rule.endpoint)
            assert (answer.status_code != 403) or not allowed, (method, rule.rule)
            assert allowed or answer.status_code == 403, (method, rule.rule, answer.status_code)
            assert answer.status_code < 500, (method, rule.rule, answer.status_code)


@pytest.mark.parametrize(
    ("name", "language"), [*((name, "da") for name in ROLE_OF), ("finance", "en")]
)
def test_every_link_that_is_shown_can_be_followed(client_for, name, language):
    client = client_for(name)
    seen, waiting = set(), [f"/?lang={language}"]
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith("#"):
            continue
        seen.add(path)
        answer = client.get(path)
        assert answer.status_code in {200, 303}, (path, answer.status_code)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            links = (link.split("#")[0] for link in client.read(answer).links)
            waiting += [link for link in links if link.startswith("/") and "lang=" not in link]
        answer.close()
    assert len(seen) > 2


def test_not_yours_and_not_there_look_the_same(client_for, session, build, department, clock):
    from planner.services.interventions import create_draft

    draft = create_draft(
        session, build.case("Hemmelig"), department=department("social"), by=None, now=clock()
    )
    session.commit()
    client = client_for("employment")
    token = re.compile(r'name="csrf_token" value="[^"]*"|lang=..|href="/interventions/[^"?]*')

    def body(code):
        answer = client.get(f"/interventions/{code}")
        assert answer.status_code == 404
        return token.sub("", answer.text)

    assert body(draft.intervention.code) == body("findes-ikke")
