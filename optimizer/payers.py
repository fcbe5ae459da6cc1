"""Payers (the purses that pay or save), their levels, and the control categories of money."""

from dataclasses import dataclass
from enum import StrEnum

from optimizer.sentence import Sentence


class Level(StrEnum):
    """Who stands behind a purse.

    Examples
    --------
    >>> [level.value for level in Level]
    ['municipality', 'region', 'state', 'citizen', 'other']
    """

    MUNICIPALITY = "municipality"
    REGION = "region"
    STATE = "state"
    CITIZEN = "citizen"
    OTHER = "other"

    @property
    def label(self) -> Sentence:
        """Return the word of the interface."""
        return _LEVELS[self]


class Category(StrEnum):
    """Control category (styringsområde) of an amount.

    Service lies under the national service ceiling; construction and transfers do not.

    Examples
    --------
    >>> [category.value for category in Category]
    ['service', 'construction', 'transfers']
    """

    SERVICE = "service"
    CONSTRUCTION = "construction"
    TRANSFERS = "transfers"

    @property
    def label(self) -> Sentence:
        """Return the word of the interface."""
        return _CATEGORIES[self]


_LEVELS = {
    Level.MUNICIPALITY: Sentence("Kommune", "Municipality"),
    Level.REGION: Sentence("Region", "Region"),
    Level.STATE: Sentence("Stat", "State"),
    Level.CITIZEN: Sentence("Borger", "Citizen"),
    Level.OTHER: Sentence("Andre", "Other"),
}
_CATEGORIES = {
    Category.SERVICE: Sentence("Service", "Service"),
    Category.CONSTRUCTION: Sentence("Anlæg", "Construction"),
    Category.TRANSFERS: Sentence("Overførsler", "Transfers"),
}


@dataclass(frozen=True, slots=True)
class Payer:
    """A purse that pays or saves.

    Examples
    --------
    >>> Payer("stat", "Staten", Level.STATE).name
    'Staten'
    """

    id: str
    name: str
    level: Level


@dataclass(frozen=True, slots=True)
class Department:
    """A part of the municipality that proposes and runs interventions.

    Examples
    --------
    >>> Department("social", "Sociale forhold").id
    'social'
    """

    id: str
    name: str
