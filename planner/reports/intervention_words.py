"""The sentences of an intervention's pages: what is missing, what happened, what comes next."""

from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

STEPS: Final = (
    *("description", "evidence", "options"),
    *("effect", "consequences", "costs"),
    *("flows", "measures", "check"),
)

STEP_WORDS: Final = {
    "description": _l("Description"),
    "evidence": _l("Evidence"),
    "options": _l("Options"),
    "effect": _l("Effect"),
    "consequences": _l("Consequences"),
    "costs": _l("Expenses"),
    "flows": _l("Direct figures"),
    "measures": _l("Measures"),
    "check": _l("Check and submit"),
}

FIELD_WORDS: Final = {
    "title": _l("Title"),
    "summary": _l("What is done, and what for"),
    "target_group": _l("Target group"),
    "supplier": _l("Supplier"),
    "external": _l("The supplier is external"),
    "evidence_stars": _l("Stars"),
    "evidence": _l("What is known"),
    "tags": _l("Words to find it by"),
    "options": _l("Options, amounts and measures"),
    "price_year": _l("Price year"),
    "argument": _l("Effect, consequences and costs"),
    "typed": _l("What is not filled in to the end"),
}

# what a round may ask for
REQUIRED_WORDS: Final = {
    "attachment": _l("At least one attachment"),
    "budget_owner": _l("A budget owner of every saving"),
    "acceptance": _l("The budget owner's acceptance of every cut"),
    "evidence": _l("What is known about the effect"),
    "stars": _l("At least one evidence star"),
    "citizens": _l("How many citizens it helps"),
    "band": _l("A low and a high estimate of the savings"),
    "supplier": _l("Supplier"),
    "tags": _l("Words to find it by"),
}

# what two versions may differ in, besides the fields of text
VERSION_FIELD_WORDS: Final = {
    "option": _l("Option"),
    "pool": _l("The outlay is paid from"),
    "scalable_minimum": _l("Smallest part"),
    "amount": _l("Amount"),
    "low": _l("Low"),
    "high": _l("High"),
    "cashable": _l("Cashable in the form"),
    "measure": _l("Measure"),
    "owner": _l("Budget owner"),
}

# what a comment may stand at
COMMENT_FIELD_WORDS: Final = {
    "": _l("The whole case"),
    "title": _l("Title"),
    "summary": _l("What is done, and what for"),
    "target_group": _l("Target group"),
    "supplier": _l("Supplier"),
    "evidence": _l("Evidence"),
    "options": _l("Options"),
    "effect": _l("Effect"),
    "citizens": _l("Citizens who start"),
    "success": _l("How many succeed with and without"),
    "consequences": _l("Consequences"),
    "costs": _l("Expenses"),
    "flows": _l("Costs and savings"),
    "owners": _l("Budget owners"),
    "measures": _l("Measures"),
}

# what a saving is to the budget
CASHABILITY_WORDS: Final = {
    "budget_cut": _l("Budget cut"),
    "avoided_growth": _l("Avoided growth"),
    "time_freed": _l("Time freed"),
    "none": _l("None of these"),
}

# the stages at which a round may ask for more
ROUND_STAGE_WORDS: Final = {
    "submitted": _l("Required to submit"),
    "assessed": _l("Required to be assessed"),
    "ready": _l("Required to be ready for decision"),
    "approved_by_council": _l("Required to be approved by the council"),
}

ACTION_WORDS: Final = {
    "case.create": _l("created the first draft"),
    "case.import": _l("imported it as accepted"),
    "case.save": _l("saved the draft"),
    "case.submit": _l("submitted it"),
    "case.accept": _l("accepted it"),
    "case.return": _l("returned it"),
    "case.owners": _l("named budget owners"),
    "case.accept_cut": _l("accepted a budget cut"),
    "case.attach": _l("added a file"),
    "case.detach": _l("took a file out"),
    "case.comment": _l("commented on it"),
    "case.resolve_comment": _l("resolved a comment"),
    "case.new_draft": _l("began a new draft"),
    "case.recalculate": _l("recalculated it"),
    "intervention.move": _l("gave the intervention to another department"),
    "intervention.withdraw": _l("withdrew the intervention"),
    "intervention.enter_round": _l("chose a round for the intervention"),
    "intervention.present": _l("presented the intervention to the council"),
    "intervention.assess": _l("wrote down that it has been assessed"),
    "intervention.develop": _l("began the development"),
    "intervention.ready": _l("declared it ready for decision"),
    "intervention.council": _l("wrote down the council's approval"),
    "intervention.mayor": _l("wrote down the mayor's approval"),
    "intervention.agree": _l("wrote down the agreement"),
    "intervention.follow": _l("wrote down the follow-up"),
    "intervention.permanent": _l("made the intervention permanent"),
    "intervention.change": _l("wrote down that the intervention is changed"),
    "intervention.stop": _l("stopped the intervention"),
    "intervention.back": _l("sent the intervention back on its road"),
}

