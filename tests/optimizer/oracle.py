"""An independent judge of plan documents, written from the format's description alone.

Nothing of the library is imported: plain dictionaries, plain loops, ``Fraction``. It is slow and
only for small plans. Where it and the library disagree, one of the two has misread the format.
"""

import itertools
import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scipy.stats import beta, norm, qmc

Document = Mapping[str, Any]
#: ``intervention/option`` to scale; a key that is there is chosen
Choice = Mapping[str, Fraction]
CORRELATED = ("all", "department", "target_group")
#: limits on a number of things, where no krone of tolerance makes sense
COUNTED = {"chosen", "payback", "changes", "chance_of_loss"}


def exact(value: float | str) -> Fraction:
    """Return the decimal that stands in the file, not the double that it was read as."""
    return Fraction(str(value))


@dataclass(frozen=True)
class Broken:
    """By how much one row is broken; ``price`` None is a hard row."""

    path: str
    by: Fraction
    price: Fraction | None


class Oracle:
    """Everything that can be asked about one document. Sums of single options are kept."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.interventions = document["interventions"]
        self.options: dict[str, tuple[Document, Document]] = {}
        for intervention in self.interventions:
            for option in intervention["options"]:
                self.options[f"{intervention['id']}/{option['id']}"] = (intervention, option)
        self.relations = document.get("relations", [])
        self.scenario = document["scenario"]
        self.first_budget_year = document["budget_year"]
        self.last_budget_year = self.first_budget_year + document.get("budget_years", 4) - 1
        self.first, self.last = self._horizon()
        self.factors = {year: self._factor(year) for year in range(self.first, self.last + 1)}
        self._sums: dict[Any, Fraction] = {}
        self._draws: list[Any] = []  # payers whose outcomes are known, beside their nets
        self._nets: list[dict[str, list[Fraction]]] = []

    def _horizon(self) -> tuple[int, int]:
        if self.document.get("horizon") is not None:
            first, last = self.document["horizon"]
            return int(first), int(last)
        years = [int(f["year"]) for _, option in self.options.values() for f in option["flows"]]
        years += [self.first_budget_year, self.last_budget_year]
        return min(years), max(years)

    def _factor(self, year: int) -> Fraction:
        steps = self.document["discount"]
        if not steps:
            return Fraction(1)
        n = year - self.first_budget_year
        factor = Fraction(1)
        if n < 0:
            return Fraction((1 + exact(steps[0]["rate"])) ** -n)
        for passed in range(1, n + 1):
            rate = [exact(s["rate"]) for s in steps if s["after_year"] < passed][-1]
            factor /= 1 + rate
        return factor

    # ---- what a choice is ----

    def choices(self, scales: Mapping[str, tuple[Fraction, ...]]) -> Iterator[dict[str, Fraction]]:
        """Yield every way to take at most one option of each intervention, at the given scales."""
        ways = []
        for intervention in self.interventions:
            mine: list[tuple[str, Fraction] | None] = [None]
            for option in intervention["options"]:
                key = f"{intervention['id']}/{option['id']}"
                mine += [(key, scale) for scale in scales.get(key, (Fraction(1),))]
            ways.append(mine)
        for combination in itertools.product(*ways):
            yield dict(pair for pair in combination if pair is not None)

    @staticmethod
    def taken(choice: Choice) -> set[str]:
        """Return the ids of the interventions that are chosen."""
        return {key.split("/")[0] for key in choice}

    def matches(self, where: Document | None, key: str) -> bool:
        """Return whether an option passes a filter."""
        intervention, _ = self.options[key]
        for name, wanted in (where or {}).items():
            if wanted is None:
                continue
            match name:
                case "departments":
                    passes = intervention["department"] in wanted
                case "target_groups":
                    passes = intervention.get("target_group") in wanted
                case "suppliers":
                    passes = intervention.get("supplier") in wanted
                case "external":
                    passes = intervention.get("external", False) == wanted
                case "stars_at_least":
                    passes = intervention.get("evidence_stars", 0) >= wanted
                case "tags":
                    passes = any(tag in wanted for tag in intervention.get("tags", []))
                case "interventions":
                    passes = intervention["id"] in wanted
                case "options":
                    passes = key in wanted
            if not passes:
                return False
        return True

    # ---- money ----

    def _counts(self, flow: Document, what: Document) -> bool:
        is_saving = flow["kind"] == "saving"
        if what.get("kinds") and flow["kind"] not in what["kinds"]:
            return False
        if what.get("payers", "all") != "all" and flow["payer"] not in what["payers"]:
            return False
        if what.get("category") and flow["category"] != what["category"]:
            return False
        if what.get("cashable_only") and is_saving and flow.get("cashable", True) is False:
            return False
        first, last = what.get("years") or (self.first, self.last)
        return bool(first <= flow["year"] <= last)

    def _amount(self, flow: Document, what: Document) -> Fraction:
        case = {"low": "low", "high": "high"}.get(what.get("case") or "expected", "amount")
        amount = flow.get(case)
        amount = Fraction(flow["amount"] if amount is None else amount)
        return amount * self.factors[flow["year"]] if what.get("discounted") else amount

    def _sum(self, name: str, flows: list[Document], what: Document) -> Fraction:
        key = (name, repr(sorted(what.items(), key=lambda pair: pair[0])))
        if key not in self._sums:
            counted = [self._amount(f, what) for f in flows if self._counts(f, what)]
            self._sums[key] = sum(counted, Fraction(0))
        return self._sums[key]

    def _losses(self, relation: Document) -> list[Document]:
        return [
            {
                "year": int(year),
                "payer": relation["payer"],
                "category": relation.get("category", "service"),
                "kind": "saving",
                "amount": -amount,
                "cashable": relation.get("cashable", True),
            }
            for year, amount in relation["loses"].items()
        ]

    def money(self, choice: Choice, what: Document, where: Document | None = None) -> Fraction:
        """Return the chosen flows that ``what`` describes, overlap losses taken off."""
        inside = {key for key in choice if self.matches(where, key)}
        total = Fraction(0)
        for key in inside:
            total += choice[key] * self._sum(key, self.options[key][1]["flows"], what)
        taken = self.taken(dict.fromkeys(inside, Fraction(1)))
        for number, relation in enumerate(self.relations):
            if relation["kind"] == "overlap" and set(relation["interventions"]) <= taken:
                total += self._sum(f"relation {number}", self._losses(relation), what)
        return total

    def outlay(
        self, choice: Choice, where: Document | None = None, year: int | None = None
    ) -> Fraction:
        """Return what is invested, a positive number."""
        what: dict[str, Any] = {"kinds": ["outlay"]}
        if year is not None:
            what["years"] = (year, year)
        total = Fraction(0)
        for key, scale in choice.items():
            if self.matches(where, key):
                total -= scale * self._sum(key, self.options[key][1]["flows"], what)
        return total

    def measured(
        self, choice: Choice, name: str, year: int | None = None, where: Document | None = None
    ) -> list[Fraction]:
        """Return the parts of a measure, one a chosen option."""
        parts = []
        for key, scale in choice.items():
            value = self.options[key][1].get("measures", {}).get(name)
            if value is None or not self.matches(where, key):
                continue
            if isinstance(value, Mapping):
                years = [year] if year is not None else [int(y) for y in value]
                amount = sum((exact(value.get(str(y), 0)) for y in years), Fraction(0))
            else:
                amount = exact(value)
            parts.append(scale * amount)
        return parts

    def payback_year(self, key: str, payers: Any) -> int | None:
        """Return the first year from which the cumulative flow stays at or above zero.

        Counted from the payers' first flow, as the published payback years are.
        """
        flows = self.options[key][1]["flows"]
        mine = [f for f in flows if self._counts(f, {"payers": payers}) and f["amount"]]
        started = min((f["year"] for f in mine), default=self.first)
        answer = None
        for year in range(self.last, started - 1, -1):
            if self._sum(key, flows, {"payers": payers, "years": (self.first, year)}) < 0:
                break
            answer = year
        return answer

    # ---- pools ----

    def repaid(self, key: str, pool: Document) -> dict[int, Fraction]:
        """Return what an option repays at scale 1, by the year in which it can be used."""
        terms = pool.get("repayment")
        option = self.options[key][1]
        if not terms or option["pool"] != pool["id"]:
            return {}
        left = self.outlay({key: Fraction(1)})
        result: dict[int, Fraction] = {}
        for year in range(self.first, self.last + 1):
            what = {
                "kinds": ["saving"], "payers": terms["payers"], "cashable_only": True,
                "case": terms["case"], "years": (year, year),
            }  # fmt: skip
            saved = max(Fraction(0), self._sum(key, option["flows"], what))
            part = min(left, saved * exact(terms["share"]))
            left -= part
            usable = year + (1 if terms["available"] == "next_year" else 0)
            if usable <= self.last:
                result[usable] = part
        return result

    def pool_years(self, pool: Document, choice: Choice) -> dict[int, tuple[Fraction, ...]]:
        """Return outlay, repaid money and balance by year."""
        mine = {k: z for k, z in choice.items() if self.options[k][1]["pool"] == pool["id"]}
        back = {key: self.repaid(key, pool) for key in mine}
        balance = Fraction(pool.get("total") or 0)
        years: dict[int, tuple[Fraction, ...]] = {}
        for year in range(self.first, self.last + 1):
            if pool.get("paid_in") is not None and not pool["carry_over"]:
                balance = Fraction(0)
            spent = self.outlay(mine, year=year)
            came = sum((z * back[k].get(year, 0) for k, z in mine.items()), Fraction(0))
            paid_in = (pool.get("paid_in") or {}).get(str(year), 0)
            balance += paid_in - spent + came
            years[year] = (spent, came, balance)
        return years

    def _pool_rows(self, choice: Choice) -> Iterator[tuple[str, Fraction]]:
        for number, pool in enumerate(self.scenario["pools"]):
            balances = [balance for _, _, balance in self.pool_years(pool, choice).values()]
            if pool.get("total") is not None:
                balances = balances[-1:]
            for balance in balances:
                yield f"scenario.pools[{number}]", balance

    # ---- rules ----

    def _relation_rows(self, choice: Choice) -> Iterator[tuple[str, Fraction]]:
        taken = self.taken(choice)
        for number, relation in enumerate(self.relations):
            names = relation.get("interventions", [])
            count = len(taken.intersection(names))
            match relation["kind"]:
                case "requires":
                    is_kept = relation["needs"] in taken or relation["intervention"] not in taken
                    room = 0 if is_kept else -1
                case "excludes":
                    room = 1 - count
                case "at_least":
                    room = count - relation["count"]
                case "at_most":
                    room = relation["count"] - count
                case "overlap":
                    room = 0
            yield f"relations[{number}]", Fraction(room)

    def _force_rows(self, choice: Choice) -> Iterator[tuple[str, Fraction]]:
        for number, intervention in enumerate(self.interventions):
            keys = [f"{intervention['id']}/{o['id']}" for o in intervention["options"]]
            count = sum(key in choice for key in keys)
            force = intervention.get("force")
            allowed = {"in": (1, 1), "out": (0, 0), None: (0, 1)}[force]
            over = max(allowed[0] - count, count - allowed[1], 0)
            yield f"interventions[{number}].force", Fraction(-over)

    def _limit_rows(
        self, limit: Document, choice: Choice, krone: Fraction
    ) -> Iterator[tuple[list[Fraction], Any]]:
        """Yield (parts that are added up, bounds); a bound of None is no limit.

        ``krone`` is what more is let through where scales enter a sum that is then counted.
        """
        where = limit.get("where")
        bounds = (limit.get("at_least"), limit.get("at_most"))
        match limit["tag"]:
            case "invested":
                yield [self.outlay(choice, where, limit.get("year"))], bounds
            case "invested_share":
                inside, everything = self.outlay(choice, where), self.outlay(choice)
                for side, share in enumerate(bounds):
                    if share is not None:
                        row = [inside - exact(share) * everything]
                        yield row, ((0, None) if side == 0 else (None, 0))
            case "chosen":
                inside_keys = {k: z for k, z in choice.items() if self.matches(where, k)}
                yield [Fraction(len(self.taken(inside_keys)))], bounds
            case "measure":
                parts = self.measured(choice, limit["measure"], limit.get("year"), where)
                yield parts, bounds
            case "net_saving":
                yield [self.money(choice, self._what(limit), where)], bounds
            case "spending":
                for year, most in limit["by_year"].items():
                    what = {
                        "payers": limit["payers"], "category": limit["category"],
                        "years": (int(year), int(year)),
                    }  # fmt: skip
                    yield [-self.money(choice, what)], (None, most)
            case "evidence":
                parts = []
                for key, scale in choice.items():
                    stars = self.options[key][0].get("evidence_stars", 0)
                    outlay = self.outlay({key: scale})
                    parts.append((stars - exact(limit["at_least"])) * outlay)
                yield [sum(parts, Fraction(0))], (0, None)
            case "payback":
                for key in choice:
                    year = self.payback_year(key, limit["payers"])
                    late = year is None or year > limit["latest_year"]
                    yield [Fraction(late)], (None, 0)
            case "cumulative":
                for year in range(max(self.first, limit["from_year"]), self.last + 1):
                    what = {"payers": limit["payers"], "years": (self.first, year)}
                    yield [self.money(choice, what)], (limit.get("at_least", 0), None)
            case "changes":
                reference = self.taken(dict.fromkeys(limit["reference"], Fraction(1)))
                yield [Fraction(len(reference ^ self.taken(choice)))], (None, limit["at_most"])
            case "outcome_fund":
                for room in self._fund_rooms(limit, choice):
                    yield [room], (0, None)
            case "disappointments":
                yield [self._disappointed(limit, choice)], bounds
            case "expected_shortfall":
                yield [self._shortfall(limit, choice)], bounds
            case "chance_of_loss":
                below = limit.get("threshold", 0) - 1 - krone
                nets = self.nets(limit["payers"], choice)
                lost = sum(net < below for net in nets)
                yield [Fraction(lost, len(nets))], bounds

    def _fund_rooms(self, limit: Document, choice: Choice) -> list[Fraction]:
        """Return what each payer gains, and what they gain together beyond the outlay."""
        keys = [key for key, (_, option) in self.options.items() if option["pool"] == limit["fund"]]
        where = {"options": keys}
        payers = limit["payers"]
        if payers == "all":
            payers = [payer["id"] for payer in self.document["payers"]]
        gains = [
            self.money(
                choice, {"payers": [p], "kinds": ["cost", "saving"], "discounted": True}, where
            )
            for p in payers
        ]
        outlay = -self.money(choice, {"kinds": ["outlay"], "discounted": True}, where)
        return [*gains, sum(gains, Fraction(0)) - outlay]

    def _disappointed(self, limit: Document, choice: Choice) -> Fraction:
        """Return the net saving when the worst set of ``count`` chosen comes out low."""
        what = {"payers": limit["payers"], "discounted": True}
        expected = self.money(choice, what)
        worst = Fraction(0)
        for some in itertools.combinations(choice, min(limit["count"], len(choice))):
            fall = Fraction(0)
            for key in some:
                flows = self.options[key][1]["flows"]
                low = self._sum(key, flows, what | {"case": "low"})
                fall += choice[key] * (self._sum(key, flows, what) - low)
            worst = max(worst, fall)
        return expected - worst

    def _shortfall(self, limit: Document, choice: Choice) -> Fraction:
        """Return min over eta of eta + mean of what is lost beyond eta, per share of the tail."""
        losses = [-net for net in self.nets(limit["payers"], choice)]
        tail = (1 - exact(limit["level"])) * len(losses)
        if tail < 1:
            return max(losses)
        return min(
            eta + sum((max(Fraction(0), loss - eta) for loss in losses), Fraction(0)) / tail
            for eta in losses
        )

    # ---- outcomes ----

    def nets(self, payers: Any, choice: Choice) -> list[Fraction]:
        """Return the discounted net saving of a choice in every outcome."""
        if payers not in self._draws:
            self._draws.append(payers)
            self._nets.append(self._option_nets(payers))
        mine = self._nets[self._draws.index(payers)]
        count = len(next(iter(mine.values())))
        what = {"payers": payers, "discounted": True}
        losses = self.money(choice, what) - self._without_losses(choice, what)
        return [sum((z * mine[key][s] for key, z in choice.items()), losses) for s in range(count)]

    def _without_losses(self, choice: Choice, what: Document) -> Fraction:
        return sum(
            (z * self._sum(key, self.options[key][1]["flows"], what) for key, z in choice.items()),
            Fraction(0),
        )

    def _option_nets(self, payers: Any) -> dict[str, list[Fraction]]:
        outcomes = self.document["outcomes"]
        if "sample" in outcomes:
            return self._sampled(payers, outcomes["sample"])
        lists = outcomes["net_saving"]
        count = len(next(iter(lists.values())))
        what = {"payers": payers, "discounted": True}
        return {
            key: [exact(value) for value in lists[key]]
            if key in lists
            else [self._sum(key, option["flows"], what)] * count
            for key, (_, option) in self.options.items()
        }

    def _sampled(self, payers: Any, sample: Document) -> dict[str, list[Fraction]]:
        """Draw by the fine print's recipe, one flow and one outcome at a time."""
        departments = sorted({i["department"] for i in self.interventions})
        groups = sorted({i.get("target_group") or f"\0{i['id']}" for i in self.interventions})
        names = sorted(i["id"] for i in self.interventions)
        width = 1 + len(departments) + len(groups) + len(names)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a count that is no power of two
            points = qmc.Sobol(width, scramble=True, rng=sample["seed"]).random(sample["count"])
        share = {level: sample["correlation"].get(level, 0) for level in CORRELATED}
        rest = 1 - sum(share.values())
        nets: dict[str, list[Fraction]] = {}
        for key, (intervention, option) in self.options.items():
            group = intervention.get("target_group") or f"\0{intervention['id']}"
            places = (
                (share["all"], 0),
                (share["department"], 1 + departments.index(intervention["department"])),
                (share["target_group"], 1 + len(departments) + groups.index(group)),
                (rest, 1 + len(departments) + len(groups) + names.index(intervention["id"])),
            )
            nets[key] = []
            for point in points:
                z = sum(math.sqrt(max(0, part)) * norm.ppf(point[place]) for part, place in places)
                net = Fraction(0)
                for flow in option["flows"]:
                    if payers == "all" or flow["payer"] in payers:
                        net += self._drawn(flow, norm.cdf(z)) * self.factors[flow["year"]]
                nets[key].append(net)
        return nets

    @staticmethod
    def _drawn(flow: Document, u: float) -> int:
        low, amount, high = flow.get("low"), flow["amount"], flow.get("high")
        low, high = amount if low is None else low, amount if high is None else high
        if amount in (low, high):
            return int(amount)
        mean = (amount - low) / (high - low)
        value = low + (high - low) * beta.ppf(u, 6 * mean, 6 - 6 * mean)
        return int(math.copysign(math.floor(abs(value) + 0.5), value))

    def _krone(self, choice: Choice) -> Fraction:
        """Return the tolerance of money: 1 kr. where a scale is in the choice."""
        is_scaled = any(self.options[key][1].get("scalable") is not None for key in choice)
        return Fraction(1) if is_scaled else Fraction(0)

    def _what(self, term: Document) -> dict[str, Any]:
        what = {
            name: term.get(name)
            for name in ("payers", "cashable_only", "case", "discounted", "years")
        }
        if term.get("period") == "budget":
            what["years"] = (self.first_budget_year, self.last_budget_year)
        return what

    def broken(self, choice: Choice, *, exactly: bool = False) -> list[Broken]:
        """Return the rows that a choice breaks.

        Whole choices are held to money exactly; one krone is for scales, a millionth for measures
        (``exactly``: for neither).
        """
        krone = Fraction(0) if exactly else self._krone(choice)
        found = []
        for path, room in (*self._relation_rows(choice), *self._force_rows(choice)):
            if room < 0:
                found.append(Broken(path, -room, None))
        for path, balance in self._pool_rows(choice):
            if -balance > krone:
                found.append(Broken(path, -balance, None))
        for number, limit in enumerate(self.scenario["constraints"]):
            price = None if limit.get("soft_price") is None else exact(limit["soft_price"])
            for parts, (least, most) in self._limit_rows(limit, choice, krone):
                activity = sum(parts, Fraction(0))
                over = Fraction(0)
                if least is not None:
                    over = max(over, exact(least) - activity)
                if most is not None:
                    over = max(over, activity - exact(most))
                tolerance = Fraction(0) if limit["tag"] in COUNTED else krone
                if limit["tag"] == "expected_shortfall":
                    tolerance = max(tolerance, Fraction(1, 100))  # draws are added up in doubles
                if limit["tag"] == "measure" and not exactly:
                    tolerance = sum(map(abs, parts), Fraction(0)) / 10**6
                if over > tolerance:
                    found.append(Broken(f"scenario.constraints[{number}]", over, price))
        return found

    def is_feasible(self, choice: Choice, *, exactly: bool = False) -> bool:
        """Return whether every hard rule is kept."""
        return all(row.price is not None for row in self.broken(choice, exactly=exactly))

    def objective(self, choice: Choice, *, exactly: bool = False) -> Fraction:
        """Return the value of a choice after soft prices."""
        total = Fraction(0)
        for term in self.scenario["objective"]["terms"]:
            weight = exact(term.get("weight", 1))
            if term["of"] == "measure":
                total += weight * sum(self.measured(choice, term["measure"]), Fraction(0))
            else:
                what = self._what(term)
                if term["of"] == "saving":
                    what["kinds"] = ["saving"]
                total += weight * self.money(choice, what)
        for row in self.broken(choice, exactly=exactly):
            if row.price is not None:
                total -= row.price * row.by
        return total

    @property
    def is_money(self) -> bool:
        """Return whether the objective is in kroner."""
        return all(t["of"] != "measure" for t in self.scenario["objective"]["terms"])

    def best(
        self,
        scales: Mapping[str, tuple[Fraction, ...]] | None = None,
        *,
        exactly: bool = False,
    ) -> tuple[Fraction, dict[str, Fraction]] | None:
        """Return the best of all feasible choices and its value; None where there is none."""
        found = None
        for choice in self.choices(scales or {}):
            if self.is_feasible(choice, exactly=exactly):
                value = self.objective(choice, exactly=exactly)
                if found is None or value > found[0]:
                    found = (value, choice)
        return found
