"""What is checked of an explanation, against all choices there are."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from optimizer import Force, Plan, plan_from_document
from optimizer.explain import Explainer, Explanation, explain, rule_costs
from tests.optimizer.explain.brute import Table, loosened

Json = dict[str, Any]


def near(mine: Fraction | None, true: Fraction | None, *, is_money: bool) -> bool:
    """Return whether two values are the same, to a krone or a millionth."""
    if mine is None or true is None:
        return mine is true
    close = Fraction(1) if is_money else Fraction(1, 10**6) * max(1, abs(true))
    return abs(mine - true) <= close


def forced(plan: Plan, name: str, force: Force) -> Plan:
    """Return a plan with the force of one intervention replaced."""
    interventions = tuple(
        replace(i, force=force) if i.id == name else i for i in plan.interventions
    )
    return replace(plan, interventions=interventions)


def check(document: Json) -> Explanation:
    """Check whatever there is to explain; return the explanation."""
    table = Table(document)
    explanation = explain(plan_from_document(document), rows=False)
    best = table.best()
    assert near(explanation.objective, best, is_money=table.oracle.is_money)
    if best is None:
        check_conflict(table, explanation)
        check_ways_out(table, explanation)
    else:
        check_prices(table, explanation, best)
    return explanation


# ---- prices ----


def check_prices(table: Table, explanation: Explanation, best: Fraction) -> None:
    """Compare every price, and what is said beside it, with all choices."""
    chosen = frozenset(table.oracle.taken(explanation.choice))
    assert [p.intervention for p in explanation.prices] == list(table.force_path)
    for price in explanation.prices:
        assert price.chosen == (price.intervention in chosen)
        turned = table.best_with(price.intervention, inside=not price.chosen)
        true = None if turned is None else best - turned
        assert near(price.price, true, is_money=table.oracle.is_money), price
        assert price.gap == 0
        check_blockers(table, explanation, price)
        if true is not None:
            check_replacement(table, chosen, price, turned)


def check_rule_costs(document: Json) -> int:
    """Check what every force and hard limit costs, alone and together; return how many."""
    table = Table(document)
    best = table.best()
    explainer = Explainer(plan_from_document(document))
    costs = rule_costs(explainer)
    for cost in (*costs.alone, costs.together):
        without = table.best_without(rule.path for rule in cost.rules)
        true = None if best is None or without is None else without - best
        assert near(cost.cost, true, is_money=table.oracle.is_money), cost
        assert cost.gap == 0
    return len(costs.alone) + 1


def check_blockers(table: Table, explanation: Explanation, price: Any) -> None:
    """Compare the blocking limits with what the judge says is broken by that change alone."""
    name = price.intervention

    def others(choice: Mapping[str, Fraction]) -> dict[str, Fraction]:
        return {k: s for k, s in choice.items() if k.split("/")[0] != name}

    rest = others(explanation.choice)
    alone = [
        set(line.breaks)
        for line in table.lines
        if (name in line.taken) != price.chosen and others(line.choice) == rest
    ]
    mine = {blocker.path for blocker in price.blocked_by}
    assert mine in alone
    assert len(mine) == min(map(len, alone))


def check_replacement(table: Table, chosen: frozenset[str], price: Any, best: Fraction) -> None:
    """Check that some plan worth that much changes exactly those interventions."""
    excused = {table.force_path[price.intervention]}
    changed = {price.intervention, *price.replaced_by}
    fits = [
        line
        for line in table.lines
        if line.breaks <= excused
        and near(line.value, best, is_money=table.oracle.is_money)
        and (price.intervention in line.taken) != price.chosen
        and changed
        == {price.intervention, *(line.taken - chosen if price.chosen else chosen - line.taken)}
    ]
    assert fits


# ---- nothing fits ----


def check_conflict(table: Table, explanation: Explanation) -> None:
    """Check that the conflict cannot hold, and that it can without any one of its rules."""
    conflict = explanation.conflict
    assert conflict is not None
    assert conflict.is_proved
    assert set(conflict.paths) <= set(table.paths)
    assert not table.is_feasible(conflict.paths)
    for path in conflict.paths:
        assert table.is_feasible(p for p in conflict.paths if p != path), path


def check_ways_out(table: Table, explanation: Explanation) -> None:
    """Check every loosening: enough, not too much, its objective; and that none is missing."""
    found = explanation.ways_out
    entries = explanation.document()["loosening"]
    assert [e["path"] for e in entries] == [one.path for one in found.loosenings]
    for entry in entries:
        best = Table(loosened(table.document, entry)).best()
        assert best is not None, entry
        assert near(Fraction(entry["objective"]), best, is_money=table.oracle.is_money), entry
        assert least_broken(table, entry["path"], entry["by"]), entry
    for release in found.releases:
        best = table.best_without([release.rule.path])
        assert near(release.objective, best, is_money=table.oracle.is_money), release
    able = {path for path in table.paths if table.best_without([path]) is not None}
    assert {one.path for one in found.loosenings} | {r.rule.path for r in found.releases} == able


def least_broken(table: Table, path: str, by: Any) -> bool:
    """Return whether no choice breaks the limit by less than is said."""
    alone = [line for line in table.lines if line.breaks == {path}]
    amounts = [amount_broken(table, path, line.choice) for line in alone]
    least = min(amounts)
    mine = sum(by.values()) if isinstance(by, Mapping) else Fraction(str(by))
    if isinstance(by, Mapping):  # each year is rounded up by itself
        return least <= mine < least + len(by)
    step = Fraction(1) if "pools" in path or is_in_kroner(table, path) else Fraction(2, 10**9)
    return least <= mine < least + step


def limit_at(table: Table, path: str) -> Json:
    """Return the limit or pool at a path."""
    number = int(path.split("[")[1][:-1])
    key = "pools" if "pools" in path else "constraints"
    found: Json = table.document["scenario"][key][number]
    return found


def is_in_kroner(table: Table, path: str) -> bool:
    """Return whether a limit counts whole kroner."""
    kroner = {"invested", "net_saving", "cumulative", "expected_shortfall", "disappointments"}
    return limit_at(table, path)["tag"] in kroner


def amount_broken(table: Table, path: str, choice: Mapping[str, Fraction]) -> Fraction:
    """Return by how much a choice breaks a limit, in the limit's own unit."""
    limit, oracle = limit_at(table, path), table.oracle
    rows = [row.by for row in oracle.broken(choice, exactly=True) if row.path == path]
    if "pools" in path:
        return max(rows) if limit.get("carry_over") else sum(rows, Fraction(0))
    match limit["tag"]:
        case "spending":
            return sum(rows, Fraction(0))
        case "invested_share":
            share = oracle.outlay(choice, limit.get("where")) / oracle.outlay(choice)
            return off(limit, share)
        case "evidence":
            stars = sum(
                oracle.options[key][0].get("evidence_stars", 0) * oracle.outlay({key: scale})
                for key, scale in choice.items()
            )
            return off(limit, Fraction(stars) / oracle.outlay(choice))
    return max(rows)


