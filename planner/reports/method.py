"""The method, rule by rule, from the classes that compute it: it cannot say anything else."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from optimizer.constraints import Constraint, constraints
from optimizer.method import FOUNDATIONS, KINDS, SUMS, formula_of
from optimizer.objectives import objectives
from optimizer.pool import InvestmentPool, Repayment
from optimizer.quantity import Quantity, is_required, quantities
from optimizer.relations import relations
from optimizer.sentence import number
from optimizer.tagged import Registry
from planner.formats import Language
from planner.reports.values import Cell, Column, Row, Table


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule or sum: its name, what it is about, its formula, its fields, its source.

    Parameters
    ----------
    formula : str
        What the class says of itself, in English, with its lines as they stand.
    fields : Table or None
        None where it asks for nothing of its own.
    """

    name: str
    about: str
    formula: str
    fields: Table | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Rules of one kind."""

    anchor: str
    title: str
    rules: tuple[Rule, ...]


def method_chapters(*, language: Language) -> tuple[Chapter, ...]:
    """Return every registered goal, relation and limit, and how money is added up."""
    writer = _Writer(language)
    return (
        Chapter("goals", _("What is maximised"), writer.family(objectives)),
        Chapter("limits", _("Limits"), writer.family(constraints, shared=Constraint)),
        Chapter("relations", _("Relations between interventions"), writer.family(relations)),
        Chapter(
            "sums",
            _("How it is added up"),
            tuple(
                Rule(_named(one.__name__), "", formula_of(one))
                for one in (*FOUNDATIONS, *SUMS, InvestmentPool, Repayment)
            ),
        ),
    )


def _named(name: str) -> str:
    known = {
        "CashFlow": _("Cash flow"),
        "Option": _("Option"),
        "Intervention": _("Intervention"),
        "Measure": _("Measure"),
        "DiscountFactors": _("Discounting"),
        "payback_year": _("Year of payback"),
        "repaid": _("Repaid"),
        "net": _("Net saving"),
        "InvestmentPool": _("Investment pool"),
        "Repayment": _("Repayment"),
    }
    return known.get(name, name)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes rules in a reader's language."""

    language: Language

    def family(self, registry: Registry[Any], shared: type | None = None) -> tuple[Rule, ...]:
        """Return the rules of a registry; fields that all of them share are left out."""
        common = frozenset(quantities(shared)) if shared else frozenset[str]()
        return tuple(self._rule(cls, common) for cls in registry.classes())

    def _rule(self, cls: type[Any], common: frozenset[str]) -> Rule:
        return Rule(
            name=cls.title.say(self.language),
            about=cls.about.say(self.language),
            formula=formula_of(cls),
            fields=self._fields(cls, common),
            source=cls.source,
        )

    def _fields(self, cls: type[Any], common: frozenset[str]) -> Table | None:
        found = {name: about for name, about in quantities(cls).items() if name not in common}
        if not found:
            return None
        title = cls.title.say(self.language)
        return Table(
            title=_("Fields of %(rule)s", rule=title),
            caption="",
            columns=(
                Column("field", _("Field")),
                Column("kind", _("Is")),
                Column("bounds", _("Bounds")),
            ),
            rows=tuple(
                Row(
                    (
                        Cell(
                            about.label.say(self.language),
                            note=about.help.say(self.language) or None,
                        ),
                        Cell(self._kind(about)),
                        Cell(self._bounds(cls, name, about)),
                    )
                )
                for name, about in found.items()
            ),
        )

    def _kind(self, about: Quantity) -> str:
        if about.kind == "choice":
            return " / ".join(choice.label.say(self.language) for choice in about.choices)
        said = KINDS[about.kind].say(self.language)
        unit = about.unit.say(self.language)
        return said if unit in {"", "kr."} else f"{said}, {unit}"

    def _bounds(self, cls: type[Any], name: str, about: Quantity) -> str:
        def shown(value: Any) -> str:
            return number(value).say(self.language)

        parts = [_("required") if is_required(cls, name) else _("may be left out")]
        if about.above is not None:
            parts.append(_("above %(least)s", least=shown(about.above)))
        if about.kind != "share":
            if about.minimum is not None:
                parts.append(_("at least %(least)s", least=shown(about.minimum)))
            if about.maximum is not None:
                parts.append(_("at most %(bound)s", bound=shown(about.maximum)))
        return ", ".join(parts)
