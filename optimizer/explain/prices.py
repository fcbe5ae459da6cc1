"""What each choice costs: the price of taking in what is out, and of leaving out what is in."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.answer import Answer
from optimizer.appraisal import Choice
from optimizer.explain.deciding import NOTHING_YET, Deciding, Progress
from optimizer.explain.exchanges import Exchanges
from optimizer.explain.judge import Judge
from optimizer.explain.known import taken
from optimizer.explain.question import Question, Reply
from optimizer.explain.replanning import Replanner
from optimizer.intervention import Intervention, intervention_of, option_key
from optimizer.program import Row
from optimizer.sentence import Sentence

#: plans nearer to each other than this, relative, are worth the same
SAME = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True)
class Blocker:
    """A limit that is broken when one thing is changed in the plan and nothing else.

    ``by`` is how much it is broken by, in the limit's unit, in its worst year.
    """

    path: str
    label: Sentence
    by: Fraction
    tag: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What it costs to turn one choice round, all else left to the best plan.

    Parameters
    ----------
    intervention : str
    chosen : bool
        Whether it is in the best plan.
    price : Fraction or None
        Best - best with it in (where it is out), or with it out (where it is in). A proved lower
        bound where ``gap`` is not 0. None: no plan exists, or none is known where ``is_open``.
    gap : Fraction or None
        The true price is at most so much higher; None: that is not known.
    blocked_by : tuple of Blocker
        Limits that are broken when it alone is put in or taken out.
    replaced_by : tuple of str
        Ids of the interventions that leave (enter) in the best plan with it in (out).
    is_open : bool
        Whether the time ran out before it was known if any plan exists.
    """

    intervention: str
    chosen: bool
    price: Fraction | None
    gap: Fraction | None
    blocked_by: tuple[Blocker, ...] = ()
    replaced_by: tuple[str, ...] = ()
    is_open: bool = False

    @property
    def is_exact(self) -> bool:
        """Return whether the price, or that there is no plan, is proved."""
        return self.gap == 0 and not self.is_open

    @property
    def price_to_enter(self) -> Fraction | None:
        """Return the price where it is out."""
        return None if self.chosen else self.price

    @property
    def price_of_leaving_out(self) -> Fraction | None:
        """Return the price where it is in."""
        return self.price if self.chosen else None


def is_better(one: Fraction, other: Fraction) -> bool:
    """Return whether an objective is better than another by more than round-off."""
    return one - other > SAME * max(Fraction(1), abs(other))


