"""The result document ``bundlinje-allocation/1``."""

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from optimizer.allocation import Allocation, PoolYear, RowResult
from optimizer.appraisal import PayerTotals
from optimizer.planfile import plan_sha256
from optimizer.writing import plain_number

if TYPE_CHECKING:  # numpy takes a while to load, and few plans have outcomes
    from optimizer.risk import Risk

FORMAT = "bundlinje-allocation/1"
PHASES = ("read", "build", "transfer", "solve", "check")


def result_document(allocation: Allocation, language: str) -> dict[str, Any]:
    """Return the document; labels in ``language``.

    Where the plan has outcome funds, ``contributions`` says what each payer gains and puts in,
    present values. Where it has outcomes, ``risk`` describes the distribution of the discounted net
    saving of the risk limits' payers. Beyond the published format: ``equally_good``, a list of
    swaps that give a plan just as good, where any were found; ``objectives_in_order``, where there
    are any after the first.
    """
    document: dict[str, Any] = {
        "format": FORMAT,
        "plan_sha256": plan_sha256(allocation.plan),
        "status": allocation.status.value,
        "objective": _number(allocation.objective),
        "bound": _number(allocation.bound),
        "gap": None if allocation.gap is None else float(allocation.gap),
        "chosen": _chosen(allocation),
        "pools": _pools(allocation) if allocation.has_plan else [],
        "totals": _totals(allocation) if allocation.has_plan else None,
        "rows": [_row(result, language) for result in allocation.rows],
        "solver": _solver(allocation),
        "seconds": {phase: round(allocation.seconds.get(phase, 0.0), 6) for phase in PHASES},
    }
    if allocation.contributions:
        document["contributions"] = [
            {
                "fund": part.fund,
                "payer": part.payer,
                "gain": _number(part.gain),
                "contribution": _number(part.contribution),
            }
            for part in allocation.contributions
        ]
    if allocation.later:
        document["objectives_in_order"] = [
            {
                "objective": _number(later.objective),
                "bound": _number(later.bound),
                "status": later.status.value,
            }
            for later in allocation.later
        ]
    if allocation.risk:
        document["risk"] = _risk(allocation.risk)
    if allocation.equally_good:
        document["equally_good"] = [
            {"without": list(swap.without), "instead": list(swap.instead)}
            for swap in allocation.equally_good
        ]
    return document


def _risk(risk: "Risk") -> dict[str, Any]:
    return {
        "payers": "all" if risk.payers is None else sorted(risk.payers),
        "outcomes": risk.outcomes,
        "mean": _number(risk.mean),
        "worst": _number(risk.worst),
        "best": _number(risk.best),
        "expected_shortfall": [
            {"level": plain_number(level), "loss": _number(loss)}
            for level, loss in risk.expected_shortfall
        ],
        "chance_of_loss": _number(risk.chance_of_loss),
    }


def _number(value: Fraction | None) -> int | float | None:
    return None if value is None else plain_number(value)


def _chosen(allocation: Allocation) -> list[dict[str, Any]]:
    return [
        {"intervention": i.id, "option": o.id, "scale": plain_number(scale)}
        for _, i, o, scale in allocation.appraisal.chosen(allocation.choice)
    ]


def _pools(allocation: Allocation) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "years": [_pool_year(year) for year in years],
            "spent": _number(sum((y.outlay for y in years), Fraction(0))),
        }
        for name, years in allocation.pools.items()
    ]


def _pool_year(year: PoolYear) -> dict[str, Any]:
    return {
        "year": year.year,
        "paid_in": year.paid_in,
        "outlay": _number(year.outlay),
        "repaid": _number(year.repaid),
        "balance": _number(year.balance),
    }


def _totals(allocation: Allocation) -> dict[str, Any]:
    return {
        "invested": _number(allocation.invested),
        "net_saving": {p: _payer(t) for p, t in allocation.payer_totals.items()},
    }


def _payer(totals: PayerTotals) -> dict[str, Any]:
    return {
        "before": _number(totals.before),
        "budget_period": _number(totals.budget_period),
        "after": _number(totals.after),
        "horizon": _number(totals.horizon),
        "discounted": _number(totals.discounted),
    }


def _row(result: RowResult, language: str) -> dict[str, Any]:
    row = result.row
    return {
        "path": row.path,
        "tag": row.tag,
        "label": row.label.say(language),
        "year": row.year,
        "activity": _number(result.activity),
        "lower": None if row.lower is None else _number(Fraction(row.lower)),
        "upper": None if row.upper is None else _number(Fraction(row.upper)),
        "slack": _number(result.slack),
        "binding": result.is_binding,
        "broken_by": _number(result.broken_by),
    }


def _solver(allocation: Allocation) -> dict[str, Any] | None:
    note = allocation.solver
    if note is None:
        return None
    return {"name": note.name, "version": note.version, "threads": note.threads}
