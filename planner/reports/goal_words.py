"""A plan's goal in words, and its values in its own unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from optimizer import Plan
from planner import formats
from planner.formats import Language
from planner.reports.scenario_facts import goal_text
from planner.reports.values import Kind
from planner.reports.why import exact

Json = Any


@dataclass(frozen=True, slots=True)
class GoalWords:
    """How a plan's goal and its values are said; money in kroner, all else in its own unit."""

    plan: Plan
    language: Language

    @property
    def is_money(self) -> bool:
        """Return whether the goal is money."""
        return self.plan.scenario.is_money

    @property
    def text(self) -> str:
        """Return what is maximised."""
        terms = self.plan.scenario.objective
        alone = len(terms) == 1
        return "; ".join(
            goal_text(t, self.plan, alone=alone, language=self.language) for t in terms
        )

    @property
    def caption(self) -> str:
        """Return the unit of a table."""
        if self.is_money:
            return _("The goal in 1,000 kr., %(year)s prices", year=self.plan.price_year)
        return _("The goal in its own unit")

    @property
    def kind(self) -> Kind:
        """Return how a column of its values is written."""
        return "thousand_change" if self.is_money else "decimal"

    @property
    def cost_kind(self) -> Kind:
        """Return how a column of amounts below it is written."""
        return "thousand" if self.is_money else "decimal"

    @property
    def axis(self) -> str:
        """Return the unit of a picture; empty where it is the goal's own."""
        return _("million kr., %(year)s prices", year=self.plan.price_year) if self.is_money else ""

    def say(self, value: Fraction) -> str:
        """Return a value, with its sign where it is money."""
        if self.is_money:
            return formats.say_million_change(value, language=self.language)
        return formats.measure(value, language=self.language)

    def say_amount(self, value: Fraction) -> str:
        """Return an amount of the goal without a sign."""
        if self.is_money:
            return formats.say_million(value, language=self.language)
        return formats.measure(value, language=self.language)

    def title(self, intervention: str) -> str:
        """Return the title of an intervention by its id."""
        return self.plan.intervention_by_id[intervention].title


def exact_or_none(value: float | None) -> Fraction | None:
    """Return a number of a stored document as what it says."""
    return None if value is None else exact(value)


def choice_of(stored: Mapping[str, Json]) -> dict[str, Fraction]:
    """Return a stored choice: option key to scale."""
    return {key: exact(scale) for key, scale in stored.items()}
