"""What can be moved in a plan, in words and with its unit, and the question made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

from flask_babel import gettext as _

from optimizer import Plan
from optimizer.levers import SIDES, FrontierError, Lever, LimitBound, PoolSize, even_steps
from optimizer.program import Exact
from optimizer.quantity import quantities
from optimizer.sentence import Sentence
from optimizer.writing import plain_number
from planner import formats
from planner.formats import Language

Json = Any
Unit = Literal["money", "count", "number", "percent", "year"]
UNITS: Final[Mapping[str, Unit]] = {
    "kroner": "money",
    "count": "count",
    "year": "year",
    "number": "number",
    "share": "percent",
}
TEN_THOUSANDTH: Final = Fraction(1, 10_000)
NEIGHBOURS: Final = 5
MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Movable:
    """A pool or limit that can be moved.

    Parameters
    ----------
    key : str
        ``pool-<id>``, or ``limit-<place>-<which of its numbers>``.
    value : int or Fraction
        What it is now.
    is_floor : bool
        A larger number leaves less room.
    has_steps : bool
        It is a pool of which every size that matters can be found.
    """

    key: str
    label: str
    unit: Unit
    value: Exact
    is_floor: bool = False
    has_steps: bool = False

    @property
    def usual(self) -> tuple[Exact, Exact]:
        """Return from where to where it is usually moved: around what it is now."""
        if self.unit == "percent":
            tenth = Fraction(1, 10)
            return max(Fraction(0), self.value - tenth), min(Fraction(1), self.value + tenth)
        if self.unit in {"count", "year"}:
            return max(0, self.value - NEIGHBOURS), self.value + NEIGHBOURS
        apart = abs(Fraction(self.value)) / 2 or Fraction(MILLION if self.unit == "money" else 10)
        return _round(self.value - apart, self.unit), _round(self.value + apart, self.unit)

    def say(self, amount: Exact, *, language: Language) -> str:
        """Return an amount in its unit."""
        if self.unit == "money":
            millions, unit = Fraction(amount) / MILLION, formats.MILLION_UNIT[language]
            return formats.measure(millions, unit=unit, decimals=3, language=language)
        if self.unit == "percent":
            return formats.percent(amount, decimals=1, language=language)
        if self.unit == "year":
            return str(amount)
        return formats.measure(amount, language=language)


def _round(amount: Exact, unit: Unit) -> int:
    step = 100_000 if unit == "money" and abs(Fraction(amount)) >= MILLION else 1
    return round(Fraction(amount) / step) * step


def movables_of(plan: Plan, *, language: Language) -> list[Movable]:
    """Return what can be moved: the pools, and each limit with one number of its own."""
    pools = [
        Movable(
            f"pool-{pool.id}",
            _("How much there is in %(pool)s", pool=pool.name or pool.id),
            "money",
            pool.total if pool.total is not None else sum((pool.paid_in or {}).values()),
            has_steps=PoolSize(pool.id).has_steps(plan),
        )
        for pool in plan.scenario.pools
    ]
    limits = [
        _movable_limit(place, side, plan, language=language)
        for place, limit in enumerate(plan.scenario.constraints)
        for side in SIDES
        if getattr(limit, side, None) is not None
    ]
    return [*pools, *limits]


def _movable_limit(place: int, side: str, plan: Plan, *, language: Language) -> Movable:
    limit = plan.scenario.constraints[place]
    about = quantities(type(limit))[side]
    label = limit.named(plan).say(language)
    if sum(getattr(limit, one, None) is not None for one in SIDES) > 1:
        label = _("%(limit)s: %(side)s", limit=label, side=about.label.say(language).lower())
    value = getattr(limit, side)
    return Movable(f"limit-{place}-{side}", label, UNITS[about.kind], value, side == "at_least")


def question_of(movable: Movable, low: Exact, high: Exact, steps: int) -> dict[str, Json]:
    """Return the question for some evenly spread values, both ends included."""
    family, _dash, name = movable.key.partition("-")
    amounts: Sequence[Exact]
    if (
        Fraction(low).denominator == 1
        and Fraction(high).denominator == 1
        and high - low >= steps - 1
    ):
        amounts = even_steps(int(low), int(high), steps)
    elif movable.unit in {"money", "count", "year"}:
        amounts = range(int(low), int(high) + 1)
    else:
        width = Fraction(high - low) / (steps - 1)
        amounts = [round((low + width * i) / TEN_THOUSANDTH) * TEN_THOUSANDTH for i in range(steps)]
    lever: Json = {"pool": name}
    if family == "limit":
        place, _dash, side = name.partition("-")
        lever = {"limit": int(place), "side": side}
    return {**lever, "amounts": [plain_number(amount) for amount in amounts]}


def question_of_steps(movable: Movable, low: Exact, high: Exact) -> dict[str, Json]:
    """Return the question for every step of a pool between two sizes."""
    ends = [plain_number(low), plain_number(high)]
    return {"pool": movable.key.partition("-")[2], "amounts": ends, "every_step": True}


def lever_of(question: Mapping[str, Json]) -> Lever:
    """Return what a question moves."""
    if "pool" in question:
        return PoolSize(question["pool"])
    return LimitBound(question["limit"], question["side"])


def key_of(question: Mapping[str, Json]) -> str:
    """Return the key of what a question moves."""
    if "pool" in question:
        return f"pool-{question['pool']}"
    return f"limit-{question['limit']}-{question['side']}"


def amounts_of(question: Mapping[str, Json]) -> list[Exact]:
    """Return the values that a question asks about."""
    found = [Fraction(repr(amount)) for amount in question["amounts"]]
    return [int(one) if one.denominator == 1 else one for one in found]


def cannot_be_moved(question: Mapping[str, Json], plan: Plan) -> Sentence | None:
    """Return why a plan cannot be moved to what is asked about; None where it can."""
    lever = lever_of(question)
    try:
        for amount in amounts_of(question):
            lever.plan(plan, amount)
    except FrontierError as wrong:
        return wrong.message
    return None
