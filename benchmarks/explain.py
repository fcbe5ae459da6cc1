"""What explaining costs, as a ratio in one run: `python benchmarks/explain.py`.

All prices of a plan with one model that is asked again and again (`optimizer.explain`), against the
naive way: a plan with the intervention's force replaced, built and allocated from the beginning.
The naive way is timed on a sample of the interventions, every so many, and multiplied up to as many
as were priced exactly in the time; both ask for the best plan exactly (gap 0). Seconds of processor
time, so that a busy machine harms neither.
"""

import argparse
import os
import platform
import statistics
import sys
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.instances import large_plan  # noqa: E402 - the path comes first
from optimizer import Allocation, Force, Plan, allocate, plan_from_document  # noqa: E402
from optimizer.explain import Explanation, explain  # noqa: E402


def ours(plan: Plan, allocation: Allocation, limit: float) -> tuple[float, Explanation]:
    """Return the seconds that all prices take, and the explanation."""
    began = time.process_time()
    explanation = explain(plan, allocation=allocation, rows=False, time_limit=limit)
    return time.process_time() - began, explanation


def naive(
    plan: Plan, explanation: Explanation, sample: int, limit: float
) -> tuple[list[float], int, int]:
    """Return the seconds of each sampled price, how many were proved, and how many disagree."""
    step = max(1, len(plan.interventions) // sample)
    seconds, proved, wrong = [], 0, 0
    for price in explanation.prices[::step]:
        began = time.process_time()
        other = replaced(plan, price.intervention, Force.OUT if price.chosen else Force.IN)
        allocation = allocate(other, gap=0.0, time_limit=limit)
        seconds.append(time.process_time() - began)
        is_proved = allocation.status in {"optimal", "infeasible"}
        proved += is_proved
        if is_proved and price.is_exact:
            wrong += differs(explanation, allocation, price.price)
    return seconds, proved, wrong


def replaced(plan: Plan, name: str, force: Force) -> Plan:
    """Return a plan with the force of one intervention replaced."""
    interventions = tuple(
        replace(i, force=force) if i.id == name else i for i in plan.interventions
    )
    return replace(plan, interventions=interventions)


def differs(explanation: Explanation, allocation: Allocation, price: Fraction | None) -> bool:
    """Return whether the two ways disagree by a krone or more."""
    if allocation.objective is None or price is None or explanation.objective is None:
        return not (allocation.objective is None and price is None)
    return abs(explanation.objective - allocation.objective - price) >= 1


def report(size: int, sample: int, limit: float) -> None:
    """Measure one size and print its line of the table."""
    plan = plan_from_document(large_plan(size))
    began = time.process_time()
    allocation = allocate(plan, time_limit=limit)
    first = time.process_time() - began
    mine, explanation = ours(plan, allocation, limit)
    seconds, proved, wrong = naive(plan, explanation, sample, limit)
    exact = [p for p in explanation.prices if p.is_exact]
    total = statistics.mean(seconds) * len(exact)
    objective = abs(explanation.objective or Fraction(0)) or Fraction(1)
    gaps = [float(p.gap / objective) for p in explanation.prices if p.gap]
    worst = f"{max(gaps):.3%}" if gaps else "0"
    unknown = sum(1 for p in explanation.prices if p.gap is None)
    counts = explanation.counts
    print(
        f"| {size} | {first:.1f} | {mine:.1f} | {len(exact)} of {size} | {worst} | {unknown} | "
        f"{counts['relaxations']} + {counts['searches']} | {total:.0f} "
        f"({len(seconds)} sampled, {proved} proved) | {total / mine:.1f} | {wrong} |",
        flush=True,
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 500, 1000])
    parser.add_argument("--sample", type=int, default=20, help="prices of the naive way")
    parser.add_argument("--time-limit", type=float, default=600.0, help="seconds an explanation")
    arguments = parser.parse_args()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"Machine: {os.cpu_count()} cores, {memory:.0f} GiB; Python {platform.python_version()}.")
    print(f"Interventions x 3 options, at most {arguments.time_limit:.0f} s; processor seconds.\n")
    print(
        "| interventions | one allocation | all prices | exact | widest gap | open | "
        "relaxations + searches | naive, as many | ratio | disagree |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for size in arguments.sizes:
        report(size, arguments.sample, arguments.time_limit)


if __name__ == "__main__":
    main()
