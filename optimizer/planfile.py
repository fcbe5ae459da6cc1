"""The plan file: the one reader and the one writer of ``bundlinje-plan/1``.

Optional keys beyond the published format: ``reason`` on every relation (the format has it on
overlaps), for the interface's habit of asking why; ``then`` of an objective (see
:mod:`optimizer.plan_reader`); ``contract`` of an option (see :mod:`optimizer.contract_reader`).
Where they are absent a plan keeps the name that it has without them.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from optimizer.errors import PlanError, PlanErrors
from optimizer.financing import PaymentTerms
from optimizer.intervention import CashFlow, Intervention, Measure, Option
from optimizer.outcome import ExplicitOutcomes, SampledOutcomes
from optimizer.plan_reader import FORMAT, read_document
from optimizer.pool import InvestmentPool
from optimizer.reading import Doubled, Json
from optimizer.scenario import Plan, Scenario
from optimizer.sentence import Sentence
from optimizer.writing import canonical_text, plain, plain_number, tagged_document

LONGEST_FILE = 200_000_000


def read_plan(source: str | Path | TextIO) -> Plan:
    """Read a plan file; ``"-"`` is standard input.

    Raises
    ------
    PlanErrors
        The document is not valid; carries every mistake with its place.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from optimizer.explain.examples import small_plan
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_plan(small_plan(), Path(folder) / "plan.json")
    ...     read_plan(Path(folder) / "plan.json") == small_plan()
    True
    """
    if isinstance(source, (str, Path)):
        if str(source) == "-":
            return plan_from_text(sys.stdin.read())
        return plan_from_text(Path(source).read_bytes())
    return plan_from_text(source.read())


def plan_from_text(text: str | bytes) -> Plan:
    """Return the plan that a JSON text holds. Raises :class:`PlanErrors`.

    Examples
    --------
    >>> import json
    >>> from optimizer.explain.examples import small_plan
    >>> plan_from_text(json.dumps(plan_document(small_plan()))) == small_plan()
    True
    """
    return plan_from_document(parse(text))


def plan_from_document(document: Json) -> Plan:
    """Return the plan that a parsed document holds. Raises :class:`PlanErrors`.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> document = plan_document(small_plan())
    >>> document["scenario"]["pools"][0]["total"] = 3_000_000
    >>> plan_from_document(document).scenario.pools[0].total
    3000000
    """
    return read_document(document)


def parse(text: str | bytes) -> Json:
    """Return the JSON value of a text, remembering doubled keys. Raises :class:`PlanErrors`."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_object)
    except UnicodeDecodeError:
        _unreadable("Filen er ikke UTF-8-tekst.", "The file is not UTF-8 text.")
    except json.JSONDecodeError as error:
        place_da, place_en = (
            f"linje {error.lineno}, tegn {error.colno}",
            f"line {error.lineno}, column {error.colno}",
        )
        _unreadable(
            f"Filen kan ikke læses som JSON: fejl i {place_da}.",
            f"The file cannot be read as JSON: mistake at {place_en}.",
        )
    except RecursionError:
        _unreadable("Filen er indlejret for dybt.", "The file is nested too deeply.")
    except ValueError:
        _unreadable("Filen har et tal, der er for langt.", "The file has a number too long.")


def _unreadable(da: str, en: str) -> None:
    raise PlanErrors([PlanError("", Sentence(da, en))]) from None


