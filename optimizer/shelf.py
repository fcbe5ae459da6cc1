"""What lies on the knowledge shelf: unit prices, effects and consequences.

Each kind is one frozen dataclass whose fields carry their words, unit and bounds once; the form,
the workbook, the pages and the stored JSON are all derived from them.

What is stored is kept for ever: a field is never renamed or removed, and a new one comes with a
default, so that every earlier version can still be read.

The names tell what lies on the shelf from what stands in a business case: `ShelfPrice` is a figure
that many cases share, with its shares or rule and its terms; `optimizer.cases.UnitPrice` is that
figure, or one's own, as one case counts with it, uncertain and in its price year. Only a case
computes; `optimizer.cases.from_shelf` leads from the one to the other.
"""

# ruff: noqa: RUF009 - like `quantity`, the functions here make fields

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar

from optimizer.payers import Category, Level
from optimizer.quantity import MISSING, NO_WORDS, Choice, quantity
from optimizer.sentence import Sentence, percent

LONGEST_LINE = 200
LONGEST_TEXT = 2_000
FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST_KRONER = 100_000_000_000
YEARS_AFTER_START = 10
MOST_STARS = 3
#: how far a success rate may be from the counts that it is said to come from
RATE_TOLERANCE = Fraction(1, 100)

NONE = Choice("", Sentence("Ikke oplyst", "Not stated"))
RULES = (
    Choice("", Sentence("Faste andele", "Fixed shares")),
    Choice("refusion_staircase", Sentence("Refusionstrappen", "The refund staircase")),
    Choice(
        "central_refusion_176",
        Sentence("Central refusion (servicelovens § 176)", "Central refund (Service Act § 176)"),
    ),
    Choice("shelter_110", Sentence("Herberg (servicelovens § 110)", "Shelter (Service Act § 110)")),
)
CATEGORIES = tuple(Choice(category.value, category.label) for category in Category)
GRADES = (
    NONE,
    Choice("positive", Sentence("Positiv", "Positive")),
    Choice("negative", Sentence("Negativ", "Negative")),
    Choice("none", Sentence("Ingen effekt", "No effect")),
    Choice("few_studies", Sentence("Få studier", "Few studies")),
    Choice("conflicting", Sentence("Modstridende", "Conflicting")),
)
METHODS = (
    NONE,
    Choice("before_after", Sentence("Før-efter", "Before and after")),
    Choice("comparison", Sentence("Sammenligningsgruppe", "Comparison group")),
    Choice("trial", Sentence("Lodtrækningsforsøg", "Randomised trial")),
)

#: a name of a field, and what is wrong there
Problem = tuple[str, Sentence]


class ShelfKind(StrEnum):
    """What an entry of the shelf is.

    Examples
    --------
    >>> ShelfKind.UNIT_PRICE.label.en, ShelfKind.EFFECT.plural.da
    ('Unit price', 'Effekter')
    """

    UNIT_PRICE = "unit_price"
    EFFECT = "effect"
    CONSEQUENCE = "consequence"

    @property
    def label(self) -> Sentence:
        """The word for one of them."""
        return _KINDS[self][0]

    @property
    def plural(self) -> Sentence:
        """The word for all of them."""
        return _KINDS[self][1]


_KINDS = {
    ShelfKind.UNIT_PRICE: (
        Sentence("Enhedspris", "Unit price"),
        Sentence("Enhedspriser", "Unit prices"),
    ),
    ShelfKind.EFFECT: (Sentence("Effekt", "Effect"), Sentence("Effekter", "Effects")),
    ShelfKind.CONSEQUENCE: (
        Sentence("Konsekvens", "Consequence"),
        Sentence("Konsekvenser", "Consequences"),
    ),
}


def _line(label: Sentence, *, help: Sentence = NO_WORDS, required: bool = True) -> Any:  # noqa: A002
    return quantity(
        "text", label, default=MISSING if required else "", help=help, maximum=LONGEST_LINE
    )


