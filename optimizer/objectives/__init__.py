"""What an allocation is asked to maximise: registered terms, one class each."""

from optimizer.objectives.base import ObjectiveTerm, objectives
from optimizer.objectives.measures import MeasureTotal
from optimizer.objectives.money import NetSaving, Saving

__all__ = ["MeasureTotal", "NetSaving", "ObjectiveTerm", "Saving", "objectives"]
