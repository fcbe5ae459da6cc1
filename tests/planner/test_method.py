"""The method page names every registered rule, with its formula, its fields and their bounds."""

import re
from html import unescape

from optimizer.constraints import constraints
from optimizer.method import FOUNDATIONS, SUMS
from optimizer.objectives import objectives
from optimizer.relations import relations

FAMILIES = (objectives, constraints, relations)


def test_every_registered_rule_is_on_the_page_with_its_formula(client_for):
    html = unescape(client_for("politician").get("/method").text)
    for registry in FAMILIES:
        for cls in registry.classes():
            assert f"<summary>{cls.title.da}</summary>" in html, cls.tag
            assert cls.about.da in html
            assert (cls.__doc__ or "").splitlines()[0] in html
            assert cls.source in html
    assert "Examples" not in html
    for name in (*FOUNDATIONS, *SUMS):  # each has a name in the reader's language
        assert f"<summary>{name.__name__}</summary>" not in html
    assert len(re.findall(r"<summary>", html)) >= sum(len(r.classes()) for r in FAMILIES) + 5


def test_the_page_speaks_both_languages(client_for):
    client = client_for("auditor")
    words = client.page("/method").words
    assert "Risikoen" in words or "Tab i de dårligste udfald" in words
    assert "skal udfyldes" in words
    english = client.page("/method?lang=en").words
    assert "Loss in the worst outcomes" in english
    assert "required" in english


def test_the_foot_of_every_page_leads_to_the_method(client_for, client):
    assert "/method" in client_for("social").page("/").links
    assert "/method" not in client.page("/login").links  # nobody is signed in yet
