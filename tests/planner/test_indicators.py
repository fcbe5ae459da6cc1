"""Indicators: the CSV with every error in its place, versions that stay, pictures by hand."""

import base64
import io
import re
import zlib
from decimal import Decimal
from html import unescape

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from planner.forms.numbers import parse_decimal
from planner.model import EventRecord, IndicatorRecord
from planner.reports.chart_indicator import YearPoint, series_by_year
from planner.reports.indicators import Indicator, Number, indicator_chart, indicators_csv
from planner.services.indicator_reading import MOST_LINES, decoded, read_indicators
from planner.services.indicators import (
    ChangedSinceError,
    changes,
    headings,
    list_indicators,
    points_of,
    rows_out,
    seen_in,
    store_indicators,
)

HEAD = "kommune;nøgletal;enhed;serie;år;værdi;kilde;kildedato;bemærkning"
SHARE = (
    f"{HEAD}\n"
    "Randers;Andele;%;Overførsler;2025;2,13;Oplæg, figur 8.14;2025-10;Virkelige tal\n"
    "Randers;Andele;%;Befolkning;2025;1,68;Oplæg, figur 8.15;2025-10;\n"
    "Randers;Ledige;personer;Ledige;2024;1.234;DST;2024;\n"
)


def read(content):
    return read_indicators(content, parse_decimal)


def faults(content):
    return [(fault.line, fault.column, fault.found) for fault in read(content).faults]


# --- Reading the file -----------------------------------------------------------------------------


def test_danish_numbers_semicolons_and_sources_are_understood():
    found = read(SHARE)

    assert found.faults == ()
    share, idle = found.indicators
    assert (share.municipality, share.title, share.unit) == ("Randers", "Andele", "%")
    assert share.note == "Virkelige tal"
    assert [(p.series, p.year, p.value) for p in share.points] == [
        ("Overførsler", 2025, "2.13"),
        ("Befolkning", 2025, "1.68"),
    ]
    assert share.points[0].source == "Oplæg, figur 8.14"
    assert idle.points[0].value == "1234"


@pytest.mark.parametrize(
    "content",
    [
        SHARE.replace(";", "\t"),
        "\ufeff" + SHARE.replace("\n", "\r\n"),
        'municipality,indicator,unit,series,year,value,source\nA,B,%,C,2024,"2,5",D\n',
        "KILDE; Værdi ;år;serie;enhed;nøgletal;kommune\nD;−2,5;2024;C;%;B;A\n\n;;;;;;\n",
    ],
)
def test_other_separators_orders_and_headings_are_understood(content):
    found = read(decoded(content.encode("utf-8")))

    assert found.faults == ()
    assert found.indicators


def test_a_file_from_an_old_spreadsheet_is_read_and_what_is_no_text_is_not():
    assert decoded(SHARE.encode("cp1252")) == SHARE
    assert decoded(b"PK\x03\x04\x00\x00") is None
    assert decoded(b"\x81\x8d\x8f") is None


def test_every_error_is_named_by_line_and_column_at_once():
    content = (
        f"{HEAD}\n"
        "A;B;%;C;2024;2.5;D;;\n"  # line 2: English decimals
        ";B;%;C;24;x;;32-13;\n"  # line 3: five errors
        "A;B;%;C;2024;1;D;;;for meget\n"  # line 4: too many fields
        "A;B;%;C;2023;1;D;;\n"  # line 5: right
        "A;B;kr.;C;2022;1;D;;\n"  # line 6: another unit
        "a;b;%;c;2023;2;D;;\n"  # line 7: the year of line 5 again
        "A;B;%;=C;2021;1,1234567;D;;\n"  # line 8: a formula, too many decimals
    )

    assert faults(content) == [
        (2, "værdi", "2.5"),
        (3, "kommune", ""),
        (3, "kilde", ""),
        (3, "år", "24"),
        (3, "værdi", "x"),
        (3, "kildedato", "32-13"),
        (4, "", "for meget"),
        (6, "enhed", "kr."),
        (7, "år", "2023"),
        (8, "serie", "=C"),
        (8, "værdi", "1,1234567"),
    ]
    assert "linje 5" in read(content).faults[8].message.da


def test_wrong_headings_are_named():
    content = "kommune;nøgletal;enhed;serie;år;år;farve\nA;B;%;C;2024;2024;rød\n"

    assert faults(content) == [
        (1, "år", "år"),
        (1, "farve", "farve"),
        (1, "værdi", ""),
        (1, "kilde", ""),
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", 0),
        ("\n\n", 0),
        (f'{HEAD}\nA;B;%;C;2024;1;"aldrig lukket\n', 2),
        (f"{HEAD}\n" + "A;B;%;C;2024;1;D;;\n" * (MOST_LINES + 1), 0),
        (f"{HEAD}\n" + "A" * 1_000_001, 0),
        (f"{HEAD}\nA;B;%;{'C' * 201};2024;1;D;;\n", 2),
        (f"{HEAD}\nA;B;%;C;2024;{'9' * 16};D;;\n", 2),
    ],
)
def test_a_file_of_nonsense_is_refused_with_a_reason(content, line):
    assert [fault.line for fault in read(content).faults] == [line]


