"""What is asked of a plan: the same plan, with some things changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.answer import Answer
from optimizer.explain.limits import Limit
from optimizer.intervention import Force
from optimizer.program import Exact
from optimizer.scenario import Plan

Forces = Mapping[str, Force | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The plan with some things changed.

    Parameters
    ----------
    forces : mapping of intervention id to Force or None
        Takes the place of what the plan says of the intervention.
    moved : tuple of (Limit, number)
        Limits loosened by a number of their unit; tightened where it is negative.
    without : frozenset of str
        Paths of rules that are left out.
    any_of : mapping of intervention id to Force
        At least one of these is so: taken in (IN) or left out (OUT).
    """

    forces: Forces = field(default_factory=dict)
    moved: tuple[tuple[Limit, Exact], ...] = ()
    without: frozenset[str] = frozenset()
    any_of: Mapping[str, Force] = field(default_factory=dict)

    def is_met_by(self, taken: frozenset[str]) -> bool:
        """Return whether interventions are in and out as the question says."""
        forced = ((name, force) for name, force in self.forces.items() if force is not None)
        if not all((name in taken) == (force is Force.IN) for name, force in forced):
            return False
        turned = ((name in taken) == (force is Force.IN) for name, force in self.any_of.items())
        return not self.any_of or any(turned)

    @property
    def touched(self) -> frozenset[str]:
        """Return the paths of the rules that are not as the plan has them, forces aside."""
        return self.without.union(limit.path for limit, _ in self.moved)


@dataclass(frozen=True, slots=True)
class Reply:
    """The best plan under a question, exactly evaluated, and what no plan can be better than.

    ``answer`` is OPTIMAL only where the plan is proved best; INFEASIBLE where it is proved that
    none exists.
    """

    answer: Answer
    choice: Mapping[str, Fraction] | None = None
    objective: Fraction | None = None
    bound: Fraction | None = None

    @property
    def is_proved(self) -> bool:
        """Return whether nothing is left open."""
        return self.answer in {Answer.OPTIMAL, Answer.INFEASIBLE}

    def is_within(self, gap: Fraction, slack: Fraction = Fraction(0)) -> bool:
        """Return whether nothing is left open but a share of the plan's size, or a slack."""
        if self.is_proved or self.objective is None or self.bound is None or not gap + slack:
            return self.is_proved
        allowed = max(slack, gap * max(Fraction(1), abs(self.objective)))
        return self.bound - self.objective <= allowed

    @property
    def has_plan(self) -> bool:
        """Return whether there is a plan."""
        return self.objective is not None


def force_paths(plan: Plan) -> dict[str, str]:
    """Return the place of every intervention's force in the plan, by its id."""
    return {i.id: f"interventions[{n}].force" for n, i in enumerate(plan.interventions)}
