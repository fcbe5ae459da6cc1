"""An allocation in words and as a table that a person can read in a terminal."""

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.allocation import Allocation, RowResult, Status
from optimizer.intervention import option_key
from optimizer.sentence import Sentence, number, percent, rounded

if TYPE_CHECKING:  # numpy takes a while to load
    from optimizer.frontier import Frontier

STATUS_WORDS = {
    Status.INFEASIBLE: Sentence("ingen plan", "no plan"),
    Status.NO_ANSWER: Sentence("intet svar i tiden", "no answer in time"),
}


def status_sentence(allocation: Allocation) -> Sentence:
    """Return which of the five answers it is, in the words of the interface."""
    match allocation.status:
        case Status.OPTIMAL:
            return Sentence("Bedste plan, bevist", "Best plan, proved")
        case Status.FEASIBLE if allocation.solver is None:
            return Sentence("Planen overholder alle rammer", "The plan keeps every limit")
        case Status.FEASIBLE if allocation.gap is None:
            return Sentence(
                "Bedste fundet plan; hvor langt fra den bedste mulige vides ikke",
                "Best found plan; how far from the best possible is not known",
            )
        case Status.FEASIBLE:
            away = percent(_up(allocation.gap or Fraction(0)))
            return Sentence(
                f"Bedste fundet plan, højst {away.da} fra den bedste mulige",
                f"Best found, at most {away.en} from the best possible",
            )
        case Status.INFEASIBLE if allocation.has_plan:
            return Sentence(
                "Planen overholder ikke alle rammer", "The plan does not keep every limit"
            )
        case Status.INFEASIBLE:
            return Sentence("Ingen plan overholder alle rammer", "No plan keeps every limit")
        case Status.UNBOUNDED:
            return Sentence("Målet har ingen øvre grænse", "The goal has no upper limit")
        case Status.NO_ANSWER:
            return Sentence("Intet svar inden for tiden", "No answer in time")


def _up(gap: Fraction) -> Fraction:
    """Return a gap rounded up, so that "at most" stays true: to 0.1 %, below that to 0.0001 %."""
    step = Fraction(1, 1000) if gap >= Fraction(1, 1000) else Fraction(1, 1_000_000)
    return -(-gap // step) * step


def allocation_text(allocation: Allocation, language: str = "da") -> str:
    """Return the allocation as lines of text."""
    lines = [allocation.plan.title, status_sentence(allocation).say(language) + "."]
    if allocation.has_plan:
        lines += ["", *_chosen(allocation, language), "", *_totals(allocation, language)]
    if allocation.rows:
        heading = Sentence("Rammer", "Limits").say(language)
        lines += ["", heading, *(_row(result, language) for result in allocation.rows)]
    lines += [
        Sentence(
            f"Lige så godt: {_names(swap.without) or 'ingen'} ud, "
            f"{_names(swap.instead) or 'ingen'} ind.",
            f"Just as good: {_names(swap.without) or 'none'} out, "
            f"{_names(swap.instead) or 'none'} in.",
        ).say(language)
        for swap in allocation.equally_good
    ]
    return "\n".join(lines)


def frontier_text(found: "Frontier", language: str = "da") -> str:
    """Return a frontier as one line a point: amount, objective, how many are chosen, what moves."""
    head = Sentence(
        "        beløb           mål  valgt  ind og ud",
        "       amount     objective  chosen  in and out",
    )
    lines = [found.source.title, head.say(language)]
    before: frozenset[str] = frozenset()
    decimals = 0 if all(term.is_money for term in found.source.scenario.objective) else 2
    for point in found.points:
        now = frozenset(point.choice)
        moves = [f"+{key}" for key in sorted(now - before)]
        moves += [f"-{key}" for key in sorted(before - now)]
        amount = number(point.amount).say(language)
        if point.objective is None:
            says = STATUS_WORDS[point.status].say(language)
            lines.append(f"{amount:>13} {says}")
            continue
        value = number(rounded(point.objective, decimals)).say(language)
        unproved = "" if point.status is Status.OPTIMAL else " *"
        lines.append(
            f"{amount:>13} {value:>13} {len(now):>6}  {' '.join(moves)}{unproved}".rstrip()
        )
        before = now
    if any(point.status is Status.FEASIBLE for point in found.points):
        lines.append(
            Sentence("* fundet i tiden, ikke bevist bedst", "* found in time, not proved").say(
                language
            )
        )
    return "\n".join(lines)


def _names(keys: Iterable[str]) -> str:
    return ", ".join(keys)


def _chosen(allocation: Allocation, language: str) -> list[str]:
    chosen = allocation.appraisal.chosen(allocation.choice)
    total = len(allocation.plan.interventions)
    heading = Sentence(
        f"{len(chosen)} af {total} indsatser får midler, udlæg i 1.000 kr.",
        f"{len(chosen)} of {total} interventions are funded, outlay in 1,000 kr.",
    ).say(language)
    width = max((len(option_key(i, o)) for _, i, o, _ in chosen), default=0)
    lines = [heading]
    for _, intervention, option, scale in chosen:
        outlay = _thousand(scale * allocation.appraisal.outlay(option), language)
        part = "" if scale == 1 else f" × {number(scale, 3).say(language)}"
        name = option_key(intervention, option)
        lines.append(f"  {name:<{width}}  {outlay:>10}  {intervention.title}{part}")
    return lines


def _thousand(value: Fraction, language: str) -> str:
    return number(rounded(value / 1000), 0).say(language)


def _totals(allocation: Allocation, language: str) -> list[str]:
    objective = allocation.objective or Fraction(0)
    decimals = 0 if objective.denominator == 1 else 2
    goal = number(objective, decimals).say(language)
    invested = _thousand(allocation.invested, language)
    words = Sentence("Mål", "Objective"), Sentence("Investeret, 1.000 kr.", "Invested, 1,000 kr.")
    heads = Sentence(
        "Netto, 1.000 kr.: kasse, budgetperiode, derefter, nutidsværdi",
        "Net, 1,000 kr.: payer, budget period, after, discounted",
    )
    lines = [
        f"{words[0].say(language)}: {goal}",
        f"{words[1].say(language)}: {invested}",
        heads.say(language),
    ]
    width = max((len(p.name) for p in allocation.plan.payers), default=0)
    for payer in allocation.plan.payers:
        totals = allocation.payer_totals[payer.id]
        numbers = (totals.budget_period, totals.after, totals.discounted)
        cells = "".join(f"  {_thousand(n, language):>11}" for n in numbers)
        lines.append(f"  {payer.name:<{width}}{cells}")
    return lines


def _row(result: RowResult, language: str) -> str:
    activity = number(rounded(result.activity, 2)).say(language)
    label = result.row.label.say(language)
    if result.broken_by:
        by = number(rounded(result.broken_by, 2)).say(language)
        broken = Sentence(f"BRUDT med {by}", f"BROKEN by {by}").say(language)
        return f"  {label}: {activity}, {broken}"
    if result.slack is None:
        return f"  {label}: {activity}"
    slack = number(rounded(result.slack, 2)).say(language)
    room = Sentence(f"luft {slack}", f"slack {slack}").say(language)
    return f"  {label}: {activity}, {room}"
