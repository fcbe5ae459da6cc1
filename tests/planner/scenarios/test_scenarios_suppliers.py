"""The balance of internal and external, on the page of an allocation."""

import pytest

from planner.services.interventions import create_accepted

MILLION = 1_000_000


@pytest.fixture
def cases(session, build, department, clock):
    """Five candidates that all fit: two internal, two of one supplier, one unnamed."""
    made = []
    for title, millions, more in [
        ("Alfa", 1, {}),
        ("Beta", 2, {"supplier": "Egen enhed"}),
        ("Gamma", 1, {"supplier": "Fonden", "external": True}),
        ("Delta", 1, {"supplier": "Fonden", "external": True}),
        ("Epsilon", 3, {"external": True}),
    ]:
        flows = (build.flow(2027, -millions * MILLION), build.flow(2028, 9 * MILLION))
        case = build.case(title, options=(build.option(flows=flows),), **more)
        made.append(
            create_accepted(session, case, department=department("social"), by=None, now=clock())
        )
    session.commit()
    return made


def test_what_is_done_by_whom_adds_up_to_what_is_invested(finance, scenario, allocate, cells):
    identity = scenario.id
    allocate(identity)
    html = finance.get(f"/scenarios/{identity}").text
    rows = [[c.replace("\xa0", " ") for c in row] for row in cells(html, 'id="suppliers"')[1:]]
    assert rows == [
        ["Internt", "2", "3.000", "38 %"],
        ["Eksternt, ikke navngivet", "1", "3.000", "38 %"],
        ["Eksternt: Fonden", "2", "2.000", "25 %"],
        ["I alt", "5", "8.000", "100 %"],
    ]
    assert "Andelene er afrundet hver for sig" in html
    invested = [row for row in cells(html, 'id="funding"') if row[0] == "I alt"]
    assert "8.000" in invested[0]
