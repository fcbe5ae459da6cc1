"""Allocations as pandas frames, for notebooks."""

from typing import TYPE_CHECKING, Any

from optimizer.appraisal import Selection
from optimizer.intervention import Intervention, Option, option_key

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.allocation import Allocation


def allocation_table(allocation: "Allocation") -> "pd.DataFrame":
    """Return one line an intervention, indexed by its id, in the plan's order.

    Columns: title, department, option (the chosen one, else the first), chosen, scale, stars,
    outlay, and the net saving of all payers in the budget period, after it and discounted; kroner
    at the chosen scale (at scale 1 where not chosen).
    """
    import pandas as pd  # noqa: PLC0415 - slow to load, and only for notebooks

    lines = [_line(allocation, i) for i in allocation.plan.interventions]
    return pd.DataFrame(lines).set_index("intervention")


def _line(allocation: "Allocation", intervention: Intervention) -> dict[str, Any]:
    plan, appraisal = allocation.plan, allocation.appraisal
    chosen = [o for o in intervention.options if option_key(intervention, o) in allocation.choice]
    written = chosen[0] if chosen else intervention.options[0]
    key = option_key(intervention, written)
    option: Option = plan.options[key][1]
    scale = allocation.choice.get(key, 1)
    first, last = plan.budget_period

    def net(selection: Selection) -> float:
        return float(scale * appraisal.total(option.flows, selection))

    return {
        "intervention": intervention.id,
        "title": intervention.title,
        "department": intervention.department,
        "option": option.id,
        "chosen": bool(chosen),
        "scale": float(scale) if chosen else 0.0,
        "stars": intervention.evidence_stars,
        "outlay": float(scale * appraisal.outlay(option)),
        "net_budget_period": net(Selection(years=(first, last))),
        "net_after": net(Selection(years=(last + 1, max(last + 1, plan.horizon[1])))),
        "discounted": net(Selection(discounted=True)),
    }
