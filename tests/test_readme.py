"""What README promises: its examples run, its links lead somewhere."""

import re
from pathlib import Path

import optimizer.sentence
from optimizer import allocate, plan_document, plan_from_document, read_plan
from optimizer.constraints import Constraint, constraints
from optimizer.program import Row
from optimizer.quantity import quantity

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_example_for_analysts_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(EXAMPLES[0], names)

    allocation = names["allocation"]
    assert allocation.status == "optimal"
    assert round(float(allocation.objective), 2) == 329_539_220.86  # published in the case's file


def test_the_example_of_a_limit_works_in_a_plan_file(monkeypatch):
    known = dict(constraints._classes)
    monkeypatch.setattr(constraints, "_classes", known)
    from dataclasses import dataclass

    exec(
        EXAMPLES[1],
        {
            "Constraint": Constraint,
            "Row": Row,
            "Sentence": optimizer.sentence.Sentence,
            "constraints": constraints,
            "dataclass": dataclass,
            "kroner": optimizer.sentence.kroner,
            "quantity": quantity,
        },
    )
    document = plan_document(read_plan(ROOT / "tests/cases/plans/winston_42.json"))
    document["scenario"]["constraints"] = [{"tag": "single_outlay", "at_most": 5_000}]

    plan = plan_from_document(document)
    allocation = allocate(plan, gap=0)

    # of outlays 5, 7, 4 and 3 thousand worth 16, 22, 12 and 8, all but the second fit in 14
    assert sorted(allocation.choice) == ["p1/base", "p3/base", "p4/base"]
    assert allocation.objective == 36_000
    assert plan_from_document(plan_document(plan)) == plan
    assert allocation.rows[0].row.label.da == "Intet udlæg over 5.000\N{NO-BREAK SPACE}kr."


def test_every_link_leads_to_a_file():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", README)
    assert "docs/screenshot.png" in links
    assert [link for link in links if not (ROOT / link).exists()] == []
