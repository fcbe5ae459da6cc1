"""The document ``bundlinje-explanation/1``.

Beyond the published format, where there is something to say and only there: ``status`` and
``bound`` of a best plan that is not proved; ``exact`` false at a row of which more or less is not
proved; ``releases``, the rules without a number (a force, a relation) that make a plan possible
when they are left out; ``proved`` false at a loosening, and ``conflict_proved`` false, where the
time did not suffice. A ``price_gap`` of null says that no end of the price is known.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Protocol

from optimizer.allocation import Status
from optimizer.explain.elastic import Amount
from optimizer.explain.explaining import Explanation
from optimizer.explain.loosening import Loosening, Release
from optimizer.explain.prices import Price
from optimizer.explain.rows import LimitPrice
from optimizer.explain.sentences import price_sentence
from optimizer.sentence import Sentence
from optimizer.writing import number_or_null, plain_number

FORMAT = "bundlinje-explanation/1"
DIGITS = 12  # of estimates, which are floats


def explanation_document(explanation: Explanation, language: str = "da") -> dict[str, Any]:
    """Return the document; sentences in both languages, labels in one."""
    conflict, ways = explanation.conflict, explanation.ways_out
    document: dict[str, Any] = {
        "format": FORMAT,
        "objective": number_or_null(explanation.objective),
        "interventions": _interventions(explanation, language),
        "rows": [_row(row, language) for row in explanation.rows],
        "conflict": [_rule(r, language) for r in conflict.rules] if conflict else [],
        "loosening": [_loosening(one, language) for one in ways.loosenings],
    }
    if explanation.status not in {Status.OPTIMAL, Status.INFEASIBLE}:
        document |= {"status": explanation.status.value, "bound": number_or_null(explanation.bound)}
    if ways.releases:
        document["releases"] = [_release(one, language) for one in ways.releases]
    if conflict is not None and not conflict.is_proved:
        document["conflict_proved"] = False
    return document


class _Placed(Protocol):
    """Whatever has a place in the plan and says something."""

    @property
    def path(self) -> str: ...

    @property
    def label(self) -> Sentence: ...


def _rule(rule: _Placed, language: str) -> dict[str, Any]:
    return {"path": rule.path, "label": rule.label.say(language)}


def _interventions(explanation: Explanation, language: str) -> list[dict[str, Any]]:
    known = explanation.price_of
    nothing = {i.id: Price(i.id, chosen=False, price=None, gap=Fraction(0)) for i in
               explanation.plan.interventions}  # fmt: skip
    return [
        _intervention(explanation, known.get(name, nothing[name]), language) for name in nothing
    ]


def _intervention(explanation: Explanation, price: Price, language: str) -> dict[str, Any]:
    words = price_sentence(explanation, price)
    return {
        "intervention": price.intervention,
        "chosen": price.chosen,
        "price_to_enter": number_or_null(price.price_to_enter),
        "price_of_leaving_out": number_or_null(price.price_of_leaving_out),
        "price_gap": number_or_null(price.gap),
        "blocked_by": [_rule(b, language) for b in price.blocked_by],
        "replaced_by": list(price.replaced_by),
        "sentence": {"da": words.da, "en": words.en},
    }


def _row(row: LimitPrice, language: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        **_rule(row, language),
        "year": row.year,
        "price": _estimate(row.price),
        "valid_from": _end(row.valid_from, row),
        "valid_to": _end(row.valid_to, row),
        "more_buys": number_or_null(row.more_buys),
        "less_costs": number_or_null(row.less_costs),
    }
    if not row.is_exact:
        document["exact"] = False
    return document


def _estimate(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def _end(value: float | None, row: LimitPrice) -> float | None:
    """Return an end of a range; a hundredth of a krone says no more than the solver knows."""
    return None if value is None else round(value, 2 if row.limit.is_money else 6) + 0.0


def _loosening(one: Loosening, language: str) -> dict[str, Any]:
    document = {
        **_rule(one, language),
        "by": _amount(one.by),
        "objective": number_or_null(one.objective),
    }
    return document if one.is_proved else {**document, "proved": False}


def _release(one: Release, language: str) -> dict[str, Any]:
    document = {**_rule(one.rule, language), "objective": number_or_null(one.objective)}
    return document if one.is_proved else {**document, "proved": False}


def _amount(by: Amount) -> Any:
    if isinstance(by, Mapping):
        return {str(year): amount for year, amount in sorted(by.items())}
    return plain_number(by)
