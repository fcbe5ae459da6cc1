"""Limits, goal, relations, pools and candidates of a draft."""

import pytest
from sqlalchemy import select

from planner import formats
from planner.model import AllocationRecord, ScenarioRecord
from planner.services import scenarios
from planner.services.interventions import (
    accept_case,
    create_accepted,
    new_draft_from,
    save_draft,
    submit_case,
)

# ---- Limits, goal, relations ----


def test_a_limit_is_switched_off_and_on_and_removed(finance, session, scenario, fresh):
    path = f"/scenarios/{scenario.id}"
    finance.submit(f"{path}/limits/new/chosen", {"at_least": "1"})
    limit_id = fresh(ScenarioRecord, scenario.id).limits[0].id
    switch = f"{path}/limits/{limit_id}/switch"

    assert finance.submit(path, to=switch).status_code == 303
    stored = fresh(ScenarioRecord, scenario.id)
    assert not stored.limits[0].is_on
    assert scenarios.scenario_document(session, stored)["scenario"]["constraints"] == []
    assert "Slået fra." in finance.page(path).words

    assert finance.submit(path, to=switch).status_code == 303
    assert fresh(ScenarioRecord, scenario.id).limits[0].is_on
    remove = f"{path}/limits/{limit_id}/remove"
    assert finance.submit(f"{path}/limits/{limit_id}", to=remove).status_code == 303
    assert fresh(ScenarioRecord, scenario.id).limits == []
    assert finance.get(f"{path}/limits/{limit_id}").status_code == 404


def test_a_removed_limit_can_be_put_back_where_it_stood(finance, scenario, fresh):
    path = f"/scenarios/{scenario.id}"
    undo = f"{path}/limits/undo"
    for count in ("1", "2"):
        finance.submit(f"{path}/limits/new/chosen", {"at_least": count})
    first = fresh(ScenarioRecord, scenario.id).limits[0]
    finance.submit(path, to=f"{path}/limits/{first.id}/switch")
    before = [(x.content, x.is_on) for x in fresh(ScenarioRecord, scenario.id).limits]
    assert undo not in [form["action"] for form in finance.page(path).forms]

    finance.submit(f"{path}/limits/{first.id}", to=f"{path}/limits/{first.id}/remove")
    assert len(fresh(ScenarioRecord, scenario.id).limits) == 1
    page = finance.page(path)
    assert "Rammen er fjernet. Fortryd" in page.words
    assert finance.submit(path, to=undo).status_code == 303

    assert [(x.content, x.is_on) for x in fresh(ScenarioRecord, scenario.id).limits] == before
    assert undo not in [form["action"] for form in finance.page(path).forms]


def test_a_removal_is_not_undone_after_another_change(finance, scenario, fresh):
    path = f"/scenarios/{scenario.id}"
    undo = f"{path}/limits/undo"
    finance.submit(f"{path}/limits/new/chosen", {"at_least": "1"})
    limit = fresh(ScenarioRecord, scenario.id).limits[0]
    finance.submit(f"{path}/limits/{limit.id}", to=f"{path}/limits/{limit.id}/remove")
    version = fresh(ScenarioRecord, scenario.id).version

    finance.submit(f"{path}/title", {"title": "Et andet navn"})

    assert undo not in [form["action"] for form in finance.page(path).forms]
    assert finance.send(undo, {"version": str(version)}).status_code == 409
    assert finance.send(undo, {"version": str(version + 1)}).status_code == 404
    assert fresh(ScenarioRecord, scenario.id).limits == []


def test_every_kind_of_rule_is_offered_with_its_title_and_what_it_is_about(finance, scenario):
    from optimizer.constraints import constraints
    from optimizer.objectives import objectives
    from optimizer.relations import relations

    for family, registry in (
        ("limits", constraints),
        ("relations", relations),
        ("goal", objectives),
    ):
        for language in ("da", "en"):
            page = finance.page(f"/scenarios/{scenario.id}/{family}/new?lang={language}")
            for cls in registry.classes():
                assert cls.title.say(language) in page.words
                assert cls.about.say(language) in page.words
                form = finance.page(f"/scenarios/{scenario.id}/{family}/new/{cls.tag}")
                assert cls.about.say(language) in form.words
    assert finance.get(f"/scenarios/{scenario.id}/limits/new/nothing").status_code == 404
    assert finance.get(f"/scenarios/{scenario.id}/nothing/new").status_code == 404


def test_a_wrong_limit_is_said_at_its_field_and_what_was_typed_stays(finance, scenario, fresh):
    path = f"/scenarios/{scenario.id}/limits/new/invested"
    answer = finance.submit(path, {"at_least": "12,5", "label": "Mit navn"})
    assert answer.status_code == 422
    assert "Skriv hele kroner" in answer.text
    assert 'value="12,5"' in answer.text
    assert 'value="Mit navn"' in answer.text
    assert fresh(ScenarioRecord, scenario.id).limits == []


