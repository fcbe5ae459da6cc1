"""Asking of a program that its objective stays at least so good while something else is sought."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from optimizer.allocation import judged_row
from optimizer.appraisal import Choice
from optimizer.compilation import Compilation
from optimizer.program import Exact, Row, Variable
from optimizer.sentence import Sentence


def keep_objective(compilation: Compilation, least: Fraction) -> None:
    """Add a row: the objective, after soft prices, is at least ``least``.

    Soft rows become hard ones with a variable each for what they are broken by, which the new row
    charges for; the program's objective is then free to be replaced.
    """
    program = compilation.program
    terms: dict[int, Exact] = dict(program.objective)
    for number, row in enumerate(program.rows):
        if row.price is None:
            continue
        broken = compilation.auxiliary(
            Variable("broken", 0, None),
            _breaking(compilation, row, len(compilation.auxiliaries)),
        )
        terms[broken] = -row.price
        program.rows[number : number + 1] = [replace(row, price=None, lower=None, upper=None)]
        above = replace(row, price=None, terms={**row.terms, broken: -1}, lower=None)
        below = replace(row, price=None, terms={**row.terms, broken: 1}, upper=None)
        program.rows.extend([above, below])
    label = Sentence("næsten lige så god", "nearly as good")
    program.rows.append(Row(label, terms, lower=least, tag="nearly"))


def _breaking(compilation: Compilation, row: Row, known: int) -> Callable[[Choice], Exact]:
    """Return what a choice breaks a soft row by, from the variables that were there before."""
    before = tuple(compilation.auxiliaries[:known])

    def broken(choice: Choice) -> Fraction:
        values: list[Exact] = [0] * len(compilation.program.variables)
        for key, scale in choice.items():
            values[compilation.chosen_variable[key]] = 1
            values[compilation.scale_variable[key]] = scale
        for auxiliary in before:
            if auxiliary.variable in row.terms:
                values[auxiliary.variable] = auxiliary.value(choice)
        return judged_row(row, values, compilation.scales).broken_by

    return broken
