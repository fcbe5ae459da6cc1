"""Lists taken along as files: what stands on the page, for those who may see it."""

import csv
import io

import pytest
from openpyxl import load_workbook

from optimizer.shelf import ShelfKind
from planner.services.events import list_events
from planner.services.interventions import create_draft
from planner.services.scenarios import ScenarioData, create_scenario
from planner.services.shelf import EntryDraft, add_entry


@pytest.fixture
def filled(session, build, department, strategy, clock):
    """One draft, one scenario and one entry of the shelf."""
    create_draft(session, build.case(), department=department("social"), by=None, now=clock())
    create_scenario(session, strategy, ScenarioData(title="=Først"), by=None, now=clock())
    add_entry(
        session,
        EntryDraft(
            kind=ShelfKind.UNIT_PRICE,
            title="Sengedag",
            values={"amount": 6_000, "unit": "døgn", "price_year": 2026, "category": "service",
                    "share_municipality": 1},
            source="Regnskab",
            source_date="2025",
        ),
        by=None,
        now=clock(),
    )  # fmt: skip
    session.commit()


LISTS = [
    ("/scenarios/export/", "finance", "bundlinje-scenarios-all-2026-11-23", "Scenarie"),
    ("/settings/log/export/", "auditor", "bundlinje-log-newest-2026-11-23", "Linje"),
    ("/library/list/", "social", "bundlinje-library-list-2026-11-23", "Post"),
    ("/interventions/export/", "social", "bundlinje-interventions-1-2026-11-23", "Indsats"),
]


@pytest.mark.parametrize(("path", "name", "file", "heading"), LISTS)
def test_each_list_is_a_workbook_and_a_text(client_for, filled, path, name, file, heading):
    client = client_for(name)

    book = client.get(f"{path}xlsx")
    text = client.get(f"{path}csv")

    assert book.headers["Content-Disposition"] == f'attachment; filename="{file}.xlsx"'
    sheet = load_workbook(io.BytesIO(book.data)).worksheets[0]
    rows = list(csv.reader(io.StringIO(text.data.decode("utf-8-sig")), delimiter=";"))
    assert sheet["A4"].value == rows[0][0] == heading
    assert sheet.max_row - 4 == len(rows) - 1 > 0
    assert client.get(f"{path}pdf").status_code == 404


@pytest.mark.parametrize(
    ("path", "page"), [(p, p.removesuffix("/export/").removesuffix("/list/")) for p, *_ in LISTS]
)
def test_each_list_leads_to_its_files(client_for, filled, path, page):
    name = next(name for known, name, *_rest in LISTS if known == path)
    links = client_for(name).page(page).links
    assert {f"{path}xlsx", f"{path}csv"} <= set(links)


def test_the_log_is_taken_along_whole_lines(client_for, session, filled):
    answer = client_for("auditor").get("/settings/log/export/csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    lines = list_events(session).lines

    # the sign-in of the auditor may have been written since
    assert [row[-1] for row in rows[1:]][-len(lines) :] == [line.hash for line in lines]
    assert any('"housing-first"' in row[6] for row in rows)


def test_a_title_like_a_formula_stays_text(client_for, filled):
    text = client_for("finance").get("/scenarios/export/csv").data.decode("utf-8-sig")
    assert "'=Først" in text


def test_who_may_not_see_the_log_may_not_take_it_along(client_for, filled):
    assert client_for("social").get("/settings/log/export/csv").status_code == 403
    assert client_for("social").get("/scenarios/export/csv").status_code == 403
    assert client_for("politician").get("/library/list/csv").status_code == 403


def test_the_shelf_list_is_narrowed_as_the_address_says(client_for, filled):
    text = client_for("social").get("/library/list/csv?q=findes-ikke").data.decode("utf-8-sig")
    assert "Sengedag" not in text