# the buttons of the road
STEP_ACTION_WORDS: Final = {
    "present": _l("Present to the council"),
    "assess": _l("Write down the assessment"),
    "develop": _l("Begin the development"),
    "ready": _l("Declare it ready for decision"),
    "council": _l("Write down the council's approval"),
    "mayor": _l("Write down the mayor's approval"),
    "agree": _l("Write down the agreement"),
    "follow": _l("Write down the follow-up"),
    "permanent": _l("Make it permanent"),
    "change": _l("Write down the change"),
    "stop": _l("Stop the intervention"),
    "back": _l("Send it back on the road"),
}

# name of the field that each gap is about
GAP_FIELDS: Final = {
    "title": "title",
    "summary": "summary",
    "target_group": "target_group",
    "evidence": "evidence",
    "supplier": "supplier",
    "tags": "tags",
    "stars": "stars",
}


def action_word(action: str) -> str:
    """Return what somebody did, in words."""
    return str(ACTION_WORDS.get(action, action))


def field_word(name: str) -> str:
    """Return the label of a field of the case."""
    return str(FIELD_WORDS.get(name, name))


def not_to_the_end(step: str) -> str:
    """Say that a step is not filled in to the end."""
    return _("The step “%(step)s” is not filled in to the end.", step=STEP_WORDS[step])


def gap_sentence(gap: str, *, option: str, line: str, several: bool) -> str:
    """Say what is missing.

    Parameters
    ----------
    gap : str
        Code of `planner.services.case_checks.Gap`.
    option, line : str
        Name of the option, and of the line or year.
    several : bool
        Whether the case has several options, so that the option must be named.
    """
    sentences = {
        "title": _("Write a title."),
        "summary": _("Write what is done, and what for."),
        "target_group": _("Write the target group."),
        "option": _("Add at least one option."),
        "flows": _("Write the costs and savings."),
        "amounts": _("%(line)s: write an amount in at least one year.", line=line),
        "budget_line": _(
            "%(line)s: write the budget line that becomes smaller, or say that the saving is not"
            " cashable.",
            line=line,
        ),
        "typed": line,
        "year": _("%(year)s lies outside the years that the strategy counts.", year=line),
        "evidence": _("Write what is known about the effect, and from where."),
        "citizens": _(
            "Write how many citizens it helps; without it there is no price per citizen."
        ),
        "band": _("Write a low and a high estimate; without them the risk cannot be seen."),
        "budget_owner": _("%(line)s: name the budget owner.", line=line),
        "acceptance": _("%(line)s: the budget owner must accept the cut.", line=line),
        "submitted_case": _("Submit the business case first."),
        "accepted_case": _("Finance must accept the business case first."),
        "attachment": _("Add an attachment."),
        "supplier": _("Write who carries it out."),
        "tags": _("Write the words to find it by."),
        "stars": _("Choose how strong the evidence is: at least one star."),
    }
    sentence = sentences[gap]
    return f"{option}: {sentence}" if option and several else sentence


def next_step(state: str, *, is_mine: bool, is_finance: bool) -> str:
    """Say who does what next."""
    if state == "withdrawn":
        return _("It has been withdrawn and stays visible. Nothing more can be done to it.")
    if state == "draft":
        return (
            _("Fill in the steps and submit the case. Only your department can see the draft.")
            if is_mine
            else _("The department is still writing.")
        )
    if state == "submitted":
        return (
            _("Accept the case, or return it with a reason.")
            if is_finance
            else _("Finance checks the case and accepts it, or returns it with a reason.")
        )
    if state == "returned":
        return (
            _("Begin a new draft, mend what the reason says, and submit it again.")
            if is_mine
            else _("The department mends the case and submits it again.")
        )
    return _("Scenarios can use this version.")
