"""Deciding many questions of one plan: all are bounded first, then given plans, then proved.

A question is an interval: the best plan known is what it is worth at least, and what no plan can
beat is what it is worth at most. Every plan that is found narrows all questions that it answers,
and every bound of several questions together narrows each of them, so that whenever the time is
up, each has an interval, and the widths are as small as the time allowed.

Cheapest first: one relaxation of the plan itself bounds all at once, by its reduced costs; one of
its own bounds each; exchanges and then short searches near the relaxation give plans; searches to
the end prove. Where prices are small, one search proves several: the best plan that turns at least
one of a set round bounds all of the set, and decides those that it turns.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

from optimizer.answer import Answer
from optimizer.appraisal import Choice
from optimizer.explain.exchanges import Exchanges
from optimizer.explain.known import taken
from optimizer.explain.question import Question, Reply
from optimizer.explain.replanning import Replanner
from optimizer.intervention import Force

#: (how many are decided, of how many) -> True to stop
Progress = Callable[[int, int], bool]
#: the part of the time left that may go to bounds, to exchanges, and to short searches; and to
#: exchanges where an answer need not be exact
TO_BOUND, TO_EXCHANGE, TO_LOOK, TO_TRY = 0.5, 0.3, 0.9, 0.02
PASSES = 4
#: how often a search for one question is begun: within its share of the time, and with all of it
MOST_TRIED = 2
#: in times of the usual width of a search: how wide a search for several at once may be (measured,
#: see the benchmark), and for how many at least
SHARED_WIDTH, LEAST_SHARED = 1.6, 4
#: how many of them in a row may decide a single question, which a search of its own does cheaper
MOST_MEAGRE = 2
NOTHING_YET = Reply(Answer.NO_ANSWER)


def turned(intervention: str, *, chosen: bool) -> Question:
    """Return the question of an intervention the other way round."""
    return Question(forces={intervention: other_side(chosen=chosen)})


def other_side(*, chosen: bool) -> Force:
    """Return what forces an intervention to change sides."""
    return Force.OUT if chosen else Force.IN


def narrowed(old: Reply, new: Reply) -> Reply:
    """Return what two replies to the same question say together."""
    if old.is_proved or new.answer is Answer.INFEASIBLE:
        return old if old.is_proved else new
    if new.answer is Answer.OPTIMAL:
        return new
    bounds = [b for b in (old.bound, new.bound) if b is not None]
    bound = min(bounds, default=None)
    better = old
    if new.objective is not None and (old.objective is None or new.objective > old.objective):
        better = new
    if better.objective is None:
        return Reply(Answer.NO_ANSWER, bound=bound)
    if bound is not None and bound <= better.objective:
        return replace(better, answer=Answer.OPTIMAL, bound=better.objective)
    return replace(better, answer=Answer.FEASIBLE, bound=bound)


class Deciding:
    """The questions of one best plan: each chosen intervention left out, each other one taken in.

    Parameters
    ----------
    replanner : Replanner
    best : Reply
        The best plan.
    replies : dict of (intervention, chosen) to Reply
        What is known of the questions; added to.
    slack : Fraction
        Objective units: an interval that is not wider is decided.
    """

    def __init__(
        self,
        replanner: Replanner,
        best: Reply,
        replies: dict[tuple[str, bool], Reply],
        *,
        near: Exchanges,
        slack: Fraction = Fraction(0),
        progress: Progress | None = None,
    ) -> None:
        self.replanner = replanner
        self.best = best
        self.replies = replies
        self.slack = slack
        self._near = near
        self._chosen = taken(best.choice or {})
        self._by_id = replanner.plan.intervention_by_id
        self._progress = progress
        self._is_stopped = False
        #: how many searches for several at once have decided no more than one, since one did
        self._meagre = 0
        self._names: tuple[str, ...] = ()

    def decide(self, names: Iterable[str], deadline: float) -> None:
        """Narrow the intervals of interventions as far as the time allows."""
        names = tuple(names)
        self._begin(names)
        # a search that may end with the first plan near enough takes no longer than an exchange
        to_exchange = TO_TRY if self.slack else TO_EXCHANGE
        passes = ((self._bound, TO_BOUND), (self._exchange, to_exchange), (self._look, TO_LOOK))
        for number, (one, share) in enumerate(passes):
            now = time.perf_counter()
            until = now + share * max(0.0, deadline - now)
            waiting = sorted(self.undecided(names), key=self.width, reverse=number > 0)
            for done, name in enumerate(waiting):
                if self._is_over(until, number * len(names) + done, PASSES * len(names)):
                    break
                if not self.is_decided(name):
                    one(name, until)
        self._prove(names, deadline)

    def reply(self, name: str) -> Reply:
        """Return what is known of an intervention turned round."""
        return self.replies.get((name, name in self._chosen), NOTHING_YET)

    def undecided(self, names: Iterable[str]) -> list[str]:
        """Return the interventions whose intervals are still too wide."""
        return [name for name in names if not self.is_decided(name)]

    def is_decided(self, name: str) -> bool:
        """Return whether the interval of an intervention is as narrow as it need be."""
        return self.reply(name).is_within(Fraction(0), self.slack)

    def width(self, name: str) -> tuple[bool, Fraction]:
        """Return how wide an interval is; widest where there is no plan yet."""
        reply = self.reply(name)
        if reply.objective is None or reply.bound is None:
            return (True, Fraction(0))
        return (False, reply.bound - reply.objective)

    # ---- learning ----

    def _learn(self, name: str, reply: Reply) -> None:
        self.replies[name, name in self._chosen] = narrowed(self.reply(name), reply)

    def _spread(self, names: Iterable[str], choice: Choice | None) -> None:
        """Let a plan that was found count for all questions that it answers."""
        if choice is None:
            return
        known = self.replanner.known.add(choice)
        found = Reply(Answer.FEASIBLE, known.choice, known.objective)
        for name in names:
            objective = self.reply(name).objective
            if objective is not None and objective >= known.objective:
                continue
            if self.replanner.known.suits(known, self._question(name)):
                self._learn(name, found)

    def _question(self, name: str) -> Question:
        return turned(name, chosen=name in self._chosen)

    def _is_free(self, name: str) -> bool:
        """Return whether no force of the plan is replaced, so that no plan can beat the best."""
        return self._by_id[name].force is None

    def _begin(self, names: tuple[str, ...]) -> None:
        """Say of each what the best plan, all known plans and one relaxation say of it."""
        self._names = names
        for name in names:
            if self._is_free(name):
                self._learn(name, Reply(Answer.NO_ANSWER, bound=self.best.bound))
        for known in list(self.replanner.known):
            self._spread(names, known.choice)
        if len(self.undecided(names)) > 1:
            bounds = self.replanner.turning_bounds()
            for name in filter(self._is_free, names):
                bound = bounds.get((name, other_side(chosen=name in self._chosen)))
                self._learn(name, Reply(Answer.NO_ANSWER, bound=bound))

    # ---- one at a time ----

    def _bound(self, name: str, until: float) -> None:
        """Bound a question by its own relaxation."""
        left = max(0.0, until - time.perf_counter())
        self._heard(name, self.replanner.bound(self._question(name), seconds=left))

    def _exchange(self, name: str, _: float) -> None:
        """Look for a plan an exchange away from the best."""
        if self._is_free(name):
            is_in = name in self._chosen
            self._spread(self._names, self._near.without(name) if is_in else self._near.with_(name))

    def _look(self, name: str, until: float) -> None:
        """Look for a plan near the relaxation by a short search."""
        left = max(0.0, until - time.perf_counter())
        question, slack = self._question(name), self.slack
        self._heard(name, self.replanner.bound(question, seconds=left, roughly=True, slack=slack))

    def _prove_one(self, name: str, seconds: float) -> None:
        self._heard(
            name,
            self.replanner.best(
                self._question(name), seconds=seconds, roughly=False, slack=self.slack
            ),
        )

    def _heard(self, name: str, reply: Reply) -> None:
        self._learn(name, reply)
        self._spread(self._names, reply.choice)

    # ---- proving ----

    def _prove(self, names: tuple[str, ...], deadline: float) -> None:
        """Prove the narrowest first, so that most are decided whenever the time is up.

        Small prices are proved several at once. Nothing gets more than four times its share of the
        time before all have had theirs.
        """
        total, tried = PASSES * len(names), Counter[str]()
        while waiting := self.undecided(names):
            done = (PASSES - 1) * len(names) + len(names) - len(waiting)
            if self._is_over(deadline, done, total):
                return
            left = deadline - time.perf_counter()
            share = min(left, max(1.0, 4 * left / len(waiting)))
            together = self._together(waiting)
            if together:
                self._prove_together(together, min(left, share * len(together)) / LEAST_SHARED)
                continue
            first = min(waiting, key=lambda name: (tried[name], self.width(name)))
            if tried[first] == MOST_TRIED:
                return
            self._prove_one(first, left if tried[first] else share)
            tried[first] += 1

    def _together(self, waiting: list[str]) -> list[str]:
        """Return the questions whose best plan one search should look for; none: one by one.

        The best known value among those that wait is what the search must beat, so whatever cannot
        beat it need not be in the set. The search costs by how far that value is from the
        relaxation's bound, and several questions share the cost.
        """
        free = [name for name in waiting if self._is_free(name)]
        values = [self.reply(n).objective for n in free]
        beaten = max((value for value in values if value is not None), default=None)
        if beaten is None or self._meagre >= MOST_MEAGRE or not self.is_worth_sharing(beaten):
            return []
        bounds = {name: self.reply(name).bound for name in free}
        able = [name for name, bound in bounds.items() if bound is None or bound > beaten]
        return able if len(able) >= LEAST_SHARED else []

    def is_worth_sharing(self, objective: Fraction) -> bool:
        """Return whether a plan is so near to the relaxation's bound that one search is cheap."""
        usual = self.replanner.usual
        return 0 < self.replanner.below_top(objective) <= SHARED_WIDTH * usual

    def _prove_together(self, names: list[str], seconds: float) -> None:
        """Find the best plan that turns at least one of a set round: none of the set beats it."""
        any_of = {name: other_side(chosen=name in self._chosen) for name in names}
        question = Question(any_of=any_of)
        reply = self.replanner.best(question, seconds=seconds, roughly=False, slack=self.slack)
        before = len(self.undecided(self._names))
        for name in names:
            is_none = reply.answer is Answer.INFEASIBLE
            self._learn(name, reply if is_none else Reply(Answer.NO_ANSWER, bound=reply.bound))
        self._spread(self._names, reply.choice)
        gained = before - len(self.undecided(self._names))
        self._meagre = 0 if gained > 1 else self._meagre + 1 if gained else MOST_MEAGRE

    def _is_over(self, until: float, done: int, total: int) -> bool:
        """Return whether the time is up, or the one who waits has had enough."""
        if self._progress is not None and self._progress(done, total):
            self._is_stopped = True
        return self._is_stopped or time.perf_counter() >= until
