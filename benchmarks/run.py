"""All tables of docs/benchmarks.md in one run, as ratios.

    python benchmarks/run.py                        # all of them
    python benchmarks/run.py --tables risk explain  # some
    python benchmarks/run.py --quick                # smaller sizes, a few minutes in all

Each table has a script of its own with more options; each is run in a process of its own, one after
the other, so that none disturbs another.
"""

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: table -> what it says, its arguments, and its arguments for a quick run
TABLES: dict[str, tuple[str, list[str], list[str]]] = {
    "allocation": (
        "An allocation beside bare HiGHS",
        ["--pairs", "1"],
        ["--pairs", "1", "--size", "300", "--no-cbc"],
    ),
    "large": ("Thousands of interventions", [], ["--size", "2000"]),
    "risk": (
        "Expected shortfall by cuts against the textbook",
        [],
        ["--sizes", "500x1000", "--times", "3"],
    ),
    "frontier": ("A frontier by one model against building anew", [], ["--sizes", "100"]),
    "pages": (
        "Pages while two workers solve",
        [],
        ["--size", "100", "--points", "20", "--looks", "10"],
    ),
    "explain": (
        "All prices against naive re-solving",
        ["--sample", "5", "--time-limit", "300"],
        ["--lines", "100:0", "--sample", "10"],
    ),
}


def machine() -> str:
    """Return what the figures were measured on, and how busy it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}; "
        f"load {load:.1f} at the beginning"
    )


def run(name: str, *, quick: bool) -> int:
    """Print one table; return its script's exit code."""
    title, full, short = TABLES[name]
    print(f"\n## {title}\n", flush=True)
    command = [sys.executable, str(HERE / f"{name}.py"), *(short if quick else full)]
    return subprocess.run(command, check=False).returncode


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES))
    parser.add_argument("--quick", action="store_true", help="smaller sizes")
    arguments = parser.parse_args()
    print(f"Machine: {machine()}.")
    failed = [name for name in arguments.tables if run(name, quick=arguments.quick)]
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
