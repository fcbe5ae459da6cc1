"""The commands about plan files: ``bundlinje check | allocate | evaluate | explain | frontier``.

Exit codes: 0 done; 2 the input is not valid; 3 infeasible; 4 unbounded; 5 no answer in time.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final, NoReturn, TypeVar

import click

from optimizer import (
    Allocation,
    ChoiceErrors,
    Plan,
    PlanErrors,
    Sentence,
    SolverError,
    Status,
    plan_sha256,
)
from optimizer import allocate as solve
from optimizer import (
    evaluate as judge,
)
from optimizer.planfile import plan_from_text
from optimizer.sentence import listing
from optimizer.text import allocation_text, frontier_text
from planner.config import MOST_PLAN_BYTES as MOST_BYTES

EXIT: Final[Mapping[Status, int]] = {
    Status.OPTIMAL: 0,
    Status.FEASIBLE: 0,
    Status.INFEASIBLE: 3,
    Status.UNBOUNDED: 4,
    Status.NO_ANSWER: 5,
}
NOT_VALID: Final = 2
TOO_LARGE: Final = Sentence(
    "Filen er for stor: en planfil må højst fylde 12 MB.",
    "The file is too large: a plan file is at most 12 MB.",
)

FROM_AFTER_TO: Final = Sentence("--from er større end --to.", "--from is greater than --to.")
NO_SUCH_POOL: Final = Sentence(
    "Planen har ingen pulje »{pool}«; kendte: {known}.",
    "The plan has no pool “{pool}”; known: {known}.",
)

F = TypeVar("F", bound=Callable[..., Any])
plan_argument = click.argument("path", metavar="PLAN")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result document.")
time_option = click.option(
    "--time-limit", type=click.FloatRange(min=0), default=60.0, show_default=True, help="Seconds."
)
gap_option = click.option(
    "--gap",
    type=click.FloatRange(min=0),
    default=1e-6,
    show_default=True,
    help="Relative gap at which a plan counts as proved; 0 asks for the very best.",
)
language_option = click.option(
    "--language", type=click.Choice(["da", "en"]), default="da", show_default=True
)


def _refuse(lines: list[str]) -> NoReturn:
    """Say what is wrong on standard error, one mistake a line, and stop with 2."""
    for line in lines:
        click.echo(line, err=True)
    sys.exit(NOT_VALID)


def _read(path: str, language: str) -> tuple[Plan, float]:
    """Return the plan and how many seconds reading took."""
    began = time.perf_counter()
    try:
        with click.open_file(path, "rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            _refuse([TOO_LARGE.say(language)])
        plan = plan_from_text(data)
    except PlanErrors as errors:
        _refuse([error.say(language) for error in errors.errors])
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "UTF-8"
        words = Sentence(f"{path} kan ikke læses: {reason}.", f"{path} cannot be read: {reason}.")
        _refuse([words.say(language)])
    return plan, time.perf_counter() - began


def _print(allocation: Allocation, read: float, language: str, *, as_json: bool) -> NoReturn:
    """Print a result and stop with its exit code."""
    allocation = replace(allocation, seconds={"read": read, **allocation.seconds})
    if as_json:
        _print_document(allocation.document(language))
    else:
        click.echo(allocation_text(allocation, language))
    sys.exit(EXIT[allocation.status])


def _print_document(document: Mapping[str, Any]) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))


@click.command()
@plan_argument
@language_option
def check(path: str, language: str) -> None:
    """Read PLAN and list every error, or say what it holds. PLAN may be "-"."""
    plan, _ = _read(path, language)
    options, flows = len(plan.options), sum(len(o.flows) for _, o in plan.options.values())
    first, last = plan.horizon
    words = Sentence(
        f"{plan.title}: {len(plan.interventions)} indsatser, {options} muligheder, {flows} "
        f"pengestrømme, {len(plan.scenario.constraints)} rammer, {first}\N{EN DASH}{last}.",
        f"{plan.title}: {len(plan.interventions)} interventions, {options} options, {flows} "
        f"cash flows, {len(plan.scenario.constraints)} limits, {first}\N{EN DASH}{last}.",
    )
    click.echo(words.say(language))
    click.echo(f"SHA-256: {plan_sha256(plan)}")


@click.command()
@plan_argument
@json_option
@click.option("--solver", type=click.Choice(["highs", "cbc"]), default="highs", show_default=True)
@gap_option
@time_option
@language_option
def allocate(
    path: str, solver: Any, gap: float, time_limit: float, language: str, *, as_json: bool
) -> None:
    """Allocate the pool of PLAN. PLAN may be "-"."""
    plan, read = _read(path, language)
    try:
        allocation = solve(plan, solver=solver, gap=gap, time_limit=time_limit)
    except SolverError as error:
        raise click.ClickException(str(error)) from None
    _print(allocation, read, language, as_json=as_json)


@click.command()
@plan_argument
@click.option(
    "--choose",
    required=True,
    help="What is funded: a/base,b/base@0.5 (@ gives the scale); empty for nothing.",
)
@json_option
@language_option
def evaluate(path: str, choose: str, language: str, *, as_json: bool) -> None:
    """Evaluate a given choice of PLAN without a solver. PLAN may be "-"."""
    plan, read = _read(path, language)
    try:
        allocation = judge(plan, parse_choice(choose))
    except ChoiceErrors as errors:
        _refuse([message.say(language) for message in errors.messages])
    _print(allocation, read, language, as_json=as_json)


@click.command()
@plan_argument
@json_option
@click.option(
    "--gap",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    help="Relative gap within which the plan and its prices are exact enough.",
)
@time_option
@language_option
def explain(path: str, gap: float, time_limit: float, language: str, *, as_json: bool) -> None:
    """Say why the best allocation of PLAN is best, or why there is none. PLAN may be "-".

    What the time does not suffice to prove is bounded, and said to be.
    """
    # its numerical libraries take half a second to load
    from optimizer.explain import explain as explained  # noqa: PLC0415

    plan, _ = _read(path, language)
    try:
        explanation = explained(plan, gap=gap, time_limit=time_limit)
    except SolverError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        _print_document(explanation.document(language))
    else:
        click.echo(explanation.text(language))
    sys.exit(0 if explanation.is_explained else EXIT[explanation.status])


@click.command()
@plan_argument
@click.option("--pool", required=True, metavar="ID", help="The pool that grows.")
@click.option("--from", "low", type=click.IntRange(min=0), required=True, help="Kroner.")
@click.option("--to", "high", type=click.IntRange(min=0), required=True, help="Kroner.")
@click.option(
    "--steps", type=click.IntRange(min=1), default=11, show_default=True, help="Points, both ends."
)
@json_option
@gap_option
@time_option
@language_option
def frontier(  # noqa: PLR0917 - one a flag
    path: str,
    pool: str,
    low: int,
    high: int,
    steps: int,
    gap: float,
    time_limit: float,
    language: str,
    *,
    as_json: bool,
) -> None:
    """Print the best objective of PLAN at each size of a pool. PLAN may be "-"."""
    # its numerical libraries take half a second to load
    from optimizer.frontier import FrontierError, PoolSize, even_steps  # noqa: PLC0415
    from optimizer.frontier import frontier as computed  # noqa: PLC0415

    plan, _ = _read(path, language)
    if low > high:
        _refuse([FROM_AFTER_TO.say(language)])
    if pool not in [one.id for one in plan.scenario.pools]:
        known = listing([one.id for one in plan.scenario.pools])
        _refuse([NO_SUCH_POOL.say(language).format(pool=pool, known=known.say(language))])
    try:
        found = computed(
            plan, PoolSize(pool), even_steps(low, high, steps), gap=gap, time_limit=time_limit
        )
    except FrontierError as wrong:
        _refuse([wrong.message.say(language)])
    except SolverError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        _print_document(found.document())
    else:
        click.echo(frontier_text(found, language))
    statuses = {point.status for point in found.points}
    if Status.NO_ANSWER in statuses:
        sys.exit(EXIT[Status.NO_ANSWER])
    sys.exit(EXIT[Status.INFEASIBLE] if statuses == {Status.INFEASIBLE} else 0)


def parse_choice(text: str) -> dict[str, Fraction]:
    """Return option key to scale of ``a/base,b/base@0.5``.

    Raises
    ------
    ChoiceErrors
        A scale is not a number, or an option stands twice.
    """
    choice: dict[str, Fraction] = {}
    problems = []
    for part in filter(None, (p.strip() for p in text.split(","))):
        key, _, scale = part.partition("@")
        if key in choice:
            problems.append(Sentence(f"»{key}« er valgt to gange.", f"“{key}” is chosen twice."))
        try:
            choice[key] = Fraction(scale or 1)
        except (ValueError, ZeroDivisionError):
            problems.append(
                Sentence(
                    f"»{scale}« er ikke et omfang; skriv fx {key}@0.5.",
                    f"“{scale}” is not a scale; write for instance {key}@0.5.",
                )
            )
            choice[key] = Fraction(1)
    if problems:
        raise ChoiceErrors(problems)
    return choice
