"""An option judged: only accepted cuts are cashable, and a contract pays by its own terms."""

from dataclasses import replace
from fractions import Fraction

import pytest

from optimizer.cases.figures import UNDER_CONTRACT
from planner.model.states import Cashability
from planner.services.acceptances import OwnerData, accept_cut, name_owners, saving_lines
from planner.services.case_argument import with_computed
from planner.services.case_judged import judge
from planner.services.cases import case_data
from planner.services.interventions import create_draft
from tests.planner.arguments import an_argument, an_effect


@pytest.fixture
def draft(session, build, department, person, clock):
    """450,000 kr. computed and 50,000 kr. typed are saved; 200,000 kr. is laid out."""

    def make(argument=None, **changes):
        flows = changes.pop("flows", (build.flow(2029, 50_000, line="Leje", budget_line="5.10"),))
        options = (build.option(flows=flows, measures=(), **changes),)
        case = create_draft(
            session,
            build.case(argument=argument or an_argument(), options=options),
            department=department("social"),
            by=person("social"),
            now=clock(),
        )
        session.flush()
        return case

    return make


def judged(case, data=None):
    data = data or case_data(case)
    return judge(data, data.options[0], case.intervention.strategy, case=case)


def cashable(case, data=None):
    figures = judged(case, data).figures
    return int(figures.cashable), figures.cashable_share


def computed_line(case):
    return next(line for line in saving_lines(case) if line.key.line == "Døgn på herberg")


@pytest.fixture
def owned(draft, session, person, clock):
    """The same, with an owner of the computed line who has accepted nothing yet."""
    case = draft()
    owner = OwnerData(kind=Cashability.BUDGET_CUT, person=person("social"))
    name_owners(
        session,
        case,
        [(computed_line(case), owner)],
        by=person("social"),
        now=clock(),
        seen_version=case.version,
    )
    return case


def test_a_line_that_nobody_has_declared_keeps_what_the_form_says(draft):
    assert cashable(draft()) == (500_000, 1)


def test_a_cut_counts_when_its_owner_has_accepted_it(owned, session, person, clock):
    assert cashable(owned) == (50_000, Fraction(1, 10)), "the typed line alone"

    accept_cut(
        session,
        computed_line(owned),
        on_date=clock().date(),
        by=person("social"),
        now=clock(),
        seen_version=owned.version,
    )
    session.expire_all()
    assert cashable(owned) == (500_000, 1)

    # what is being typed is another amount than the accepted one: 80 citizens for 40
    changed = an_argument(effects=[an_effect(citizens={"2027": 80})])
    data = with_computed(replace(case_data(owned), argument=changed), owned.intervention.strategy)
    found = judged(owned, data).figures
    assert (int(found.net), int(found.cashable)) == (900_000 + 50_000 - 200_000, 50_000)


def test_the_page_of_the_case_counts_accepted_cuts_alone(owned, session, client_for):
    session.commit()

    page = client_for("social").page("/interventions/housing-first")
    words = page.words.replace("\N{NO-BREAK SPACE}", " ")

    assert "Del af besparelsen, der kan hentes 10 %" in words


def test_a_contract_pays_in_each_case_for_what_is_saved_there(draft, build):
    """Half of what is saved until 2029, at most 200,000 kr. and nothing below 240,000 kr."""
    contract = {
        "payer": "kommune",
        "year": 2030,
        "until": 2029,
        "share": 0.5,
        "cap": 200_000,
        "gate": 240_000,
    }
    found = judged(draft(contract=contract, flows=()))

    net = {case.key: int(case.result.net) for case in found.standard_cases}
    assert net == {
        # half of 450,000 is over the cap: 450,000 less 200,000 less 200,000
        "expected": 50_000,
        # 270,000 - 200,000 - 135,000
        "low": -65_000,
        # 630,000 - 200,000 - 200,000
        "high": 230_000,
        # 225,000 is below the gate: nothing is paid
        "weaker": 25_000,
        # 300,000 in 2028 and 150,000 in 2029 are still measured
        "later": 50_000,
        # 8 of 10 extra successes: 360,000 - 200,000 - 180,000
        "fewer": -20_000,
    }
    assert int(found.figures.net) == 50_000
    assert found.figures.break_even == UNDER_CONTRACT
