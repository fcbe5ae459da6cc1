"""A sentence a councillor understands for every price, with its numbers."""

from collections.abc import Iterable
from fractions import Fraction

from optimizer.explain.explaining import Explanation
from optimizer.explain.limits import COUNTS, MILLION
from optimizer.explain.prices import Blocker, Price
from optimizer.objectives import MeasureTotal, Saving
from optimizer.scenario import Plan
from optimizer.sentence import NO_BREAK_SPACE, Sentence, joined, kroner, listing, number, rounded

MOST_NAMES = 4
RELATIONS = frozenset({"requires", "excludes", "at_least", "at_most"})


def money(value: Fraction) -> Sentence:
    """Return an amount as it is said aloud: ``1,2 mio. kr.``; whole kroner below a million."""
    if abs(value) < MILLION:
        return kroner(rounded(value))
    millions = number(rounded(value / MILLION, 1), 1)
    space = NO_BREAK_SPACE
    return Sentence(f"{millions.da}{space}mio.{space}kr.", f"{millions.en}{space}million{space}kr.")


def ended(words: Sentence) -> Sentence:
    """Return a sentence with one full stop where an abbreviation ends it."""
    return Sentence(words.da.replace("..", "."), words.en.replace("..", "."))


def goal(plan: Plan) -> Sentence:
    """Return what the objective is called in a sentence."""
    terms = plan.scenario.objective
    if len(terms) != 1:
        return Sentence("målet", "the goal")
    term = terms[0]
    if isinstance(term, MeasureTotal):
        return Sentence(f"målet ({term.measure})", f"the goal ({term.measure})")
    if isinstance(term, Saving):
        return Sentence("besparelsen", "the saving")
    return Sentence("nettobesparelsen", "the net saving")


def worth(plan: Plan, value: Fraction) -> Sentence:
    """Return a difference of the objective in its own unit."""
    if plan.scenario.is_money:
        return money(value)
    return number(rounded(value, 2))


def price_sentence(explanation: Explanation, price: Price) -> Sentence:
    """Return what a price means, in a sentence or three."""
    plan = explanation.plan
    title = plan.intervention_by_id[price.intervention].title
    if not explanation.has_plan:
        return Sentence(
            f"Ingen plan overholder alle rammer, så {title} kan hverken vælges til eller fra.",
            f"No plan keeps every limit, so {title} can be neither taken in nor left out.",
        )
    words = _in(plan, price, title) if price.chosen else _out(plan, price, title)
    return ended(joined([words, _blocked(price)]))


def _out(plan: Plan, price: Price, title: str) -> Sentence:
    """Return the sentence of an intervention that is not chosen."""
    names = _names(plan, price.replaced_by)
    away = Sentence(f", og {names.da} må ud", f", and {names.en} must go") if names.da else names
    if price.is_open:
        return Sentence(
            f"{title} er ikke med. Om den kan komme med, blev ikke afgjort inden for tiden.",
            f"{title} is not funded. Whether it can be was not decided in time.",
        )
    if price.price is None:
        return Sentence(
            f"{title} er ikke med: ingen plan med den overholder alle rammer.",
            f"{title} is not funded: no plan with it keeps every limit.",
        )
    if price.price < 0:
        gain = worth(plan, -price.price)
        return Sentence(
            f"{title} er holdt ude. Kom den med, blev {goal(plan).da} {gain.da} større{away.da}.",
            f"{title} is kept out. With it {goal(plan).en} would be {gain.en} greater{away.en}.",
        )
    if price.price == 0 and price.gap == 0:
        return Sentence(
            f"{title} er ikke med, men en plan med den er lige så god{away.da}.",
            f"{title} is not funded, but a plan with it is just as good{away.en}.",
        )
    loss, least = _loss(plan, price), worth(plan, price.price)
    more = Sentence(
        f"Den kommer med, hvis den bliver mere end {least.da} mere værd.",
        f"It enters when it becomes worth more than {least.en} more.",
    )
    words = Sentence(
        f"{title} er ikke med. Det koster {loss.da} af {goal(plan).da} at tage den med{away.da}.",
        f"{title} is not funded. Taking it in costs {loss.en} of {goal(plan).en}{away.en}.",
    )
    return joined([words, more]) if price.gap == 0 else words


