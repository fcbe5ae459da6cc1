"""What pages say about two candidates that may save the same kroner."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from optimizer.sentence import listing
from planner.access import may_ask
from planner.formats import reader_language
from planner.model import PersonRecord, ScenarioRecord
from planner.services.overlaps import SharedLine


@dataclass(frozen=True, slots=True)
class Pointed:
    """One pair as a page shows it: the sentence, the other one, where the loss is declared."""

    text: str
    links: list[tuple[str, str]]
    declare: list[tuple[str, str]]


def pointed_out(pair: SharedLine, person: PersonRecord, *, on: str = "") -> Pointed:
    """Return a pair in words.

    Parameters
    ----------
    on : str
        Code of the intervention whose page it is; empty on the overview.
    """
    language = reader_language()
    lines = listing(list(pair.budget_lines)).say(language)
    both = (pair.first, pair.second)
    shown = [pair.other_than(on)] if on else list(both)
    if on:
        text = _(
            "It has the same target group (%(group)s) and budget line (%(lines)s) as another"
            " candidate. The same kroner must not be counted twice.",
            group=pair.target_group,
            lines=lines,
        )
    else:
        text = _(
            "The same target group (%(group)s) and budget line (%(lines)s): the same kroner must"
            " not be counted twice.",
            group=pair.target_group,
            lines=lines,
        )
    if pair.declared_in:
        titles = listing([title for _id, title in pair.declared_in]).say(language)
        text += " " + _("The joint loss is declared in %(scenarios)s.", scenarios=titles)
    if pair.apart_in:
        titles = listing([title for _id, title in pair.apart_in]).say(language)
        text += " " + _("Only one of them can be chosen in %(scenarios)s.", scenarios=titles)
    return Pointed(
        text=text,
        links=[(row.title, url_for("interventions.show", code=row.code)) for row in shown],
        declare=[link for scenario in pair.open_in for link in _ways_out(pair, scenario, person)],
    )


def _ways_out(
    pair: SharedLine, scenario: tuple[int, str], person: PersonRecord
) -> list[tuple[str, str]]:
    """Return where the reader may say, in a draft, what the two do to each other."""
    if not may_ask(person, "scenario_rules.add"):
        return []
    scenario_id, title = scenario
    return [
        (
            words,
            url_for(
                "scenario_rules.add",
                scenario_id=scenario_id,
                family="relations",
                tag=tag,
                among=[pair.first.key, pair.second.key],
                category=pair.category if tag == "overlap" else None,
            ),
        )
        for tag, words in (
            ("overlap", _("Declare the joint loss in %(scenario)s", scenario=title)),
            (
                "excludes",
                _(
                    "One is part of the other: let only one be chosen in %(scenario)s",
                    scenario=title,
                ),
            ),
        )
    ]


def unsaid_in(
    scenario: ScenarioRecord,
    pairs: Iterable[SharedLine],
    funded: Collection[str],
    person: PersonRecord,
) -> list[Pointed]:
    """Return the pairs that a scenario has and says nothing of, as its own pages show them.

    Parameters
    ----------
    funded : collection of str
        Keys of the interventions that its result funds: where it has both, the result counts their
        saving twice.
    """
    found = []
    for pair in pairs:
        here = next((one for one in pair.unsaid_in if one[0] == scenario.id), None)
        if here is None:
            continue
        is_counted = {pair.first.key, pair.second.key} <= set(funded)
        said = _(
            "The same target group (%(group)s) and budget line (%(lines)s).",
            group=pair.target_group,
            lines=listing(list(pair.budget_lines)).say(reader_language()),
        )
        if is_counted:
            said += " " + _("Both are funded, so their joint saving may be counted twice.")
        found.append(
            Pointed(
                text=said,
                links=[
                    (row.title, url_for("interventions.show", code=row.code))
                    for row in (pair.first, pair.second)
                ],
                declare=_ways_out(pair, here, person) if scenario.is_draft else [],
            )
        )
    return found
