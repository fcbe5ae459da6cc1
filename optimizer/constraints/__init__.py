"""Limits: rules that an allocation must keep, one class each under a permanent tag."""

from optimizer.constraints.base import Constraint, constraints
from optimizer.constraints.changes import Changes
from optimizer.constraints.fund import OutcomeFund
from optimizer.constraints.money import (
    Cumulative,
    Invested,
    InvestedShare,
    NetSavingLimit,
    Spending,
)
from optimizer.constraints.risk import ChanceOfLoss, Disappointments, ExpectedShortfall
from optimizer.constraints.selection import Chosen, Evidence, MeasureLimit, Payback

__all__ = [
    "ChanceOfLoss",
    "Changes",
    "Chosen",
    "Constraint",
    "Cumulative",
    "Disappointments",
    "Evidence",
    "ExpectedShortfall",
    "Invested",
    "InvestedShare",
    "MeasureLimit",
    "NetSavingLimit",
    "OutcomeFund",
    "Payback",
    "Spending",
    "constraints",
]
