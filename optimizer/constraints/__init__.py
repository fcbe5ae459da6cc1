"""Limits: rules that an allocation must keep, one class each under a permanent tag."""

from optimizer.constraints.base import Constraint, constraints
from optimizer.constraints.money import (
    Cumulative,
    Invested,
    InvestedShare,
    NetSavingLimit,
    Spending,
)
from optimizer.constraints.selection import Chosen, Evidence, MeasureLimit, Payback

__all__ = [
    "Chosen",
    "Constraint",
    "Cumulative",
    "Evidence",
    "Invested",
    "InvestedShare",
    "MeasureLimit",
    "NetSavingLimit",
    "Payback",
    "Spending",
    "constraints",
]
