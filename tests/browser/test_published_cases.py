"""Published cases, imported and allocated in the browser: the answer is the published one."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from optimizer import allocate, read_plan
from planner.services.jobs import LONGEST_TIME_LIMIT
from tests.browser import desk
from tests.optimizer.cases import REAL, case

pytestmark = pytest.mark.slow

PLANS = sorted(p.name for p in REAL.glob("*.json") if not p.name.endswith(".expected.json"))


# --- What is published ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """The answer that is known beforehand; what is None is not published."""

    objective: float
    chosen: frozenset[str] | None = None
    invested: int | None = None
    package: int | None = None


def _danish() -> dict[str, Known]:
    return {
        plan["plan"]: Known(plan["objective"], frozenset(plan["chosen"]), plan["spent"])
        for plan in case(REAL / "danish_cases.expected.json")["plans"]
    }


def _wsipp() -> dict[str, Known]:
    document = case(REAL / "wsipp.expected.json")
    whole = next(one for one in document["cases"] if one["what"] == "as in the file")
    options = {
        i["id"]: i["options"][0]["id"] for i in case(REAL / document["plan"])["interventions"]
    }
    chosen = frozenset(f"{name}/{options[name]}" for name in whole["chosen"])
    return {document["plan"]: Known(whole["objective"], chosen, whole["spent"], len(chosen))}


def _uganda() -> dict[str, Known]:
    """Say how many are in the package: their coverages need not be unique."""
    return {
        one["plan"]: Known(
            one["recomputed"]["objective"],
            package=one["published"]["interventions_in_package"],
        )
        for one in case(REAL / "uganda_hbp.expected.json")["scenarios"]
        if not one["left_out_limits"]
    }


KNOWN = _danish() | _wsipp() | _uganda()


def test_every_published_case_has_a_known_answer():
    assert sorted(KNOWN) == PLANS
    assert len(PLANS) == 5


# --- In the browser -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLANS)
def test_the_browser_finds_and_shows_the_published_answer(visit, name):
    page = visit("okonomi").page
    desk.upload(page, REAL / name)
    desk.allocate(page)
    document, known = desk.result_of(page), KNOWN[name]

    assert document["status"] == "optimal"
    assert abs(document["objective"] - known.objective) <= 1
    assert scales(document) == scales_on_the_command_line(name)
    assert known.chosen is None or set(scales(document)) == known.chosen
    assert known.invested is None or document["totals"]["invested"] == known.invested
    assert known.package is None or package(document) == known.package
    assert abs(shown_objective(page) - known.objective) <= 1
    assert shown_as_funded(page) == {key.partition("/")[0] for key in scales(document)}


def scales(document: Mapping[str, Any]) -> dict[str, float]:
    return {f"{c['intervention']}/{c['option']}": float(c["scale"]) for c in document["chosen"]}


def scales_on_the_command_line(name: str) -> dict[str, float]:
    plan = read_plan(REAL / name)
    return scales(allocate(plan, gap=0, time_limit=LONGEST_TIME_LIMIT).document("da"))


def package(document: Mapping[str, Any]) -> int:
    """Return how many interventions are in; one done by nurses (`002+pharm`) is the same one."""
    funded = [key for key, scale in scales(document).items() if scale > 1e-6]
    return len({key.partition("/")[0].partition("+")[0] for key in funded})


def shown_objective(page) -> int:
    """Return the value of the goal as the page says it."""
    said = re.search(r"Målet når ([\d.]+)", page.locator("#result .status").inner_text())
    assert said is not None
    return int(said[1].replace(".", ""))


def shown_as_funded(page) -> set[str]:
    """Return the interventions that the table has above its sum, as its number promises."""
    rows = page.locator("#funding tbody tr")
    expect(rows.first).to_contain_text("indsats")
    identities = list(
        _until_the_sum(rows.evaluate_all("rows => rows.map(r => [r.id, r.className])"))
    )
    stated = re.search(r"\d+", rows.first.inner_text())
    assert stated is not None
    assert int(stated[0]) == len(identities)
    return set(identities)


def _until_the_sum(rows: Iterable[tuple[str, str]]) -> Iterable[str]:
    for identity, kind in rows:
        if "sum" in kind.split():
            return
        if identity:
            yield identity.removeprefix("i-")
