"""What a case cannot be computed with."""

from optimizer.errors import BundlinjeError
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
