"""A business case as the rows of a workbook, and back from its rows to plain values."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from optimizer.sentence import Sentence
from optimizer.shelf_reader import FieldError
from planner.case_limits import (
    LONGEST_TAG,
    MOST_LINES,
    MOST_MEASURES,
    MOST_OPTIONS,
    MOST_TAGS,
    AmountFault,
    amount_faults,
)
from planner.case_sheets import MOST_STARS, Sheet
from planner.model import StrategyRecord
from planner.model.states import Category, FlowKind, PoolKind
from planner.services.case_plan import direct_flows, direct_measures, grouped_flows
from planner.services.cases import CaseData, FlowData, MeasureData, OptionData
from planner.services.workbook_reading import CellFault, RawRow
from planner.services.writing import clean

FIRST_OPTION = "basis"
_OPTION_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_AMOUNT_WORDS = {
    AmountFault.SIGN: Sentence(
        "Penge ud af kassen skrives med minus, fx −2.400.000.",
        "Money out of the purse is written with a minus, such as −2,400,000.",
    ),
    AmountFault.LOW: Sentence(
        "Det lave beløb er over det forventede.", "The low amount is above the expected one."
    ),
    AmountFault.HIGH: Sentence(
        "Det høje beløb er under det forventede.", "The high amount is below the expected one."
    ),
}

PlainRow = dict[str, Any]


# --- Out ------------------------------------------------------------------------------------------


def plain_rows(
    data: CaseData, *, code: str, version: str, state: str, department: str
) -> dict[Sheet, list[PlainRow]]:
    """Return a case as values by sheet and column.

    Parameters
    ----------
    version : str
        What tells whether it has been saved since (`mark_of`).
    state : str
        In the reader's words.
    department : str
        Its key.
    """
    head = {
        "code": code,
        "version": version,
        "state": state,
        "department": department,
        "title": data.title,
        "target_group": data.target_group,
        "supplier": data.supplier,
        "evidence_stars": data.evidence_stars,
        "evidence": data.evidence,
        "price_year": data.price_year,
        "summary": data.summary,
        "external": "yes" if data.external else "no",
        "tags": ", ".join(data.tags),
    }
    return {
        Sheet.INTERVENTIONS: [head],
        Sheet.OPTIONS: [
            {
                "code": code,
                "option": option.key,
                "title": option.title,
                "pool": option.pool or "",
                "minimum": option.scalable_minimum,
            }
            for option in data.options
        ],
        Sheet.FLOWS: [
            {"code": code, "option": option.key} | _flow_row(flows)
            for option in data.options
            for flows in grouped_flows(direct_flows(option))
        ],
        Sheet.MEASURES: [
            {"code": code, "option": option.key} | row
            for option in data.options
            for row in _measure_rows(direct_measures(option))
        ],
    }


def _flow_row(flows: Sequence[FlowData]) -> PlainRow:
    first = flows[0]
    row: PlainRow = {
        "line": first.line,
        "payer": first.payer,
        "category": str(first.category),
        "kind": str(first.kind),
        "budget_line": first.budget_line,
    }
    if first.kind is FlowKind.SAVING:
        row["cashable"] = "yes" if first.cashable else "no"
    for flow in flows:
        row[f"amount.{flow.year}"] = flow.amount
        row[f"low.{flow.year}"] = flow.low
        row[f"high.{flow.year}"] = flow.high
    return row


def _measure_rows(measures: Sequence[MeasureData]) -> list[PlainRow]:
    rows: dict[str, PlainRow] = {}
    for measure in measures:
        row = rows.setdefault(measure.name, {"name": measure.name})
        row["total" if measure.year is None else f"value.{measure.year}"] = measure.value
    return list(rows.values())


def years_in(data: CaseData) -> set[int]:
    """Return every year that a case has an amount in."""
    flows = {flow.year for option in data.options for flow in direct_flows(option)}
    measures = (m for option in data.options for m in direct_measures(option))
    measured = {m.year for m in measures if m.year is not None}
    return flows | measured


# --- In -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class CaseRows:
    """The rows of one candidate, on all the sheets."""

    head: RawRow
    parts: dict[Sheet, list[RawRow]] = field(default_factory=dict)

    def of(self, sheet: Sheet) -> list[RawRow]:
        """Return its rows on a sheet."""
        return self.parts.get(sheet, [])

    @property
    def addresses(self) -> set[tuple[str, int]]:
        """Sheet and row of each."""
        return {(row.sheet, row.row) for rows in self.parts.values() for row in rows} | {
            (self.head.sheet, self.head.row)
        }


class CaseBuilder:
    """Makes plain values of a candidate's rows; ``faults`` is all that is wrong with them."""

    def __init__(
        self,
        rows: CaseRows,
        *,
        stored: CaseData | None,
        strategy: StrategyRecord,
        years: Mapping[Sheet, Collection[int]],
    ) -> None:
        self.rows = rows
        self.stored = stored
        self.strategy = strategy
        self.years = years
        self.faults: list[CellFault] = [
            row.fault(error)
            for row in (rows.head, *(row for part in rows.parts.values() for row in part))
            for error in row.faults
        ]

    def note(self, row: RawRow, column: str, da: str, en: str) -> None:
        """Note a mistake at its cell; what could not be read is said already."""
        if column not in {error.field for error in row.faults}:
            self.faults.append(row.fault(FieldError(column, Sentence(da, en))))

    def data(self) -> CaseData:
        """Return the case; where there are faults it is only part of one."""
        before = self.stored or CaseData(title="", price_year=self.strategy.price_year)
        options = self._options()
        self._check_years()
        flows, measures = self._flows(options), self._measures(options)
        return replace(
            before,
            title=self._text("title", before.title),
            summary=self._text("summary", before.summary),
            target_group=self._text("target_group", before.target_group),
            supplier=self._text("supplier", before.supplier),
            evidence=self._text("evidence", before.evidence),
            external=self._field("external", "no", "yes" if before.external else "no") == "yes",
            evidence_stars=self._stars(before.evidence_stars),
            price_year=self._price_year(before.price_year),
            tags=self._tags(before.tags),
            options=tuple(
                replace(
                    option,
                    flows=tuple(flows.get(option.key, ())),
                    measures=tuple(measures.get(option.key, ())),
                )
                for option in options
            ),
        )

    # ---- the intervention ----

    def _field(self, name: str, empty: Any, before: Any) -> Any:
        """Return what a cell says; a column that an older workbook lacks changes nothing."""
        head = self.rows.head
        return head.values.get(name, empty) if name in head.places else before

    def _text(self, name: str, before: str) -> str:
        return str(self._field(name, "", before))

    def _stars(self, before: int) -> int:
        stars = self._field("evidence_stars", 0, before)
        if not 0 <= stars <= MOST_STARS:
            self.note(
                self.rows.head,
                "evidence_stars",
                f"Skriv et helt tal fra 0 til {MOST_STARS}.",
                f"Write a whole number from 0 to {MOST_STARS}.",
            )
            return 0
        return int(stars)

    def _price_year(self, before: int | None) -> int:
        own = self.strategy.price_year
        year = self._field("price_year", before or own, before or own)
        if year not in {own, before}:
            self.note(
                self.rows.head,
                "price_year",
                f"Beløb i denne strategi skrives i {own}-priser.",
                f"Amounts in this strategy are written in {own} prices.",
            )
        return int(year)

    def _tags(self, before: tuple[str, ...]) -> tuple[str, ...]:
        if "tags" not in self.rows.head.places:
            return before
        tags = tags_in(self.rows.head.values.get("tags", ""))
        if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
            self.note(
                self.rows.head,
                "tags",
                f"Skriv højst {MOST_TAGS} ord, hvert på højst {LONGEST_TAG} tegn.",
                f"Write at most {MOST_TAGS} words, each of at most {LONGEST_TAG} characters.",
            )
        return tags

    # ---- options ----

    def _options(self) -> list[OptionData]:
        found: dict[str, OptionData] = {}
        known = {option.key: option for option in self.stored.options} if self.stored else {}
        for place, row in enumerate(self.rows.of(Sheet.OPTIONS)):
            key = row.values.get("option", "")
            if key in found:
                self.note(row, "option", "Nøglen står i en række før.", "The key stands above.")
            elif key not in known and not _OPTION_KEY.fullmatch(key):
                self.note(
                    row,
                    "option",
                    "Brug små bogstaver a-z, tal og bindestreg, fx basis.",
                    "Use small letters a-z, digits and hyphens, such as base.",
                )
            elif place >= MOST_OPTIONS:
                self.note(
                    row,
                    "option",
                    f"En indsats har højst {MOST_OPTIONS} muligheder.",
                    f"An intervention has at most {MOST_OPTIONS} options.",
                )
            found.setdefault(
                key,
                OptionData(
                    key=key,
                    title=row.values.get("title", ""),
                    pool=row.values.get("pool") or None,
                    scalable_minimum=row.values.get("minimum"),
                    # not in the workbook, so it stays as it is
                    contract=known[key].contract if key in known else None,
                ),
            )
        return list(found.values()) or self._first_option()

    def _first_option(self) -> list[OptionData]:
        """Return the option that the form too begins with, where nobody wrote one."""
        if self.stored is not None and not self.rows.of(Sheet.FLOWS):
            return []
        pools = [p.key for p in self.strategy.pools if p.kind is PoolKind.INVESTMENT]
        return [OptionData(key=FIRST_OPTION, pool=pools[0] if pools else None)]

    def _option_of(self, row: RawRow, options: Sequence[OptionData]) -> str:
        key: str = row.values.get("option", "")
        if not key and len(options) == 1:
            return options[0].key
        if key not in {option.key for option in options}:
            names = ", ".join(option.key for option in options) or "–"
            self.note(
                row,
                "option",
                f"Skriv nøglen på en af indsatsens muligheder: {names}.",
                f"Write the key of one of the intervention's options: {names}.",
            )
        return key

    # ---- amounts ----

    def _check_years(self) -> None:
        """Refuse a sheet that lacks a year with stored amounts: they would be lost silently."""
        if self.stored is None:
            return
        options = self.stored.options
        stored = {
            Sheet.FLOWS: {flow.year for o in options for flow in direct_flows(o)},
            Sheet.MEASURES: {
                m.year for o in options for m in direct_measures(o) if m.year is not None
            },
        }
        for years in (years - set(self.years[sheet]) for sheet, years in stored.items()):
            if years:
                said = ", ".join(map(str, sorted(years)))
                self.note(
                    self.rows.head,
                    "code",
                    f"Indsatsen har beløb i år, som arket ikke har kolonner til: {said}.",
                    f"The intervention has amounts in years without a column: {said}.",
                )

    def _flows(self, options: Sequence[OptionData]) -> dict[str, list[FlowData]]:
        found: dict[str, list[FlowData]] = {}
        counts: dict[str, int] = {}
        for row in self.rows.of(Sheet.FLOWS):
            key = self._option_of(row, options)
            counts[key] = counts.get(key, 0) + 1
            if counts[key] > MOST_LINES:
                self.note(
                    row,
                    "line",
                    f"En mulighed har højst {MOST_LINES} linjer.",
                    f"An option has at most {MOST_LINES} lines.",
                )
            if {"payer", "category", "kind"} <= set(row.values):
                found.setdefault(key, []).extend(self._line(row))
        return found

    def _line(self, row: RawRow) -> Iterator[FlowData]:
        kind = FlowKind(row.values["kind"])
        if kind is FlowKind.SAVING and "cashable" not in row.values:
            self.note(
                row,
                "cashable",
                "Skriv Ja eller Nej: kan besparelsen hentes i et budget?",
                "Write Yes or No: can the saving be taken out of a budget?",
            )
        line = FlowData(
            year=self.strategy.budget_year,
            payer=row.values["payer"],
            category=Category(row.values["category"]),
            kind=kind,
            amount=0,
            cashable=kind is not FlowKind.SAVING or row.values.get("cashable") == "yes",
            budget_line=row.values.get("budget_line", ""),
            line=row.values.get("line", ""),
        )
        is_empty = True
        for year in sorted(self.years[Sheet.FLOWS]):
            amount, low, high = (row.values.get(f"{e}.{year}") for e in ("amount", "low", "high"))
            if (amount, low, high) == (None, None, None):
                continue
            is_empty = False
            for estimate, fault in amount_faults(str(kind), amount or 0, low, high):
                words = _AMOUNT_WORDS[fault]
                self.note(row, f"{estimate}.{year}", words.da, words.en)
            yield replace(line, year=year, amount=amount or 0, low=low, high=high)
        if is_empty:
            # as in the form: a line without amounts keeps its words with a zero
            yield line

    def _measures(self, options: Sequence[OptionData]) -> dict[str, list[MeasureData]]:
        found: dict[str, list[MeasureData]] = {}
        for row in self.rows.of(Sheet.MEASURES):
            measures = found.setdefault(self._option_of(row, options), [])
            name = row.values.get("name", "")
            names = dict.fromkeys(measure.name for measure in measures)
            if name in names:
                self.note(row, "name", "Navnet står i en række før.", "The name stands above.")
            elif len(names) >= MOST_MEASURES:
                self.note(
                    row,
                    "name",
                    f"En mulighed har højst {MOST_MEASURES} måltal.",
                    f"An option has at most {MOST_MEASURES} measures.",
                )
            measures += self._measure(row, name)
        return found

    def _measure(self, row: RawRow, name: str) -> list[MeasureData]:
        total: Decimal | None = row.values.get("total")
        years = [
            MeasureData(name=name, value=row.values[f"value.{year}"], year=year)
            for year in sorted(self.years[Sheet.MEASURES])
            if f"value.{year}" in row.values
        ]
        if (total is None) == (not years):
            self.note(
                row,
                "total",
                "Skriv enten i alt eller år for år, ikke begge dele.",
                "Write either a total or amounts by year, not both.",
            )
        return years if total is None else [MeasureData(name=name, value=total), *years]