# --- Storing --------------------------------------------------------------------------------------


def store(session, content, by, now):
    found = read(content).indicators
    seen = seen_in(changes(session, found))
    stored = store_indicators(session, found, seen=seen, by=by, now=now)
    session.flush()
    return stored


def test_storing_again_makes_a_version_and_keeps_the_old_one(session, person, clock):
    store(session, SHARE, person("finance"), clock())
    again = SHARE.replace("2,13", "2,20").replace(
        "Randers;Andele;%;Befolkning;2025;1,68;Oplæg, figur 8.15;2025-10;\n", ""
    )
    (change, same) = changes(session, read(again).indicators)
    (stored,) = store(session, again, person("finance"), clock())

    assert (change.number, change.lost, change.is_same) == (1, 1, False)
    assert same.is_same
    assert [len(v.points) for v in stored.versions] == [2, 1]
    assert [points_of(v)[0].value for v in stored.versions] == ["2.13", "2.2"]
    actions = [e.action for e in session.query(EventRecord) if e.action.startswith("indicator.")]
    assert actions == ["indicator.add", "indicator.add", "indicator.version"]


def test_what_changed_since_it_was_looked_at_is_not_stored(session, person, clock):
    found = read(SHARE).indicators
    seen = seen_in(changes(session, found))
    store(session, SHARE, person("finance"), clock())

    with pytest.raises(ChangedSinceError):
        store_indicators(session, found, seen=seen, by=person("finance"), now=clock())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE indicator_version SET unit = 'x'",
        "DELETE FROM indicator_version",
        "UPDATE indicator SET title = 'x'",
        "DELETE FROM indicator",
    ],
)
def test_the_database_refuses_to_change_or_remove(session, person, clock, statement):
    store(session, SHARE, person("finance"), clock())
    session.commit()

    with pytest.raises(IntegrityError, match="never"):
        session.execute(text(statement))


def test_two_names_of_one_address_get_an_address_each(session, person, clock):
    content = f"{HEAD}\nA;B b;%;C;2024;1;D;;\nA;B-b;%;C;2024;1;D;;\n"

    assert [i.key for i in store(session, content, None, clock())] == ["a-b-b", "a-b-b-2"]


def test_an_export_can_be_read_in_again_and_changes_nothing(session, person, clock):
    store(session, SHARE, person("finance"), clock())
    rows = rows_out(list_indicators(session))

    content = decoded(indicators_csv(headings(), rows))

    assert content.splitlines()[0] == HEAD
    assert "Randers;Andele;%;Overførsler;2025;2,13;Oplæg, figur 8.14;2025-10;Virkelige" in content
    assert all(change.is_same for change in changes(session, read(content).indicators))


# --- Pictures -------------------------------------------------------------------------------------


def an_indicator(*numbers):
    return Indicator(
        "k", "Andele", "%",
        tuple(Number(s, y, Decimal(v), "Kilde", "2025") for s, y, v in numbers),
    )  # fmt: skip


def test_the_title_tells_the_newest_year_that_the_series_share():
    chart = indicator_chart(
        an_indicator(("A", 2023, "2.13"), ("A", 2024, "2.2"), ("B", 2023, "1.68")), language="da"
    )

    assert chart.finding == "2023: A 2,13\N{NO-BREAK SPACE}% against B 1,68\N{NO-BREAK SPACE}%"
    assert chart.source == "Kilde, 2025"
    cells = [[cell.value for cell in row.cells] for row in chart.table.rows]
    assert cells == [["2023", "2,13", "1,68"], ["2024", "2,2", None]]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([("A", 2024, "2.50"), ("A", 2023, "1")], "from 1\N{NO-BREAK SPACE}% in 2023 to 2,5"),
        ([("A", 2023, "1")], "1\N{NO-BREAK SPACE}% in 2023"),
        ([("A", 2023, "1"), ("B", 2024, "1")], "Andele"),
    ],
)
def test_the_title_tells_the_course_of_one_series(numbers, said):
    assert said in indicator_chart(an_indicator(*numbers), language="da").finding


def test_many_series_have_a_legend_and_looks_of_their_own():
    points = [YearPoint(f"S{n}", 2024, n, "sagt") for n in range(4)]
    spec = series_by_year(points, description="d")
    marks = next(layer for layer in spec["layer"] if "shape" in layer["encoding"])

    assert len(set(marks["encoding"]["shape"]["scale"]["range"])) == 4
    assert not any(layer["mark"]["type"] == "text" for layer in spec["layer"])


