"""The limit on how far a plan may move from one that was decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.constraints.base import Constraint, constraints
from optimizer.constraints.money import AT_MOST_WORDS
from optimizer.program import Row
from optimizer.quantity import quantity
from optimizer.sentence import Sentence

if TYPE_CHECKING:
    from optimizer.compilation import Compilation
    from optimizer.scenario import Plan


@constraints.register(
    "changes",
    title=Sentence("Ændringer fra en fordeling", "Changes from an allocation"),
    about=Sentence(
        "Højst så mange indsatser må skifte mellem at være med og ikke være med.",
        "At most so many interventions may go from in to out, or from out to in.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Changes(Constraint):
    """Number of interventions that differ (in or out) from ``reference`` <= at_most.

    sum_{i not in reference} y_i + sum_{i in reference} (1 - y_i) <= at_most. Interventions are
    compared, not options.
    """

    reference: tuple[str, ...] = quantity(
        "options",
        Sentence("Fordelingen", "The allocation"),
        help=Sentence(
            "De muligheder, der var valgt. Ingen: intet var valgt.",
            "The options that were chosen. None: nothing was chosen.",
        ),
    )
    at_most: int = quantity("count", AT_MOST_WORDS)

    def rows(self, program: "Compilation") -> Iterator[Row]:
        plan = program.plan
        before = {plan.options[key][0].id for key in self.reference}
        signs = {
            key: -1 if intervention.id in before else 1
            for key, (intervention, _) in plan.options.items()
        }
        yield Row(
            label=self.named(plan),
            terms=program.funded(signs),
            upper=self.at_most,
            constant=len(before),
        )

    def sentence(self, plan: "Plan") -> Sentence:
        del plan
        da, en = (
            ("indsats", "intervention") if self.at_most == 1 else ("indsatser", "interventions")
        )
        return Sentence(
            f"Højst {self.at_most} {da} skifter mellem at være med og ikke være med",
            f"At most {self.at_most} {en} may go in or out",
        )
