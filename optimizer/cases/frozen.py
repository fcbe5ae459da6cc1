"""A mapping that cannot be changed, so that a case and everything in it can be hashed."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Frozen(Mapping[K, V], Generic[K, V]):
    """The pairs of a mapping in ascending keys, never changed again.

    Examples
    --------
    >>> row = Frozen({2028: 10, 2027: 20})
    >>> list(row), row[2028], row == {2027: 20, 2028: 10}
    ([2027, 2028], 10, True)
    """

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Mapping[K, V]) -> None:
        self._pairs = {key: pairs[key] for key in sorted(pairs)}  # type: ignore[type-var]

    def __getitem__(self, key: K) -> V:
        """Return the value of a key."""
        return self._pairs[key]

    def __iter__(self) -> Iterator[K]:
        """Return the keys in ascending order."""
        return iter(self._pairs)

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self._pairs)

    def __hash__(self) -> int:
        """Return the same number for equal pairs."""
        return hash(tuple(self._pairs.items()))

    def __repr__(self) -> str:
        """Return text that could be pasted back."""
        return f"Frozen({self._pairs!r})"


def freeze(value: object, *names: str) -> None:
    """Replace the named mappings of a frozen dataclass by :class:`Frozen` ones.

    For ``__post_init__``; anything that is not a mapping stays.
    """
    for name in names:
        given = getattr(value, name)
        if isinstance(given, Mapping) and not isinstance(given, Frozen):
            object.__setattr__(value, name, Frozen(given))
