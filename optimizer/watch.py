"""Looking at a solve while it runs: its best plan so far, how good it is, and a way to end it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from optimizer.allocation import RowResult, judged, relative_gap
from optimizer.answer import Progress
from optimizer.appraisal import Choice
from optimizer.compilation import Compilation


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is known of a solve at one moment.

    Parameters
    ----------
    choice : mapping of option key to scale
        The best plan found, which keeps every hard rule exactly; empty before the first.
    objective : Fraction or None
        Its exact objective; None before the first plan.
    bound : Fraction or None
        What no plan can be better than, as the solver says; None before it knows.
    seconds : float
        Since the solver began.
    improvements : int
        How many plans were the best so far, this one among them.

    Examples
    --------
    >>> SoFar({"a/base": Fraction(1)}, Fraction(100), bound=Fraction(103)).gap
    Fraction(3, 100)
    """

    choice: Mapping[str, Fraction] = field(default_factory=dict)
    objective: Fraction | None = None
    bound: Fraction | None = None
    seconds: float = 0.0
    improvements: int = 0

    @property
    def gap(self) -> Fraction | None:
        """Return how far the bound lies above the plan, as a fraction of its size."""
        if self.objective is None or self.bound is None:
            return None
        return max(Fraction(0), relative_gap(self.bound, self.objective))


class Watch:
    """A solve's best plan so far, to be read from any thread, and a way to cancel it.

    Give it to :func:`optimizer.allocate` as ``progress``. ``so_far`` is one value that is replaced
    as a whole, so a reader never sees half of a change. A cancelled solve ends at the solver's
    next word and returns its best plan with status ``feasible`` and its gap.

    Examples
    --------
    >>> from optimizer import Watch, allocate
    >>> from optimizer.explain.examples import small_plan
    >>> watch = Watch()
    >>> allocation = allocate(small_plan(), progress=watch)
    >>> sorted(watch.so_far.choice), int(watch.so_far.objective)
    (['a/base', 'b/base'], 9000000)
    """

    def __init__(self) -> None:
        self.so_far = SoFar()
        self.is_cancelled = False

    def cancel(self) -> None:
        """End the solve; its best plan so far is returned."""
        self.is_cancelled = True

    def __call__(self, _best: float | None, bound: float | None, seconds: float) -> bool:
        """Take the solver's word of how far it is; return True to stop it.

        Its best value is not kept: the solver's plan may break a rule by a krone.
        """
        known = self.so_far.bound if bound is None else Fraction(bound)
        self.so_far = replace(self.so_far, bound=known, seconds=seconds)
        return self.is_cancelled

    def improved(self, choice: Choice, objective: Fraction) -> None:
        """Take the best plan so far, judged exactly."""
        self.so_far = replace(
            self.so_far,
            choice=dict(choice),
            objective=objective,
            improvements=self.so_far.improvements + 1,
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A plan that the solver came by, judged exactly."""

    choice: dict[str, Fraction]
    objective: Fraction
    results: tuple[RowResult, ...]


class Follower:
    """What a solver says on its way, each plan judged exactly before it is believed.

    ``best`` is the best plan that keeps every hard rule; ``bound`` the lowest of the bounds told,
    each of which holds, as rules that are kept by cuts only lower it.
    """

    def __init__(self, compilation: Compilation, progress: Progress) -> None:
        self.compilation = compilation
        self.best: Seen | None = None
        self.bound: Fraction | None = None
        self.is_stopped = False
        self._progress = progress

    def told(self, best: float | None, bound: float | None, seconds: float) -> bool:
        """Pass the solver's word on; return True to stop."""
        if bound is not None and (self.bound is None or bound < self.bound):
            self.bound = Fraction(bound)
        self.is_stopped = self._progress(best, bound, seconds) or self.is_stopped
        return self.is_stopped

    def found(self, values: Sequence[float]) -> None:
        """Take a plan of the solver's, if it keeps every hard rule and is the best so far."""
        choice = self.compilation.choice(values)
        objective, results = judged(self.compilation, choice)
        is_kept = all(r.is_kept or r.row.price is not None for r in results)
        if is_kept and (self.best is None or objective > self.best.objective):
            self.best = Seen(choice, objective, results)
            if isinstance(self._progress, Watch):
                self._progress.improved(choice, objective)
