"""The result document ``bundlinje-allocation/1``."""

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from optimizer.allocation import Allocation, PoolYear, RowResult
from optimizer.appraisal import Appraisal, Choice, PayerTotals
from optimizer.planfile import plan_sha256
from optimizer.writing import number_or_null, plain_number

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
        "objective": number_or_null(allocation.objective),
        "bound": number_or_null(allocation.bound),
        "gap": None if allocation.gap is None else float(allocation.gap),
        "chosen": chosen_document(allocation.appraisal, allocation.choice),
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
                "gain": number_or_null(part.gain),
                "contribution": number_or_null(part.contribution),
            }
            for part in allocation.contributions
        ]
    if allocation.later:
        document["objectives_in_order"] = [
            {
                "objective": number_or_null(later.objective),
                "bound": number_or_null(later.bound),
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
        "mean": number_or_null(risk.mean),
        "worst": number_or_null(risk.worst),
        "best": number_or_null(risk.best),
        "expected_shortfall": [
            {"level": plain_number(level), "loss": number_or_null(loss)}
            for level, loss in risk.expected_shortfall
        ],
        "chance_of_loss": number_or_null(risk.chance_of_loss),
    }


def chosen_document(appraisal: Appraisal, choice: Choice) -> list[dict[str, Any]]:
    """Return the chosen options, in the plan's order."""
    return [
        {"intervention": i.id, "option": o.id, "scale": plain_number(scale)}
        for _, i, o, scale in appraisal.chosen(choice)
    ]


def _pools(allocation: Allocation) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "years": [_pool_year(year) for year in years],
            "spent": number_or_null(sum((y.outlay for y in years), Fraction(0))),
        }
        for name, years in allocation.pools.items()
    ]


def _pool_year(year: PoolYear) -> dict[str, Any]:
    return {
        "year": year.year,
        "paid_in": year.paid_in,
        "outlay": number_or_null(year.outlay),
        "repaid": number_or_null(year.repaid),
        "balance": number_or_null(year.balance),
    }


def _totals(allocation: Allocation) -> dict[str, Any]:
    return {
        "invested": number_or_null(allocation.invested),
        "net_saving": {p: _payer(t) for p, t in allocation.payer_totals.items()},
    }


def _payer(totals: PayerTotals) -> dict[str, Any]:
    return {
        "before": number_or_null(totals.before),
        "budget_period": number_or_null(totals.budget_period),
        "after": number_or_null(totals.after),
        "horizon": number_or_null(totals.horizon),
        "discounted": number_or_null(totals.discounted),
    }


def _row(result: RowResult, language: str) -> dict[str, Any]:
    row = result.row
    return {
        "path": row.path,
        "tag": row.tag,
        "label": row.label.say(language),
        "year": row.year,
        "activity": number_or_null(result.activity),
        "lower": number_or_null(row.lower),
        "upper": number_or_null(row.upper),
        "slack": number_or_null(result.slack),
        "binding": result.is_binding,
        "broken_by": number_or_null(result.broken_by),
    }


def _solver(allocation: Allocation) -> dict[str, Any] | None:
    note = allocation.solver
    if note is None:
        return None
    return {"name": note.name, "version": note.version, "threads": note.threads}
