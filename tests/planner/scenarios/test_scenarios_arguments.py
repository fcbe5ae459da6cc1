"""Cases with an argument in a plan: the browser and the command line allocate alike."""

import json

import pytest
from click.testing import CliRunner

from planner.commands import allocate as command
from planner.services.cases import case_data
from planner.services.interventions import create_accepted
from tests.planner.arguments import a_consequence, a_cost, an_argument, an_effect

CANDIDATES = (
    # title, citizens, success with, outlay
    ("Alfa", 40, 0.6, 3_000_000),
    ("Beta", 60, 0.45, 3_000_000),
    ("Gamma", 80, 0.25, 4_000_000),
    ("Delta", 30, 0.5, 2_000_000),
)


@pytest.fixture
def cases(session, build, department, clock):
    """Four accepted candidates that have no amounts but those that their effects come to."""
    made = []
    for title, citizens, success, outlay in CANDIDATES:
        effect = an_effect(
            citizens={"2027": citizens, "2028": citizens},
            success=success,
            durability={"decay": 0.1, "years": 6},
            consequences=[
                a_consequence(
                    quantity={"expected": -40, "low": -55, "high": -20},
                    split={"rule": "fixed", "shares": {"kommune": 0.7, "region": 0.3}},
                )
            ],
        )
        argument = an_argument(effects=[effect], costs=[a_cost(gross={"2027": outlay})])
        data = build.case(
            title,
            argument=argument,
            options=(build.option(flows=(), measures=()),),
            tags=("prøve",),
        )
        made.append(
            create_accepted(session, data, department=department("social"), by=None, now=clock())
        )
    session.commit()
    return made


def test_a_plan_of_arguments_is_allocated_alike_in_browser_and_on_the_command_line(
    finance, scenario, cases, allocate, tmp_path
):
    allocate()
    path = f"/scenarios/{scenario.id}"
    shown = json.loads(finance.get(f"{path}/result.json").data)
    plan = tmp_path / "plan.json"
    plan.write_bytes(finance.get(f"{path}/plan.json").data)

    told = CliRunner().invoke(command, [str(plan), "--json"])

    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)
    for key in ("status", "objective", "chosen", "totals", "rows"):
        assert found[key] == shown[key], key
    assert 0 < len(found["chosen"]) < len(CANDIDATES), "the pool does not pay for all"


def test_the_plan_file_holds_what_each_argument_comes_to(finance, scenario, cases):
    plan = json.loads(finance.get(f"/scenarios/{scenario.id}/plan.json").data)

    by_title = {i["title"]: i["options"][0]["flows"] for i in plan["interventions"]}
    for case in cases:
        stored = sorted(f.amount for f in case_data(case).options[0].flows)
        assert sorted(flow["amount"] for flow in by_title[case.title]) == stored
        assert stored
