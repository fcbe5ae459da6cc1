"""How far a plan of thousands of interventions comes: `python benchmarks/large.py`.

Solved to 0.1 %, or stopped at the time limit and said how far it is; meanwhile the best plan so far
can be read. Prints seconds (wall clock and processor), the gap, the plans on the way and memory.
"""

import argparse
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.instances import large_plan  # noqa: E402 - the path comes first
from optimizer import Watch, allocate, plan_from_document  # noqa: E402


def report(size: int, gap: float, limit: float) -> None:
    """Measure one size and print its row."""
    wall, processor = time.perf_counter(), time.process_time()
    plan, watch = plan_from_document(large_plan(size)), Watch()
    found = allocate(plan, gap=gap, time_limit=limit, progress=watch)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    reached = "no plan" if found.gap is None else f"{float(found.gap):.4%}"
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cells = f"{wall:.1f} | {processor:.1f} | {found.status.value} | {reached}"
    print(f"| {size} | {gap:.2%} | {cells} | {watch.so_far.improvements} | {memory:.0f} |")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=5000, help="interventions of 3 options")
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--time-limit", type=float, default=300.0)
    arguments = parser.parse_args()
    print("| interventions x 3 | asked gap | seconds | CPU s | status | gap | plans | MiB |")
    print("|---:|---:|---:|---:|---|---:|---:|---:|")
    report(arguments.size, arguments.gap, arguments.time_limit)


if __name__ == "__main__":
    main()
