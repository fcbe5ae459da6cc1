"""Outcomes of cases, streamed, against the same in plain numpy: processor seconds, as ratios.

    python benchmarks/outcomes.py [--cases 1000] [--draws 10000]

Both draw the same points with the same seed and give every case's mean, quantiles and chances; the
present values must agree. Plain numpy is what one would write by hand for these very cases, whole
arrays at once: with scipy's quantile function, and with that function read from a table of its
own. Each measurement runs in a process of its own, so that its peak memory is its own.
"""

import argparse
import json
import math
import random
import resource
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SEED = 7
SHARES = (0.05, 0.5, 0.95)
YEARS = (2027, 2041)
RATE = 0.035
LEAST = 2.0**-33
LOSS = -0.5


def made_cases(count: int) -> list[dict[str, Any]]:
    """Return the numbers of some invented cases: every input uncertain, rates counted in half."""
    draw = random.Random(SEED)  # noqa: S311 - an instance, not a secret
    cases = []
    for place in range(count):
        without = draw.randrange(10, 30)
        success = without + draw.randrange(3, 25)
        cases.append(
            {
                "id": f"c{place:05d}",
                "department": f"d{draw.randrange(10)}",
                "group": f"g{draw.randrange(20)}",
                "citizens": {2027 + j: draw.randrange(20, 200) for j in range(3)},
                "counted": place % 2 == 0,
                "success": (success - 5, success, success + 8),
                "without": (without - 6, without, without + 4),
                "lasts": draw.randrange(2, 8),
                "use": [_triple(draw, 2, 30) for _ in range(2)],
                "price": [_triple(draw, 500, 9000) for _ in range(2)],
                "outlay": _triple(draw, 200_000, 3_000_000),
                "delay": (0, 1, 3) if place % 3 == 0 else None,
            }
        )
    return cases


def _triple(draw: random.Random, least: int, most: int) -> tuple[int, int, int]:
    low, expected, high = sorted(draw.sample(range(least, most), 3))
    return low, expected, high


# ---- Bundlinje ----


def by_bundlinje(numbers: list[dict[str, Any]], draws: int) -> dict[str, Any]:
    """Read the cases, and stream their outcomes."""
    from optimizer.cases.case_outcomes import case_outcomes  # noqa: PLC0415
    from optimizer.outcome import USUAL_CORRELATION, SampledOutcomes  # noqa: PLC0415

    began = time.process_time()
    cases = [_drawn(case) for case in numbers]
    read = time.process_time() - began
    found = case_outcomes(cases, SampledOutcomes(draws, SEED, USUAL_CORRELATION))
    return {
        "read": read,
        "seconds": time.process_time() - began,
        "mean": [d.mean for d in found],
        "quantiles": [[d.quantile(share) for share in SHARES] for d in found],
        "not_paid_back": [d.not_paid_back for d in found],
    }


def _drawn(case: dict[str, Any]) -> Any:
    from optimizer.cases.drawing import NO_DELAY, drawn_case  # noqa: PLC0415
    from optimizer.cases.figures import Perspective  # noqa: PLC0415
    from optimizer.payers import Level, Payer  # noqa: PLC0415
    from optimizer.scenario import DiscountStep  # noqa: PLC0415

    view = Perspective(
        YEARS[0],
        YEARS,
        (Payer("kommune", "Kommunen", Level.MUNICIPALITY),),
        (DiscountStep(0, Fraction(str(RATE))),),
    )
    return drawn_case(
        _business_case(case),
        view,
        id=case["id"],
        department=case["department"],
        target_group=case["group"],
        delay=_uncertain(case["delay"]) if case["delay"] else NO_DELAY,
    )


def _business_case(case: dict[str, Any]) -> Any:
    from optimizer import FlowKind  # noqa: PLC0415
    from optimizer.cases import (  # noqa: PLC0415
        BusinessCase,
        Consequence,
        CostLine,
        Durability,
        EffectRoute,
        FixedShares,
        UnitPrice,
    )
    from optimizer.payers import Category  # noqa: PLC0415

    own = FixedShares.all_of("kommune")
    less = [tuple(-n for n in reversed(use)) for use in case["use"]]
    consequences = tuple(
        Consequence(
            f"k{place}",
            f"Ydelse {place}",
            _uncertain(use),
            UnitPrice(_uncertain(price), "uge", 2026, "opdigtet"),
            Category.SERVICE,
            own,
        )
        for place, (use, price) in enumerate(zip(less, case["price"], strict=True))
    )
    route = EffectRoute(
        "r",
        "I job",
        case["citizens"],
        _rate(case["success"], counted=case["counted"]),
        _rate(case["without"], counted=case["counted"]),
        Durability.fading(Fraction(1, 5), years=case["lasts"]),
        consequences,
    )
    outlay = CostLine(
        "u",
        "Udlæg",
        FlowKind.OUTLAY,
        {2027: _uncertain(case["outlay"])},
        Category.SERVICE,
        own,
        2026,
    )
    return BusinessCase(2026, (route,), (outlay,))


def _uncertain(triple: tuple[int, int, int]) -> Any:
    from optimizer.cases import Uncertain  # noqa: PLC0415

    low, expected, high = triple
    return Uncertain(expected, low, high)


def _rate(percent: tuple[int, int, int], *, counted: bool) -> Any:
    from optimizer.cases import Uncertain  # noqa: PLC0415

    if counted:
        return Uncertain.observed(percent[1], 100)
    low, expected, high = (Fraction(n, 100) for n in percent)
    return Uncertain(expected, low, high)


# ---- plain numpy ----


