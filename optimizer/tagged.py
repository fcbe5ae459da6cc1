"""Families of small rules, each a frozen dataclass under a permanent tag.

A tag is what stands in stored plan files; it is never reused and never renamed. Fields may get
new neighbours with a default, but none is reordered in meaning or deleted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from optimizer.sentence import Sentence

T = TypeVar("T", bound="Tagged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """A rule that knows its tag and its name in the interface.

    ``tag``, ``title`` and ``about`` are set by the registry; ``source`` names where a formula or a
    rule comes from.
    """

    tag: ClassVar[str]
    title: ClassVar[Sentence]
    about: ClassVar[Sentence]
    source: ClassVar[str]

    def problems(self) -> Iterator[tuple[str, Sentence]]:
        """Yield (key, sentence) for each rule *between* keys that is broken; key "" is the object.

        Bounds of single fields are checked by the reader from their metadata.
        """
        yield from ()


class Registry(Generic[T]):
    """The classes of one family by tag, in the order in which they were registered."""

    def __init__(self, key: str) -> None:
        #: the JSON key that holds the tag: ``tag``, ``of`` or ``kind``
        self.key = key
        self._classes: dict[str, type[T]] = {}

    def register(
        self, tag: str, *, title: Sentence, about: Sentence, source: str = ""
    ) -> Callable[[type[T]], type[T]]:
        """Return a decorator that files a class under ``tag``.

        Raises
        ------
        ValueError
            The tag is taken: stored plans would change their meaning.
        """
        if tag in self._classes:
            message = f"the tag {tag!r} is taken by {self._classes[tag].__name__}"
            raise ValueError(message)

        def file(cls: type[T]) -> type[T]:
            cls.tag, cls.title, cls.about, cls.source = tag, title, about, source
            self._classes[tag] = cls
            return cls

        return file

    def __getitem__(self, tag: str) -> type[T]:
        """Return the class of ``tag``; KeyError where there is none."""
        return self._classes[tag]

    def __contains__(self, tag: object) -> bool:
        """Return whether ``tag`` is known."""
        return tag in self._classes

    def __iter__(self) -> Iterator[str]:
        """Yield the tags."""
        return iter(self._classes)

    def classes(self) -> tuple[type[T], ...]:
        """Return all classes of the family."""
        return tuple(self._classes.values())