def test_a_relation_needs_a_reason(finance, scenario, cases, fresh):
    path = f"/scenarios/{scenario.id}"
    first, second = (case.intervention.key for case in cases[:2])
    sent = {"interventions": [first, second], "payer": "kommune", "loses_2029": "300.000"}
    answer = finance.submit(f"{path}/relations/new/overlap", sent)
    assert answer.status_code == 422
    assert fresh(ScenarioRecord, scenario.id).relations == []

    sent["reason"] = "De samme borgere"
    assert finance.submit(f"{path}/relations/new/overlap", sent).status_code == 303
    assert fresh(ScenarioRecord, scenario.id).relations == [
        {
            "kind": "overlap",
            "interventions": [first, second],
            "payer": "kommune",
            "loses": {"2029": 300_000},
            "reason": "De samme borgere",
        }
    ]
    words = finance.page(path).words
    assert "Alfa og Beta overlapper" in words
    assert "De samme borgere" in words

    changed = finance.submit(f"{path}/relations/0", {"reason": "Samme familier"})
    assert changed.status_code == 303
    assert fresh(ScenarioRecord, scenario.id).relations[0]["reason"] == "Samme familier"
    removed = finance.submit(f"{path}/relations/0", to=f"{path}/relations/0/remove")
    assert removed.status_code == 303
    assert fresh(ScenarioRecord, scenario.id).relations == []


def test_what_an_overlap_loses_is_in_the_sum(cells, finance, scenario, cases, allocate, session):
    path = f"/scenarios/{scenario.id}"
    pairs = [(a, b) for n, a in enumerate(cases) for b in cases[n + 1 :]]
    for first, second in pairs:
        sent = {
            "interventions": [first.intervention.key, second.intervention.key],
            "payer": "kommune",
            "loses_2028": "100.000",
            "reason": "Samme borgere",
        }
        finance.submit(f"{path}/relations/new/overlap", sent)
    allocate()
    found = list(cells(finance.get(path).text, 'id="funding"'))
    rows = {row[0]: row for row in found}
    record = session.scalars(select(AllocationRecord)).one()
    own = record.result["totals"]["net_saving"]["kommune"]
    lost = [row for row in found if row[0].startswith("Tabt ved overlap")]
    # three of the four are funded, and so three pairs
    assert [row[-2:] for row in lost] == [["−100", "0"]] * 3
    assert all(row[0].endswith(": Samme borgere") for row in lost)
    assert rows["I alt"][-2:] == [
        formats.thousand_change(own["budget_period"]),
        formats.thousand_change(own["after"]),
    ]


def test_what_may_be_counted_twice_is_said_to_councillors_too(
    client_for, finance, scenario, allocate
):
    """All four save on one line for the same people, and three of them are funded."""
    path = f"/scenarios/{scenario.id}"
    said = "Begge er valgt, så deres fælles besparelse kan være talt med to gange."
    assert allocate().words.count(said) == 3

    assert finance.submit(f"{path}/publish").status_code == 303
    page = client_for("politician").page(f"{path}/allocation")

    assert page.words.count(said) == 3
    assert "6 par" in page.words
    assert not any("/relations/new/" in link for link in page.links)


def test_the_goal_is_changed_added_to_and_replaced_but_never_lost(finance, scenario, fresh):
    path = f"/scenarios/{scenario.id}"
    assert finance.submit(f"{path}/goal/0", {"period": "budget"}).status_code == 303
    terms = fresh(ScenarioRecord, scenario.id).objective["terms"]
    assert [t["period"] for t in terms] == ["budget"]
    assert finance.send(f"{path}/goal/0/remove", {"version": 2}).status_code == 404

    assert finance.submit(f"{path}/goal/new/measure", {"measure": "citizens"}).status_code == 303
    terms = fresh(ScenarioRecord, scenario.id).objective["terms"]
    assert [t["of"] for t in terms] == ["net_saving", "measure"]
    assert finance.submit(f"{path}/goal/1", to=f"{path}/goal/1/remove").status_code == 303

    replaced = finance.submit(f"{path}/goal/new/measure?replace=0", {"measure": "citizens"})
    assert replaced.status_code == 303
    assert fresh(ScenarioRecord, scenario.id).objective == {
        "terms": [{"of": "measure", "measure": "citizens"}]
    }
    assert "Størst citizens i alt" in finance.page(path).words


# ---- Pools and candidates ----