def _in(plan: Plan, price: Price, title: str) -> Sentence:
    """Return the sentence of an intervention that is chosen."""
    names = _names(plan, price.replaced_by)
    instead = (
        Sentence(f"; så kommer {names.da} med", f"; then {names.en} would come in")
        if names.da
        else names
    )
    if price.is_open:
        return Sentence(
            f"{title} er med. Om der er en plan uden den, blev ikke afgjort inden for tiden.",
            f"{title} is funded. Whether there is a plan without it was not decided in time.",
        )
    if price.price is None:
        return Sentence(
            f"{title} er med, og der er ingen plan uden den, der overholder alle rammer.",
            f"{title} is funded, and no plan without it keeps every limit.",
        )
    if price.price < 0:
        loss = worth(plan, -price.price)
        return Sentence(
            f"{title} er tvunget med. Det koster {loss.da} af {goal(plan).da}{instead.da}.",
            f"{title} is forced in. That costs {loss.en} of {goal(plan).en}{instead.en}.",
        )
    if price.price == 0 and price.gap == 0:
        return Sentence(
            f"{title} er med, men en plan uden den er lige så god{instead.da}.",
            f"{title} is funded, but a plan without it is just as good{instead.en}.",
        )
    loss = _loss(plan, price)
    return Sentence(
        f"{title} er med. Det koster {loss.da} af {goal(plan).da} at sige nej{instead.da}.",
        f"{title} is funded. Saying no costs {loss.en} of {goal(plan).en}{instead.en}.",
    )


def _loss(plan: Plan, price: Price) -> Sentence:
    low = price.price or Fraction(0)
    least = worth(plan, low)
    if price.gap is None:
        return Sentence(f"mindst {least.da}", f"at least {least.en}")
    if price.gap:
        most = worth(plan, low + price.gap)
        return Sentence(f"mellem {least.da} og {most.da}", f"between {least.en} and {most.en}")
    return least


def _names(plan: Plan, ids: Iterable[str]) -> Sentence:
    titles = [plan.intervention_by_id[name].title for name in ids]
    if len(titles) > MOST_NAMES:
        rest = len(titles) - MOST_NAMES + 1
        start = ", ".join(titles[: MOST_NAMES - 1])
        return Sentence(f"{start} og {rest} andre", f"{start} and {rest} others")
    return listing(titles)


def _blocked(price: Price) -> Sentence:
    """Return which limit stands in the way of changing this and nothing else."""
    limits = [b for b in price.blocked_by if not b.path.startswith("interventions")]
    if not limits:
        return Sentence("", "")
    first = limits[0]
    by = _by(first)
    more = len(limits) - 1
    others = Sentence("", "")
    if more == 1:
        others = Sentence(" og en ramme til", " and one more limit")
    elif more:
        others = Sentence(f" og {more} rammer til", f" and {more} more limits")
    if price.chosen:
        return Sentence(
            f"Uden den brydes »{first.label.da}«{by.da}{others.da}.",
            f"Without it “{first.label.en}” is broken{by.en}{others.en}.",
        )
    return Sentence(
        f"Lægges den oveni, brydes »{first.label.da}«{by.da}{others.da}.",
        f"Added to the plan as it is, it breaks “{first.label.en}”{by.en}{others.en}.",
    )


def _by(blocker: Blocker) -> Sentence:
    """Return by how much, where that is a number that means something."""
    if blocker.tag in RELATIONS | {"payback", "evidence", "invested_share", "chance_of_loss"}:
        return Sentence("", "")
    is_count = blocker.tag in COUNTS
    amount = number(rounded(blocker.by, 2)) if is_count else money(blocker.by)
    return Sentence(f" med {amount.da}", f" by {amount.en}")
