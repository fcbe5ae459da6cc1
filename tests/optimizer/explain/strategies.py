"""Small random plans that no allocation can fit, or nearly."""

from typing import Any

from hypothesis import strategies as st

from tests.optimizer.strategies import RISKS as RISK_TAGS
from tests.optimizer.strategies import outcomes, plans, some

Json = dict[str, Any]
RISKS = {"shortfall", "chance"}  # demands that look at outcomes


def risk_payers(document: Json) -> Any:
    """Return the payers that all risk limits of a plan name."""
    limits = document["scenario"]["constraints"]
    return next((one["payers"] for one in limits if one["tag"] in RISK_TAGS), "all")


def menu(draw: Any, document: Json, unit: int) -> dict[str, Any]:
    """Return demands by name, each drawn when it is called."""
    count = len(document["interventions"])
    return {
        "few": lambda: {"tag": "chosen", "at_most": draw(st.integers(0, 1))},
        "many": lambda: {"tag": "chosen", "at_least": draw(st.integers(1, count + 1))},
        "much": lambda: {"tag": "invested", "at_least": draw(st.integers(2, 30)) * unit},
        "gain": lambda: {
            "tag": "net_saving", "payers": "all", "period": "horizon",
            "discounted": draw(st.booleans()), "at_least": draw(st.integers(2, 40)) * unit,
        },
        "citizens": lambda: {
            "tag": "measure", "measure": "citizens", "at_least": draw(st.integers(4, 80)) / 4,
        },
        "stars": lambda: {
            "tag": "evidence", "at_least": draw(st.sampled_from((1.5, 2.5, 2.75, 3))),
        },
        "share": lambda: {
            "tag": "invested_share", "where": {"external": True},
            draw(st.sampled_from(("at_least", "at_most"))): draw(st.sampled_from((0.1, 0.35, 0.8))),
        },
        "ceiling": lambda: {
            "tag": "spending", "payers": "all", "category": "service",
            "by_year": {str(year): draw(st.integers(-8, 0)) * unit for year in (2027, 2028)},
        },
        "cumulative": lambda: {
            "tag": "cumulative", "payers": "all", "from_year": draw(st.integers(2026, 2030)),
            "at_least": draw(st.integers(0, 9)) * unit,
        },
        "payback": lambda: {"tag": "payback", "payers": "all", "latest_year": 2026},
        "changes": lambda: {"tag": "changes", "reference": [], "at_most": draw(st.integers(0, 1))},
        "disappointments": lambda: {
            "tag": "disappointments", "payers": "all", "count": draw(st.integers(0, 2)),
            "at_least": draw(st.integers(1, 30)) * unit,
        },
        "shortfall": lambda: {
            "tag": "expected_shortfall", "payers": risk_payers(document),
            "level": draw(st.sampled_from((0, 0.5, 0.7, 1))),
            "at_most": draw(st.integers(-30, 0)) * unit,
        },
        "chance": lambda: {
            "tag": "chance_of_loss", "payers": risk_payers(document),
            "at_most": draw(st.sampled_from((0, 0.2, 0.45))),
            "threshold": draw(st.integers(0, 30)) * unit,
        },
    }  # fmt: skip


@st.composite
def pressed_plans(
    draw: Any, *, tag: str | None = None, most: int = 4, scalable: bool = False
) -> Json:
    """A plan with demands added on top, so that mostly nothing fits."""
    document = draw(plans(tag=tag, most=most, scalable=scalable))
    unit = max(
        1, *(abs(f["amount"]) for i in document["interventions"] for o in i["options"]
             for f in o["flows"]),
    ) // 4 or 1  # fmt: skip
    count = len(document["interventions"])
    offers = menu(draw, document, unit)
    demands = draw(st.lists(st.sampled_from(list(offers)), min_size=1, max_size=3))
    document["scenario"]["constraints"] += [offers[name]() for name in demands]
    if RISKS & set(demands) and "outcomes" not in document:
        document["outcomes"] = draw(outcomes(document["interventions"], unit))
    if draw(st.booleans()):
        for one in document["interventions"]:
            if not draw(st.integers(0, 2)):
                one["force"] = draw(st.sampled_from(("in", "out")))
    if count > 1 and draw(st.booleans()):
        names = [one["id"] for one in document["interventions"]]
        document["relations"].append(
            {"kind": "at_least", "count": draw(st.integers(1, 2)),
             "interventions": some(draw, names, least=2)}
        )  # fmt: skip
    return document
