"""What differs between scenarios, in three to seven sentences made from the data."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer.payers import Level
from planner import formats
from planner.reports.comparison_charts import most_citizens
from planner.reports.comparison_sides import Measured, Side, Sides

MOST_SENTENCES = 7
MOST_NAMES = 3

# the finding, and what follows it on the same line
Said = tuple[str, str]


def differences(sides: Sides) -> tuple[Said, ...]:
    """Return the sentences, the most important first."""
    found = [
        *_in_the_period(sides),
        *_after_it(sides),
        *_citizens(sides),
        *_others(sides),
        *_pool(sides),
        *_only_one(sides),
        *_all_or_none(sides),
    ]
    return tuple(found[:MOST_SENTENCES])


def _said(finding: str, rest: str = "") -> Said:
    return str(finding), str(rest)


def _ended(text: str) -> str:
    """Return the text with one full stop; a unit such as ``kr.`` brings its own."""
    return text if text.endswith(".") else f"{text}."


def _each(
    sides: Sides, measured: Measured, write: Callable[[Side, Fraction], str], unit: str
) -> str:
    """Return every side with its value, greatest first: ``A 12,4 og B −7,0 mio. kr.``."""
    parts = [f"{side.title} {write(side, value)}" for side, value in sides.ordered(measured)]
    return f"{sides.words(parts)}{formats.NO_BREAK}{unit}" if unit else sides.words(parts)


def _millions(sides: Sides, measured: Measured) -> str:
    def write(_side: Side, value: Fraction) -> str:
        return formats.million_change(value, language=sides.language)

    return _each(sides, measured, write, formats.MILLION_UNIT[sides.language])


def _are_alike(sides: Sides, measured: Measured) -> bool:
    """Return whether the values are the same as they are shown, in millions with one decimal."""
    shown = {formats.rounded(v / 1_000_000, decimals=1) for v in sides.known(measured).values()}
    return len(shown) <= 1


def _in_the_period(sides: Sides) -> Iterator[Said]:
    def period(side: Side) -> Fraction:
        return side.period

    each = _millions(sides, period)
    if _are_alike(sides, period):
        yield _said(
            _("They give %(owner)s the same in the budget period", owner=sides.owner),
            _ended(f": {each}"),
        )
        return
    gaining = [side for side in sides.all if side.period > 0]
    best = sides.best(period)
    name = sides.names(best)
    if len(gaining) == 1:
        finding = _("Only %(name)s gives a surplus in the budget period", name=name)
    elif gaining:
        finding = ngettext(
            "%(name)s gives most in the budget period",
            "%(name)s give most in the budget period",
            len(best),
            name=name,
        )
    else:
        finding = ngettext(
            "%(name)s costs least in the budget period",
            "%(name)s cost least in the budget period",
            len(best),
            name=name,
        )
    yield _said(finding, _(": %(each)s net for %(owner)s.", each=each, owner=sides.owner))


def _after_it(sides: Sides) -> Iterator[Said]:
    def after(side: Side) -> Fraction | None:
        return side.after

    if not sides.are_comparable or not sides.known(after):
        return
    year = sides.first.plan.budget_period[1]
    each = _ended(f": {_millions(sides, after)}")
    if _are_alike(sides, after):
        yield _said(_("After %(year)s they give the same", year=year), each)
        return
    best, before = sides.best(after), sides.best(lambda side: side.period)
    if best == before:
        finding = ngettext(
            "%(name)s also gives most after %(year)s",
            "%(name)s also give most after %(year)s",
            len(best),
            name=sides.names(best),
            year=year,
        )
    else:
        finding = _("After %(year)s it turns", year=year)
    yield _said(finding, each)


def _citizens(sides: Sides) -> Iterator[Said]:
    def citizens(side: Side) -> Fraction | None:
        return side.citizens

    if len(sides.known(citizens)) < len(sides.all):
        return

    def write(_side: Side, value: Fraction) -> str:
        return formats.number(value, language=sides.language)

    each = _each(sides, citizens, write, _("courses"))
    best = sides.best(citizens)
    if len(best) == len(sides.all):
        yield _said(_("They reach equally many citizens"), _ended(f": {each}"))
    else:
        yield _said(most_citizens(sides), _ended(f": {each}"))


def _others(sides: Sides) -> Iterator[Said]:
    def others(side: Side) -> Fraction | None:
        return side.at_level(Level.REGION, Level.STATE)

    if not sides.have_own or len(sides.known(others)) < len(sides.all):
        return
    each = _ended(f": {_millions(sides, others)}")
    if _are_alike(sides, others):
        yield _said(_("Region and state get the same from all of them"), each)
        return
    name = sides.names(sides.best(others))
    yield _said(_("Region and state get most from %(name)s", name=name), each)


def _pool(sides: Sides) -> Iterator[Said]:
    if not all(side.pool for side in sides.all):
        return

    def spent(side: Side) -> Fraction:
        return side.spent

    def write(side: Side, value: Fraction) -> str:
        return _(
            "%(spent)s of %(pool)s",
            spent=formats.million(value, language=sides.language),
            pool=formats.million(side.pool, language=sides.language),
        )

    each = _ended(f": {_each(sides, spent, write, formats.MILLION_UNIT[sides.language])}")
    if _are_alike(sides, spent):
        yield _said(_("They use equally much of the pools"), each)
        return
    best = sides.best(spent)
    finding = ngettext(
        "%(name)s uses most of the pools",
        "%(name)s use most of the pools",
        len(best),
        name=sides.names(best),
    )
    yield _said(finding, each)


def _some(sides: Sides, titles: Sequence[str]) -> str:
    """Return a few names, and how many more there are."""
    if len(titles) <= MOST_NAMES + 1:
        return sides.words(titles)
    rest = len(titles) - MOST_NAMES
    return sides.words([*titles[:MOST_NAMES], ngettext("%(num)s other", "%(num)s others", rest)])


def _only_one(sides: Sides) -> Iterator[Said]:
    parts = []
    for side in sides.all:
        elsewhere = {key for other in sides.all if other is not side for key in other.chosen}
        titles = [i.title for key, (i, _o, _z) in side.chosen.items() if key not in elsewhere]
        if titles:
            parts.append((side.title, _some(sides, titles)))
    if not parts:
        if sides.shared(lambda side: set(side.chosen)):
            yield _said(_("They fund the same interventions."))
        return
    (name, what), rest = parts[0], parts[1:]
    more = "".join(
        _("; only %(name)s funds %(interventions)s", name=n, interventions=w) for n, w in rest
    )
    yield _said(
        _("Only %(name)s funds %(interventions)s", name=name, interventions=what), f"{more}."
    )


def _all_or_none(sides: Sides) -> Iterator[Said]:
    if sides.shared(lambda side: set(side.chosen)):
        return
    titles = {i.id: i.title for side in sides.all for i in side.plan.interventions}
    in_all = [t for key, t in titles.items() if all(key in side.chosen for side in sides.all)]
    in_none = [t for key, t in titles.items() if all(key not in side.chosen for side in sides.all)]
    finding = (
        ngettext(
            "%(interventions)s is in every one of them.",
            "%(interventions)s are in every one of them.",
            len(in_all),
            interventions=_some(sides, in_all),
        )
        if in_all
        else _("No intervention is in every one of them.")
    )
    rest = (
        ngettext(
            " %(interventions)s is in none.",
            " %(interventions)s are in none.",
            len(in_none),
            interventions=_some(sides, in_none),
        )
        if in_none
        else ""
    )
    yield _said(finding, rest)
