"""What can be wrong with a case: its document, or what it is computed with."""

from optimizer.errors import BundlinjeError, PlanErrors
from optimizer.sentence import Sentence


class CaseError(BundlinjeError):
    """A case needs something that it was not computed with: an index, a rule, a payer.

    Examples
    --------
    >>> CaseError(Sentence("Mangler.", "Missing.")).message.da
    'Mangler.'
    """

    def __init__(self, message: Sentence) -> None:
        self.message = message
        super().__init__(message.en)


class CaseErrors(PlanErrors):
    """The document is not a valid case. ``errors`` holds every mistake, in reading order.

    Examples
    --------
    >>> from optimizer.cases import case_from_document
    >>> try:
    ...     case_from_document({"format": "bundlinje-case/1", "prisår": 2026})
    ... except CaseErrors as wrong:
    ...     print([error.path for error in wrong.errors])
    ['prisår', 'price_year']
    """
