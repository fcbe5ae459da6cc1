"""The argument of a case: what it comes to is stored, frozen with it, and can be computed anew."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from optimizer.cases import CaseErrors
from planner.model.states import Origin
from planner.services.case_argument import argued, document_of
from planner.services.cases import case_data, case_document
from planner.services.interventions import (
    accept_case,
    create_draft,
    new_draft_from,
    save_draft,
    submit_case,
)
from tests.planner.arguments import a_consequence, a_cost, an_argument, an_effect


@pytest.fixture
def draft(session, build, department, clock):
    """A draft with one direct amount beside its argument."""

    def make(argument=None, **changes):
        direct = build.flow(2029, 50_000, line="Lejemål", budget_line="5.10")
        options = changes.pop("options", None) or (build.option(flows=(direct,), measures=()),)
        data = build.case(argument=argument or an_argument(), options=options, **changes)
        return create_draft(session, data, department=department("social"), by=None, now=clock())

    return make


def amounts(case, *, place=0, origin=Origin.COMPUTED):
    flows = case_data(case).options[place].flows
    return [
        (f.line_id, f.year, f.payer, f.low, f.amount, f.high) for f in flows if f.origin is origin
    ]


def test_the_flows_of_the_argument_are_stored_beside_the_direct_ones(draft):
    case = draft()

    # 40 x (0.40 - 0.15) x 30 x 1,000 = 300,000; low 40 x (0.30 - 0.15), high 40 x (0.50 - 0.15)
    assert amounts(case) == [
        ("bolig/herberg", 2027, "kommune", 180_000, 300_000, 420_000),
        ("bolig/herberg", 2028, "kommune", 90_000, 150_000, 210_000),
        ("kursus", 2027, "kommune", None, -200_000, None),
    ]
    assert amounts(case, origin=Origin.DIRECT) == [("", 2029, "kommune", None, 50_000, None)]
    measures = {(m.name, m.year): m.value for m in case_data(case).options[0].measures}
    assert measures == {("borgere", 2027): Decimal(40), ("ekstra_succeser", 2027): Decimal(10)}


def test_saving_again_makes_them_anew_and_nothing_twice(session, draft, clock):
    case = draft()
    before = amounts(case)

    save_draft(session, case, case_data(case), by=None, now=clock(), seen_version=case.version)
    assert amounts(case) == before
    assert case.version == 1, "nothing changed"

    data = case_data(case)
    argument = document_of(data, case.intervention.strategy, costs=[a_cost(gross={"2028": 7})])
    changed = type(data)(**{**_fields(data), "argument": argument})
    save_draft(session, case, changed, by=None, now=clock(), seen_version=case.version)
    assert amounts(case)[2] == ("kursus", 2028, "kommune", None, -7, None)
    assert amounts(case, origin=Origin.DIRECT) == [("", 2029, "kommune", None, 50_000, None)]


def _fields(data):
    return {name: getattr(data, name) for name in type(data).__slots__}


def test_without_an_argument_its_flows_are_gone(session, draft, clock):
    case = draft()

    changed = type(case_data(case))(**{**_fields(case_data(case)), "argument": None})
    save_draft(session, case, changed, by=None, now=clock(), seen_version=case.version)

    assert amounts(case) == []
    assert len(amounts(case, origin=Origin.DIRECT)) == 1


def test_variants_are_the_options(draft, build):
    options = (
        build.option("lille", flows=(), measures=()),
        build.option("stor", flows=(), measures=()),
    )
    variants = [{"id": "lille", "scale": 0.5}, {"id": "stor", "shift": 1}]

    case = draft(an_argument(variants=variants), options=options)

    assert amounts(case)[0] == ("bolig/herberg", 2027, "kommune", 90_000, 150_000, 210_000)
    later = amounts(case, place=1)[0]
    assert later == ("bolig/herberg", 2028, "kommune", 180_000, 300_000, 420_000)


def test_what_falls_after_the_years_that_count_is_cut(draft):
    effect = an_effect(durability={"decay": 0, "years": 40}, consequences=[a_consequence()])

    case = draft(an_argument(effects=[effect]))

    years = [year for line, year, *_ in amounts(case) if line == "bolig/herberg"]
    assert years == list(range(2027, 2037))


def test_a_typed_measure_is_not_computed_beside_it(draft, build):
    option = build.option(flows=(), measures=(build_measure("borgere", 38),))

    case = draft(options=(option,))

    found = [(m.name, m.value) for m in case_data(case).options[0].measures]
    assert found == [("borgere", Decimal(38)), ("ekstra_succeser", Decimal(10))]


def build_measure(name, value):
    from planner.services.cases import MeasureData

    return MeasureData(name=name, value=Decimal(value))


def test_computing_anew_gives_exactly_the_stored_rows(draft):
    case = draft()
    data = case_data(case)

    found = argued(data, data.options[0], case.intervention.strategy)

    again = sorted(
        (c.line, f.year, f.payer, f.low, f.amount, f.high)
        for c in found.computed
        for f in [c.flow]
        if not c.line.startswith("direkte-")
    )
    stored = sorted(
        (line, year, payer, a if low is None else low, a, a if high is None else high)
        for line, year, payer, low, a, high in amounts(case)
    )
    assert again == stored
    assert {c.flow.amount for c in found.computed if c.line.startswith("direkte-")} == {50_000}
    formula = found.computed[0].provenance.formula.da.replace("\N{NO-BREAK SPACE}", " ")
    assert formula == "40 × (40 % − 15 %) × 30 døgn × 1.000 kr. = 300.000 kr."


def test_plan_files_hold_the_computed_flows(draft):
    document = case_document(draft())

    flows = document["options"][0]["flows"]
    assert {"origin", "line_id"}.isdisjoint(flows[0])
    assert sorted(flow["amount"] for flow in flows) == [-200_000, 50_000, 150_000, 300_000]
    assert document["options"][0]["measures"]["borgere"] == {"2027": 40}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE business_case SET argument = NULL",
        "UPDATE business_case SET typed = '{}'",
        "UPDATE flow SET origin = 'direct'",
        "UPDATE flow SET line_id = 'x'",
    ],
)
def test_a_submitted_argument_is_frozen(session, draft, clock, statement):
    case = draft()
    submit_case(session, case, by=None, now=clock(), seen_version=case.version)
    session.commit()

    with pytest.raises(DBAPIError, match="never changed"):
        session.execute(text(statement))
    session.rollback()


def test_the_next_draft_has_the_argument_too(session, draft, clock):
    case = draft()
    submit_case(session, case, by=None, now=clock(), seen_version=case.version)
    accept_case(session, case, by=None, now=clock(), seen_version=case.version)

    again = new_draft_from(session, case, by=None, now=clock())

    assert again.argument == case.argument
    assert amounts(again) == amounts(case)


def test_an_argument_that_cannot_be_read_is_refused(draft):
    with pytest.raises(CaseErrors) as refused:
        draft(an_argument(effects=[an_effect(success=1.2)]))

    assert [error.path for error in refused.value.errors] == ["effects[0].success"]


def test_a_price_of_another_year_needs_an_index(session, draft, strategy):
    old = a_consequence(
        price={"kroner": 1000, "unit": "døgn", "price_year": 2025, "source": "opdigtet"}
    )
    argument = an_argument(effects=[an_effect(consequences=[old])])
    with pytest.raises(CaseErrors, match="2025"):
        draft(argument)

    strategy.price_levels = {"source": "opdigtet eksempel", "index": {"2025": 100, "2027": 110}}
    assert amounts(draft(argument))[0][4] == 330_000
