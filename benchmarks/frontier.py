"""A frontier by re-solving one model against building it anew for each point, in one run.

    python benchmarks/frontier.py [--sizes 100 300] [--points 20]

Both give every point to the same gap; their objectives are compared. Ratios are what to read.
"""

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.instances import large_plan  # noqa: E402 - the path comes first


def report(size: int, points: int) -> None:
    """Measure one size and print its row."""
    from optimizer import allocate, plan_from_document  # noqa: PLC0415
    from optimizer.frontier import PoolSize, even_steps, frontier  # noqa: PLC0415

    plan = plan_from_document(large_plan(size, options=1))
    lever = PoolSize("pulje")
    own = plan.scenario.pools[0].amount
    amounts = even_steps(own * 8 // 10, own * 12 // 10, points)
    began = time.process_time()
    found = frontier(plan, lever, amounts, time_limit=600)
    ours = time.process_time() - began
    began = time.process_time()
    anew = [allocate(lever.plan(plan, amount), gap=0, time_limit=60) for amount in amounts]
    naive = time.process_time() - began
    apart = sum(
        (one.objective is None) != (other.objective is None)
        or abs((one.objective or 0) - (other.objective or 0)) > 1
        for one, other in zip(found.points, anew, strict=True)
    )
    proved = sum(p.status.value in {"optimal", "infeasible"} for p in found.points)
    cells = f"{ours:.1f} | {naive:.1f} | {naive / ours:.1f}"
    print(f"| {size} | {points} | {proved} | {cells} | {apart} |")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--points", type=int, default=20)
    arguments = parser.parse_args()
    print(
        "| interventions | points | proved | one model, CPU s | built anew, CPU s | ratio | apart |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|")
    for size in arguments.sizes:
        report(size, arguments.points)


if __name__ == "__main__":
    main()
