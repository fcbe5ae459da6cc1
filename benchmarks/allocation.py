"""The speed of an allocation beside bare HiGHS, as ratios in one run.

    python benchmarks/allocation.py [--size 1000] [--pairs 3] [--no-cbc]

Prints a Markdown table (docs/benchmarks.md is one such output). Bare HiGHS gets the very matrix
that the optimizer builds, so the ratio says what reading, building, transfer and exact checking
cost beside the search itself. Each measurement runs in a process of its own, so that its peak
memory is its own; the pairs take turns, so that a machine that slows down slows both.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.instances import large_plan  # noqa: E402 - the path comes first

GAP = 1e-4
PHASES = ("read", "build", "transfer", "solve", "check")


def with_optimizer(size: int, solver: str) -> dict[str, Any]:
    """Allocate from the JSON text to the result document."""
    from optimizer import allocate, plan_from_text  # noqa: PLC0415 - measured in its own process

    text = json.dumps(large_plan(size))
    began = time.perf_counter()
    plan = plan_from_text(text)
    read = time.perf_counter() - began
    allocation = allocate(plan, solver=solver, gap=GAP, time_limit=600)  # type: ignore[arg-type]
    document = allocation.document()
    total = time.perf_counter() - began
    seconds = {**document["seconds"], "read": read}
    return {
        "total": total,
        "seconds": seconds,
        "status": document["status"],
        "gap": document["gap"],
        "objective": document["objective"],
    }


def with_bare_highs(size: int) -> dict[str, Any]:
    """Give HiGHS the same matrix through its own interface, and time loading and solving."""
    import highspy  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    from optimizer import plan_from_document  # noqa: PLC0415
    from optimizer.compilation import Compilation  # noqa: PLC0415
    from optimizer.matrix import matrix_of  # noqa: PLC0415

    matrix = matrix_of(Compilation(plan_from_document(large_plan(size))).program)
    cost = np.zeros(len(matrix.lower))
    for column, value in matrix.objective.items():
        cost[column] = -value
    starts = np.cumsum([0, *(len(row.columns) for row in matrix.rows)]).astype(np.int32)
    indices = np.array([c for row in matrix.rows for c in row.columns], np.int32)
    values = np.array([v for row in matrix.rows for v in row.values])
    began = time.perf_counter()
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(matrix.lower), len(matrix.rows)
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = np.array(matrix.lower), np.array(matrix.upper)
    model.row_lower_ = np.array([row.lower for row in matrix.rows])
    model.row_upper_ = np.array([row.upper for row in matrix.rows])
    whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [whole if i else real for i in matrix.integer]
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.num_col_, model.a_matrix_.num_row_ = model.num_col_, model.num_row_
    model.a_matrix_.start_, model.a_matrix_.index_ = starts, indices
    model.a_matrix_.value_ = values
    engine = highspy.Highs()
    options = {
        "output_flag": False,
        "mip_rel_gap": GAP,
        "mip_abs_gap": 0.9 * matrix.objective_scale,
        "mip_feasibility_tolerance": 1e-8,
        "threads": 1,
        "time_limit": 600.0,
    }
    for name, value in options.items():
        engine.setOptionValue(name, value)
    engine.passModel(model)
    engine.run()
    return {
        "total": time.perf_counter() - began,
        "objective": -engine.getInfo().objective_function_value / matrix.objective_scale,
    }


MEASUREMENTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "highs": lambda size: with_optimizer(size, "highs"),
    "bare": with_bare_highs,
    "cbc": lambda size: with_optimizer(size, "cbc"),
}


def measure(name: str, size: int) -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--only", name, "--size", str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def middle(results: list[dict[str, Any]], key: str) -> float:
    """Return the median of a figure."""
    return statistics.median(result[key] for result in results)


def phase(results: list[dict[str, Any]], name: str) -> float:
    """Return the median seconds of a phase."""
    return statistics.median(result["seconds"][name] for result in results)


def report(size: int, pairs: int, *, cbc: bool) -> None:
    """Measure in turns and print the table."""
    ours, bare = [], []
    for _ in range(pairs):
        ours.append(measure("highs", size))
        bare.append(measure("bare", size))
    ratio = statistics.median(a["total"] / b["total"] for a, b in zip(ours, bare, strict=True))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"Machine: {os.cpu_count()} cores, {memory:.0f} GiB; Python {platform.python_version()}.")
    print(f"{size} interventions x 3 options, gap {GAP:.2%}, median of {pairs}; seconds.\n")
    print("| solver | " + " | ".join(PHASES) + " | total | to bare HiGHS | MiB | status |")
    print("|---|" + "---:|" * (len(PHASES) + 3) + "---|")
    cells = " | ".join(f"{phase(ours, name):.2f}" for name in PHASES)
    row = f"{middle(ours, 'total'):.2f} | {ratio:.2f} | {middle(ours, 'memory'):.0f}"
    print(f"| Bundlinje, HiGHS | {cells} | {row} | {ours[0]['status']} |")
    blanks = " | ".join("" for _ in PHASES)
    row = f"{middle(bare, 'total'):.2f} | 1.00 | {middle(bare, 'memory'):.0f}"
    print(f"| bare HiGHS | {blanks} | {row} | |")
    if cbc:
        one = measure("cbc", size)
        cells = " | ".join(f"{one['seconds'][name]:.2f}" for name in PHASES)
        times = one["total"] / middle(bare, "total")
        row = f"{one['total']:.2f} | {times:.2f} | {one['memory']:.0f}"
        print(f"| Bundlinje, CBC (one run) | {cells} | {row} | {one['status']} |")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1000, help="interventions")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--no-cbc", action="store_true", help="leave out the slow one")
    parser.add_argument("--only", choices=MEASUREMENTS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        result = MEASUREMENTS[arguments.only](arguments.size)
        result["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(result))
        return
    report(arguments.size, arguments.pairs, cbc=not arguments.no_cbc)


if __name__ == "__main__":
    main()
