"""Which part of a form belongs to which kind of quantity."""

from collections.abc import Mapping

from optimizer.quantity import Kind
from planner.forms.choice_parts import (
    FundPart,
    ManyPart,
    OptionsPart,
    PayersPart,
    SelectPart,
    WherePart,
)
from planner.forms.rule_parts import (
    ByYearPart,
    FlagPart,
    NumberPart,
    Part,
    SharePart,
    TextPart,
    YearsPart,
)

PARTS: Mapping[Kind, type[Part]] = {
    "kroner": NumberPart,
    "number": NumberPart,
    "count": NumberPart,
    "year": NumberPart,
    "share": SharePart,
    "years": YearsPart,
    "kroner_by_year": ByYearPart,
    "flag": FlagPart,
    "text": TextPart,
    "payers": PayersPart,
    "payer": SelectPart,
    "intervention": SelectPart,
    "interventions": ManyPart,
    "options": OptionsPart,
    "fund": FundPart,
    "measure": SelectPart,
    "where": WherePart,
    "choice": SelectPart,
}
