"""Thousands of random plans against all choices: ``python -m tests.optimizer.explain.many``.

Each limit's tag is in at least 100 of 2,000 plans; a third of them cannot be allocated. Of every
plan: each price, what blocks and what takes the place, against brute force; of one that cannot be
allocated, that its conflict cannot hold and can without any one of its rules, that each loosening
is enough, gives the stated objective and could not be smaller, and that none is missing. Of every
fourth plan also what one more and one less of each limit gives, and what forces and limits cost
alone and together. Prints a table of what was checked; stops at the first difference with the plan
that shows it. ``--plans N`` and ``--seed N`` ask for others.
"""

import argparse
import sys
import time
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from optimizer.explain import Explanation
from tests.optimizer.explain.checking import check, check_rows, check_rule_costs
from tests.optimizer.explain.strategies import pressed_plans
from tests.optimizer.strategies import TAGS, plans

#: one in so many plans at least has a tag
LEAST_OF_A_TAG = 20
#: of so many plans, one has its limits checked too: that takes all choices anew for each
EVERY = 4


class Tally:
    """What was checked so far."""

    def __init__(self) -> None:
        self.plans = self.infeasible = self.prices = self.without_plan = 0
        self.rows = self.costs = 0
        self.conflicts: Counter[int] = Counter()
        self.loosenings: Counter[str] = Counter()
        self.releases = 0
        self.tags: Counter[str] = Counter()

    def add(self, document: dict[str, Any], explanation: Explanation) -> None:
        """Count one plan."""
        self.plans += 1
        self.tags.update({limit["tag"] for limit in document["scenario"]["constraints"]})
        self.prices += len(explanation.prices)
        self.without_plan += sum(1 for p in explanation.prices if p.price is None)
        if explanation.conflict is not None:
            self.infeasible += 1
            self.conflicts[len(explanation.conflict.rules)] += 1
            self.releases += len(explanation.ways_out.releases)
            for one in explanation.ways_out.loosenings:
                is_pool = one.path.startswith("scenario.pools")
                limits = document["scenario"]["constraints"]
                name = "pool" if is_pool else limits[int(one.path.split("[")[1][:-1])]["tag"]
                self.loosenings[name] += 1

    def report(self, seconds: float) -> None:
        """Print the table."""
        print(f"{self.plans} plans, {self.infeasible} of them infeasible, {seconds:.0f} seconds.\n")
        print("| checked | number |\n|---|---:|")
        print(f"| prices equal to brute force | {self.prices} |")
        print(f"| of these: no plan exists | {self.without_plan} |")
        print(f"| one more or less of a limit | {self.rows} |")
        print(f"| costs of forces and limits | {self.costs} |")
        for size, count in sorted(self.conflicts.items()):
            print(f"| irreducible conflicts of {size} | {count} |")
        for name, count in sorted(self.loosenings.items()):
            print(f"| least loosenings of {name} | {count} |")
        print(f"| releases | {self.releases} |")
        for tag in TAGS:
            print(f"| plans with {tag} | {self.tags[tag]} |")


def run(strategy: Any, count: int, number: int, tally: Tally) -> None:
    """Check ``count`` plans of a strategy."""

    @seed(number)
    @settings(
        max_examples=count, phases=[Phase.generate], database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def one(document: dict[str, Any]) -> None:
        tally.add(document, check(document))
        if tally.plans % EVERY == 0:
            tally.rows += check_rows(document)
            tally.costs += check_rule_costs(document)

    one()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--plans", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    began, tally, number = time.perf_counter(), Tally(), arguments.seed
    each = max(1, arguments.plans // (2 * len(TAGS)))
    for tag in TAGS:
        run(plans(tag=tag, most=5), each, number, tally)
        run(pressed_plans(tag=tag), each, number + 1, tally)
        number += 2
    while tally.plans < arguments.plans or 3 * tally.infeasible < tally.plans:
        run(pressed_plans(most=5), 20, number, tally)
        number += 1
    tally.report(time.perf_counter() - began)
    rare = [tag for tag in TAGS if tally.tags[tag] * LEAST_OF_A_TAG < arguments.plans]
    if rare:
        sys.exit(f"too few plans with {', '.join(rare)}")


if __name__ == "__main__":
    main()
