"""Terms of the objective: what an allocation is asked to maximise."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.quantity import quantity
from optimizer.sentence import Sentence, listing
from optimizer.tagged import Registry, Tagged

if TYPE_CHECKING:
    from optimizer.compilation import Compilation
    from optimizer.program import Terms
    from optimizer.scenario import Plan

objectives: Registry["ObjectiveTerm"] = Registry("of")


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectiveTerm(Tagged):
    """One term: its value times ``weight`` is added to the objective."""

    weight: Fraction = quantity(
        "number",
        Sentence("Vægt", "Weight"),
        default=Fraction(1),
        help=Sentence(
            "1 er almindeligt. Bruges, når flere mål lægges sammen.",
            "1 is usual. Used when several goals are added up.",
        ),
    )

    @property
    def is_money(self) -> bool:
        """Return whether the term is kroner."""
        raise NotImplementedError

    def terms(self, program: "Compilation") -> "Terms":
        """Return the coefficients of the term, weight not yet applied."""
        raise NotImplementedError

    def sentence(self, plan: "Plan") -> Sentence:
        """Return what is maximised, without the weight."""
        raise NotImplementedError


def payer_names(plan: "Plan", payers: Iterable[str] | None) -> Sentence:
    """Return the purses as words: their names, or "everyone" for None."""
    if payers is None:
        return Sentence("alle kasser", "all purses")
    return listing([plan.payer_by_id[p].name for p in payers])
