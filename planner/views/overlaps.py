"""What pages say about two candidates that may save the same kroner."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from optimizer.sentence import listing
from planner.access import may_ask
from planner.formats import reader_language
from planner.model import PersonRecord
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
    may = may_ask(person, "scenario_rules.add")
    return Pointed(
        text=text,
        links=[(row.title, url_for("interventions.show", code=row.code)) for row in shown],
        declare=[
            (
                _("Declare the joint loss in %(scenario)s", scenario=title),
                url_for(
                    "scenario_rules.add",
                    scenario_id=scenario_id,
                    family="relations",
                    tag="overlap",
                    among=[row.key for row in both],
                ),
            )
            for scenario_id, title in pair.open_in
            if may
        ],
    )