def tags_in(text: str) -> tuple[str, ...]:
    """Return the words between commas, each once."""
    words = (" ".join(word.split()) for word in text.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def canonical(data: CaseData) -> CaseData:
    """Return a case so that two with the same content are equal, whatever their rows' order.

    What the argument comes to is left out: nobody enters it, and it follows the argument.
    """
    return replace(
        data,
        title=_lines(data.title),
        summary=_lines(data.summary),
        target_group=_lines(data.target_group),
        supplier=_lines(data.supplier),
        evidence=_lines(data.evidence),
        tags=tags_in(", ".join(data.tags)),
        options=tuple(
            replace(
                option,
                title=clean(option.title),
                flows=tuple(sorted(map(_tidy, direct_flows(option)), key=_flow_order)),
                measures=tuple(
                    sorted(direct_measures(option), key=lambda m: (m.name, m.year or 0))
                ),
            )
            for option in data.options
        ),
    )


def _lines(text: str) -> str:
    return clean(text.replace("\r\n", "\n"))


def _tidy(flow: FlowData) -> FlowData:
    return replace(flow, line=clean(flow.line), budget_line=clean(flow.budget_line))


def _flow_order(flow: FlowData) -> tuple[Any, ...]:
    said = (flow.line, flow.payer, str(flow.category), str(flow.kind), flow.budget_line)
    estimates = [(x is not None, x or 0) for x in (flow.low, flow.high)]
    return (*said, flow.cashable, flow.year, flow.amount, *estimates)
