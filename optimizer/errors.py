"""What can go wrong, as one tree.

BundlinjeError
├── PlanErrors      the document is not a valid plan; carries every PlanError
├── ChoiceErrors    a choice handed to ``evaluate`` does not exist in the plan
└── SolverError     a solver could not be used at all (not: infeasible, which is an answer)
"""

from collections.abc import Iterable
from dataclasses import dataclass

from optimizer.sentence import Sentence


class BundlinjeError(Exception):
    """Base of every error that this library raises on purpose.

    Examples
    --------
    >>> issubclass(PlanErrors, BundlinjeError), issubclass(SolverError, BundlinjeError)
    (True, True)
    """


@dataclass(frozen=True, slots=True)
class PlanError:
    """One mistake in a plan document: where it is and what would be right.

    Parameters
    ----------
    path : str
        Place in the document, e.g. ``interventions[3].options[0].flows[2].payer``; empty for the
        document as a whole.
    message : Sentence
        What was found and what is allowed.

    Examples
    --------
    >>> PlanError("title", Sentence("Mangler.", "Missing.")).say("en")
    'title: Missing.'
    """

    path: str
    message: Sentence

    def say(self, language: str = "da") -> str:
        """Return one line: the path, then the sentence."""
        text = self.message.say(language)
        return f"{self.path}: {text}" if self.path else text


class PlanErrors(BundlinjeError):
    """The document is not a valid plan. ``errors`` holds every mistake, in reading order.

    Examples
    --------
    >>> from optimizer import plan_from_document
    >>> try:
    ...     plan_from_document({"format": "bundlinje-plan/1", "titel": "?"})
    ... except PlanErrors as wrong:
    ...     print(wrong.errors[0].path, len(wrong.errors) > 5)
    titel True
    """

    def __init__(self, errors: Iterable[PlanError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(error.say("en") for error in self.errors))


class ChoiceErrors(BundlinjeError):
    """A choice names options that the plan lacks, or scales that they may not have.

    Examples
    --------
    >>> from optimizer import evaluate
    >>> from optimizer.explain.examples import small_plan
    >>> try:
    ...     evaluate(small_plan(), {"z/base": 1})
    ... except ChoiceErrors as wrong:
    ...     print([sentence.en for sentence in wrong.messages])
    ['“z/base” is not in the plan.']
    """

    def __init__(self, messages: Iterable[Sentence]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(message.en for message in self.messages))


class SolverError(BundlinjeError):
    """A solver is not installed, crashed, or answered something that it cannot mean.

    Examples
    --------
    >>> str(SolverError("CBC is not installed; use HiGHS"))
    'CBC is not installed; use HiGHS'
    """