def off(limit: Json, value: Fraction) -> Fraction:
    """Return by how much a value leaves the bounds of a limit."""
    least, most = limit.get("at_least"), limit.get("at_most")
    over = Fraction(0) if most is None else value - Fraction(str(most))
    under = Fraction(0) if least is None else Fraction(str(least)) - value
    return max(over, under)


# ---- limits ----

#: tags whose number is the row's own: a share and a mean are multiplied out
PLAIN = frozenset(
    {"pool", "invested", "chosen", "measure", "net_saving", "spending", "cumulative", "changes",
     "disappointments", "expected_shortfall"}
)  # fmt: skip


def check_rows(document: Json) -> int:
    """Check what more and less of every limit gives by trying all choices; return how many."""
    table = Table(document)
    explanation = explain(plan_from_document(document), interventions=False)
    best, count = table.best(), 0
    if best is None:
        assert explanation.rows == ()
        return 0
    for row in explanation.rows:
        assert row.is_exact
        assert row.price is not None
        if row.limit.tag not in PLAIN:
            continue
        for sign, mine in ((1, row.more_buys), (-1, row.less_costs)):
            amount = sign * int(row.limit.step)
            by = {str(row.year): amount} if by_year(document, row.path) else amount
            moved = Table(loosened(document, {"path": row.path, "by": by})).best()
            true = None if moved is None else sign * (moved - best)
            assert near(mine, true, is_money=table.oracle.is_money), (row, true)
            count += 1
    return count


def by_year(document: Json, path: str) -> bool:
    """Return whether the number of a limit is by year."""
    number = int(path.split("[")[1][:-1])
    if "pools" in path:
        return "paid_in" in document["scenario"]["pools"][number]
    return "by_year" in document["scenario"]["constraints"][number]
