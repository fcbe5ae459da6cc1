"""Reading a case document: every mistake at its path, all at once."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from optimizer.cases.business_case import BASE, BusinessCase, CostLine, PricedFlow, Variant
from optimizer.cases.consequence import Cashability, Consequence, UnitPrice
from optimizer.cases.effect import Durability, EffectRoute
from optimizer.cases.in_plan import span_of
from optimizer.cases.quantities import (
    LONGEST,
    bounded,
    by_years_after,
    inside,
    number_at,
    uncertain,
    whole_at,
)
from optimizer.cases.split_reader import Context, check_in_force, read_split
from optimizer.cases.splits import ShelterSplit, Split
from optimizer.cases.uncertain import Uncertain
from optimizer.intervention import CashFlow, FlowKind
from optimizer.payers import Category
from optimizer.reading import (
    FIRST_YEAR,
    GREATEST_AMOUNT,
    LAST_YEAR,
    Json,
    ObjectReader,
    Reading,
    shown,
    unique_id,
)

FORMAT = "bundlinje-case/1"
CASE_KEYS = ("format", "price_year", "effects", "costs", "direct", "variants")
EFFECT_KEYS = (
    "id outcome is_share citizens success without durability consequences source entry version"
).split()
CONSEQUENCE_KEYS = (
    "id name quantity price category split cashability budget_line owner entry version"
).split()
PRICE_KEYS = "kroner unit price_year source entry version".split()
COST_KEYS = (
    "id name kind gross alternative per_citizen category split price_year source budget_line owner"
).split()
DIRECT_KEYS = (
    "id name year payer category kind amount low high price_year source cashability budget_line "
    "owner"
).split()
VARIANT_KEYS = "id title scale citizens shift pool costs direct".split()
MOST_CITIZENS = 10_000_000
LONGEST_SHIFT = 50
GREATEST_SCALE = 1000
COST_RULES = ("fixed", "dated")
#: a consequence's split, where it stands, and the route it belongs to
SplitPlace = tuple[Split, ObjectReader, str, Mapping[int, int]]


class CaseReader:
    """Reads one document against what is known around it."""

    def __init__(self, reading: Reading, document: Json, context: Context) -> None:
        self.reading = reading
        self.top = ObjectReader(reading, document, "", CASE_KEYS)
        year = self.top.year("price_year") if self.top.is_object else None
        self.context = replace(context, price_year=year)
        self.route_ids: dict[str, None] = {}
        self.splits: list[SplitPlace] = []

    def read(self) -> BusinessCase | None:
        """Return the case; None where anything was noted."""
        top = self.top
        if top.has("format") or top.is_object:
            self._format()
        effects = self._effects()
        seen = dict[str, None]()
        costs, direct = self._costs(top, seen), self._direct(top, seen)
        variants = self._variants()
        self._check_rules(variants)
        if self.reading.errors or self.context.price_year is None:
            return None
        case = BusinessCase(
            price_year=self.context.price_year,
            effects=effects,
            costs=costs,
            direct=direct,
            variants=variants,
        )
        self._check_span(case)
        return None if self.reading.errors else case

    def _format(self) -> None:
        found = self.top.text("format", empty=True)
        if found not in (FORMAT, None):
            self.top.wrong(
                "format",
                f"Skriv »{FORMAT}«, ikke {shown(found)}.",
                f"Write “{FORMAT}”, not {shown(found)}.",
            )

    # ---- effects ----

    def _effects(self) -> tuple[EffectRoute, ...]:
        found = []
        for item, path in self.top.items("effects", required=False):
            reader = ObjectReader(self.reading, item, path, EFFECT_KEYS)
            name = unique_id(reader, reader.id(), self.route_ids)
            found.append(self._effect(reader, name or ""))
        return tuple(route for route in found if route is not None)

    def _effect(self, reader: ObjectReader, name: str) -> EffectRoute | None:
        outcome = reader.text("outcome")
        citizens = reader.by_year("citizens", self._citizens)
        is_share = reader.flag("is_share", default=True)
        least, most = (0, 1) if is_share else (None, None)
        success, without = (
            self._uncertain(reader, key, least, most) for key in ("success", "without")
        )
        durability = self._durability(reader)
        consequences, seen = [], dict[str, None]()
        for item, path in reader.items("consequences", required=False):
            inner = ObjectReader(self.reading, item, path, CONSEQUENCE_KEYS)
            own = unique_id(inner, inner.id(), seen)
            consequences.append(self._consequence(inner, own or "", name, citizens or {}))
        source = reader.text("source", required=False, empty=True) or ""
        entry, version = self._shelf(reader)
        if success is None or without is None:
            return None
        return EffectRoute(
            id=name,
            outcome=outcome or "",
            citizens=citizens or {},
            success=success,
            without=without,
            durability=durability,
            consequences=tuple(c for c in consequences if c is not None),
            source=source,
            is_share=is_share,
            entry=entry,
            version=version,
        )

    def _citizens(self, value: Json, path: str) -> int | None:
        found = self.top.whole_value(value, path, kroner=False)
        if found is None or not inside(self.top, found, path, 0, MOST_CITIZENS):
            return None
        return found

    def _uncertain(
        self, reader: ObjectReader, key: str, least: int | None = None, most: int | None = None
    ) -> Uncertain | None:
        value = reader.get(key, required=True)
        return None if value is None else uncertain(reader, value, reader.at(key), least, most)

    def _durability(self, parent: ObjectReader) -> Durability:
        whole = Durability.of_row(1)
        value = parent.value.get("durability")
        if value is None:
            return whole
        is_row = isinstance(value, Mapping) and value.get("row") is not None
        keys = ("row",) if is_row else ("decay", "years")
        reader = ObjectReader(self.reading, value, parent.at("durability"), keys)
        if not reader.is_object:
            return whole
        if is_row:
            items = reader.items("row", minimum=1)
            if len(items) > LONGEST:
                reader.wrong("row", f"Højst {LONGEST} år.", f"At most {LONGEST} years.")
            parts = [bounded(reader, item, path, 0, 1) for item, path in items]
            return Durability(tuple(part for part in parts if part is not None))
        decay = number_at(reader, "decay", 0, 1)
        years = whole_at(reader, "years", 1, LONGEST)
        return whole if decay is None or years is None else Durability.fading(decay, years)

    def _consequence(
        self, reader: ObjectReader, name: str, route: str, citizens: Mapping[int, int]
    ) -> Consequence | None:
        title, quantity, price = reader.text("name"), self._quantity(reader), self._price(reader)
        category = reader.choice("category", Category)
        split = read_split(reader, "split", self.context)
        cashability = reader.choice("cashability", Cashability, Cashability.BUDGET_CUT)
        line, owner = self._line_and_owner(reader)
        entry, version = self._shelf(reader)
        if split is not None:
            self.splits.append((split, reader, route, citizens))
            if isinstance(split, ShelterSplit) and quantity is not None:
                self._check_days(reader, split, quantity)
        if None in (quantity, price, category, split, cashability):
            return None
        known: dict[str, Any] = {
            "quantity": quantity, "price": price, "category": category, "split": split,
            "cashability": cashability, "entry": entry, "version": version,
        }  # fmt: skip
        return Consequence(id=name, name=title or "", budget_line=line, owner=owner, **known)

    def _quantity(self, reader: ObjectReader) -> Uncertain | dict[int, Uncertain] | None:
        value = reader.get("quantity", required=True)
        if value is None:
            return None
        if not isinstance(value, Mapping) or "by_year" not in value:
            return uncertain(reader, value, reader.at("quantity"))
        inner = ObjectReader(self.reading, value, reader.at("quantity"), ("by_year",))
        return by_years_after(inner, "by_year", lambda v, p: uncertain(inner, v, p))

    def _check_days(
        self,
        reader: ObjectReader,
        split: ShelterSplit,
        quantity: Uncertain | Mapping[int, Uncertain],
    ) -> None:
        each = [quantity] if isinstance(quantity, Uncertain) else list(quantity.values())
        if any(split.days_without + q.low < 0 for q in each):
            reader.wrong(
                "quantity",
                f"Der kan ikke spares flere døgn end de {split.days_without}, som bruges uden "
                "indsatsen (split.days_without).",
                f"No more days can be saved than the {split.days_without} that are used without "
                "the intervention (split.days_without).",
            )

    def _price(self, parent: ObjectReader) -> UnitPrice | None:
        value = parent.get("price", required=True)
        if value is None:
            return None
        reader = ObjectReader(self.reading, value, parent.at("price"), PRICE_KEYS)
        kroner = self._uncertain(reader, "kroner", 0, GREATEST_AMOUNT)
        unit, source = reader.text("unit"), reader.text("source")
        year = self._price_year(reader)
        entry, version = self._shelf(reader)
        if kroner is None or unit is None or source is None or year is None:
            return None
        return UnitPrice(kroner, unit, year, source, entry, version)

    def _price_year(self, reader: ObjectReader) -> int | None:
        year = reader.year("price_year")
        self.context.check_level(reader, "price_year", year)
        return year

    def _shelf(self, reader: ObjectReader) -> tuple[str | None, int | None]:
        """Read which version of which entry of the knowledge shelf it was taken from."""
        entry = reader.text("entry", required=False)
        return entry, reader.whole("version", required=False)

    def _line_and_owner(self, reader: ObjectReader) -> tuple[str | None, str | None]:
        line, owner = (reader.text(key, required=False) for key in ("budget_line", "owner"))
        return line, owner

    # ---- costs and direct amounts ----

    def _costs(self, parent: ObjectReader, seen: dict[str, None]) -> tuple[CostLine, ...]:
        found = []
        for item, path in parent.items("costs", required=False):
            reader = ObjectReader(self.reading, item, path, COST_KEYS)
            name = unique_id(reader, reader.id(), seen)
            found.append(self._cost(reader, name or ""))
        return tuple(cost for cost in found if cost is not None)

    def _cost(self, reader: ObjectReader, name: str) -> CostLine | None:
        title, kind = reader.text("name"), reader.choice("kind", FlowKind)
        if kind is FlowKind.SAVING:
            reader.wrong("kind", "Skriv outlay eller cost.", "Write outlay or cost.")
        route = reader.reference("per_citizen", self.route_ids, required=False)
        per_citizen = reader.value.get("per_citizen") is not None
        gross = self._row(reader, "gross", per_citizen=per_citizen)
        alternative: dict[int, Uncertain] = {}
        if reader.value.get("alternative") is not None:
            alternative = self._row(reader, "alternative", per_citizen=per_citizen)
        self._check_alternative(reader, gross, alternative)
        category = reader.choice("category", Category)
        split = read_split(reader, "split", self.context, rules=COST_RULES)
        year = self._price_year(reader)
        source = reader.text("source", required=False, empty=True) or ""
        line, owner = self._line_and_owner(reader)
        if kind is None or category is None or split is None or year is None:
            return None
        if not per_citizen:
            self.splits.append((split, reader, "", dict.fromkeys(gross, 0)))
        return CostLine(
            id=name,
            name=title or "",
            kind=kind,
            gross=gross,
            category=category,
            split=split,
            price_year=year,
            alternative=alternative,
            per_citizen=route,
            source=source,
            budget_line=line,
            owner=owner,
        )

    def _row(self, reader: ObjectReader, key: str, *, per_citizen: bool) -> dict[int, Uncertain]:
        def amount(value: Json, path: str) -> Uncertain | None:
            return uncertain(reader, value, path, 0, GREATEST_AMOUNT)

        if per_citizen:
            return by_years_after(reader, key, amount)
        return reader.by_year(key, amount) or {}

    def _check_alternative(
        self,
        reader: ObjectReader,
        gross: Mapping[int, Uncertain],
        alternative: Mapping[int, Uncertain],
    ) -> None:
        written = reader.value.get("gross")
        for year, saved in alternative.items():
            if year not in gross and isinstance(written, Mapping) and str(year) in written:
                continue  # what is wrong with it has been said
            if saved.high > (gross[year].low if year in gross else 0):
                reader.reading.wrong(
                    f"{reader.at('alternative')}.{year}",
                    "Alternativet må ikke koste mere end indsatsen (gross); skriv det som en "
                    "besparelse under direct.",
                    "The alternative may not cost more than the intervention (gross); enter it "
                    "as a saving under direct.",
                )

    def _direct(self, parent: ObjectReader, seen: dict[str, None]) -> tuple[PricedFlow, ...]:
        found = []
        for item, path in parent.items("direct", required=False):
            reader = ObjectReader(self.reading, item, path, DIRECT_KEYS)
            name = unique_id(reader, reader.id(), seen)
            found.append(self._direct_flow(reader, name or ""))
        return tuple(line for line in found if line is not None)

    def _direct_flow(self, reader: ObjectReader, name: str) -> PricedFlow | None:
        title, year = reader.text("name"), reader.year("year")
        payer = self.context.payer(reader, "payer")
        category, kind = reader.choice("category", Category), reader.choice("kind", FlowKind)
        amounts = self._amounts(reader, kind)
        cashability = reader.choice("cashability", Cashability, Cashability.BUDGET_CUT)
        is_saving = kind is FlowKind.SAVING
        if reader.value.get("cashability") is not None and kind is not None and not is_saving:
            reader.wrong("cashability", "Står kun ved besparelser.", "Stands only on savings.")
        price_year = self._price_year(reader)
        source = reader.text("source", required=False, empty=True) or ""
        line, owner = self._line_and_owner(reader)
        if None in (year, payer, category, kind, amounts, cashability, price_year):
            return None
        low, amount, high = amounts or (0, 0, 0)
        known: dict[str, Any] = {"year": year, "payer": payer, "category": category, "kind": kind}
        flow = CashFlow(
            **known,
            amount=amount,
            low=low,
            high=high,
            cashable=not is_saving or cashability is Cashability.BUDGET_CUT,
            budget_line=line,
        )
        return PricedFlow(
            id=name,
            name=title or "",
            flow=flow,
            price_year=price_year or 0,
            source=source,
            cashability=cashability or Cashability.BUDGET_CUT,
            owner=owner,
        )

    def _amounts(self, reader: ObjectReader, kind: FlowKind | None) -> tuple[int, int, int] | None:
        amount = reader.kroner("amount")
        low, high = (reader.kroner(key, required=False) for key in ("low", "high"))
        for key, value in (("amount", amount), ("low", low), ("high", high)):
            if value is not None and value > 0 and kind in (FlowKind.OUTLAY, FlowKind.COST):
                reader.wrong(
                    key,
                    "Udlæg og udgifter skrives med minus (penge ud af kassen).",
                    "Outlays and costs are written with a minus (money out of the purse).",
                )
        if amount is None:
            return None
        if low is not None and low > amount:
            reader.wrong("low", "Lav må højst være beløbet.", "Low may be at most the amount.")
        if high is not None and high < amount:
            reader.wrong(
                "high", "Høj skal mindst være beløbet.", "High must be at least the amount."
            )
        return amount if low is None else low, amount, amount if high is None else high

    # ---- variants ----

    def _variants(self) -> tuple[Variant, ...]:
        if self.top.value.get("variants") is None:
            return (BASE,)
        found, seen = [], dict[str, None]()
        for item, path in self.top.items("variants", minimum=1):
            reader = ObjectReader(self.reading, item, path, VARIANT_KEYS)
            name = unique_id(reader, reader.id(), seen)
            found.append(self._variant(reader, name or ""))
        return tuple(found)

    def _variant(self, reader: ObjectReader, name: str) -> Variant:
        title = reader.text("title", required=False, empty=True) or ""
        scale = number_at(reader, "scale", 0, GREATEST_SCALE, default=1)
        shift = whole_at(reader, "shift", -LONGEST_SHIFT, LONGEST_SHIFT, default=0)
        pool = reader.id("pool") if reader.value.get("pool") is not None else None
        has_costs, has_direct = (reader.value.get(key) is not None for key in ("costs", "direct"))
        kept = [*self._ids("costs", own=has_costs), *self._ids("direct", own=has_direct)]
        seen = dict.fromkeys(kept)
        return Variant(
            id=name,
            title=title,
            scale=Fraction(1) if scale is None else scale,
            citizens=self._own_citizens(reader),
            shift=shift or 0,
            pool=pool,
            costs=self._costs(reader, seen) if has_costs else None,
            direct=self._direct(reader, seen) if has_direct else None,
        )

    def _ids(self, key: str, *, own: bool) -> list[str]:
        """Return the ids of the case's lines that a variant keeps, having none of its own."""
        items = self.top.value.get(key)
        if own or not isinstance(items, list):
            return []
        found = [item.get("id") for item in items if isinstance(item, Mapping)]
        return [name for name in found if isinstance(name, str)]

    def _own_citizens(self, parent: ObjectReader) -> dict[str, dict[int, int]]:
        value = parent.value.get("citizens")
        if value is None:
            return {}
        keys = tuple(value) if isinstance(value, Mapping) else ()
        reader = ObjectReader(self.reading, value, parent.at("citizens"), keys)
        rows = {}
        for route in keys:
            reader.exists(route, reader.at(route), self.route_ids)
            row = reader.by_year(route, self._citizens)
            if row is not None:
                rows[route] = row
        return rows

    def _check_rules(self, variants: tuple[Variant, ...]) -> None:
        """Note rules that begin after they are first used, in any variant."""
        for split, reader, route, years in self.splits:
            first = [
                year + variant.shift
                for variant in variants
                for year in variant.citizens.get(route, years)
            ]
            check_in_force(split, reader, min(first, default=None), self.context)

    def _check_span(self, case: BusinessCase) -> None:
        """Note a variant whose years run out of the calendar that plans know."""
        for n, variant in enumerate(case.variants):
            first, last = span_of(case, variant) or (FIRST_YEAR, LAST_YEAR)
            if first < FIRST_YEAR or last > LAST_YEAR:
                self.reading.wrong(
                    f"variants[{n}]",
                    f"Varianten går fra {first} til {last}; skriv år fra {FIRST_YEAR} til "
                    f"{LAST_YEAR}.",
                    f"The variant runs from {first} to {last}; write years from {FIRST_YEAR} to "
                    f"{LAST_YEAR}.",
                )
