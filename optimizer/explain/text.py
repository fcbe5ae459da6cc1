"""An explanation as lines that a person can read in a terminal."""

from collections.abc import Mapping

from optimizer.allocation import Status, index_of
from optimizer.explain.elastic import Amount
from optimizer.explain.explaining import Explanation
from optimizer.explain.loosening import Loosening
from optimizer.explain.rows import LimitPrice
from optimizer.explain.sentences import ended, price_sentence, worth
from optimizer.scenario import Plan
from optimizer.sentence import Sentence, joined, kroner, number, percent

NOTHING = Sentence("", "")
MILLION = Sentence("én million mere", "one million more")
ONE = Sentence("én mere", "one more")
#: of limits that are multiplied out, and of a relation that has no number
STEPS = {
    "evidence": Sentence("én million stjernekroner mere", "one million star-kroner more"),
    "invested_share": Sentence("én million ud over andelen", "one million beyond the share"),
    "requires": Sentence("at opgive den", "giving it up"),
}


def explanation_text(explanation: Explanation, language: str = "da") -> str:
    """Return the explanation as lines of text."""
    lines = [explanation.plan.title, ended(headline(explanation)).say(language)]
    if explanation.conflict is not None:
        lines += ["", *_conflict(explanation, language)]
    for heading, chosen in (
        (Sentence("Med i planen", "In the plan"), True),
        (Sentence("Ikke med", "Not funded"), False),
    ):
        prices = [p for p in explanation.prices if p.chosen == chosen]
        if prices:
            lines += ["", heading.say(language)]
            lines += [f"  {price_sentence(explanation, p).say(language)}" for p in prices]
    binding = [row for row in explanation.rows if _matters(row)]
    if explanation.rows:
        lines += ["", Sentence("Rammer", "Limits").say(language)]
        lines += [f"  {limit_sentence(explanation.plan, r).say(language)}" for r in binding]
        if not binding:
            words = Sentence("Ingen ramme koster noget.", "No limit costs anything.")
            lines.append(f"  {words.say(language)}")
    return "\n".join(lines)


def headline(explanation: Explanation) -> Sentence:
    """Return which of the answers it is."""
    plan = explanation.plan
    if explanation.objective is not None:
        value = worth(plan, explanation.objective)
        if explanation.status is Status.OPTIMAL:
            return Sentence(f"Bedste plan, bevist: {value.da}.", f"Best plan, proved: {value.en}.")
        return Sentence(
            f"Bedste fundet plan: {value.da}; priserne er foreløbige.",
            f"Best found plan: {value.en}; the prices are provisional.",
        )
    if explanation.status is Status.INFEASIBLE:
        return Sentence("Ingen plan overholder alle rammer.", "No plan keeps every limit.")
    if explanation.status is Status.UNBOUNDED:
        return Sentence("Målet har ingen øvre grænse.", "The goal has no upper limit.")
    return Sentence("Intet svar inden for tiden.", "No answer in time.")


# ---- limits ----


def _matters(row: LimitPrice) -> bool:
    return bool(row.more_buys or row.less_costs or row.less_costs is None)


def limit_sentence(plan: Plan, row: LimitPrice) -> Sentence:
    """Return what a limit costs: exactly by one step, and the estimate."""
    step = STEPS.get(row.limit.tag, MILLION if row.limit.is_money else ONE)
    if row.more_buys is None:
        more = NOTHING
    elif not row.more_buys:
        more = Sentence(f"{step.da} giver intet", f"{step.en} buys nothing")
    else:
        gain = worth(plan, row.more_buys)
        more = Sentence(f"{step.da} giver {gain.da}", f"{step.en} buys {gain.en}")
    if row.limit.tag == "requires":
        less = NOTHING
    elif row.less_costs is None:
        less = Sentence(
            "med lige så meget mindre er der ingen plan", "with as much less there is no plan"
        )
    elif not row.less_costs:
        less = Sentence("lige så meget mindre koster intet", "as much less costs nothing")
    else:
        loss = worth(plan, row.less_costs)
        less = Sentence(f"lige så meget mindre koster {loss.da}", f"as much less costs {loss.en}")
    numbers = joined([more, less], "; ")
    return ended(Sentence(f"{row.label.da}: {numbers.da}.", f"{row.label.en}: {numbers.en}."))


# ---- nothing fits ----


def _conflict(explanation: Explanation, language: str) -> list[str]:
    conflict, found = explanation.conflict, explanation.ways_out
    if conflict is None:
        return []
    heading = Sentence("Disse kan ikke holde på én gang", "These cannot all hold")
    if not conflict.is_proved:
        heading = Sentence(
            "Disse kan ikke holde på én gang (måske kan nogle undværes)",
            "These cannot all hold (some may be spared)",
        )
    lines = [heading.say(language), *(f"  {r.label.say(language)}" for r in conflict.rules)]
    ways = [loosening_sentence(explanation.plan, one) for one in found.loosenings]
    for release in found.releases:
        value = worth(explanation.plan, release.objective)
        ways.append(
            Sentence(
                f"Opgiv »{release.rule.label.da}«: så er den bedste plan {value.da} værd.",
                f"Give up “{release.rule.label.en}”: then the best plan is worth {value.en}.",
            )
        )
    if ways:
        heading = Sentence("Hver af disse ændringer er nok", "Each of these changes is enough")
        lines += ["", heading.say(language), *(f"  {ended(way).say(language)}" for way in ways)]
    else:
        words = Sentence(
            "Ingen enkelt ændring er nok; der er flere konflikter.",
            "No single change is enough; there are several conflicts.",
        )
        lines += ["", words.say(language)]
    return lines


def loosening_sentence(plan: Plan, one: Loosening) -> Sentence:
    """Return one way out with its amount and what it gives."""
    amount, value = amount_words(plan, one.path, one.by), worth(plan, one.objective)
    return Sentence(
        f"Løsn »{one.label.da}« med {amount.da}: så er den bedste plan {value.da} værd.",
        f"Loosen “{one.label.en}” by {amount.en}: then the best plan is worth {value.en}.",
    )


def amount_words(plan: Plan, path: str, by: Amount) -> Sentence:
    """Return an amount with its unit."""
    if isinstance(by, Mapping):
        parts = [(year, kroner(amount)) for year, amount in sorted(by.items())]
        return Sentence(
            ", ".join(f"{amount.da} i {year}" for year, amount in parts),
            ", ".join(f"{amount.en} in {year}" for year, amount in parts),
        )
    if path.startswith("scenario.pools"):
        return kroner(by)
    match plan.scenario.constraints[index_of(path)].tag:
        case "invested_share" | "chance_of_loss":
            return percent(by)
        case "evidence":
            stars = number(by)
            return Sentence(f"{stars.da} stjerner", f"{stars.en} stars")
        case "chosen" | "changes" | "measure":
            return number(by)
    return kroner(by)
