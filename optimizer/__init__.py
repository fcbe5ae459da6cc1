"""Bundlinje's optimizer: from business cases to a proved allocation of an investment pool.

A library that knows no web and no database::

    from optimizer import allocate, read_plan

    plan = read_plan("plan.json")
    allocation = allocate(plan)
    allocation.status, allocation.objective
    allocation.table()          # a pandas frame, one line an intervention
"""

from typing import TYPE_CHECKING, Any

from optimizer.allocating import allocate, evaluate
from optimizer.allocation import Allocation, RowResult, Status
from optimizer.appraisal import Appraisal, PayerTotals, Selection
from optimizer.errors import BundlinjeError, ChoiceErrors, PlanError, PlanErrors, SolverError
from optimizer.filters import Filter
from optimizer.intervention import Case, CashFlow, FlowKind, Force, Intervention, Measure, Option
from optimizer.outcome import ExplicitOutcomes, SampledOutcomes
from optimizer.payers import Category, Department, Level, Payer
from optimizer.planfile import (
    plan_document,
    plan_from_document,
    plan_from_text,
    plan_sha256,
    read_plan,
    write_plan,
)
from optimizer.pool import Available, InvestmentPool, PoolKind, Repayment
from optimizer.scenario import DiscountStep, Plan, Scenario
from optimizer.sentence import Sentence
from optimizer.watch import SoFar, Watch

if TYPE_CHECKING:
    from optimizer.cases import BusinessCase, case_document, case_from_document, flows_of

__all__ = [
    "Allocation",
    "Appraisal",
    "Available",
    "BundlinjeError",
    "BusinessCase",
    "Case",
    "CashFlow",
    "Category",
    "ChoiceErrors",
    "Department",
    "DiscountStep",
    "ExplicitOutcomes",
    "Filter",
    "FlowKind",
    "Force",
    "Intervention",
    "InvestmentPool",
    "Level",
    "Measure",
    "Option",
    "Payer",
    "PayerTotals",
    "Plan",
    "PlanError",
    "PlanErrors",
    "PoolKind",
    "Repayment",
    "RowResult",
    "SampledOutcomes",
    "Scenario",
    "Selection",
    "Sentence",
    "SoFar",
    "SolverError",
    "Status",
    "Watch",
    "allocate",
    "case_document",
    "case_from_document",
    "evaluate",
    "flows_of",
    "plan_document",
    "plan_from_document",
    "plan_from_text",
    "plan_sha256",
    "read_plan",
    "write_plan",
]

#: taken from ``optimizer.cases`` when first asked for: most programs read plans only
_OF_CASES = frozenset({"BusinessCase", "case_document", "case_from_document", "flows_of"})


def __getattr__(name: str) -> Any:
    """Return a name of :mod:`optimizer.cases`."""
    if name in _OF_CASES:
        from optimizer import cases  # noqa: PLC0415 - only for those who compute cases

        return getattr(cases, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
