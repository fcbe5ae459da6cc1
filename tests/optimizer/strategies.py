"""Small random plan documents, valid by construction, in which limits really bind."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
Draw = Callable[..., Any]

BUDGET_YEAR = 2027
FIRST, LAST = 2026, 2030
TAGS = (
    "invested", "invested_share", "chosen", "measure", "net_saving", "spending", "evidence",
    "payback", "cumulative", "changes", "outcome_fund", "disappointments", "expected_shortfall",
    "chance_of_loss",
)  # fmt: skip
RISKS = ("expected_shortfall", "chance_of_loss")
HARD = ("payback", "outcome_fund")
FUND = "fond"
RELATIONS = ("requires", "excludes", "at_least", "at_most", "overlap")
POOLS = ("total", "each_year", "carry_over", "next_year", "same_year")
FILTER_KEYS = (
    "departments", "target_groups", "suppliers", "external", "stars_at_least", "tags",
    "interventions", "options",
)  # fmt: skip
PAYERS = ("kommune", "region", "stat")
GROUPS, SUPPLIERS, WORDS = ("unge", "ældre"), ("Nord", "Syd"), ("ude", "hjemme")
CATEGORIES = ("service", "construction", "transfers")
MEASURES = ("citizens", "hours")

flags = st.booleans()
years = st.integers(FIRST, LAST)


def often(draw: Draw, value: Any, other: Any) -> Any:
    """Return ``value`` three times in four."""
    return value if draw(st.integers(0, 3)) else other


def some(draw: Draw, values: Any, *, least: int = 1) -> list[Any]:
    """Return a few of the values, each once."""
    return draw(st.lists(st.sampled_from(list(values)), unique=True, min_size=least, max_size=3))


@st.composite
def flow(draw: Draw, kind: str, unit: int) -> Json:
    """One flow; amounts are round numbers, now and then a krone off."""
    most = 16 if kind == "saving" else 9
    amount = draw(st.integers(0, most)) * unit + draw(st.sampled_from((0, 0, 0, 1)))
    if kind != "saving" or not draw(st.integers(0, 5)):
        amount = -amount
    result: Json = {
        "year": draw(years),
        "payer": draw(st.sampled_from(PAYERS[:2])),
        "category": draw(st.sampled_from(CATEGORIES)),
        "kind": kind,
        "amount": amount,
    }
    if draw(flags):
        result["low"] = amount - draw(st.integers(0, 3)) * unit
    if draw(flags):
        room = draw(st.integers(0, 3)) * unit
        result["high"] = amount + room if kind == "saving" else min(0, amount + room)
    if kind == "saving" and not draw(st.integers(0, 2)):
        result["cashable"] = draw(flags)
    return result


@st.composite
def option(draw: Draw, name: str, unit: int, pools: list[str], *, scalable: bool) -> Json:
    """One option with outlay, savings and measures."""
    kinds = ["outlay", "saving", *some(draw, ("outlay", "cost", "saving"), least=0)]
    hours = {str(y): draw(st.integers(0, 8)) / 2 for y in some(draw, range(FIRST, LAST + 1))}
    result: Json = {
        "id": name,
        "pool": often(draw, draw(st.sampled_from(pools)), None) if pools else None,
        "flows": [draw(flow(kind, unit)) for kind in kinds],
        "measures": {"citizens": draw(st.integers(-2, 20)) / 4, "hours": hours},
    }
    if scalable and draw(flags):
        result["scalable"] = {"minimum": draw(st.sampled_from((0, 0, 0.25, 0.4, 1)))}
    return result


@st.composite
def intervention(
    draw: Draw, name: str, unit: int, pools: list[str], *, options: int, scalable: bool
) -> Json:
    """One intervention of one or two options, with everything that a filter can look at."""
    result: Json = {
        "id": name,
        "title": f"Indsats {name}",
        "department": draw(st.sampled_from(("social", "job"))),
        "evidence_stars": draw(st.integers(0, 3)),
        "external": draw(flags),
        "tags": some(draw, WORDS, least=0),
        "options": [
            draw(option(f"o{n}", unit, pools, scalable=scalable))
            for n in range(draw(st.integers(1, options)))
        ],
    }
    if draw(flags):
        result["target_group"] = draw(st.sampled_from(GROUPS))
    if draw(flags):
        result["supplier"] = draw(st.sampled_from(SUPPLIERS))
    if not draw(st.integers(0, 7)):
        result["force"] = draw(st.sampled_from(("in", "out", None)))
    return result


@st.composite
def pool(draw: Draw, name: str, unit: int, kind: str) -> Json:
    """One pool of the given kind; ``next_year`` and ``same_year`` repay."""
    result: Json = {"id": name, "name": f"Pulje {name}", "kind": "investment"}
    if kind == "total":
        return result | {"total": draw(st.integers(0, 25)) * unit}
    paid = some(draw, range(FIRST, LAST + 1))
    result["paid_in"] = {str(year): draw(st.integers(0, 20)) * unit for year in paid}
    result["carry_over"] = kind != "each_year"
    if kind in {"next_year", "same_year"}:
        result["carry_over"] = draw(flags)
        result["repayment"] = {
            "share": draw(st.sampled_from((0, 0.25, 0.5, 1))),
            "payers": some(draw, PAYERS[:2]),
            "case": draw(st.sampled_from(("expected", "low"))),
            "available": kind,
        }
    return result


@st.composite
def relation(draw: Draw, kind: str, names: list[str], unit: int) -> Json:
    """One relation of the given kind among at least two interventions."""
    several = draw(st.lists(st.sampled_from(names), unique=True, min_size=2, max_size=3))
    if kind == "requires":
        return {"kind": kind, "intervention": several[0], "needs": several[1]}
    if kind == "excludes":
        return {"kind": kind, "interventions": several}
    if kind != "overlap":
        return {"kind": kind, "count": draw(st.integers(0, 2)), "interventions": several}
    loses = {str(y): draw(st.integers(0, 9)) * unit for y in some(draw, range(FIRST, LAST + 1))}
    result: Json = {
        "kind": kind,
        "interventions": several[:2],
        "payer": draw(st.sampled_from(PAYERS[:2])),
        "loses": loses,
    }
    if draw(flags):
        result["category"] = draw(st.sampled_from(CATEGORIES))
    if draw(flags):
        result["cashable"] = draw(flags)
    return result


@st.composite
def filters(draw: Draw, interventions: list[Json]) -> Json:
    """A filter of one or two keys."""
    names = [i["id"] for i in interventions]
    keys = [f"{i['id']}/{o['id']}" for i in interventions for o in i["options"]]
    values: dict[str, Callable[[], Any]] = {
        "departments": lambda: some(draw, ("social", "job")),
        "target_groups": lambda: some(draw, GROUPS),
        "suppliers": lambda: some(draw, SUPPLIERS),
        "external": lambda: draw(flags),
        "stars_at_least": lambda: draw(st.integers(0, 3)),
        "tags": lambda: some(draw, WORDS),
        "interventions": lambda: some(draw, names),
        "options": lambda: some(draw, keys),
    }
    chosen = draw(st.lists(st.sampled_from(FILTER_KEYS), unique=True, min_size=1, max_size=2))
    return {key: values[key]() for key in chosen}


def bounds(draw: Draw, value: Callable[[], Any]) -> Json:
    """One bound or both, the lower not above the upper."""
    which = draw(st.sampled_from(("at_least", "at_most", "at_most", "both")))
    if which == "both":
        low, high = sorted((value(), value()))
        return {"at_least": low, "at_most": high}
    return {which: value()}


def what_money(draw: Draw) -> Json:
    """The keys that a sum of flows has in objective and limits alike."""
    result: Json = {
        "payers": often(draw, some(draw, PAYERS[:2]), "all"),
        "discounted": draw(flags),
    }
    if draw(flags):
        result["cashable_only"] = draw(flags)
    if draw(flags):
        result["case"] = draw(st.sampled_from(("low", "expected", "high")))
    return result


@st.composite
def outcomes(draw: Draw, interventions: list[Json], unit: int) -> Json:
    """A few futures, listed for some of the options or drawn from their low and high."""
    if draw(flags):
        shares = {
            name: draw(st.sampled_from((0, 0.1, 0.3)))
            for name in some(draw, ("target_group", "department", "all"), least=0)
        }
        seed = draw(st.integers(0, 5))
        return {"sample": {"count": draw(st.integers(1, 7)), "seed": seed, "correlation": shares}}
    keys = [f"{i['id']}/{o['id']}" for i in interventions for o in i["options"]]
    count = draw(st.integers(1, 6))
    return {
        "net_saving": {
            key: [draw(st.integers(-12, 12)) * unit for _ in range(count)]
            for key in draw(st.lists(st.sampled_from(keys), unique=True, min_size=1))
        }
    }


@st.composite
def limit(
    draw: Draw, tag: str, interventions: list[Json], unit: int, risk_payers: Any = "all"
) -> Json:
    """One limit of the given tag, at a value that a few interventions can reach."""
    result: Json = {"tag": tag}
    payers = often(draw, some(draw, PAYERS[:2]), "all")

    def kroner(low: int = 0, high: int = 25) -> Callable[[], int]:
        return lambda: draw(st.integers(low, high)) * unit

    match tag:
        case "invested":
            result |= bounds(draw, kroner())
            if draw(flags):
                result["year"] = draw(years)
        case "invested_share":
            result |= bounds(draw, lambda: draw(st.sampled_from((0, 0.25, 0.5, 0.7, 1))))
        case "chosen":
            result |= bounds(draw, lambda: draw(st.integers(0, 4)))
        case "measure":
            result["measure"] = draw(st.sampled_from(MEASURES))
            result |= bounds(draw, lambda: draw(st.integers(-2, 40)) / 4)
            if result["measure"] == "hours" and draw(flags):
                result["year"] = draw(years)
        case "net_saving":
            result |= bounds(draw, kroner(-10, 15)) | what_money(draw)
            if draw(flags):
                result["period"] = draw(st.sampled_from(("budget", "horizon")))
            else:
                result["years"] = sorted((draw(years), draw(years)))
        case "spending":
            some_years = some(draw, range(FIRST, LAST + 1))
            result["by_year"] = {str(y): kroner(-3, 12)() for y in some_years}
            result |= {"payers": payers, "category": draw(st.sampled_from(CATEGORIES))}
        case "evidence":
            result["at_least"] = draw(st.sampled_from((0.5, 1, 1.5, 2, 2.25)))
        case "payback":
            result |= {"payers": payers, "latest_year": draw(years)}
        case "cumulative":
            result |= {"payers": payers, "from_year": draw(years)}
            if draw(flags):
                result["at_least"] = kroner(-8, 4)()
        case "changes":
            keys = [f"{i['id']}/{o['id']}" for i in interventions for o in i["options"]]
            result["reference"] = some(draw, keys, least=0)
            result["at_most"] = draw(st.integers(0, 3))
        case "outcome_fund":
            result |= {"fund": FUND, "payers": payers}
        case "disappointments":
            result |= {"payers": payers, "count": draw(st.integers(0, 3))}
            result["at_least"] = kroner(-10, 15)()
        case "expected_shortfall":
            levels = (0, 0.5, 0.7, 0.8, 0.95, 1)
            result |= {"payers": risk_payers, "level": draw(st.sampled_from(levels))}
            result["at_most"] = kroner(-12, 10)()
        case "chance_of_loss":
            result |= {"payers": risk_payers, "at_most": draw(st.sampled_from((0, 0.2, 0.4, 0.5)))}
            if draw(flags):
                result["threshold"] = kroner(-5, 10)()
    if tag in {"invested", "invested_share", "chosen", "measure", "net_saving"} and draw(flags):
        result["where"] = draw(filters(interventions))
    if tag not in HARD and not draw(st.integers(0, 3)):
        result["soft_price"] = draw(st.sampled_from((0.01, 0.5, 2, 1000)))
    return result


@st.composite
def term(draw: Draw, of: str) -> Json:
    """One term of the objective."""
    result: Json = {"of": of}
    if of == "measure":
        result["measure"] = draw(st.sampled_from(MEASURES))
    else:
        result |= what_money(draw) | {"period": draw(st.sampled_from(("budget", "horizon")))}
    if draw(flags):
        result["weight"] = draw(st.sampled_from((1, 2, 0.5, -1, 0)))
    return result


@st.composite
def plans(
    draw: Draw,
    *,
    tag: str | None = None,
    relation_kind: str | None = None,
    pool_kind: str | None = None,
    of: str | None = None,
    scalable: bool = False,
    most: int = 6,
) -> Json:
    """A plan document that holds at least one rule of each kind asked for, and some others."""
    unit = draw(st.sampled_from((1, 1000, 1_000_000)))
    pool_kinds = [pool_kind] if pool_kind else []
    pool_kinds += draw(st.lists(st.sampled_from(POOLS), max_size=1))
    pool_names = [f"p{n}" for n in range(len(pool_kinds))]
    tags = ([tag] if tag else []) + draw(st.lists(st.sampled_from(TAGS), max_size=1))
    payable = [*pool_names, *([FUND] if "outcome_fund" in tags else [])]
    least = 2 if relation_kind else 1
    count = draw(st.integers(least, most))
    interventions = [
        draw(intervention(f"i{n}", unit, payable, options=2 if count < 5 else 1,
                          scalable=scalable))
        for n in range(count)
    ]  # fmt: skip
    names = [i["id"] for i in interventions]
    kinds = [relation_kind] if relation_kind else []
    if count > 1:
        kinds += draw(st.lists(st.sampled_from(RELATIONS), max_size=2))
    risk_payers = often(draw, some(draw, PAYERS[:2]), "all")
    terms = [of] if of else [draw(st.sampled_from(("net_saving", "net_saving", "saving")))]
    terms += draw(st.lists(st.sampled_from(("net_saving", "saving", "measure")), max_size=1))
    document: Json = {
        "format": "bundlinje-plan/1",
        "title": "Tilfældig",
        "price_year": 2026,
        "budget_year": BUDGET_YEAR,
        "horizon": [FIRST, LAST],
        "budget_years": draw(st.integers(1, 3)),
        "discount": draw(
            st.sampled_from(
                (
                    [],
                    [{"after_year": 0, "rate": 0.035}],
                    [{"after_year": 0, "rate": 0.04}, {"after_year": 1, "rate": 0.25}],
                )
            )
        ),
        "payers": [{"id": p, "name": p.title(), "level": "municipality"} for p in PAYERS],
        "departments": [{"id": "social", "name": "Social"}, {"id": "job", "name": "Job"}],
        "interventions": interventions,
        "relations": [draw(relation(kind, names, unit)) for kind in kinds],
        "scenario": {
            "title": "Tilfældig",
            "pools": [
                draw(pool(name, unit, kind))
                for name, kind in zip(pool_names, pool_kinds, strict=True)
            ],
            "objective": {"terms": [draw(term(kind)) for kind in terms]},
            "constraints": [draw(limit(t, interventions, unit, risk_payers)) for t in tags],
        },
    }
    if set(tags) & set(RISKS):
        document["outcomes"] = draw(outcomes(interventions, unit))
    return document


@st.composite
def choices(draw: Draw, document: Json) -> dict[str, Any]:
    """A choice of at most one option of each intervention, with scales that are allowed."""
    result: dict[str, Any] = {}
    for one in document["interventions"]:
        number = draw(st.integers(-1, len(one["options"]) - 1))
        if number < 0:
            continue
        chosen = one["options"][number]
        scale = Fraction(1)
        if "scalable" in chosen:
            least = Fraction(str(chosen["scalable"]["minimum"]))
            scale = least + (1 - least) * Fraction(draw(st.integers(0, 6)), 6)
        result[f"{one['id']}/{chosen['id']}"] = scale
    return result
