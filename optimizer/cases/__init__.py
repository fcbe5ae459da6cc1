"""Business cases: from an effect on people to kroner by payer and year, exactly."""

from optimizer.cases.business_case import BusinessCase, CostLine, PricedFlow, Variant
from optimizer.cases.computing import flows_of
from optimizer.cases.consequence import Cashability, Consequence, UnitPrice
from optimizer.cases.document import case_document, case_from_document
from optimizer.cases.effect import Durability, EffectRoute
from optimizer.cases.errors import CaseError, CaseErrors
from optimizer.cases.in_plan import after_equalisation, citizens_started, option_of, span_of
from optimizer.cases.prices import (
    DISCOUNT_SCHEDULES,
    DiscountSchedule,
    PriceLevels,
    discount_schedule,
)
from optimizer.cases.provenance import Computed, Given, Provenance
from optimizer.cases.refunds import (
    RULES,
    CentralRefund,
    RefusionStaircase,
    RuleBook,
    ShelterRefund,
    in_force,
)
from optimizer.cases.splits import (
    CentralRefundSplit,
    DatedShares,
    FixedShares,
    RefusionSplit,
    ShelterSplit,
    Split,
)
from optimizer.cases.tables import (
    price_levels_document,
    price_levels_from_document,
    rules_document,
    rules_from_document,
)
from optimizer.cases.uncertain import Counted, Uncertain

__all__ = [
    "DISCOUNT_SCHEDULES",
    "RULES",
    "BusinessCase",
    "CaseError",
    "CaseErrors",
    "Cashability",
    "CentralRefund",
    "CentralRefundSplit",
    "Computed",
    "Consequence",
    "CostLine",
    "Counted",
    "DatedShares",
    "DiscountSchedule",
    "Durability",
    "EffectRoute",
    "FixedShares",
    "Given",
    "PriceLevels",
    "PricedFlow",
    "Provenance",
    "RefusionSplit",
    "RefusionStaircase",
    "RuleBook",
    "ShelterRefund",
    "ShelterSplit",
    "Split",
    "Uncertain",
    "UnitPrice",
    "Variant",
    "after_equalisation",
    "case_document",
    "case_from_document",
    "citizens_started",
    "discount_schedule",
    "flows_of",
    "in_force",
    "option_of",
    "price_levels_document",
    "price_levels_from_document",
    "rules_document",
    "rules_from_document",
    "span_of",
]
