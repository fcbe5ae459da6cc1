"""The answer to every "why" of a result, from the document that ``bundlinje explain`` writes.

Nothing is computed here: each amount is the document's own, in whole kroner where it is money.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from flask_babel import gettext as _

from optimizer import Plan
from optimizer.allocation import index_of
from planner import formats
from planner.formats import Language
from planner.reports.limit_uses import UNITS
from planner.reports.values import Why

Json = Any
POOLS: Final = "scenario.pools"
# their row is multiplied out, so what the document says between is not a value of the limit
WITHOUT_RANGE: Final = frozenset({"percent", "stars", "none"})


@dataclass(frozen=True, slots=True)
class Whys:
    """Answers by intervention id, and by (place in the plan, year) of a limit."""

    interventions: Mapping[str, Why]
    limits: Mapping[tuple[str, int | None], Why]

    def limit(self, path: str, year: int | None) -> Why | None:
        """Return the answer for one row of a limit: of its year, or of all years together."""
        return self.limits.get((path, year)) or self.limits.get((path, None))


NOTHING: Final = Whys({}, {})


def whys_of(explanation: Mapping[str, Json] | None, plan: Plan, *, language: Language) -> Whys:
    """Return the answers of an explanation; none while it is not there or there is no plan."""
    if explanation is None or explanation["objective"] is None:
        return NOTHING
    speaker = _Speaker(plan, language)
    return Whys(
        {one["intervention"]: speaker.intervention(one) for one in explanation["interventions"]},
        {(row["path"], row["year"]): speaker.limit(row) for row in explanation["rows"]},
    )


def is_of_another_plan(explanation: Mapping[str, Json] | None, chosen: Iterable[str]) -> bool:
    """Return whether a better plan was found while explaining, so that it is that one's prices.

    ``chosen`` are the ids of the interventions that the result funds.
    """
    if explanation is None or explanation["objective"] is None:
        return False
    explained = {one["intervention"] for one in explanation["interventions"] if one["chosen"]}
    return explained != set(chosen)


def exact(number: float) -> Fraction:
    """Return a number of the document as what it says."""
    return Fraction(repr(number))


def worth(plan: Plan, value: Fraction, *, language: Language) -> str:
    """Return a difference of the goal in its own unit, in whole kroner where it is money."""
    if plan.scenario.is_money:
        return formats.say_kroner(value, language=language)
    return formats.measure(value, language=language)


def _ended(text: str) -> str:
    """Return a sentence with one full stop, which an abbreviation may have brought."""
    return text if text.endswith(".") else f"{text}."


@dataclass(frozen=True, slots=True)
class _Speaker:
    """Says prices in a reader's language."""

    plan: Plan
    language: Language

    def intervention(self, one: Mapping[str, Json]) -> Why:
        """Return why an intervention is funded or not."""
        is_in = one["chosen"]
        price = one["price_of_leaving_out"] if is_in else one["price_to_enter"]
        label = _("Price of leaving it out") if is_in else _("Price to enter")
        facts = [(label, self._price(price, one["price_gap"], is_in=is_in))]
        if one["blocked_by"]:
            limits = "; ".join(blocker["label"] for blocker in one["blocked_by"])
            facts.append((_("Broken without it") if is_in else _("Blocked by"), limits))
        if one["replaced_by"]:
            names = self._titles(one["replaced_by"])
            facts.append((_("Comes in its place") if is_in else _("Must go"), names))
        return Why(finding=one["sentence"][self.language], facts=tuple(facts))

    def _price(self, price: float | None, gap: float | None, *, is_in: bool) -> str:
        if price is None and gap == 0:
            return _("No plan without it") if is_in else _("No plan with it")
        if price is None:
            return _("Not decided in time")
        least = self._worth(price)
        if gap is None:
            return _("at least %(least)s", least=least)
        if gap:
            most = worth(self.plan, exact(price) + exact(gap), language=self.language)
            return _("between %(least)s and %(most)s", least=least, most=most)
        return least

    def _titles(self, ids: Iterable[str]) -> str:
        return ", ".join(self.plan.intervention_by_id[one].title for one in ids)

    def _worth(self, value: float) -> str:
        return worth(self.plan, exact(value), language=self.language)

    # ---- Limits ----

    def limit(self, row: Mapping[str, Json]) -> Why:
        """Return what a limit costs: one step looser and tighter exactly, the estimate as such."""
        path = row["path"]
        tag = self._tag(path)
        unit = "none" if tag == "chance_of_loss" else UNITS.get(tag, "none")
        facts = []
        if row["price"] is not None and unit != "none":
            facts.append((_("Marginal price (estimate)"), self._estimate(row["price"], unit)))
        if unit not in WITHOUT_RANGE and row["price"]:
            facts.append((_("The estimate holds"), self._range(row, unit)))
        if row.get("exact") is False:
            facts.append((_("Not proved"), _("The time ran out; the amounts are those known.")))
        return Why(
            finding=self._more(row["more_buys"], path, unit),
            detail=self._less(row["less_costs"], path, unit),
            facts=tuple(facts),
        )

    def _tag(self, path: str) -> str:
        family = path.partition("[")[0]
        if family == POOLS:
            return "pool"
        if family != "scenario.constraints":
            return "relation"
        return str(self.plan.scenario.constraints[index_of(path)].tag)

    def _step(self, unit: str) -> str:
        return {
            "money": _("1 million kr."),
            "stars": _("1 million star-kroner"),
            "percent": _("1 million kr. beyond the share"),
            "none": _("one exception"),
        }.get(unit, _("one"))

    def _more(self, gain: float | None, path: str, unit: str) -> str:
        if gain is None:
            return _("Nothing is known of it loosened: no plan was found in time.")
        words = {"step": self._step(unit), "gain": self._worth(gain)}
        if self._tag(path) == "chance_of_loss":
            return _ended(_("Without it the goal gains %(gain)s", gain=words["gain"]))
        if path.startswith(POOLS):
            return _ended(_("%(step)s more buys %(gain)s", **words))
        return _ended(_("Loosened by %(step)s it gives %(gain)s", **words))

    def _less(self, loss: float | None, path: str, unit: str) -> str:
        if unit == "none":
            return ""  # what has no unit cannot be tightened by one
        step = self._step(unit)
        if loss is None:
            return _("Tightened by %(step)s, no plan keeps every limit.", step=step)
        words = {"step": step, "loss": self._worth(loss)}
        if path.startswith(POOLS):
            return _ended(_("%(step)s less costs %(loss)s", **words))
        return _ended(_("Tightened by %(step)s it costs %(loss)s", **words))

    def _estimate(self, price: float, unit: str) -> str:
        value = exact(price)
        said = formats.measure(value, language=self.language)
        if not self.plan.scenario.is_money:
            return said
        if unit == "number":
            return _("%(price)s kr. for each", price=said)
        return _("%(price)s kr. for each krone", price=said)

    def _range(self, row: Mapping[str, Json], unit: str) -> str:
        low, high = row["valid_from"], row["valid_to"]
        if low is None and high is None:
            return _("for every value of the limit")
        if low is None:
            return _("up to %(high)s", high=self._level(high, unit))
        if high is None:
            return _("from %(low)s", low=self._level(low, unit))
        return _(
            "from %(low)s to %(high)s", low=self._level(low, unit), high=self._level(high, unit)
        )

    def _level(self, value: float, unit: str) -> str:
        if unit == "money":
            return formats.say_kroner(exact(value), language=self.language)
        return formats.measure(exact(value), language=self.language)
