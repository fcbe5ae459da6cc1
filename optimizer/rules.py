"""Reading tagged rules (limits, objective terms, relations) from their fields' metadata."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar, get_type_hints

from optimizer.filters import Filter
from optimizer.intervention import Case
from optimizer.payers import Category
from optimizer.quantity import Quantity, is_required, quantities
from optimizer.reading import Json, ObjectReader, Reading, child, shown
from optimizer.sentence import listing, number
from optimizer.tagged import Registry, Tagged

T = TypeVar("T", bound=Tagged)

#: fields of kind ``choice`` whose words are an enumeration of the library
ENUMERATIONS: Mapping[str, type[StrEnum]] = {"case": Case, "category": Category}


@dataclass(frozen=True, slots=True)
class Known:
    """What a rule may refer to."""

    payers: Collection[str]
    departments: Collection[str]
    interventions: Collection[str]
    options: Collection[str]
    measures: Collection[str]
    pools: Collection[str] = ()


def read_rule(
    reading: Reading, value: Json, path: str, registry: Registry[T], known: Known
) -> T | None:
    """Read one rule of a family; None (and notes) where it is not valid."""
    tag = value.get(registry.key) if isinstance(value, Mapping) else None
    if not isinstance(tag, str) or tag not in registry:
        _no_such_tag(reading, value, path, registry)
        return None
    cls = registry[tag]
    about = quantities(cls)
    reader = ObjectReader(reading, value, path, (registry.key, *about))
    noted = len(reading.errors)
    arguments = {}
    for name, meaning in about.items():
        required = is_required(cls, name)
        if not required and reader.value.get(name) is None and meaning.kind != "payers":
            continue
        arguments[name] = read_field(reader, name, meaning, known, required=required)
    if len(reading.errors) > noted:
        return None
    rule = cls(**arguments)
    for key, sentence in rule.problems():
        reader.wrong(key, sentence.da, sentence.en)
    return rule


def _no_such_tag(reading: Reading, value: Json, path: str, registry: Registry[T]) -> None:
    if not isinstance(value, Mapping):
        ObjectReader(reading, value, path, ())
        return
    known = listing(list(registry))
    at = child(path, registry.key)
    if registry.key not in value:
        reading.wrong(at, f"Mangler; kendte: {known.da}.", f"Missing; known: {known.en}.")
    else:
        found = shown(value[registry.key])
        reading.wrong(
            at, f"{found} kendes ikke; kendte: {known.da}.", f"{found} is not known: {known.en}."
        )


def read_field(  # noqa: C901, PLR0911, PLR0912 - one case a kind
    reader: ObjectReader, name: str, about: Quantity, known: Known, *, required: bool
) -> Any:
    """Read one field by its kind, and check its bounds."""
    match about.kind:
        case "kroner":
            return _bounded(reader, name, about, reader.kroner(name, required=required))
        case "number" | "share":
            return _bounded(reader, name, about, reader.number(name, required=required))
        case "count":
            return _bounded(reader, name, about, reader.whole(name, required=required))
        case "year":
            return reader.year(name)
        case "years":
            return _years(reader, name)
        case "kroner_by_year":
            return reader.by_year(
                name, lambda v, p: _amount(reader, v, p, about), required=required
            )
        case "flag":
            return reader.flag(name)
        case "text":
            return reader.text(name, required=required)
        case "payers":
            return _payers(reader, name, known)
        case "payer":
            return reader.reference(name, known.payers)
        case "intervention":
            return reader.reference(name, known.interventions)
        case "interventions":
            return _interventions(reader, name, about, known)
        case "options":
            return reader.references(name, known.options, minimum=0, distinct=True) or ()
        case "fund":
            return _fund(reader, name, known)
        case "measure":
            return reader.reference(name, known.measures)
        case "where":
            return read_filter(reader, name, known)
        case "choice":
            return _choice(reader, name, about)


def _choice(reader: ObjectReader, name: str, about: Quantity) -> Any:
    words = ENUMERATIONS.get(name)
    if words is not None:
        return reader.choice(name, words)
    value = reader.get(name, required=True)
    allowed = [choice.value for choice in about.choices]
    if value is not None and value not in allowed:
        known = listing(allowed)
        reader.wrong(
            name,
            f"{shown(value)} kendes ikke her; kendte: {known.da}.",
            f"{shown(value)} is not known here; known: {known.en}.",
        )
        return None
    return value


def _bounded(
    reader: ObjectReader, name: str, about: Quantity, value: Fraction | int | None
) -> Fraction | int | None:
    if value is not None:
        _check_bounds(reader, reader.at(name), about, value)
    return value


def _check_bounds(reader: ObjectReader, path: str, about: Quantity, value: Fraction | int) -> None:
    found = number(value)
    if about.above is not None and value <= about.above:
        limit = number(about.above)
        reader.reading.wrong(
            path,
            f"Skal være over {limit.da}, ikke {found.da}.",
            f"Must be above {limit.en}, not {found.en}.",
        )
    if about.minimum is not None and value < about.minimum:
        limit = number(about.minimum)
        reader.reading.wrong(
            path,
            f"Skal være mindst {limit.da}, ikke {found.da}.",
            f"Must be at least {limit.en}, not {found.en}.",
        )
    if about.maximum is not None and value > about.maximum:
        limit = number(about.maximum)
        reader.reading.wrong(
            path,
            f"Må højst være {limit.da}, ikke {found.da}.",
            f"May be at most {limit.en}, not {found.en}.",
        )


def _amount(reader: ObjectReader, value: Json, path: str, about: Quantity) -> int | None:
    amount = reader.whole_value(value, path, kroner=True)
    if amount is not None:
        _check_bounds(reader, path, about, amount)
    return amount


def _years(reader: ObjectReader, name: str) -> tuple[int, int] | None:
    items = reader.items(name)
    years = [reader.year_value(item, path) for item, path in items]
    if len(items) != 2 or any(y is None for y in years):  # noqa: PLR2004 - first and last
        if len(items) != 2:  # noqa: PLR2004
            reader.wrong(name, "Skriv [første, sidste] år.", "Write [first, last] year.")
        return None
    first, last = years[0] or 0, years[1] or 0
    if first > last:
        reader.wrong(
            name,
            f"Det første år ({first}) ligger efter det sidste ({last}).",
            f"The first year ({first}) lies after the last ({last}).",
        )
        return None
    return first, last


def _payers(reader: ObjectReader, name: str, known: Known) -> frozenset[str] | None:
    if reader.value.get(name) == "all":
        return None
    found = reader.references(name, known.payers, minimum=1, distinct=True)
    return frozenset(found or ())


def _fund(reader: ObjectReader, name: str, known: Known) -> str | None:
    fund = reader.text(name)
    if fund is not None and fund in known.pools:
        reader.wrong(
            name,
            f"{shown(fund)} er en pulje; en effektfond har sit eget navn.",
            f"{shown(fund)} is a pool; an outcome fund has a name of its own.",
        )
        return None
    return fund


def _interventions(
    reader: ObjectReader, name: str, about: Quantity, known: Known
) -> tuple[str, ...]:
    minimum = int(about.minimum or 0)
    found = reader.references(name, known.interventions, minimum=minimum, distinct=True) or ()
    if about.maximum is not None and len(found) > about.maximum:
        most = int(about.maximum)
        reader.wrong(name, f"Skriv netop {most}.", f"Write exactly {most}.")
    return found


def read_filter(reader: ObjectReader, name: str, known: Known) -> Filter | None:
    """Read the filter at ``name``."""
    keys = tuple(get_type_hints(Filter))
    inner = ObjectReader(reader.reading, reader.value[name], reader.at(name), keys)
    stars = inner.whole("stars_at_least", required=False)
    if stars is not None and not 0 <= stars <= 3:  # noqa: PLR2004 - the scale of stars
        inner.wrong("stars_at_least", "Skriv 0, 1, 2 eller 3.", "Write 0, 1, 2 or 3.")
    given = inner.value
    return Filter(
        departments=inner.references("departments", known.departments, required=False),
        target_groups=inner.texts("target_groups", required=False),
        suppliers=inner.texts("suppliers", required=False),
        external=inner.flag("external", default=False)
        if given.get("external") is not None
        else None,
        stars_at_least=stars,
        tags=inner.texts("tags", required=False),
        interventions=inner.references("interventions", known.interventions, required=False),
        options=inner.references("options", known.options, required=False),
    )
