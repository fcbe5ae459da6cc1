"""What explaining costs, as a ratio in one run: `python benchmarks/explain.py`.

All prices of a plan with one model that is asked again and again (`optimizer.explain`), against the
naive way: a plan with the intervention's force replaced, built and allocated from the beginning.
The naive way is timed on a sample of the interventions, every so many, and multiplied up to as many
as were priced in the time: exactly where both ask for the best plan exactly (gap 0), else within
the gap that both ask for. Seconds of processor time, so that a busy machine harms neither.
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
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.instances import large_plan  # noqa: E402 - the path comes first
from optimizer import Allocation, Force, Plan, allocate, plan_from_document  # noqa: E402
from optimizer.explain import Explanation, Price, explain  # noqa: E402

#: relative: how narrow an interval is counted as an answer
WITHIN = 0.001


def ours(plan: Plan, allocation: Allocation, limit: float, gap: float) -> tuple[float, Explanation]:
    """Return the seconds that all prices take, and the explanation."""
    began = time.process_time()
    explanation = explain(plan, allocation=allocation, rows=False, time_limit=limit, gap=gap)
    return time.process_time() - began, explanation


def naive(
    plan: Plan, explanation: Explanation, sample: int, limit: float, gap: float
) -> tuple[list[float], int, int]:
    """Return the seconds of each sampled price, how many were proved, and how many disagree."""
    step = max(1, len(plan.interventions) // sample)
    seconds, proved, wrong = [], 0, 0
    for price in explanation.prices[::step]:
        began = time.process_time()
        other = replaced(plan, price.intervention, Force.OUT if price.chosen else Force.IN)
        allocation = allocate(other, gap=gap, time_limit=limit)
        seconds.append(time.process_time() - began)
        is_proved = allocation.status in {"optimal", "infeasible"}
        proved += is_proved
        if is_proved:
            wrong += differs(explanation, allocation, price)
    return seconds, proved, wrong


def replaced(plan: Plan, name: str, force: Force) -> Plan:
    """Return a plan with the force of one intervention replaced."""
    interventions = tuple(
        replace(i, force=force) if i.id == name else i for i in plan.interventions
    )
    return replace(plan, interventions=interventions)


def differs(explanation: Explanation, allocation: Allocation, price: Price) -> bool:
    """Return whether the two intervals, exact or not, are a krone or more apart."""
    if allocation.objective is None or allocation.bound is None or explanation.objective is None:
        return price.price is not None and not price.is_open
    if price.price is None:
        return price.is_exact
    dearest = (explanation.bound or explanation.objective) - allocation.objective
    cheapest = explanation.objective - allocation.bound
    is_above = price.price >= dearest + 1
    return is_above or (price.gap is not None and price.price + price.gap <= cheapest - 1)


def answered(explanation: Explanation, gap: float) -> list[Price]:
    """Return the prices that are exact, or known within a gap relative to the best plan's size."""
    allowed = Fraction(gap) * size_of(explanation)
    return [p for p in explanation.prices if p.is_exact or is_within(p, allowed)]


def is_within(price: Price, allowed: Fraction) -> bool:
    """Return whether a price has two ends that are no further apart than is allowed."""
    return not price.is_open and price.gap is not None and price.gap <= allowed


def size_of(explanation: Explanation) -> Fraction:
    """Return the size of the best plan's objective."""
    return abs(explanation.objective or Fraction(0)) or Fraction(1)


def widths(explanation: Explanation) -> str:
    """Return the median and the 90 % quantile of what is not exact, of the objective."""
    size = size_of(explanation)
    found = sorted(float(p.gap / size) for p in explanation.prices if p.gap)
    if not found:
        return "0 / 0"
    return f"{statistics.median(found):.3%} / {found[int(0.9 * len(found))]:.3%}"


def report(size: int, sample: int, limit: float, gap: float) -> None:
    """Measure one size and print its line of the table."""
    plan = plan_from_document(large_plan(size))
    began = time.process_time()
    allocation = allocate(plan, time_limit=limit)
    first = time.process_time() - began
    mine, explanation = ours(plan, allocation, limit, gap)
    seconds, proved, wrong = naive(plan, explanation, sample, limit, gap)
    exact = sum(p.is_exact for p in explanation.prices)
    known = len(answered(explanation, gap or WITHIN))
    total = statistics.mean(seconds) * (known if gap else exact)
    unknown = sum(1 for p in explanation.prices if p.gap is None)
    counts = explanation.counts
    print(
        f"| {size} | {gap:g} | {first:.1f} | {mine:.1f} | {exact} | {known} | "
        f"{widths(explanation)} | {unknown} | "
        f"{counts['relaxations']} + {counts['searches']} | {total:.0f} "
        f"({len(seconds)} sampled, {proved} proved) | {total / mine:.1f} | {wrong} |",
        flush=True,
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--lines",
        nargs="+",
        metavar="SIZE:GAP",
        default=["100:0", "200:0", f"500:{WITHIN}", f"1000:{WITHIN}"],
        help="how many interventions, and how exactly",
    )
    parser.add_argument("--sample", type=int, default=20, help="prices of the naive way")
    parser.add_argument("--time-limit", type=float, default=600.0, help="seconds an explanation")
    arguments = parser.parse_args()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"Machine: {os.cpu_count()} cores, {memory:.0f} GiB; Python {platform.python_version()}.")
    print(f"Interventions x 3 options, at most {arguments.time_limit:.0f} s; processor seconds.\n")
    print(
        f"| interventions | gap | one allocation | all prices | exact | within the gap (of 0: "
        f"{WITHIN:.1%}) | median / 90 % width of the rest | open | relaxations + searches | "
        "naive, as many | ratio | disagree |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    # the limits, too, are processor seconds: a busy machine is to give the same answers
    with mock.patch.object(time, "perf_counter", time.process_time):
        for line in arguments.lines:
            size, _, gap = line.partition(":")
            report(int(size), arguments.sample, arguments.time_limit, float(gap or 0))


if __name__ == "__main__":
    main()
