"""Expected shortfall by cuts against the textbook's program, as ratios in one run.

    python benchmarks/risk.py [--sizes 500x1000 500x5000 2000x200] [--times 10] [--pairs 1]

The textbook (Rockafellar and Uryasev) writes a row and a variable for every outcome. Both solve the
same plan with the same solver to the same gap; the textbook's is given ``--times`` as long as the
cuts took. Each measurement runs in a process of its own, so that its peak memory is its own.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

GAP = 1e-4
LEVEL = 0.95
MILLION = 1_000_000


def risky_plan(interventions: int, outcomes: int, seed: int = 1) -> dict[str, Any]:
    """Return a plan whose best-paying interventions are the most uncertain. Illustrative."""
    draw = random.Random(seed)  # noqa: S311 - an instance, not a secret
    items = []
    for number in range(interventions):
        outlay = draw.randrange(100, 900) * 10_000
        worth = draw.uniform(1.05, 1.9)
        saving = int(outlay * worth)
        width = (worth - 1) * draw.uniform(1.0, 2.2) + 0.05
        flow = {"year": 2027, "payer": "kommune", "category": "service"}
        items.append(
            {
                "id": f"i{number:05d}",
                "title": f"Indsats {number}",
                "department": f"d{draw.randrange(10)}",
                "target_group": f"g{draw.randrange(20)}",
                "options": [
                    {
                        "id": "base",
                        "pool": "pulje",
                        "flows": [
                            {**flow, "kind": "outlay", "amount": -outlay},
                            {
                                **flow,
                                "year": 2028,
                                "kind": "saving",
                                "amount": saving,
                                "low": int(saving - outlay * width),
                                "high": int(saving + outlay * width * 0.6),
                            },
                        ],
                    }
                ],
            }
        )
    total = sum(-item["options"][0]["flows"][0]["amount"] for item in items)
    money = {"payers": "all", "period": "horizon", "discounted": True}
    return {
        "format": "bundlinje-plan/1",
        "title": f"Illustrative: {interventions} interventions, {outcomes} outcomes",
        "price_year": 2027,
        "budget_year": 2027,
        "discount": [{"after_year": 0, "rate": 0.035}],
        "payers": [{"id": "kommune", "name": "Kommunen", "level": "municipality"}],
        "departments": [{"id": f"d{n}", "name": f"Forvaltning {n}"} for n in range(10)],
        "interventions": items,
        "outcomes": {
            "sample": {
                "count": outcomes,
                "seed": 7,
                "correlation": {"target_group": 0.3, "department": 0.1, "all": 0.05},
            }
        },
        "scenario": {
            "title": "Illustrative",
            "pools": [{"id": "pulje", "name": "Pulje", "kind": "investment", "total": total // 5}],
            "objective": {"terms": [{"of": "net_saving", **money}]},
            "constraints": [],
        },
    }


def limited(interventions: int, outcomes: int) -> dict[str, Any]:
    """Return the plan with a limit half-way between the risk of the best and of the safest."""
    from optimizer import allocate, plan_from_document  # noqa: PLC0415

    document = risky_plan(interventions, outcomes)
    scenario = document["scenario"]
    limit = {"tag": "expected_shortfall", "payers": "all", "level": LEVEL}
    # beyond reach and soft: first it costs next to nothing to break it, then nothing else counts
    reach = limit | {"at_most": -(10**10)}
    shortfalls = []
    for weight, price in ((1, 1e-9), (0, 1)):
        scenario["objective"]["terms"][0]["weight"] = weight
        scenario["constraints"] = [reach | {"soft_price": price}]
        found = allocate(plan_from_document(document), gap=1e-6, time_limit=20)
        shortfalls.append(found.rows[0].activity)
    scenario["objective"]["terms"][0]["weight"] = 1
    scenario["constraints"] = [limit | {"at_most": int(sum(shortfalls) / 2)}]
    return document


def by_cuts(document: dict[str, Any], time_limit: float) -> dict[str, Any]:
    """Allocate, and recompute the risk of the plan from the draws."""
    from optimizer import allocate, plan_from_document  # noqa: PLC0415

    plan = plan_from_document(document)
    began = time.perf_counter()
    found = allocate(plan, gap=GAP, time_limit=time_limit)
    seconds = time.perf_counter() - began
    row = next(r for r in found.rows if r.row.tag == "expected_shortfall")
    return {
        "seconds": seconds,
        "status": str(found.status.value),
        "gap": None if found.gap is None else float(found.gap),
        "objective": None if found.objective is None else float(found.objective),
        "kept": bool(row.is_kept),
    }


def by_the_textbook(document: dict[str, Any], time_limit: float) -> dict[str, Any]:
    """Solve eta + sum u / ((1 - level) S) <= at_most, u_s >= loss_s - eta, all rows at once.

    By the same solver with the same tolerances, and eta and u in millions, so that scaling is fair.
    """
    from optimizer import plan_from_document  # noqa: PLC0415
    from optimizer.answer import Effort  # noqa: PLC0415
    from optimizer.compilation import Compilation  # noqa: PLC0415
    from optimizer.program import Row, Variable  # noqa: PLC0415
    from optimizer.sentence import same  # noqa: PLC0415
    from optimizer.solver import Engine  # noqa: PLC0415

    limit = document["scenario"]["constraints"][0]
    scenario = document["scenario"] | {"constraints": []}
    compilation = Compilation(plan_from_document(document | {"scenario": scenario}))
    draws, program = compilation.draws(None), compilation.program
    began = time.perf_counter()
    eta = program.add_variable(Variable("eta", None, None))
    tail = Fraction(str(1 - limit["level"])).limit_denominator(1000) * draws.count
    shortfall: dict[int, Any] = {eta: MILLION}
    for saving in draws.net_saving.tolist():
        beyond = program.add_variable(Variable("u", 0, None))
        mine = {compilation.scale_variable[k]: s for k, s in zip(draws.keys, saving, strict=True)}
        program.rows.append(Row(same(""), {**mine, eta: MILLION, beyond: MILLION}, lower=0))
        shortfall[beyond] = MILLION / tail
    program.rows.append(Row(same(""), shortfall, upper=limit["at_most"]))
    solution = Engine(program).solve(Effort(GAP, 0.9, time_limit, 1))
    found = None if solution.values is None else compilation.choice(solution.values)
    objective = None if found is None else float(program.value(compilation.values(found)))
    gap = None
    if objective is not None and solution.bound is not None:
        gap = (solution.bound - objective) / max(1.0, abs(objective))
    return {
        "seconds": time.perf_counter() - began,
        "status": solution.answer.value,
        "gap": gap,
        "objective": objective,
    }


WAYS = {"cuts": by_cuts, "textbook": by_the_textbook}


def measure(way: str, document: dict[str, Any], time_limit: float) -> dict[str, Any]:
    """Run one measurement in a process of its own."""
    command = [sys.executable, str(Path(__file__)), "--only", way, "--seconds", str(time_limit)]
    done = subprocess.run(
        command, input=json.dumps(document), capture_output=True, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def report(sizes: list[str], times: float) -> None:
    """Measure and print the table."""
    print("| interventions x outcomes | way | seconds | ratio | status | gap | MiB |")
    print("|---|---|---:|---:|---|---:|---:|")
    for size in sizes:
        interventions, outcomes = (int(part) for part in size.split("x"))
        document = limited(interventions, outcomes)
        ours = measure("cuts", document, 600)
        theirs = measure("textbook", document, times * ours["seconds"])
        for way, found in (("cuts", ours), ("textbook", theirs)):
            ratio = found["seconds"] / ours["seconds"]
            gap = "no plan" if found["gap"] is None else f"{found['gap']:.4%}"
            cells = f"{found['seconds']:.1f} | {ratio:.1f} | {found['status']}"
            print(f"| {size} | {way} | {cells} | {gap} | {found['memory']:.0f} |", flush=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", default=["500x1000", "500x5000", "2000x200"])
    parser.add_argument("--times", type=float, default=10.0)
    parser.add_argument("--only", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        result = WAYS[arguments.only](json.load(sys.stdin), arguments.seconds)
        result["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(result))
        return
    report(arguments.sizes, arguments.times)


if __name__ == "__main__":
    main()
