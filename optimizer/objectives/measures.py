"""Objective terms that are not kroner: the other bottom line."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.objectives.base import ObjectiveTerm, objectives
from optimizer.quantity import quantity
from optimizer.sentence import Sentence

if TYPE_CHECKING:
    from optimizer.compilation import Compilation
    from optimizer.program import Terms
    from optimizer.scenario import Plan


@objectives.register(
    "measure",
    title=Sentence("Måltal", "Measure"),
    about=Sentence(
        "Det samlede måltal, fx borgere der får hjælp.",
        "The total of a measure, such as citizens helped.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureTotal(ObjectiveTerm):
    """Total of ``measure`` over the chosen options, each times its scale."""

    measure: str = quantity("measure", Sentence("Måltal", "Measure"))

    @property
    def is_money(self) -> bool:
        return False

    def terms(self, program: "Compilation") -> "Terms":
        return program.measure(self.measure)

    def sentence(self, plan: "Plan") -> Sentence:
        return Sentence(f"{self.measure} i alt", f"{self.measure} in total")