def _note() -> Any:
    return quantity(
        "text",
        Sentence("Bemærkning", "Remark"),
        default="",
        maximum=LONGEST_TEXT,
        help=Sentence(
            "Hvad den dækker, og hvad den ikke dækker. Skriv »illustrativt eksempel«, hvis tallet"
            " er opdigtet.",
            "What it covers and what it does not. Write “illustrative example” if the figure is"
            " made up.",
        ),
    )


def _share(level: Level) -> Any:
    return quantity(
        "share",
        Sentence(f"Andel: {level.label.da.lower()}", f"Share: {level.label.en.lower()}"),
        default=Fraction(0),
        unit=Sentence("%", "%"),
    )


def _use(year: int) -> Any:
    first = Sentence(
        "Negativ er mindre forbrug. År 0 er året, hvor borgeren begynder.",
        "Negative is less use. Year 0 is the year in which the citizen starts.",
    )
    return quantity(
        "number",
        Sentence(f"Mængde i år {year}", f"Quantity in year {year}"),
        default=Fraction(0),
        help=NO_WORDS if year else first,
        minimum=-1_000_000,
        maximum=1_000_000,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfPrice:
    """Kroner per unit of something as it lies on the shelf, and who pays them.

    ``shares`` by level of purse add up to one; or ``rule`` names the dated rule that splits.

    Examples
    --------
    >>> price = ShelfPrice(amount=1400, unit="døgn", price_year=2027, category="service",
    ...                   share_municipality=Fraction(1, 2), share_state=Fraction(1, 2))
    >>> [(level.value, str(share)) for level, share in price.shares.items()]
    [('municipality', '1/2'), ('state', '1/2')]
    >>> list(price.problems())
    []
    """

    KIND: ClassVar[ShelfKind] = ShelfKind.UNIT_PRICE
    #: beginnings of the names of the fields that `problems` looks at
    WEIGHED: ClassVar[tuple[str, ...]] = ("rule", "share_")

    amount: int = quantity(
        "kroner",
        Sentence("Pris pr. enhed", "Price per unit"),
        help=Sentence("Det, én enhed koster.", "What one unit costs."),
        minimum=0,
        maximum=MOST_KRONER,
    )
    unit: str = _line(
        Sentence("Enhed", "Unit"),
        help=Sentence(
            "Det, prisen er for: døgn, uge, forløb, helårsperson.",
            "What the price is for: night, week, course, full-year person.",
        ),
    )
    price_year: int = quantity(
        "year",
        Sentence("Prisår", "Price year"),
        minimum=FIRST_YEAR,
        maximum=LAST_YEAR,
        help=Sentence("Det pris- og lønniveau, beløbet er i.", "The price level of the amount."),
    )
    category: str = quantity(
        "choice", Sentence("Styringsområde", "Control category"), choices=CATEGORIES
    )
    rule: str = quantity(
        "choice",
        Sentence("Hvem betaler", "Who pays"),
        default="",
        choices=RULES,
        help=Sentence(
            "Faste andele, som tilsammen er 100 %, eller en regel, der deler efter datoen.",
            "Fixed shares that add up to 100%, or a rule that splits by date.",
        ),
    )
    share_municipality: Fraction = _share(Level.MUNICIPALITY)
    share_region: Fraction = _share(Level.REGION)
    share_state: Fraction = _share(Level.STATE)
    share_citizen: Fraction = _share(Level.CITIZEN)
    share_other: Fraction = _share(Level.OTHER)
    licence: str = _line(
        Sentence("Vilkår for brug", "Terms of use"),
        required=False,
        help=Sentence(
            "Hvem der ejer tallet, og hvordan det må bruges.",
            "Who owns the figure and how it may be used.",
        ),
    )
    note: str = _note()

    @property
    def shares(self) -> dict[Level, Fraction]:
        """The fixed shares by level of purse, without those that pay nothing."""
        every = {level: getattr(self, f"share_{level.value}") for level in Level}
        return {level: share for level, share in every.items() if share}

    def problems(self) -> list[Problem]:
        """Return what contradicts itself: a rule beside shares, shares that do not add up."""
        total = sum(self.shares.values(), Fraction(0))
        if self.rule and total:
            return [
                (
                    "rule",
                    Sentence(
                        "Vælg enten en regel eller faste andele, ikke begge dele.",
                        "Choose a rule or fixed shares, not both.",
                    ),
                )
            ]
        if not self.rule and total != 1:
            said = percent(total)
            return [
                (
                    "share_municipality",
                    Sentence(
                        f"Andelene giver {said.da}; de skal give 100 %.",
                        f"The shares add up to {said.en}; they must be 100 %.",
                    ),
                )
            ]
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfEffect:
    """What happens to citizens with the intervention and without it, and how sure that is.

    The national grade says in which direction the studies point, the stars how good they are, and
    the rates or the effect size how much it is: three different things.

    Examples
    --------
    >>> effect = ShelfEffect(target_group="Ledige", outcome="i job", p_with=Fraction(7, 10),
    ...                 p_without=Fraction(6, 10))
    >>> effect.added_effect
    Fraction(1, 10)
    """

    KIND: ClassVar[ShelfKind] = ShelfKind.EFFECT
    WEIGHED: ClassVar[tuple[str, ...]] = ("p_", "successes_", "observed_", "effect_")

    target_group: str = _line(Sentence("Målgruppe", "Target group"))
    outcome: str = _line(
        Sentence("Resultatmål", "Result goal"),
        help=Sentence(
            "Det, der måles hos borgeren, fx »ude af ydelse efter 3 måneder«.",
            "What is measured for the citizen, such as “off benefits after 3 months”.",
        ),
    )
    p_with: Fraction | None = quantity(
        "share",
        Sentence("Succesrate med indsatsen", "Success rate with it"),
        default=None,
        unit=Sentence("%", "%"),
    )
    p_without: Fraction | None = quantity(
        "share",
        Sentence("Succesrate uden indsatsen", "Success rate without it"),
        default=None,
        unit=Sentence("%", "%"),
    )
    successes_with: int | None = quantity(
        "count", Sentence("Succeser med indsatsen", "Successes with it"), default=None
    )
    observed_with: int | None = quantity(
        "count", Sentence("Observerede med indsatsen", "Observed with it"), default=None
    )
    successes_without: int | None = quantity(
        "count", Sentence("Succeser uden indsatsen", "Successes without it"), default=None
    )
    observed_without: int | None = quantity(
        "count", Sentence("Observerede uden indsatsen", "Observed without it"), default=None
    )
    effect_size: Fraction | None = quantity(
        "number",
        Sentence("Effektstørrelse", "Effect size"),
        default=None,
        minimum=-1_000_000,
        maximum=1_000_000,
        help=Sentence(
            "Når studiet opgør effekten på en anden måde end som to succesrater.",
            "When the study measures the effect in another way than as two success rates.",
        ),
    )
    effect_measure: str = _line(
        Sentence("Effektstørrelsens mål", "Measure of the effect size"),
        required=False,
        help=Sentence(
            "Det, tallet er opgjort i, fx procentpoint eller standardafvigelser.",
            "What the number is in, such as percentage points or standard deviations.",
        ),
    )
    grade: str = quantity(
        "choice",
        Sentence("National evidensvurdering", "National evidence grade"),
        default="",
        choices=GRADES,
        help=Sentence(
            "Studiernes retning. Siger intet om effektens størrelse.",
            "The direction of the studies. Says nothing of the size.",
        ),
    )
    stars: int | None = quantity(
        "count", Sentence("Evidensstjerner", "Evidence stars"), default=None, maximum=MOST_STARS,
        help=Sentence("0 til 3. Tom betyder ikke vurderet.", "0 to 3. Empty means not assessed."),
    )  # fmt: skip
    method: str = quantity(
        "choice", Sentence("Hvordan vi ved det", "How we know"), default="", choices=METHODS
    )
    note: str = _note()

    @property
    def added_effect(self) -> Fraction | None:
        """The difference of the two success rates; None where one of them is not stated."""
        if self.p_with is None or self.p_without is None:
            return None
        return self.p_with - self.p_without

    def problems(self) -> list[Problem]:
        """Return what contradicts itself: no size at all, counts that do not fit."""
        return [
            *self._size_problems(),
            *self._count_problems("with", self.p_with, self.successes_with, self.observed_with),
            *self._count_problems(
                "without", self.p_without, self.successes_without, self.observed_without
            ),
        ]

    def _size_problems(self) -> list[Problem]:
        if self.p_with is None and self.effect_size is None:
            return [
                (
                    "p_with",
                    Sentence(
                        "Skriv en succesrate eller en effektstørrelse.",
                        "Write a success rate or an effect size.",
                    ),
                )
            ]
        if self.effect_size is not None and not self.effect_measure:
            return [
                (
                    "effect_measure",
                    Sentence(
                        "Skriv, hvad effektstørrelsen er opgjort i.",
                        "Write what the effect size is measured in.",
                    ),
                )
            ]
        return []

    @staticmethod
    def _count_problems(
        group: str, rate: Fraction | None, successes: int | None, observed: int | None
    ) -> list[Problem]:
        if successes is None and observed is None:
            return []
        if successes is None or not observed:
            return [
                (
                    f"observed_{group}" if not observed else f"successes_{group}",
                    Sentence(
                        "Skriv både succeser og observerede, eller ingen af dem.",
                        "Write both successes and observed, or neither.",
                    ),
                )
            ]
        if successes > observed:
            return [
                (
                    f"successes_{group}",
                    Sentence(
                        f"Der er {successes} succeser, men kun {observed} observerede.",
                        f"There are {successes} successes but only {observed} observed.",
                    ),
                )
            ]
        found = Fraction(successes, observed)
        if rate is None or abs(found - rate) <= RATE_TOLERANCE:
            return []
        counted, said = percent(round(found, 3)), percent(rate)
        return [
            (
                f"p_{group}",
                Sentence(
                    f"{successes} af {observed} er {counted.da}, men succesraten er {said.da}.",
                    f"{successes} of {observed} is {counted.en}, but the rate is {said.en}.",
                ),
            )
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfConsequence:
    """A service or transfer that is used more or less for each extra success.

    Examples
    --------
    >>> consequence = ShelfConsequence(unit_price="herbergsdoegn", year_0=Fraction(-90),
    ...                           year_1=Fraction(-60))
    >>> [int(quantity) for quantity in consequence.by_year]
    [-90, -60]
    """

    KIND: ClassVar[ShelfKind] = ShelfKind.CONSEQUENCE
    WEIGHED: ClassVar[tuple[str, ...]] = ("year_",)

    unit_price: str = _line(
        Sentence("Enhedspris", "Unit price"),
        help=Sentence(
            "Nøglen til den enhedspris på hylden, som mængden ganges med.",
            "The key of the unit price on the shelf that the quantity is multiplied by.",
        ),
    )
    year_0: Fraction = _use(0)
    year_1: Fraction = _use(1)
    year_2: Fraction = _use(2)
    year_3: Fraction = _use(3)
    year_4: Fraction = _use(4)
    year_5: Fraction = _use(5)
    year_6: Fraction = _use(6)
    year_7: Fraction = _use(7)
    year_8: Fraction = _use(8)
    year_9: Fraction = _use(9)
    note: str = _note()

    @property
    def by_year(self) -> tuple[Fraction, ...]:
        """Quantity per extra success by year after the start, up to the last that is not zero."""
        every = [getattr(self, f"year_{year}") for year in range(YEARS_AFTER_START)]
        while every and not every[-1]:
            every.pop()
        return tuple(every)

    def problems(self) -> list[Problem]:
        """Return what is missing: a consequence without any quantity is none."""
        if self.by_year:
            return []
        return [
            (
                "year_0",
                Sentence(
                    "Skriv en mængde i mindst ét år.", "Write a quantity in at least one year."
                ),
            )
        ]


Content = ShelfPrice | ShelfEffect | ShelfConsequence
CONTENTS: dict[ShelfKind, type[ShelfPrice] | type[ShelfEffect] | type[ShelfConsequence]] = {
    cls.KIND: cls for cls in (ShelfPrice, ShelfEffect, ShelfConsequence)
}
