"""Reading the outcomes of a plan document."""

from collections.abc import Mapping
from fractions import Fraction

from optimizer.outcome import ExplicitOutcomes, Outcomes, SampledOutcomes
from optimizer.reading import ObjectReader, Reading
from optimizer.rules import Known


def read_outcomes(reading: Reading, top: ObjectReader, known: Known) -> Outcomes | None:
    """Return the outcomes of a plan document; None where it has none."""
    value = top.value.get("outcomes")
    if value is None:
        return None
    reader = ObjectReader(reading, value, "outcomes", ("net_saving", "sample"))
    if reader.has("net_saving") == reader.has("sample"):
        reader.wrong(
            "", "Skriv netop ét af net_saving og sample.", "Write one of net_saving and sample."
        )
        return None
    return (
        _explicit(reading, reader, known) if reader.has("net_saving") else _sample(reading, reader)
    )


def _explicit(reading: Reading, outcomes: ObjectReader, known: Known) -> ExplicitOutcomes:
    value = outcomes.value["net_saving"]
    names = tuple(value) if isinstance(value, Mapping) else ()
    reader = ObjectReader(reading, value, "outcomes.net_saving", names)
    lists: dict[str, tuple[Fraction, ...]] = {}
    for name in names:
        reader.exists(name, reader.at(name), known.options)
        items = reader.items(name, minimum=1)
        numbers = [reader.number_value(item, path) for item, path in items]
        lists[name] = tuple(n for n in numbers if n is not None)
        first = next(iter(lists.values()))
        if len(lists[name]) == len(items) and len(first) != len(items):
            reader.wrong(
                name,
                f"Listen har {len(items)} udfald, den første har {len(first)}.",
                f"The list has {len(items)} outcomes, the first has {len(first)}.",
            )
    return ExplicitOutcomes(lists)


def _sample(reading: Reading, outcomes: ObjectReader) -> SampledOutcomes:
    keys = ("count", "seed", "correlation")
    reader = ObjectReader(reading, outcomes.value["sample"], outcomes.at("sample"), keys)
    count, seed = reader.whole("count"), reader.whole("seed")
    if count is not None and count < 1:
        reader.wrong("count", "Skal være mindst 1.", "Must be at least 1.")
    if seed is not None and seed < 0:
        reader.wrong("seed", "Skal være mindst 0.", "Must be at least 0.")
    names = ("target_group", "department", "all")
    value = reader.get("correlation", required=True)
    shares: dict[str, Fraction] = {}
    if value is not None:
        inner = ObjectReader(reading, value, reader.at("correlation"), names)
        for name in names:
            share = inner.number(name, required=False) or Fraction(0)
            if not 0 <= share <= 1:
                inner.wrong(name, "Skriv en andel fra 0 til 1.", "Write a share from 0 to 1.")
            shares[name] = share
        if sum(shares.values()) > 1:
            inner.wrong("", "De tre er tilsammen over 1.", "The three are above 1 together.")
    return SampledOutcomes(count or 1, seed or 0, shares)
