"""Drafts of a department, what it downloads, and reading and storing what comes back."""

from decimal import Decimal

import pytest

from planner.services.case_exchange import read_book, store_book
from planner.services.cases import MeasureData
from planner.services.interventions import create_draft
from tests.planner.case_books import HOSTILE, download, opened


@pytest.fixture
def language(app):
    """The reader's language: the application's own, Danish."""
    with app.test_request_context(headers={"Accept-Language": "da"}):
        yield "da"


@pytest.fixture
def social(person):
    return person("social")


@pytest.fixture
def made(session, build, department, social, clock, language):
    """Make drafts of the social department."""

    def make(*cases, place="social"):
        return [
            create_draft(session, case, department=department(place), by=social, now=clock())
            for case in cases
        ]

    return make


@pytest.fixture
def rich(build):
    """A case with everything that a workbook must carry."""
    flows = (
        build.flow(2027, -3_000_000, line="=Start"),
        build.flow(2028, 1_500_000, low=900_000, high=1_500_000),
        build.flow(2029, 2_500_000, low=0),
        build.flow(2029, 70_000),
        build.flow(2030, -20_000, kind="cost", payer="stat", line="", budget_line="+1"),
        build.flow(2031, 0, line="Nul", cashable=False, budget_line=""),
    )
    measures = (
        MeasureData(name="citizens", value=Decimal("12.5")),
        MeasureData(name="timer", value=Decimal(3), year=2028),
        MeasureData(name="timer", value=Decimal("-0.125"), year=2029),
    )
    return build.case(
        HOSTILE,
        summary="To linjer\n– den anden: æøå",
        supplier="@firma",
        external=True,
        evidence="-",
        tags=("forebyggelse", "+1"),
        options=(
            build.option(flows=flows, measures=measures),
            build.option("del", title="", pool=None, scalable_minimum=Decimal("0.125"), flows=()),
        ),
    )


@pytest.fixture
def book(session, strategy, social, language):
    """What the social department downloads, opened to be changed."""
    return lambda speaks=language: opened(download(session, strategy, social, speaks))


@pytest.fixture
def read(session, social):
    return lambda changed, by=social: read_book(session, changed.saved(), by=by)


@pytest.fixture
def store(session, social, clock):
    return lambda judged, by=social: store_book(session, judged.packed, by=by, now=clock())