def test_a_pool_by_year_with_repayment_is_set_and_shown(finance, scenario, fresh):
    path = f"/scenarios/{scenario.id}"
    sent = {
        "p0_mode": "paid_in",
        "p0_total": "",
        "p0_year_2027": "6.000.000",
        "p0_year_2028": "4.000.000",
        "p0_carry_over": "y",
        "p0_repays": "y",
        "p0_share": "50",
        "p0_payers": ["kommune"],
    }
    assert finance.submit(f"{path}/pools", sent).status_code == 303
    wanted = {
        "id": "pulje",
        "name": "Investeringspuljen",
        "kind": "investment",
        "paid_in": {"2027": 6_000_000, "2028": 4_000_000},
        "carry_over": True,
        "repayment": {
            "share": 0.5,
            "payers": ["kommune"],
            "case": "expected",
            "available": "next_year",
        },
    }
    stored = fresh(ScenarioRecord, scenario.id)
    assert stored.pools == [wanted]
    words = finance.page(path).words
    assert "10,0 mio. kr. over 2027–28" in words.replace("\N{NO-BREAK SPACE}", " ")
    assert finance.submit(f"{path}/pools").status_code == 303
    assert fresh(ScenarioRecord, scenario.id).version == stored.version


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"p0_mode": "total", "p0_total": ""}, "Skriv et beløb i hele kroner"),
        ({"p0_mode": "total", "p0_total": "-5"}, "Skal være mindst 0."),
        ({"p0_mode": "total", "p0_total": "10,5"}, "Skriv hele kroner"),
        ({"p0_mode": "paid_in", "p0_year_2027": "-1"}, "Skal være mindst 0."),
        (
            {"p0_mode": "paid_in", "p0_year_2027": "1", "p0_repays": "y", "p0_share": "50"},
            "Sæt mindst ét kryds.",
        ),
        (
            {
                "p0_mode": "paid_in",
                "p0_year_2027": "1",
                "p0_repays": "y",
                "p0_share": "150",
                "p0_payers": ["kommune"],
            },
            "fra 0 til",
        ),
        ({"p0_mode": "andet", "p0_total": "1"}, "vælges"),
    ],
)
def test_a_wrong_pool_is_said_at_its_field(finance, scenario, sent, words, fresh):
    answer = finance.submit(f"/scenarios/{scenario.id}/pools", sent)
    assert answer.status_code == 422
    assert words in answer.text
    assert fresh(ScenarioRecord, scenario.id).version == 1


def test_a_candidate_is_forced_with_a_reason_only(finance, scenario, cases, fresh, allocate):
    path = f"/scenarios/{scenario.id}/candidates"
    one, other = (case.intervention_id for case in cases[:2])
    answer = finance.submit(path, {f"force-{one}": "in"})
    assert answer.status_code == 422
    assert "Skriv, hvorfor det er afgjort på forhånd." in answer.text
    assert '<option value="in" selected' in answer.text

    sent = {f"force-{one}": "out", f"reason-{one}": "Byrådet har sagt nej"}
    fields = finance.page(path).forms
    form = next(f for f in fields if f"force-{one}" in f["fields"])
    data = form["fields"] | sent
    del data[f"part-{other}"]
    assert finance.post(path, data=data).status_code == 303
    known = {c.intervention_id: c for c in fresh(ScenarioRecord, scenario.id).candidates}
    assert (known[one].force, known[one].force_reason) == ("out", "Byrådet har sagt nej")
    assert not known[other].takes_part

    words = allocate().words
    assert "Alfa er holdt ude" in words
    assert "Byrådet har sagt nej" in words
    assert "3 indsatser med, 1 afgjort på forhånd" in words


def test_a_newer_accepted_version_is_said_and_taken(
    finance, session, scenario, cases, build, person, clock, fresh
):
    case = cases[0]
    draft = new_draft_from(session, case, by=person("social"), now=clock())
    save_draft(
        session,
        draft,
        build.case("Alfa, bedre"),
        by=person("social"),
        now=clock(),
        seen_version=draft.version,
    )
    submit_case(session, draft, by=person("social"), now=clock(), seen_version=draft.version)
    accept_case(session, draft, by=person("finance"), now=clock(), seen_version=draft.version)
    create_accepted(
        session, build.case("Efternøler"), department=case.intervention.department, by=None,
        now=clock(),
    )  # fmt: skip
    session.commit()
    path = f"/scenarios/{scenario.id}"
    words = finance.page(path).words
    assert "En nyere version af 1 investeringscase er godkendt siden." in words
    assert "1 indsats er godkendt, siden scenariet blev oprettet." in words

    newest = f"{path}/candidates/newest"
    assert finance.submit(f"{path}/candidates", to=newest).status_code == 303
    missing = f"{path}/candidates/missing"
    assert finance.submit(f"{path}/candidates", to=missing).status_code == 303
    stored = fresh(ScenarioRecord, scenario.id)
    assert stored.candidates[0].case.title == "Alfa, bedre"
    assert len(stored.candidates) == 5
    assert finance.send(newest, {"version": stored.version}).status_code == 404
