"""Filters: which options a limit looks at."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from optimizer.intervention import Intervention, Option, option_key
from optimizer.sentence import Sentence, listing

if TYPE_CHECKING:
    from optimizer.scenario import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Every given key must hold; a filter without keys lets everything through.

    ``tags`` holds when the intervention has any of them; ``options`` names ``intervention/option``.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> only = Filter(interventions=("a", "b"), stars_at_least=0)
    >>> [key for key, pair in small_plan().options.items() if only.matches(*pair)]
    ['a/base', 'b/base']
    """

    departments: tuple[str, ...] | None = None
    target_groups: tuple[str, ...] | None = None
    suppliers: tuple[str, ...] | None = None
    external: bool | None = None
    stars_at_least: int | None = None
    tags: tuple[str, ...] | None = None
    interventions: tuple[str, ...] | None = None
    options: tuple[str, ...] | None = None

    def matches(self, intervention: Intervention, option: Option) -> bool:
        """Return whether the option counts."""
        return (
            (self.departments is None or intervention.department in self.departments)
            and (self.target_groups is None or intervention.target_group in self.target_groups)
            and (self.suppliers is None or intervention.supplier in self.suppliers)
            and (self.external is None or intervention.external is self.external)
            and (self.stars_at_least is None or intervention.evidence_stars >= self.stars_at_least)
            and (self.tags is None or bool(set(self.tags) & set(intervention.tags)))
            and (self.interventions is None or intervention.id in self.interventions)
            and (self.options is None or option_key(intervention, option) in self.options)
        )

    @property
    def is_empty(self) -> bool:
        """Return whether no key is given."""
        return all(getattr(self, f.name) is None for f in fields(self))

    def sentence(self, plan: "Plan") -> Sentence:
        """Return what is let through as words that can follow "to", e.g. ``Beskæftigelse``."""
        parts = [part for part in self._parts(plan) if part.da]
        return Sentence(", ".join(p.da for p in parts), ", ".join(p.en for p in parts))

    def _parts(self, plan: "Plan") -> list[Sentence]:
        either = Sentence("eller", "or")
        names = {d.id: d.name for d in plan.departments}
        titles = {i.id: i.title for i in plan.interventions}
        parts = []
        if self.departments is not None:
            parts.append(listing([names.get(d, d) for d in self.departments]))
        if self.external is not None:
            parts.append(
                Sentence("eksterne leverandører", "external suppliers")
                if self.external
                else Sentence("interne leverandører", "internal suppliers")
            )
        if self.suppliers is not None:
            parts.append(listing(list(self.suppliers), either))
        if self.tags is not None:
            parts.append(_quoted(self.tags))
        if self.target_groups is not None:
            groups = _quoted(self.target_groups)
            parts.append(Sentence(f"målgruppen {groups.da}", f"the target group {groups.en}"))
        if self.stars_at_least is not None:
            n = self.stars_at_least
            stars_da, stars_en = ("stjerne", "star") if n == 1 else ("stjerner", "stars")
            parts.append(
                Sentence(
                    f"indsatser med mindst {n} {stars_da}", f"those with at least {n} {stars_en}"
                )
            )
        if self.interventions is not None:
            parts.append(listing([titles.get(i, i) for i in self.interventions]))
        if self.options is not None:
            parts.append(listing(list(self.options)))
        return parts


def _quoted(words: Iterable[str]) -> Sentence:
    """Return words in each language's quotation marks: »a« eller »b«, “a” or “b”."""
    found, either = list(words), Sentence("eller", "or")
    return Sentence(
        listing([f"»{word}«" for word in found], either).da,
        listing([f"“{word}”" for word in found], either).en,
    )


def within(where: Filter | None, plan: "Plan", word: Sentence) -> Sentence:
    """Return `` til Beskæftigelse`` with the given preposition, or nothing without a filter."""
    if where is None or where.is_empty:
        return Sentence("", "")
    words = where.sentence(plan)
    return Sentence(f" {word.da} {words.da}", f" {word.en} {words.en}")