# --- Pages ----------------------------------------------------------------------------------------


@pytest.fixture
def stored(session, person, clock):
    found = store(session, SHARE, person("finance"), clock())
    session.commit()
    return found


def upload(client, content):
    return client.post(
        "/indicators/import",
        data={"csrf_token": client.token(), "file": (io.BytesIO(content), "tal.csv")},
        content_type="multipart/form-data",
    )


def packed_in(answer):
    return unescape(re.search(r'name="packed" value="([^"]*)"', answer.text)[1])


def test_everybody_sees_the_figures_with_their_source(client_for, stored):
    page = client_for("politician").page("/indicators")

    for words in ("2,13 %", "1,68 %", "Oplæg, figur 8.14, 2025-10", "Virkelige tal", "1.234"):
        assert words in page.words.replace("\N{NO-BREAK SPACE}", " ")
    assert "/indicators/import" not in page.links
    assert "2,13" in client_for("politician").page("/").words


def test_an_empty_page_says_what_belongs_there(client_for):
    assert "Der er ingen nøgletal endnu" in client_for("politician").page("/indicators").words
    assert "/indicators/import" in client_for("finance").page("/indicators").links


def test_nothing_is_stored_until_it_is_confirmed_and_then_it_is_shown(client_for, session):
    client = client_for("finance")

    preview = upload(client, SHARE.encode("cp1252"))
    assert preview.status_code == 200
    assert "Nyt nøgletal" in preview.text
    assert session.query(IndicatorRecord).count() == 0

    answer = client.post(
        "/indicators/import/store",
        data={"csrf_token": client.token(), "packed": packed_in(preview)},
    )
    assert answer.status_code == 303
    assert "2,13" in client.page("/indicators").words
    export = client.get("/indicators/export.csv")
    again = upload(client, export.get_data())
    assert "Filen ændrer intet" in again.text


def test_a_file_with_errors_names_them_and_offers_no_storing(client_for, session):
    client = client_for("finance")

    answer = upload(client, SHARE.replace("2,13", "2.13").replace(";2024;DST", ";;DST").encode())
    words = client.read(answer).words

    assert answer.status_code == 422
    assert "Linje 2 værdi 2.13 Det er intet tal" in words
    assert 'name="packed"' not in answer.text
    assert session.query(IndicatorRecord).count() == 0


def pack(plain):
    return base64.urlsafe_b64encode(zlib.compress(plain.encode())).decode()


@pytest.mark.parametrize("packed", ["", "x", pack("1"), pack('["a", [["b", "c", "d"]]]')])
def test_a_page_that_arrives_broken_stores_nothing(client_for, session, packed):
    client = client_for("finance")

    answer = client.post(
        "/indicators/import/store", data={"csrf_token": client.token(), "packed": packed}
    )

    assert answer.status_code == 422
    assert session.query(IndicatorRecord).count() == 0


def test_errors_that_were_packed_by_hand_are_refused_again(client_for, session):
    client = client_for("finance")

    answer = client.post(
        "/indicators/import/store",
        data={"csrf_token": client.token(), "packed": pack('["nonsense", []]')},
    )

    assert answer.status_code == 422
    assert "Kolonnen mangler" in answer.text


def test_another_version_in_the_meantime_is_said(client_for, session, person, clock):
    client = client_for("finance")
    preview = upload(client, SHARE.encode())
    store(session, SHARE.replace("2,13", "2,14"), person("finance"), clock())
    session.commit()

    answer = client.post(
        "/indicators/import/store",
        data={"csrf_token": client.token(), "packed": packed_in(preview)},
    )

    assert answer.status_code == 409
    assert "Nogen har gemt en anden version" in answer.text
    assert len(list_indicators(session)[0].versions) == 1


def test_no_file_is_said_at_the_field(client_for):
    client = client_for("finance")

    answer = client.post("/indicators/import", data={"csrf_token": client.token()})

    assert answer.status_code == 422
    assert "Filen er tom" in answer.text
    assert upload(client, b"\x00").status_code == 422


def test_an_earlier_version_can_be_read_and_says_that_it_is(
    client_for, session, stored, person, clock
):
    store(session, SHARE.replace("2,13", "2,20"), person("finance"), clock())
    session.commit()
    address = f"/indicators/{stored[0].key}"
    client = client_for("finance")

    assert "2,2" in client.page(address).words
    old = client.page(f"{address}?version=1").words
    assert "2,13" in old
    assert "Det er en tidligere version" in old
    assert client.get(f"{address}?version=9").status_code == 404
    assert client.get("/indicators/nothing").status_code == 404
