"""What is asked of a solver, and what it may claim."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

SolverName = Literal["highs", "cbc"]
#: (best objective so far, bound, seconds) -> True to stop
Progress = Callable[[float | None, float | None, float], bool]
#: values of the program's variables in a plan that is the solver's best so far
Improved = Callable[[Sequence[float]], None]


class Answer(StrEnum):
    """What a solver claims, status and reason to stop already told apart."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Effort:
    """How far to go.

    Parameters
    ----------
    gap : float
        Relative gap at which the search may stop.
    absolute_gap : float
        The same in objective units.
    time_limit : float
        Seconds.
    threads : int
        One by default: more can be slower, and the answer must not depend on it.
    """

    gap: float = 1e-6
    absolute_gap: float = 0.0
    time_limit: float = 60.0
    threads: int = 1


@dataclass(slots=True)
class Solution:
    """A solver's claim: values of the program's variables, and a bound in objective units."""

    answer: Answer
    values: list[float] | None = None
    bound: float | None = None
    name: str = ""
    version: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