def by_numpy(numbers: list[dict[str, Any]], draws: int, *, tabled: bool) -> dict[str, Any]:
    """Do the same by hand for cases of this very form, whole arrays at once."""
    from scipy.special import ndtri  # noqa: PLC0415
    from scipy.stats import qmc  # noqa: PLC0415

    began = time.process_time()
    departments = sorted({case["department"] for case in numbers})
    groups = sorted({case["group"] for case in numbers})
    widths = [7 + bool(case["delay"]) for case in numbers]
    columns = 1 + len(departments) + len(groups) + sum(widths)
    points = qmc.Sobol(columns, scramble=True, rng=SEED).random(draws)
    z = ndtri(np.clip(points, LEAST, 1 - LEAST))
    values = np.empty((2, len(numbers), draws))
    start = 1 + len(departments) + len(groups)
    for place, (case, width) in enumerate(zip(numbers, widths, strict=True)):
        common = (
            math.sqrt(0.05) * z[:, 0]
            + math.sqrt(0.1) * z[:, 1 + departments.index(case["department"])]
            + math.sqrt(0.3) * z[:, 1 + len(departments) + groups.index(case["group"])]
        )
        own = common + math.sqrt(0.55) * z[:, start : start + width].T
        values[:, place] = _one_by_hand(case, own, _tabled if tabled else _exact)
        start += width
    npv, net = values
    return {
        "read": 0.0,
        "seconds": 0.0,
        "mean": npv.mean(axis=1).tolist(),
        "quantiles": np.quantile(npv, SHARES, axis=1).T.tolist(),
        "not_paid_back": (net <= LOSS).sum(axis=1).tolist(),
    } | {"seconds": time.process_time() - began}


def _exact(alpha: float, beta: float, z: Any) -> Any:
    from scipy.special import betaincinv, ndtr  # noqa: PLC0415

    return betaincinv(alpha, beta, ndtr(z))


def _tabled(alpha: float, beta: float, z: Any) -> Any:
    nodes = np.linspace(-6.5, 6.5, 1025)
    return np.interp(z, nodes, _exact(alpha, beta, nodes))


def _one_by_hand(case: dict[str, Any], z: Any, quantile: Any) -> Any:
    def pert(triple: tuple[float, float, float], z: Any) -> Any:
        low, expected, high = triple
        alpha = 6 * (expected - low) / (high - low)
        return low + (high - low) * quantile(alpha, 6 - alpha, z)

    def rate(percent: tuple[int, int, int], z: Any) -> Any:
        if case["counted"]:
            return quantile(percent[1] + 0.5, 100.5 - percent[1], z)
        return pert(tuple(n / 100 for n in percent), z)  # type: ignore[arg-type]

    z = list(z)
    late = 0
    if case["delay"]:
        late = np.floor(pert(case["delay"], -z.pop(0)) + 0.5).astype(int)
    effect = rate(case["success"], z[0]) - rate(case["without"], -z[1])
    worth = sum(
        pert(use, z[2 + 2 * k]) * pert(price, z[3 + 2 * k])
        for k, (use, price) in enumerate(zip(case["use"], case["price"], strict=True))
    )
    low, expected, high = case["outlay"]
    outlay = -pert((-high, -expected, -low), z[6])
    when = np.array([_successes(case, years) for years in range(4)])
    npv = effect * worth * when[late, 0] - outlay
    net = effect * worth * when[late, 1] - outlay
    return np.stack([npv, net])


def _successes(case: dict[str, Any], late: int) -> tuple[float, float]:
    """Return citizens x what is left of the effect, discounted and not, if it comes so late."""
    left = [
        (start + j + late - YEARS[0], n * 0.8**j)
        for start, n in case["citizens"].items()
        for j in range(case["lasts"])
        if start + j + late <= YEARS[1]
    ]
    return sum(n / (1 + RATE) ** years for years, n in left), sum(n for _, n in left)


WAYS = {
    "Bundlinje": by_bundlinje,
    "numpy, table": lambda numbers, draws: by_numpy(numbers, draws, tabled=True),
    "numpy, scipy": lambda numbers, draws: by_numpy(numbers, draws, tabled=False),
}


def measure(way: str, cases: int, draws: int) -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--only", way]
    command += ["--cases", str(cases), "--draws", str(draws)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def apart(mine: dict[str, Any], theirs: dict[str, Any]) -> tuple[float, float]:
    """Return the largest difference of a mean and of a quantile, as a share of the spread."""
    quantiles = np.array(mine["quantiles"]), np.array(theirs["quantiles"])
    spread = quantiles[1][:, -1] - quantiles[1][:, 0]
    means = np.abs(np.array(mine["mean"]) - np.array(theirs["mean"])) / spread
    return float(means.max()), float(
        (np.abs(quantiles[0] - quantiles[1]).max(axis=1) / spread).max()
    )


def report(cases: int, draws: int) -> None:
    """Measure and print the table."""
    print("| way | read | draw | total | Bundlinje / this | MiB | means apart | quantiles apart |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    ours = measure("Bundlinje", cases, draws)
    for way in WAYS:
        found = ours if way == "Bundlinje" else measure(way, cases, draws)
        drawing = found["seconds"] - found["read"]
        ratio = ours["seconds"] / found["seconds"]
        mean, quantile = apart(ours, found)
        seconds = f"{found['read']:.1f} | {drawing:.1f} | {found['seconds']:.1f}"
        print(
            f"| {way} | {seconds} | {ratio:.2f} | {found['memory']:.0f} | {mean:.1e} "
            f"| {quantile:.1e} |",
            flush=True,
        )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--only", choices=WAYS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        result = WAYS[arguments.only](made_cases(arguments.cases), arguments.draws)
        result["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(result))
        return
    report(arguments.cases, arguments.draws)


if __name__ == "__main__":
    main()
