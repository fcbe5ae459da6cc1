"""Posing a question: the program and its engines changed as it says, and put back after."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from optimizer.compilation import Compilation
from optimizer.explain.engine import VariedEngine
from optimizer.explain.question import Question, force_paths
from optimizer.intervention import Force, intervention_of
from optimizer.program import Exact, Row
from optimizer.sentence import Sentence

NOTHING = Sentence("", "")
#: the path of the row that at least one is turned, which stands in no plan
ANY_OF = "any_of"


class Posing:
    """A compiled plan and the engines that hold it, all changed together.

    ``cuts`` are the rows that were added, each with its place. A cut holds as long as the rule it
    comes from stands as it does in the plan: under a question that moves the rule it is switched
    off, and what was found under such a question is taken away after.
    """

    def __init__(self, compilation: Compilation, engines: Sequence[VariedEngine]) -> None:
        self.compilation = compilation
        self.program = compilation.program
        self.cuts: list[tuple[int, Row]] = []
        self._engines = tuple(engines)
        self._force_path = force_paths(compilation.plan)
        self._keys = compilation.keys_of
        self._force_rows = self._rows_of_forces()

    @contextmanager
    def posed(self, question: Question) -> Iterator[None]:
        """Change the program and both engines as a question says, and put all back after."""
        rows = self._changed_rows(question)
        columns = self._changed_columns(question)
        own = {number: self.program.rows[number] for number in rows}
        lazy = list(self.compilation.lazy_rows)
        uppers = [rule.upper for rule in lazy]
        first_new = len(self.cuts)
        try:
            for number, row in rows.items():
                self._put(number, row)
            for engine in self._engines:
                for value, numbers in columns.items():
                    engine.bound_columns(numbers, *value)
            self._change_lazy(question)
            self._switch(question.touched, is_on=False)
            if question.any_of:
                self.keep([self._any_of(question)])
            yield
        finally:
            for number, row in own.items():
                self._put(number, row)
            for engine in self._engines:
                for numbers in columns.values():
                    engine.restore(numbers)
            self.compilation.lazy_rows[:] = lazy
            for rule, upper in zip(lazy, uppers, strict=True):
                rule.upper = upper
            gone = question.touched | {ANY_OF} if question.any_of else question.touched
            self._forget(gone, first_new)
            self._switch(question.touched, is_on=True)

    def _rows_of_forces(self) -> dict[str, int]:
        """Return the row that holds the force of an intervention, or that it has one option."""
        owner = {v: intervention_of(k) for k, v in self.compilation.chosen_variable.items()}
        return {
            owner[next(iter(row.terms))]: number
            for number, row in enumerate(self.program.rows)
            if row.tag in {"force", "one_option"}
        }

    def _all_forces(self, question: Question) -> dict[str, Force | None]:
        forces = dict(question.forces)
        if question.without:
            for intervention in self.compilation.plan.interventions:
                if self._force_path[intervention.id] in question.without:
                    forces.setdefault(intervention.id, None)
        return forces

    def _changed_rows(self, question: Question) -> dict[int, Row]:
        rows: dict[int, Row] = {}
        if question.without:
            for number, row in enumerate(self.program.rows):
                if row.path in question.without and row.tag != "force":
                    rows[number] = replace(row, lower=None, upper=None)
        for limit, by in question.moved:
            for number in limit.rows:
                row = rows.get(number, self.program.rows[number])
                rows[number] = replace(
                    row,
                    lower=None if row.lower is None else row.lower - by,
                    upper=None if row.upper is None else row.upper + by,
                )
        for name, force in self._all_forces(question).items():
            force_row = self._force_rows.get(name)
            if force_row is not None:
                rows[force_row] = replace(
                    self.program.rows[force_row],
                    lower=1 if force is Force.IN else None,
                    upper=0 if force is Force.OUT else 1,
                )
        return rows

    def _any_of(self, question: Question) -> Row:
        """Return the row that holds where at least one intervention is turned as a question says.

        Those that are to be in, and one less each that is to be out, add up to one or more.
        """
        terms: dict[int, Exact] = {}
        outs = 0
        for name, force in question.any_of.items():
            outs += force is Force.OUT
            sign = -1 if force is Force.OUT else 1
            terms.update((self.compilation.chosen_variable[k], sign) for k in self._keys[name])
        return Row(NOTHING, terms, lower=1 - outs, path=ANY_OF, tag="cut")

    def _changed_columns(self, question: Question) -> dict[tuple[float, float], list[int]]:
        columns: dict[tuple[float, float], list[int]] = {}
        for name, force in self._all_forces(question).items():
            numbers = [self.compilation.chosen_variable[key] for key in self._keys[name]]
            if force is Force.OUT:
                columns.setdefault((0.0, 0.0), []).extend(numbers)
            elif force is Force.IN and len(numbers) == 1:
                columns.setdefault((1.0, 1.0), []).extend(numbers)
        return columns

    def _put(self, number: int, row: Row) -> None:
        self.program.rows[number] = row
        for engine in self._engines:
            engine.bound_row(number, lower=row.lower, upper=row.upper)

    def _change_lazy(self, question: Question) -> None:
        lazy = list(self.compilation.lazy_rows)
        for limit, by in question.moved:
            for number in limit.lazy:
                lazy[number].upper += by
        self.compilation.lazy_rows[:] = [r for r in lazy if r.path not in question.without]

    def keep(self, cuts: Sequence[Row]) -> None:
        """Add rows to all engines."""
        for cut in cuts:
            places = {engine.add(cut) for engine in self._engines}
            self.cuts.extend((place, cut) for place in places)

    def _switch(self, paths: frozenset[str], *, is_on: bool) -> None:
        if not paths:
            return
        for place, cut in self.cuts:
            if cut.path in paths:
                for engine in self._engines:
                    engine.switch(place, cut, is_on=is_on)

    def _forget(self, paths: frozenset[str], first: int) -> None:
        """Take the cuts away that were found under changed limits: they hold no longer."""
        if any(cut.path in paths for _, cut in self.cuts[first:]):
            place = min(place for place, _ in self.cuts[first:])
            for engine in self._engines:
                engine.drop_from(place)
            kept = [cut for _, cut in self.cuts[first:] if cut.path not in paths]
            del self.cuts[first:]
            self.keep(kept)
