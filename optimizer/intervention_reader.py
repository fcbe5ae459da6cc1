"""Reading the interventions of a plan document: options, flows and measures."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from optimizer.contract_reader import read_contract
from optimizer.intervention import CashFlow, FlowKind, Force, Intervention, Measure, Option
from optimizer.payers import Category
from optimizer.reading import Json, ObjectReader, Reading, unique_id

INTERVENTION_KEYS = (
    "id title department target_group supplier external evidence_stars tags force force_reason "
    "options"
).split()
FLOW_KEYS = "year payer category kind amount low high cashable budget_line".split()
MOST_STARS = 3


@dataclass(frozen=True, slots=True)
class InterventionReader:
    """Reads interventions that refer to known payers, departments and pools."""

    reading: Reading
    payer_ids: Collection[str]
    department_ids: Collection[str]
    pool_ids: Collection[str]

    def read(self, top: ObjectReader) -> tuple[Intervention, ...]:
        """Return every intervention that could be read."""
        found, seen = [], dict[str, None]()
        for item, path in top.items("interventions"):
            reader = ObjectReader(self.reading, item, path, INTERVENTION_KEYS)
            name = unique_id(reader, reader.id(), seen)
            found.append(self._intervention(reader, name or reader.value.get("id")))
        return tuple(i for i in found if i is not None)

    def _intervention(self, reader: ObjectReader, name: Json) -> Intervention | None:
        title = reader.text("title")
        department = reader.reference("department", self.department_ids)
        stars = reader.whole("evidence_stars", required=False)
        if stars is not None and not 0 <= stars <= MOST_STARS:
            reader.wrong("evidence_stars", "Skriv 0, 1, 2 eller 3.", "Write 0, 1, 2 or 3.")
        force = None
        if reader.value.get("force") is not None:
            force = reader.choice("force", Force)
        options, seen = [], dict[str, None]()
        for item, path in reader.items("options", minimum=1):
            keys = ("id", "title", "pool", "scalable", "flows", "measures", "contract")
            inner = ObjectReader(self.reading, item, path, keys)
            option_id = unique_id(inner, inner.id(), seen)
            options.append(self._option(inner, option_id or ""))
        fields = {
            "target_group": reader.text("target_group", required=False),
            "supplier": reader.text("supplier", required=False),
            "force_reason": reader.text("force_reason", required=False, empty=True),
        }
        external = reader.flag("external", default=False)
        tags = reader.texts("tags", required=False) or ()
        if not isinstance(name, str):
            return None
        return Intervention(
            id=name,
            title=title or "",
            department=department or "",
            options=tuple(options),
            external=external,
            evidence_stars=stars or 0,
            tags=tags,
            force=force,
            **fields,
        )

    def _option(self, reader: ObjectReader, name: str) -> Option:
        pool = None
        if not reader.has("pool"):
            reader.get("pool", required=True)
        elif reader.value["pool"] is not None:
            pool = reader.reference("pool", self.pool_ids)
        minimum = None
        if reader.value.get("scalable") is not None:
            inner = ObjectReader(
                self.reading, reader.value["scalable"], reader.at("scalable"), ("minimum",)
            )
            minimum = inner.number("minimum")
            if minimum is not None and not 0 <= minimum <= 1:
                inner.wrong(
                    "minimum", "Skriv en andel fra 0 til 1.", "Write a fraction from 0 to 1."
                )
        flows = [
            self._flow(ObjectReader(self.reading, item, path, FLOW_KEYS))
            for item, path in reader.items("flows")
        ]
        measures = self._measures(reader)
        return Option(
            id=name,
            title=reader.text("title", required=False),
            pool=pool,
            minimum_scale=minimum,
            flows=tuple(f for f in flows if f is not None),
            measures=measures,
            contract=read_contract(self.reading, reader, self.payer_ids, measures),
        )

    def _flow(self, reader: ObjectReader) -> CashFlow | None:
        year = reader.year("year", in_horizon=True)
        payer = reader.reference("payer", self.payer_ids)
        category, kind = reader.choice("category", Category), reader.choice("kind", FlowKind)
        amount = reader.kroner("amount")
        low, high = reader.kroner("low", required=False), reader.kroner("high", required=False)
        line = reader.text("budget_line", required=False)
        cashable = reader.flag("cashable", default=True)
        if reader.value.get("cashable") is not None and kind not in (FlowKind.SAVING, None):
            reader.wrong("cashable", "Står kun ved besparelser.", "Stands only on savings.")
        for key, value in (("amount", amount), ("low", low), ("high", high)):
            if value is not None and value > 0 and kind in (FlowKind.OUTLAY, FlowKind.COST):
                reader.wrong(
                    key,
                    "Udlæg og udgifter skrives med minus (penge ud af kassen).",
                    "Outlays and costs are written with a minus (money out of the purse).",
                )
        if amount is not None and low is not None and low > amount:
            reader.wrong("low", "Lav må højst være beløbet.", "Low may be at most the amount.")
        if amount is not None and high is not None and high < amount:
            reader.wrong(
                "high", "Høj skal mindst være beløbet.", "High must be at least the amount."
            )
        if year is None or payer is None or category is None or kind is None or amount is None:
            return None
        return CashFlow(
            year=year,
            payer=payer,
            category=category,
            kind=kind,
            amount=amount,
            low=amount if low is None else low,
            high=amount if high is None else high,
            cashable=cashable,
            budget_line=line,
        )

    def _measures(self, option: ObjectReader) -> dict[str, Measure]:
        value = option.value.get("measures")
        if value is None:
            return {}
        names = tuple(value) if isinstance(value, Mapping) else ()
        reader = ObjectReader(self.reading, value, option.at("measures"), names)
        measures = {}
        for name in names:
            if isinstance(value[name], Mapping):
                by_year = reader.by_year(name, reader.number_value) or {}
                measures[name] = Measure(sum(by_year.values(), Fraction(0)), by_year)
            else:
                total = reader.number(name)
                measures[name] = Measure(total or Fraction(0))
        return measures