class Pricing:
    """The prices of one plan's interventions, decided one by one as they are asked for.

    Parameters
    ----------
    replanner : Replanner
    best : Reply
        The best plan.
    gap : Fraction
        In times of the best plan's size: a price known within it is exact enough.
    """

    def __init__(self, replanner: Replanner, best: Reply, *, gap: Fraction = Fraction(0)) -> None:
        self.replanner = replanner
        self.best = best
        self.gap = gap
        self._replies: dict[tuple[str, bool], Reply] = {}
        self._near: Exchanges | None = None

    @property
    def _exchanges(self) -> Exchanges:
        """Return the plans that are an exchange away from the best."""
        choice = self.best.choice or {}
        if self._near is None or self._near.choice != choice:
            self._near = Exchanges(self.replanner.compilation, choice)
        return self._near

    @property
    def _judge(self) -> Judge:
        return self._exchanges.judge

    @property
    def _slack(self) -> Fraction:
        """Return how wide the interval of a question may stay, so that its price is within the gap.

        What is open of the best plan itself is a part of the price's gap; half of the gap at most.
        """
        best, bound = self.best.objective or Fraction(0), self.best.bound
        allowed = self.gap * max(Fraction(1), abs(best))
        is_open = allowed if bound is None else max(bound - best, Fraction(0))
        return allowed - min(allowed / 2, is_open)

    @property
    def chosen(self) -> frozenset[str]:
        """Return the ids of the interventions in the best plan."""
        return taken(self.best.choice or {})

    def prices(
        self, names: Iterable[str], *, seconds: float, progress: Progress | None = None
    ) -> tuple[Price, ...]:
        """Return the prices of interventions, as exact as the seconds allow.

        See :class:`optimizer.explain.deciding.Deciding`.
        """
        names = tuple(names)
        deadline = time.perf_counter() + seconds
        while True:
            deciding = Deciding(
                self.replanner,
                self.best,
                self._replies,
                near=self._exchanges,
                slack=self._slack,
                progress=progress,
            )
            deciding.decide(names, deadline)
            if not self._improved():
                return tuple(self.price(name) for name in names)

    def price(self, name: str) -> Price:
        """Return the price of an intervention as far as it is decided."""
        chosen = name in self.chosen
        reply = self._replies.get((name, chosen), NOTHING_YET)
        intervention = self.replanner.plan.intervention_by_id[name]
        blockers = blocked_by(self._judge, self.best.choice or {}, intervention)
        if reply.objective is None:
            return self._without_plan(name, reply, blockers, chosen=chosen)
        price, gap = self._interval(reply, is_forced=intervention.force is not None)
        if price is None:
            return Price(name, chosen, None, None, blockers, is_open=True)
        others = taken(reply.choice or {})
        replaced = (others - self.chosen if chosen else self.chosen - others) - {name}
        order = [i.id for i in self.replanner.plan.interventions if i.id in replaced]
        return Price(name, chosen, price, gap, blockers, tuple(order))

    def _improved(self) -> bool:
        """Take over a plan that beats the best one: a search had stopped within its tolerance."""
        found = self.replanner.known.best(Question())
        if found is None or self.best.objective is None:
            return False
        choice, objective = found
        if not is_better(objective, self.best.objective):
            return False
        bound = None if self.best.bound is None else max(self.best.bound, objective)
        self.best = replace(self.best, choice=choice, objective=objective, bound=bound)
        return True

    # ---- telling ----

    def _interval(
        self, reply: Reply, *, is_forced: bool
    ) -> tuple[Fraction | None, Fraction | None]:
        """Return the proved lower bound of a price, and how much higher it may be.

        None where nothing is proved. Without a force no price is below nothing.
        """
        best = self.best.objective or Fraction(0)
        value = reply.objective or Fraction(0)
        if self.best.is_proved and reply.answer is Answer.OPTIMAL:
            price = best - value
            return (price if is_forced else max(price, Fraction(0))), Fraction(0)
        lower = None if reply.bound is None else best - reply.bound
        if not is_forced:
            lower = max(lower or Fraction(0), Fraction(0))
        if lower is None or self.best.bound is None:
            return lower, None
        return lower, max(self.best.bound - value - lower, Fraction(0))

    def _without_plan(
        self, name: str, reply: Reply, blockers: tuple[Blocker, ...], *, chosen: bool
    ) -> Price:
        if reply.answer is Answer.INFEASIBLE:
            return Price(name, chosen, None, Fraction(0), blockers)
        best = self.best.objective or Fraction(0)
        lower = None if reply.bound is None else best - reply.bound
        if lower is not None and self.replanner.plan.intervention_by_id[name].force is None:
            lower = max(lower, Fraction(0))
        return Price(name, chosen, lower, None, blockers, is_open=True)


# ---- what blocks ----


def blocked_by(judge: Judge, choice: Choice, intervention: Intervention) -> tuple[Blocker, ...]:
    """Return the limits that are broken when an intervention alone changes sides in a plan.

    Taken in with the option, at the largest or the smallest scale, that breaks the fewest limits;
    its own ``force``, where it stands in the way, comes first.
    """
    names = taken(choice)
    if intervention.id in names:
        changed = [{k: s for k, s in choice.items() if intervention_of(k) != intervention.id}]
    else:
        changed = [dict(choice) | way for way in _ways_in(intervention)]
    ways = [_broken(judge, other) for other in changed]
    broken = min(ways, key=lambda way: (len(way), sum(judge.share(*pair) for pair in way.values())))
    order = sorted(broken, key=lambda path: (not path.startswith("interventions"), path))
    return tuple(_blocker(path, *broken[path]) for path in order)


def _ways_in(intervention: Intervention) -> Iterator[dict[str, Fraction]]:
    for option in intervention.options:
        key = option_key(intervention, option)
        yield {key: Fraction(1)}
        if option.minimum_scale is not None and option.minimum_scale != 1:
            yield {key: option.minimum_scale}


def _broken(judge: Judge, choice: Choice) -> Mapping[str, tuple[Row, Fraction]]:
    """Return the hard rules that a choice breaks by path, each with its most broken row."""
    broken: dict[str, tuple[Row, Fraction]] = {}
    for result in judge.judge(choice)[1]:
        path = result.row.path
        if path and (path not in broken or result.broken_by > broken[path][1]):
            broken[path] = (result.row, result.broken_by)
    return broken


def _blocker(path: str, row: Row, by: Fraction) -> Blocker:
    return Blocker(path, row.label, by, row.tag, row.year)
