"""Where everything stands in the workbook, so that its sheets can point at each other."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Final

from flask_babel import gettext as _

from optimizer import Allocation, Appraisal, CashFlow, Intervention, Option, PayerTotals, Plan
from optimizer.intervention import FlowKind
from optimizer.payers import Level
from planner.formats import Language
from planner.reports.stored import citizens_measure
from planner.reports.workbook_page import FIRST, cell, column_range, quoted

FLOW_COLUMNS: Final = (
    "number intervention title option year payer_number payer level category kind cashable"
    " budget_line pool_number amount low high scale in_plan factor discounted"
).split()
INTERVENTION_COLUMNS: Final = (
    "number intervention title department target_group stars option option_title scale outlay"
    " period after discounted citizens"
).split()
MEASURE_COLUMNS: Final = "number intervention option measure year value scale in_plan".split()

Rated = tuple[Intervention, Option, CashFlow]


@dataclass
class Layout:
    """One allocation laid out on sheets. Rows and columns are counted from zero."""

    allocation: Allocation
    language: Language
    first_year_cell: str = ""
    last_year_cell: str = ""

    @property
    def plan(self) -> Plan:
        """The plan that was allocated."""
        return self.allocation.plan

    @property
    def appraisal(self) -> Appraisal:
        """The money mathematics of the plan."""
        return self.allocation.appraisal

    @cached_property
    def names(self) -> dict[str, str]:
        """The sheets in their order, with their names in the reader's language."""
        return {
            "result": _("Result"),
            "interventions": _("Interventions"),
            "flows": _("Cash flows"),
            "purses": _("Purses"),
            "pools": _("Pool"),
            "measures": _("Measures"),
            "limits": _("Limits"),
        }

    # ---- what is counted ----

    @cached_property
    def rated_flows(self) -> list[Rated]:
        """Every flow of every option, in the plan's order."""
        return [(i, o, f) for i in self.plan.interventions for o in i.options for f in o.flows]

    @cached_property
    def overlap_flows(self) -> list[tuple[tuple[str, ...], CashFlow]]:
        """The losses that overlapping interventions give, each with the two that it hangs on."""
        return [(o.interventions, flow) for o in self.appraisal.overlaps for flow in o.flows()]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The interventions' running numbers, by id; overlaps have number 0."""
        return {i.id: place for place, i in enumerate(self.plan.interventions, start=1)}

    @cached_property
    def payer_numbers(self) -> dict[str, int]:
        """The purses' running numbers, by id."""
        return {payer.id: place for place, payer in enumerate(self.plan.payers, start=1)}

    @cached_property
    def pool_numbers(self) -> dict[str, int]:
        """The pools' running numbers, by id."""
        return {pool.id: place for place, pool in enumerate(self.plan.scenario.pools, start=1)}

    @cached_property
    def chosen(self) -> dict[str, tuple[Option, Fraction]]:
        """The chosen option and its scale, by intervention."""
        return {i.id: (o, z) for _key, i, o, z in self.appraisal.chosen(self.allocation.choice)}

    @cached_property
    def citizens(self) -> str | None:
        """The measure that counts citizens."""
        return citizens_measure(self.plan)

    # ---- whose money ----

    @cached_property
    def has_own(self) -> bool:
        """Whether the plan has a purse of the municipality; else all purses are shown."""
        return any(payer.level is Level.MUNICIPALITY for payer in self.plan.payers)

    @cached_property
    def own(self) -> frozenset[str] | None:
        """The municipality's purses; None: all purses."""
        if not self.has_own:
            return None
        return frozenset(p.id for p in self.plan.payers if p.level is Level.MUNICIPALITY)

    @cached_property
    def own_total(self) -> PayerTotals:
        """Net of the municipality (or of all purses)."""
        totals = [
            t for p, t in self.allocation.payer_totals.items() if self.own is None or p in self.own
        ]
        return PayerTotals(
            before=sum((t.before for t in totals), Fraction(0)),
            budget_period=sum((t.budget_period for t in totals), Fraction(0)),
            after=sum((t.after for t in totals), Fraction(0)),
            horizon=sum((t.horizon for t in totals), Fraction(0)),
            discounted=sum((t.discounted for t in totals), Fraction(0)),
        )

    def own_words(self, what: str) -> str:
        """Return whose ``what`` it is."""
        if self.has_own:
            return str(_("The municipality: %(what)s", what=what))
        return str(_("All purses: %(what)s", what=what))

    @property
    def own_criterion(self) -> str:
        """The part of a SUMIFS that leaves the municipality's purses only."""
        if not self.has_own:
            return ""
        return f",{self.flows('level')},{quoted(self.level_word(Level.MUNICIPALITY))}"

    def level_word(self, level: Level) -> str:
        """Return the word for a purse's level on the sheets."""
        return level.label.say(self.language)

    def kind_word(self, kind: FlowKind) -> str:
        """Return the word for a kind of flow on the sheets."""
        return kind.label.say(self.language)

    # ---- where it stands ----

    @property
    def last_flow_row(self) -> int:
        """Row of the last flow."""
        return FIRST + len(self.rated_flows) + len(self.overlap_flows) - 1

    def flows(self, column: str) -> str:
        """Return the address of one column of the flows."""
        place = FLOW_COLUMNS.index(column)
        return column_range(self.names["flows"], place, FIRST, self.last_flow_row)

    @property
    def last_measure_row(self) -> int:
        """Row of the last measure."""
        rows = sum(
            len(m.by_year) if m.by_year is not None else 1
            for i in self.plan.interventions
            for o in i.options
            for m in o.measures.values()
        )
        return FIRST + rows - 1

    def measures(self, column: str) -> str:
        """Return the address of one column of the measures."""
        place = MEASURE_COLUMNS.index(column)
        return column_range(self.names["measures"], place, FIRST, self.last_measure_row)

    def intervention_row(self, identity: str) -> int:
        """Return the row of an intervention."""
        return FIRST + self.numbers[identity] - 1

    @property
    def overlap_row(self) -> int:
        """Row of what overlaps take off, below the interventions."""
        return FIRST + len(self.plan.interventions)

    @property
    def total_row(self) -> int:
        """Row of the totals of the interventions."""
        return self.overlap_row + 1

    def intervention_cell(self, identity: str, column: str) -> str:
        """Return the address of one cell of an intervention."""
        place = INTERVENTION_COLUMNS.index(column)
        return cell(self.names["interventions"], self.intervention_row(identity), place)

    def total(self, column: str) -> str:
        """Return a formula that repeats a total of the interventions."""
        place = INTERVENTION_COLUMNS.index(column)
        return "=" + cell(self.names["interventions"], self.total_row, place)

    def count_of_chosen(self) -> str:
        """Return a formula that counts the chosen interventions."""
        options = column_range(
            self.names["interventions"],
            INTERVENTION_COLUMNS.index("option"),
            FIRST,
            self.overlap_row - 1,
        )
        return f'=SUMPRODUCT(--({options}<>""))'

    def scale_of(self, identity: str, option_cell: str) -> str:
        """Return the expression of an option's scale: that of its intervention, if it is chosen."""
        chosen = self.intervention_cell(identity, "option")
        return f"IF(EXACT({chosen},{option_cell}),{self.intervention_cell(identity, 'scale')},0)"

    # ---- years ----

    @property
    def factor_years(self) -> list[int]:
        """The years with a discount factor."""
        return sorted(self.appraisal.factors.by_year)

    @property
    def years_table_row(self) -> int:
        """Row of the headings of the table by year on the sheet of purses."""
        return FIRST + len(self.plan.payers) + 3

    @property
    def factor_table_row(self) -> int:
        """Row of the headings of the discount factors on the sheet of purses."""
        return self.years_table_row + len(self.plan.payers) + 4

    def factor_cell(self, year: int) -> str:
        """Return the address of a year's discount factor."""
        row = self.factor_table_row + 1 + self.factor_years.index(year)
        return cell(self.names["purses"], row, 2)
