"""Who gains more than it pays, on the page of an allocation."""

import pytest
from sqlalchemy import select

from optimizer.settlement import settlement
from planner.formats import say_kroner, thousand_change
from planner.model import AllocationRecord
from planner.reports.stored import stored_allocation
from planner.services.interventions import create_accepted
from planner.services.scenarios import ScenarioData, create_scenario, update_objective

MILLION = 1_000_000


@pytest.fixture
def cases(session, build, department, clock):
    """One candidate that the municipality pays and others gain by, worth it for all together."""
    flows = (
        build.flow(2027, -9 * MILLION),
        build.flow(2028, 3 * MILLION),
        build.flow(2029, 4 * MILLION, payer="region"),
        build.flow(2030, 12 * MILLION, payer="stat"),
    )
    case = build.case("Alfa", options=(build.option(flows=flows),))
    made = create_accepted(session, case, department=department("social"), by=None, now=clock())
    session.commit()
    return [made]


@pytest.fixture
def stored(session):
    """The stored result."""

    def read():
        session.rollback()
        record = session.scalars(select(AllocationRecord)).one()
        session.rollback()
        return stored_allocation(record.plan, record.result)

    return read


def test_every_number_is_the_payers_own(finance, session, scenario, fresh, allocate, stored, cells):
    record = fresh(type(scenario), scenario.id)
    goal = {"of": "net_saving", "payers": "all", "period": "horizon", "discounted": True}
    update_objective(
        session, record, {"terms": [goal]}, by=None, now=record.created_at, seen_version=1
    )
    identity = record.id
    session.commit()
    allocate(identity)

    allocation = stored()
    assert allocation.choice
    found = settlement(allocation)
    rows = cells(finance.get(f"/scenarios/{identity}").text, 'id="settlement"')[1:]
    names = ["Kommunen", "Regionen", "Staten", "I alt"]
    assert [row[0] for row in rows] == names
    for purse, row in zip(found.purses, rows, strict=False):
        totals = allocation.payer_totals[purse.payer]
        assert purse.net == totals.discounted
        parts = (purse.paid, purse.saved, totals.discounted, purse.moved, purse.after)
        assert row[1:] == [thousand_change(part) for part in parts]
    assert rows[0][5] == "0"
    assert rows[3][4] == "0"
    words = finance.page(f"/scenarios/{identity}").words
    assert "1 kasse taber; " in words
    for one in found.transfers:
        said = say_kroner(one.amount).replace("\u00a0", " ")
        giver = {"region": "Regionen", "stat": "Staten"}[one.giver]
        assert f"{giver} giver Kommunen {said}" in words
    assert len(found.transfers) == 2


def test_where_nobody_loses_there_is_nothing_to_move(
    finance, build, session, department, clock, strategy, allocate, cells
):
    flows = (build.flow(2027, -MILLION), build.flow(2028, 3 * MILLION))
    case = build.case("Beta", options=(build.option(flows=flows),))
    create_accepted(session, case, department=department("social"), by=None, now=clock())
    made = create_scenario(session, strategy, ScenarioData(title="Ingen"), by=None, now=clock())
    session.commit()
    identity = made.id
    allocate(identity)
    page = finance.get(f"/scenarios/{identity}").text
    assert "Ingen kasse taber på planen" in page
    rows = cells(page, 'id="settlement"')
    assert len(rows[0]) == 4
    assert rows[1][:2] == ["Kommunen", "−1.000"]
