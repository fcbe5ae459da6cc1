"""A case as JSON, both ways: reading what was written gives an equal case.

``docs/business-case.md`` describes the keys. Money is whole kroner where a person enters an
amount, and may have a fraction where it is a price; a number that no decimal says exactly is a
text such as ``"1/3"``.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction

from optimizer.cases.business_case import BASE, BusinessCase, CostLine, PricedFlow, Variant
from optimizer.cases.consequence import Cashability, Consequence, UnitPrice
from optimizer.cases.effect import Durability, EffectRoute
from optimizer.cases.errors import CaseErrors
from optimizer.cases.prices import PriceLevels
from optimizer.cases.quantities import exact_document, row_document, uncertain_document
from optimizer.cases.reader import FORMAT, CaseReader
from optimizer.cases.refunds import RULES, RuleBook
from optimizer.cases.split_reader import Context, split_document
from optimizer.cases.uncertain import Uncertain
from optimizer.intervention import FlowKind
from optimizer.payers import Payer
from optimizer.reading import Json, Reading

WHOLE = Durability.of_row(1)


def case_from_document(
    document: Json,
    *,
    payers: Collection[Payer] | None = None,
    price_levels: PriceLevels | None = None,
    rules: RuleBook = RULES,
) -> BusinessCase:
    """Return the case that a JSON document describes.

    Parameters
    ----------
    payers : collection of Payer, optional
        Those that the document may name; None: not checked.
    price_levels : PriceLevels, optional
        Must hold every price year that differs from the case's; None: not checked.
    rules : RuleBook
        Must be in force in the years that use them.

    Raises
    ------
    CaseErrors
        The document is not valid. Holds every mistake, each with its path.

    Examples
    --------
    >>> case = case_from_document({"format": "bundlinje-case/1", "price_year": 2026})
    >>> case.price_year, [variant.id for variant in case.variants]
    (2026, ['base'])
    """
    reading = Reading()
    known = None if payers is None else dict.fromkeys(payer.id for payer in payers)
    case = CaseReader(reading, document, Context(known, price_levels, rules, None)).read()
    if case is None:
        raise CaseErrors(reading.errors)
    return case


def case_document(case: BusinessCase) -> dict[str, Json]:
    """Return the case as JSON; defaults are left out.

    Examples
    --------
    >>> from optimizer.cases.examples import small_case
    >>> document = case_document(small_case())
    >>> document["effects"][0]["without"], document["variants"][0]["scale"]
    ({'counted': [3, 20]}, 0.5)
    >>> case_from_document(document) == small_case()
    True
    """
    document: dict[str, Json] = {"format": FORMAT, "price_year": case.price_year}
    lists = {
        "effects": [_effect(route) for route in case.effects],
        "costs": [_cost(cost) for cost in case.costs],
        "direct": [_direct(line) for line in case.direct],
    }
    document |= {key: items for key, items in lists.items() if items}
    if case.variants != (BASE,):
        document["variants"] = [_variant(variant) for variant in case.variants]
    return document


def _given(**values: Json) -> dict[str, Json]:
    """Return the values that say anything."""
    return {key: value for key, value in values.items() if value not in (None, "", {}, [])}


def _effect(route: EffectRoute) -> dict[str, Json]:
    return {
        "id": route.id,
        "outcome": route.outcome,
        "citizens": row_document(route.citizens, exact_document),
        "success": uncertain_document(route.success),
        "without": uncertain_document(route.without),
        **({} if route.is_share else {"is_share": False}),
        **({} if route.durability == WHOLE else {"durability": _durability(route.durability)}),
        **_given(
            consequences=[_consequence(c) for c in route.consequences],
            source=route.source,
            entry=route.entry,
            version=route.version,
        ),
    }


def _durability(durability: Durability) -> dict[str, Json]:
    if durability.row:
        return {"row": [exact_document(part) for part in durability.row]}
    return {"decay": exact_document(durability.decay), "years": durability.years}


def _consequence(consequence: Consequence) -> dict[str, Json]:
    quantity = consequence.quantity
    return {
        "id": consequence.id,
        "name": consequence.name,
        "quantity": uncertain_document(quantity)
        if isinstance(quantity, Uncertain)
        else {"by_year": row_document(quantity, uncertain_document)},
        "price": _price(consequence.price),
        "category": consequence.category.value,
        "split": split_document(consequence.split),
        **_cashability(consequence.cashability),
        **_given(
            budget_line=consequence.budget_line,
            owner=consequence.owner,
            entry=consequence.entry,
            version=consequence.version,
        ),
    }


def _price(price: UnitPrice) -> dict[str, Json]:
    document: dict[str, Json] = {
        "kroner": uncertain_document(price.kroner),
        "unit": price.unit,
        "price_year": price.price_year,
        "source": price.source,
    }
    return document | _given(entry=price.entry, version=price.version)


def _cashability(kind: Cashability) -> dict[str, Json]:
    return {} if kind is Cashability.BUDGET_CUT else {"cashability": kind.value}


def _cost(cost: CostLine) -> dict[str, Json]:
    document: dict[str, Json] = {
        "id": cost.id,
        "name": cost.name,
        "kind": cost.kind.value,
        "gross": row_document(cost.gross, uncertain_document),
        "category": cost.category.value,
        "split": split_document(cost.split),
        "price_year": cost.price_year,
    }
    return document | _given(
        alternative=row_document(cost.alternative, uncertain_document),
        per_citizen=cost.per_citizen,
        source=cost.source,
        budget_line=cost.budget_line,
        owner=cost.owner,
    )


def _direct(line: PricedFlow) -> dict[str, Json]:
    flow = line.flow
    document: dict[str, Json] = {
        "id": line.id,
        "name": line.name,
        "year": flow.year,
        "payer": flow.payer,
        "category": flow.category.value,
        "kind": flow.kind.value,
        "amount": flow.amount,
        "price_year": line.price_year,
    }
    if flow.low != flow.amount:
        document["low"] = flow.low
    if flow.high != flow.amount:
        document["high"] = flow.high
    if flow.kind is FlowKind.SAVING:
        document |= _cashability(line.cashability)
    return document | _given(source=line.source, budget_line=flow.budget_line, owner=line.owner)


def _variant(variant: Variant) -> dict[str, Json]:
    rows: Mapping[str, Json] = {
        route: row_document(row, exact_document) for route, row in variant.citizens.items()
    }
    document: dict[str, Json] = {"id": variant.id}
    document |= _given(title=variant.title, citizens=rows, pool=variant.pool)
    if variant.scale != Fraction(1):
        document["scale"] = exact_document(variant.scale)
    if variant.shift:
        document["shift"] = variant.shift
    if variant.costs is not None:
        document["costs"] = [_cost(cost) for cost in variant.costs]
    if variant.direct is not None:
        document["direct"] = [_direct(line) for line in variant.direct]
    return document