def _object(pairs: list[tuple[str, Json]]) -> Doubled:
    value = Doubled(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        doubled = []
        for key, _ in pairs:
            if key in seen and key not in doubled:
                doubled.append(key)
            seen.add(key)
        value.doubled = tuple(doubled)
    return value


# ---- writing ----


def write_plan(plan: Plan, path: str | Path) -> None:
    """Write a plan file that reads back as an equal plan.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from optimizer.explain.examples import small_plan
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "plan.json"
    ...     write_plan(small_plan(), path)
    ...     path.read_text(encoding="utf-8").splitlines()[1]
    ' "format": "bundlinje-plan/1",'
    """
    text = json.dumps(plan_document(plan), ensure_ascii=False, indent=1)
    Path(path).write_text(text + "\n", encoding="utf-8")


def plan_sha256(plan: Plan) -> str:
    """Return the SHA-256 of the canonical JSON: defaults filled in, lists with ids sorted by id.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> plan_sha256(small_plan()) == plan_sha256(small_plan())
    True
    >>> len(plan_sha256(small_plan()))
    64
    """
    text = canonical_text(plan_document(plan, full=True))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def plan_document(plan: Plan, *, full: bool = False) -> dict[str, Json]:
    """Return the document of a plan.

    Parameters
    ----------
    full : bool
        The canonical form: every default written, lists of things with ids sorted by id.

    Examples
    --------
    >>> from optimizer.explain.examples import small_plan
    >>> plan_document(small_plan())["payers"]
    [{'id': 'm', 'name': 'The municipality', 'level': 'municipality'}]
    """
    document: dict[str, Json] = {
        "format": FORMAT,
        "title": plan.title,
        "price_year": plan.price_year,
        "budget_year": plan.budget_year,
        "budget_years": plan.budget_years,
        "horizon": list(plan.horizon),
        "discount": [
            {"after_year": s.after_year, "rate": plain_number(s.rate)} for s in plan.discount
        ],
        "payers": _by_id(
            [{"id": p.id, "name": p.name, "level": p.level.value} for p in plan.payers], full
        ),
        "departments": _by_id([{"id": d.id, "name": d.name} for d in plan.departments], full),
        "interventions": _by_id(
            [intervention_document(i, full=full) for i in plan.interventions], full
        ),
        "relations": [tagged_document(r, "kind", full=full) for r in plan.relations],
        "outcomes": _outcomes(plan),
        "scenario": {
            "title": plan.scenario.title,
            "pools": _by_id([_pool(p, full=full) for p in plan.scenario.pools], full),
            "objective": _objective(plan.scenario, full=full),
            "constraints": [
                tagged_document(c, "tag", full=full) for c in plan.scenario.constraints
            ],
        },
    }
    if not full:
        for key in ("relations", "outcomes"):
            if not document[key]:
                del document[key]
    return document


def _objective(scenario: Scenario, *, full: bool) -> dict[str, Json]:
    document: dict[str, Json] = {
        "terms": [tagged_document(t, "of", full=full) for t in scenario.objective]
    }
    if scenario.then:  # never as an empty list: it would change what older plans are named by
        document["then"] = [
            {
                "terms": [tagged_document(t, "of", full=full) for t in one.terms],
                "within": plain_number(one.within),
            }
            for one in scenario.then
        ]
    return document


def _by_id(items: list[dict[str, Json]], full: bool) -> list[dict[str, Json]]:  # noqa: FBT001
    return sorted(items, key=lambda item: item["id"]) if full else items


def _given(
    document: dict[str, Json], defaults: Mapping[str, Json], *, full: bool
) -> dict[str, Json]:
    """Return the document without the keys that hold their default, unless ``full``."""
    if full:
        return document
    return {k: v for k, v in document.items() if k not in defaults or v != defaults[k]}


def intervention_document(intervention: Intervention, *, full: bool = False) -> dict[str, Json]:
    """Return the plan file's object of one intervention."""
    document: dict[str, Json] = {
        "id": intervention.id,
        "title": intervention.title,
        "department": intervention.department,
        "target_group": intervention.target_group,
        "supplier": intervention.supplier,
        "external": intervention.external,
        "evidence_stars": intervention.evidence_stars,
        "tags": list(intervention.tags),
        "force": intervention.force.value if intervention.force else None,
        "force_reason": intervention.force_reason,
        "options": _by_id([_option(o, full=full) for o in intervention.options], full),
    }
    defaults: dict[str, Json] = {
        "target_group": None,
        "supplier": None,
        "external": False,
        "evidence_stars": 0,
        "tags": [],
        "force": None,
        "force_reason": None,
    }
    return _given(document, defaults, full=full)


def _option(option: Option, *, full: bool) -> dict[str, Json]:
    scalable = option.minimum_scale
    document = {
        "id": option.id,
        "title": option.title,
        "pool": option.pool,
        "scalable": None if scalable is None else {"minimum": plain_number(scalable)},
        "flows": [_flow(f, full=full) for f in option.flows],
        "measures": {name: _measure(m) for name, m in sorted(option.measures.items())},
    }
    if option.contract is not None:  # never as null: it would change what older plans are named by
        document["contract"] = contract_document(option.contract, full=full)
    return _given(document, {"title": None, "scalable": None, "measures": {}}, full=full)


def contract_document(terms: PaymentTerms, *, full: bool = False) -> dict[str, Json]:
    """Return the plan file's object of an outcome contract.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from optimizer.financing import PaymentTerms
    >>> contract_document(PaymentTerms("m", 2030, of=("m",), until=2030, share=Fraction(1, 2)))
    {'payer': 'm', 'year': 2030, 'share': 0.5}
    """
    document: dict[str, Json] = {
        "payer": terms.payer,
        "year": terms.year,
        "of": list(terms.of),
        "until": terms.until,
        "share": plain_number(terms.share),
        "fixed": terms.fixed,
        "prices": [
            {
                "measure": one.outcome,
                "price": plain_number(one.price),
                "threshold": plain_number(one.threshold),
            }
            for one in terms.prices
        ],
        "cap": terms.cap,
        "gate": terms.gate,
        "category": terms.category.value,
        "kind": terms.kind.value,
    }
    defaults: dict[str, Json] = {
        "of": [terms.payer],
        "until": terms.year,
        "share": 0,
        "fixed": 0,
        "prices": [],
        "cap": None,
        "gate": None,
        "category": "service",
        "kind": "cost",
    }
    return _given(document, defaults, full=full)


def _flow(flow: CashFlow, *, full: bool) -> dict[str, Json]:
    document = {
        "year": flow.year,
        "payer": flow.payer,
        "category": flow.category.value,
        "kind": flow.kind.value,
        "amount": flow.amount,
        "low": flow.low,
        "high": flow.high,
        "cashable": flow.cashable,
        "budget_line": flow.budget_line,
    }
    if flow.kind.value != "saving":
        del document["cashable"]
    defaults: dict[str, Json] = {
        "low": flow.amount,
        "high": flow.amount,
        "cashable": True,
        "budget_line": None,
    }
    return _given(document, defaults, full=full)


def _measure(measure: Measure) -> Json:
    if measure.by_year is None:
        return plain_number(measure.total)
    return plain(measure.by_year)


def _pool(pool: InvestmentPool, *, full: bool) -> dict[str, Json]:
    document: dict[str, Json] = {"id": pool.id, "name": pool.name, "kind": pool.kind.value}
    if pool.total is not None:
        document["total"] = pool.total
        return document
    document["paid_in"] = plain(pool.paid_in)
    document["carry_over"] = pool.carry_over
    terms = pool.repayment
    if terms is not None:
        document["repayment"] = {
            "share": plain_number(terms.share),
            "payers": list(terms.payers),
            "case": terms.case.value,
            "available": terms.available.value,
        }
    elif full:
        document["repayment"] = None
    return document


def _outcomes(plan: Plan) -> Json:
    match plan.outcomes:
        case ExplicitOutcomes(net_saving=values):
            return {"net_saving": {k: [plain_number(x) for x in v] for k, v in values.items()}}
        case SampledOutcomes(count=count, seed=seed, correlation=correlation):
            shares = {name: plain_number(share) for name, share in correlation.items()}
            return {"sample": {"count": count, "seed": seed, "correlation": shares}}
    return None
