"""Objective terms in kroner."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from optimizer.appraisal import Selection
from optimizer.intervention import Case, FlowKind
from optimizer.objectives.base import ObjectiveTerm, objectives, payer_names
from optimizer.quantity import Choice, quantity
from optimizer.sentence import Sentence

if TYPE_CHECKING:
    from optimizer.compilation import Compilation
    from optimizer.program import Terms
    from optimizer.scenario import Plan

PAYERS = quantity(
    "payers",
    Sentence("Kasser", "Payers"),
    help=Sentence("Hvis penge der tælles med.", "Whose money counts."),
)
PERIODS = (
    Choice("budget", Sentence("budgetperioden", "the budget period")),
    Choice("horizon", Sentence("hele perioden", "the whole horizon")),
)
DISCOUNTED = quantity(
    "flag",
    Sentence("Nutidsværdi", "Discounted"),
    help=Sentence(
        "Penge senere tæller mindre, efter planens diskonteringssatser.",
        "Later money counts less, at the plan's discount rates.",
    ),
)
CASHABLE_ONLY = quantity(
    "flag",
    Sentence("Kun det, der kan hentes", "Cashable only"),
    default=False,
    help=Sentence(
        "Besparelser, som ingen får skåret i sit budget for, tælles ikke. Udgifter tælles altid.",
        "Savings for which no budget is cut are left out. Costs always count.",
    ),
)
CASE = quantity(
    "choice",
    Sentence("Skøn", "Estimate"),
    default=Case.EXPECTED,
    choices=tuple(Choice(c.value, c.label) for c in Case),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTerm(ObjectiveTerm):
    """Kroner of chosen payers."""

    payers: frozenset[str] | None = PAYERS
    period: str = quantity("choice", Sentence("Periode", "Period"), choices=PERIODS)
    discounted: bool = DISCOUNTED
    cashable_only: bool = CASHABLE_ONLY
    case: Case = CASE

    @property
    def is_money(self) -> bool:
        return True

    @property
    def kinds(self) -> frozenset[FlowKind] | None:
        """Return the kinds of flow that count; None: all."""
        return None

    def selection(self, plan: "Plan") -> Selection:
        """Return which flows the term adds up."""
        return Selection(
            payers=self.payers,
            years=plan.budget_period if self.period == "budget" else None,
            kinds=self.kinds,
            cashable_only=self.cashable_only,
            case=self.case,
            discounted=self.discounted,
        )

    def terms(self, program: "Compilation") -> "Terms":
        return program.money(self.selection(program.plan))

    def sentence(self, plan: "Plan") -> Sentence:
        names = payer_names(plan, self.payers)
        first, last = plan.budget_period if self.period == "budget" else plan.horizon
        what_da, what_en = self.words()
        how_da = ("nutidsværdi, " if self.discounted else "") + f"{first}\N{EN DASH}{last}"
        how_en = ("discounted, " if self.discounted else "") + f"{first}\N{EN DASH}{last}"
        if self.cashable_only:
            how_da, how_en = how_da + ", kun det der kan hentes", how_en + ", cashable only"
        if self.case is not Case.EXPECTED:
            how_da += f", {self.case.label.da}t skøn" if self.case is Case.HIGH else ", lavt skøn"
            how_en += f", {self.case.label.en} estimate"
        return Sentence(
            f"{what_da} for {names.da} ({how_da})", f"{what_en} for {names.en} ({how_en})"
        )

    def words(self) -> tuple[str, str]:
        """Return what is added up, in Danish and English."""
        raise NotImplementedError


@objectives.register(
    "net_saving",
    title=Sentence("Nettobesparelse", "Net saving"),
    about=Sentence(
        "Summen af alle pengestrømme: besparelser minus udlæg og udgifter.",
        "The sum of all flows: savings minus outlay and costs.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class NetSaving(MoneyTerm):
    """Sum of all flows (outlay, cost, saving, overlap losses) of the payers in the period."""

    def words(self) -> tuple[str, str]:
        return ("nettobesparelse", "net saving")


@objectives.register(
    "saving",
    title=Sentence("Besparelse", "Saving"),
    about=Sentence(
        "Summen af besparelserne alene; udlæg og udgifter tælles ikke med.",
        "The sum of the savings alone; outlay and costs do not count.",
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Saving(MoneyTerm):
    """Sum of the flows of kind saving (and overlap losses) of the payers in the period."""

    @property
    def kinds(self) -> frozenset[FlowKind] | None:
        return frozenset({FlowKind.SAVING})

    def words(self) -> tuple[str, str]:
        return ("besparelse", "saving")
