"""What the solvers are asked, what their answers are taken for, and that they are not believed."""

import random
from fractions import Fraction
from typing import Any

import pytest

import optimizer.solver
from optimizer import SolverError, Status, allocate, evaluate, plan_from_document
from optimizer.allocating import is_proved
from optimizer.answer import Answer, Effort, Solution
from optimizer.matrix import matrix_of, scale_for
from optimizer.program import Program, Row, Variable
from optimizer.sentence import same
from optimizer.solver import Engine, pulp_model, solve
from tests.optimizer.builders import MILLION, a_document, a_plan, an_intervention
from tests.optimizer.test_brute_force import knapsack

SOLVERS = ("highs", "cbc")
both = pytest.mark.parametrize("solver", SOLVERS)


def a_row(terms: dict[int, Any], **more: Any) -> Row:
    return Row(same("en regel"), terms, **more)


def a_program(*rows: Row, worth: dict[int, Any], variables: list[Variable]) -> Program:
    return Program(variables=variables, rows=list(rows), objective=dict(worth))


def whole(name: str = "x") -> Variable:
    return Variable(name, 0, 1, integer=True)


def claimed(answer: Answer, values: list[float] | None = None, bound: float = 0.0) -> Solution:
    """Return what a solver that is not to be trusted might say."""
    return Solution(answer, values, bound, name="Løgneren", seconds={"solve": 0.0})


def hard_knapsack(*, exactly: bool = False) -> Program:
    """Return a program that takes a solver longer than its first look around."""
    rng = random.Random(1)
    program = Program()
    xs = [program.add_variable(whole(f"x{n}")) for n in range(80)]
    weights = [[rng.randint(100, 1000) for _ in xs] for _ in range(5)]
    for row in weights:
        room = sum(row) // 2
        lower = room if exactly else None
        program.rows.append(a_row(dict(zip(xs, row, strict=True)), lower=lower, upper=room))
    program.objective = {x: sum(w[x] for w in weights) // 5 + rng.randint(0, 500) for x in xs}
    return program


class TestFiveAnswers:
    @both
    def test_optimal(self, solver: str) -> None:
        program = a_program(
            a_row({0: 2, 1: 3, 2: 4}, upper=5), worth={0: 3, 1: 4, 2: 5},
            variables=[whole("a"), whole("b"), whole("c")],
        )  # fmt: skip
        solution = solve(program, solver=solver, effort=Effort(gap=0))
        assert solution.answer is Answer.OPTIMAL
        assert [round(v) for v in solution.values] == [1, 1, 0]
        assert solution.bound == pytest.approx(7)
        assert solution.name == {"highs": "HiGHS", "cbc": "CBC"}[solver]
        assert solution.version[0].isdigit()
        assert {"build", "transfer", "solve"} <= set(solution.seconds)

    @both
    def test_infeasible(self, solver: str) -> None:
        program = a_program(a_row({0: 1}, lower=2), worth={0: 1}, variables=[whole()])
        solution = solve(program, solver=solver)
        assert solution.answer is Answer.INFEASIBLE
        assert solution.values is None

    @both
    def test_unbounded(self, solver: str) -> None:
        program = a_program(
            a_row({0: 1, 1: -1}, upper=4), worth={0: 1},
            variables=[Variable("x", 0, None), Variable("y", 0, None)],
        )  # fmt: skip
        assert solve(program, solver=solver).answer is Answer.UNBOUNDED

    @both
    def test_unbounded_with_whole_variables(self, solver: str) -> None:
        program = a_program(
            a_row({0: 2, 1: -3}, lower=1), worth={0: 1, 1: 1},
            variables=[Variable("x", 0, None, integer=True), Variable("y", 0, None, integer=True)],
        )  # fmt: skip
        assert solve(program, solver=solver).answer is Answer.UNBOUNDED

    @both
    def test_infeasible_although_the_objective_has_no_bound(self, solver: str) -> None:
        """A presolve that only knows *unbounded or infeasible* must not be read as either."""
        free = [Variable("x", 0, None, integer=True), Variable("y", 0, None), Variable("z", 0, 1)]
        program = a_program(
            a_row({0: 2, 1: 0}, lower=1, upper=1), a_row({2: 1}, lower=2),
            worth={0: 1, 1: 1}, variables=free,
        )  # fmt: skip
        assert solve(program, solver=solver).answer is Answer.INFEASIBLE

    @both
    def test_no_answer_in_no_time(self, solver: str) -> None:
        solution = solve(hard_knapsack(exactly=True), solver=solver, effort=Effort(time_limit=0))
        assert solution.answer is Answer.NO_ANSWER
        assert solution.values is None
        assert solution.bound is None

    def test_no_answer_when_stopped_at_once(self) -> None:
        calls = []

        def stop(best: float | None, bound: float | None, seconds: float) -> bool:
            calls.append((best, bound, seconds))
            return True

        solution = solve(hard_knapsack(exactly=True), effort=Effort(gap=0), progress=stop)
        assert solution.answer is Answer.NO_ANSWER
        assert calls
        assert all(best is None and seconds >= 0 for best, _, seconds in calls)

    def test_feasible_when_stopped_at_the_first_plan(self) -> None:
        seen = []

        def at_the_first(best: float | None, bound: float | None, seconds: float) -> bool:
            if best is not None and bound is not None:
                seen.append((best, bound))
            return bool(seen)

        program = hard_knapsack()
        solution = solve(program, effort=Effort(gap=0), progress=at_the_first)
        assert solution.answer is Answer.FEASIBLE
        value = program.value([round(v) for v in solution.values])
        assert all(row.broken_by(row.activity([round(v) for v in solution.values])) == 0
                   for row in program.rows)  # fmt: skip
        best, bound = seen[0]
        assert best <= bound  # both in the units of the objective
        assert 0 < value <= solution.bound * (1 + 1e-9)
        assert solution.bound < sum(program.objective.values())

    def test_cbc_asks_once_whether_to_begin(self) -> None:
        seen: list[Any] = []

        def answer(stop: bool) -> Any:
            return lambda *found: seen.append(found) or stop

        program = a_program(a_row({0: 1}, upper=1), worth={0: 1}, variables=[whole()])
        stopped = solve(program, solver="cbc", progress=answer(stop=True))
        assert stopped.answer is Answer.NO_ANSWER
        assert solve(program, solver="cbc", progress=answer(stop=False)).answer is Answer.OPTIMAL
        assert seen == [(None, None, 0.0)] * 2


class TestStrangePrograms:
    @both
    def test_an_empty_program(self, solver: str) -> None:
        assert solve(Program(), solver=solver).values == []

    @both
    def test_a_variable_that_stands_nowhere_does_not_shift_the_others(self, solver: str) -> None:
        program = a_program(worth={1: 1, 3: 1}, variables=[whole(n) for n in "abcd"])
        assert solve(program, solver=solver).values == [0, 1, 0, 1]

    @both
    def test_no_objective(self, solver: str) -> None:
        program = a_program(a_row({1: 1}, lower=1), worth={}, variables=[whole(), whole()])
        solution = solve(program, solver=solver)
        assert solution.answer is Answer.OPTIMAL
        assert round(solution.values[1]) == 1
        assert solution.bound == pytest.approx(0, abs=1e-5)

    @both
    def test_names_that_collide_or_that_no_solver_would_take(self, solver: str) -> None:
        names = ["x", "x", "a b+c", "a_b_c", "", "åh — 3*x <= 2", "x00000000"]
        worth = {n: n + 1 for n in range(len(names))}
        program = a_program(
            a_row(dict.fromkeys(range(len(names)), 1), upper=3), worth=worth,
            variables=[whole(name) for name in names],
        )  # fmt: skip
        solution = solve(program, solver=solver, effort=Effort(gap=0))
        assert [round(v) for v in solution.values] == [0, 0, 0, 0, 1, 1, 1]

    @both
    @pytest.mark.parametrize(
        ("bounds", "answer"),
        [
            ({"upper": 0}, Answer.OPTIMAL),
            ({"lower": 0}, Answer.OPTIMAL),
            ({"lower": -1, "upper": 1}, Answer.OPTIMAL),
            ({}, Answer.OPTIMAL),
            ({"lower": 1}, Answer.INFEASIBLE),
            ({"upper": -1}, Answer.INFEASIBLE),
            ({"lower": 2, "upper": 2}, Answer.INFEASIBLE),
        ],
    )
    def test_a_row_without_terms(self, solver: str, bounds: dict[str, int], answer: Answer) -> None:
        program = a_program(a_row({}, **bounds), worth={0: 1}, variables=[whole()])
        assert solve(program, solver=solver).answer is answer

    @both
    def test_a_row_with_two_limits_keeps_both(self, solver: str) -> None:
        variables = [whole(name) for name in "abcd"]
        row = a_row(dict.fromkeys(range(4), 1), lower=2, upper=3)
        most = a_program(row, worth=dict.fromkeys(range(4), 1), variables=variables)
        least = a_program(row, worth=dict.fromkeys(range(4), -1), variables=variables)
        assert sum(solve(most, solver=solver).values) == pytest.approx(3)
        assert sum(solve(least, solver=solver).values) == pytest.approx(2)

    @both
    def test_a_row_with_equal_limits(self, solver: str) -> None:
        program = a_program(
            a_row({0: 1, 1: 1}, lower=1, upper=1), worth={0: -1, 1: -2},
            variables=[whole(), whole()],
        )  # fmt: skip
        assert [round(v) for v in solve(program, solver=solver).values] == [1, 0]

    @both
    @pytest.mark.parametrize(
        ("worth", "price", "expected"),
        [
            (10, 1, 1),  # over the upper limit by 4 costs 4: worth it
            (10, 3, 0),  # costs 12: not worth it
            (-10, 1, 0),
        ],
    )
    def test_a_soft_upper_limit(self, solver: str, worth: int, price: int, expected: int) -> None:
        program = a_program(
            a_row({0: 7}, upper=3, price=Fraction(price)), worth={0: worth}, variables=[whole()]
        )
        solution = solve(program, solver=solver, effort=Effort(gap=0))
        assert len(solution.values) == 1
        assert round(solution.values[0]) == expected
        assert solution.bound == pytest.approx((worth - 4 * price) * expected, abs=1e-4)

    @both
    @pytest.mark.parametrize(("price", "expected"), [(1, 0), (5, 1)])
    def test_a_soft_lower_limit(self, solver: str, price: int, expected: int) -> None:
        program = a_program(
            a_row({0: 7}, lower=3, price=Fraction(price)), worth={0: -10}, variables=[whole()]
        )
        assert round(solve(program, solver=solver).values[0]) == expected

    @both
    def test_a_soft_row_with_both_limits(self, solver: str) -> None:
        row = a_row({0: 2, 1: 2, 2: 2}, lower=3, upper=3, price=Fraction(10))
        for worth, expected in ((1, 2), (-1, 1), (25, 3), (-25, 0)):
            program = a_program(
                row, worth=dict.fromkeys(range(3), worth), variables=[whole() for _ in range(3)]
            )
            assert round(sum(solve(program, solver=solver).values)) == expected

    @both
    def test_coefficients_from_one_to_a_million_million(self, solver: str) -> None:
        sizes = [1, 10**3, 10**6, 10**9, 10**12]
        rows = [a_row({n: size, n + 1: size}, upper=size) for n, size in enumerate(sizes)]
        worth = {n: 1 + n for n in range(6)}
        program = a_program(*rows, worth=worth, variables=[whole() for _ in range(6)])
        solution = solve(program, solver=solver, effort=Effort(gap=0))
        assert [round(v) for v in solution.values] == [0, 1, 0, 1, 0, 1]

    @both
    def test_one_krone_of_a_hundred_million_counts(self, solver: str) -> None:
        rows = [a_row({0: 60_000_000, 1: 40_000_001}, upper=100_000_000)]
        program = a_program(*rows, worth={0: 3, 1: 2}, variables=[whole(), whole()])
        solution = solve(program, solver=solver, effort=Effort(gap=0))
        assert [round(v) for v in solution.values] == [1, 0]

    def test_a_krone_among_millions_hides_no_plan(self) -> None:
        """HiGHS called 0 the best here as long as its tolerance was 1e-9; 17/4 is."""

        def one(name: str, outlay: int, people: float, **more: Any) -> dict[str, Any]:
            option = {"pool": None, "measures": {"borgere": people}}
            return an_intervention(name, outlay=outlay, option=option, **more)

        plan = a_plan(
            one("i0", 8 * MILLION, 0), one("i1", 0, 0, force="in"),
            one("i2", 1, 4.25, target_group="unge"),
            one("i3", 3 * MILLION, 0, target_group="unge"), one("i4", 9 * MILLION, 0, force="out"),
            constraints=[{"tag": "invested_share", "at_least": 0.25, "at_most": 0.7,
                          "where": {"target_groups": ["unge"]}}],
            relations=[{"kind": "requires", "intervention": "i0", "needs": "i1"}],
            terms=[{"of": "measure", "measure": "borgere"}],
        )  # fmt: skip
        for solver in SOLVERS:
            allocation = allocate(plan, gap=0, solver=solver)
            assert allocation.objective == Fraction(17, 4)
            assert set(allocation.choice) == {"i0/base", "i1/base", "i2/base", "i3/base"}


class TestMatrix:
    def test_scales_are_powers_of_two_and_bring_rows_to_size(self) -> None:
        for values in ([3.0], [1e-9, 5.0], [1e12, 1.0], [-7e8, 2.0], [1023.0], [1024.0]):
            scale = scale_for(values)
            assert Fraction(scale).numerator == 1 or Fraction(scale).denominator == 1
            assert 512 <= max(map(abs, values)) * scale < 1024
        assert scale_for([]) == scale_for([0.0]) == scale_for([float("inf")]) == 1

    def test_a_soft_row_gets_a_column_that_the_answer_does_not_show(self) -> None:
        program = a_program(
            a_row({0: 4}, lower=1, upper=2, price=Fraction(3)), worth={0: 1}, variables=[whole()]
        )
        matrix = matrix_of(program)
        assert (len(matrix.lower), matrix.program_columns, len(matrix.rows)) == (2, 1, 2)

    def test_bounds_may_be_absent(self) -> None:
        matrix = matrix_of(a_program(worth={0: 1}, variables=[Variable("x", None, None)]))
        assert matrix.lower == [-float("inf")]
        assert matrix.upper == [float("inf")]


class TestNotBelieved:
    """Plans come from the solver, but whether they are kept is decided by exact arithmetic."""

    @staticmethod
    def plan() -> Any:
        """One krone too much for all three; without the dearest it fits."""
        return a_plan(
            an_intervention("a", outlay=2 * MILLION, saving=5 * MILLION),
            an_intervention("b", outlay=2 * MILLION, saving=6 * MILLION),
            an_intervention("c", outlay=2 * MILLION + 1, saving=7 * MILLION),
            pools=[{"id": "pulje", "name": "P", "kind": "investment", "total": 6 * MILLION}],
        )

    def test_a_plan_one_krone_over_the_pool_is_cut_off(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        honest, rows = Engine.solve, []

        def lenient(engine: Engine, *args: Any, **more: Any) -> Solution:
            rows.append(engine.highs.getNumRow())
            if len(rows) == 1:
                return claimed(Answer.OPTIMAL, [1.0] * 3, bound=12.0 * MILLION - 1)
            return honest(engine, *args, **more)

        monkeypatch.setattr(Engine, "solve", lenient)
        allocation = allocate(self.plan(), gap=0)
        assert rows == [rows[0], rows[0] + 1]
        assert allocation.status is Status.OPTIMAL
        assert set(allocation.choice) == {"b/base", "c/base"}
        assert allocation.objective == 9 * MILLION - 1
        assert all(row.is_kept for row in allocation.rows)
        assert not any(row.row.tag == "cut" for row in allocation.rows)

    @pytest.mark.parametrize("solver", SOLVERS)
    def test_no_krone_too_much_slips_through(self, solver: str) -> None:
        for size in (MILLION, 100 * MILLION, 10_000 * MILLION):
            document = knapsack([(2, 5, None), (2, 6, None), (2, 7, None)], 6, size)
            document["interventions"][2]["options"][0]["flows"][0]["amount"] -= 1
            allocation = allocate(plan_from_document(document), gap=0, solver=solver)
            assert set(allocation.choice) == {"i1/base", "i2/base"} or (
                allocation.objective == 13 * size
            )
            assert allocation.pools["pulje"][-1].balance >= 0

    def test_a_solver_that_never_learns_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stubborn = claimed(Answer.OPTIMAL, [1.0] * 3, bound=0.0)
        monkeypatch.setattr(Engine, "solve", lambda *_, **__: stubborn)
        allocation = allocate(self.plan(), gap=0)
        assert allocation.status is Status.NO_ANSWER
        assert allocation.choice == {}
        assert allocation.objective is None

    def first_answer(self, monkeypatch: pytest.MonkeyPatch, values: list[float]) -> list[Any]:
        """Have HiGHS say something wrong first and the truth then; return the rows it was given."""
        honest, rows = Engine.solve, []

        def lenient(engine: Engine, *args: Any, **more: Any) -> Solution:
            rows.append(engine.highs.getNumRow())
            if len(rows) == 1:
                return claimed(Answer.OPTIMAL, values, bound=1e9)
            return honest(engine, *args, **more)

        monkeypatch.setattr(Engine, "solve", lenient)
        return rows

    def test_a_scale_that_takes_ten_kroner_too_much_is_moved_in(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scaled = {"scalable": {"minimum": 0.25}}
        plan = a_plan(
            an_intervention("a", outlay=2 * MILLION, saving=5 * MILLION),
            an_intervention("b", outlay=4 * MILLION, saving=6 * MILLION, option=scaled),
            pools=[{"id": "pulje", "name": "P", "kind": "investment", "total": 4 * MILLION}],
        )
        rows = self.first_answer(monkeypatch, [1.0, 1.0, 0.5000025])  # a, b, scale of b
        allocation = allocate(plan, gap=0)
        assert len(rows) == 2
        assert allocation.status is Status.OPTIMAL
        assert allocation.objective == pytest.approx(4 * MILLION, abs=20)
        assert allocation.invested <= 4 * MILLION + 1

    def test_too_little_is_cut_off_and_the_other_limit_stays(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scaled = {"scalable": {"minimum": 0}}
        plan = a_plan(
            an_intervention("a", outlay=MILLION, saving=MILLION // 2, option=scaled),
            constraints=[
                {"tag": "invested", "at_least": MILLION // 2, "at_most": MILLION // 2 + 5}
            ],
        )
        rows = self.first_answer(monkeypatch, [1.0, 0.4999985])  # 1.5 kr. too little
        allocation = allocate(plan, gap=0)
        assert len(rows) == 2
        assert allocation.status is Status.OPTIMAL
        assert MILLION // 2 - 1 <= allocation.invested <= MILLION // 2 + 6

    def test_a_scale_that_no_scale_can_mend_rules_out_the_choice(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """At its least scale b still takes too much beside a, so one of the two must go."""
        scaled = {"scalable": {"minimum": 0.75}}
        plan = a_plan(
            an_intervention("a", outlay=2 * MILLION, saving=5 * MILLION),
            an_intervention("b", outlay=4 * MILLION, saving=9 * MILLION, option=scaled),
            pools=[{"id": "pulje", "name": "P", "kind": "investment", "total": 4 * MILLION}],
        )
        rows = self.first_answer(monkeypatch, [1.0, 1.0, 0.75])
        allocation = allocate(plan, gap=0)
        assert rows == [rows[0], rows[0] + 1]
        assert allocation.choice == {"b/base": 1}
        assert allocation.status is Status.OPTIMAL

    def test_a_wrong_infeasible_is_refuted_by_the_empty_plan(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.claim(monkeypatch, Answer.INFEASIBLE)
        allocation = allocate(self.plan())
        assert allocation.status is Status.FEASIBLE
        assert allocation.objective == 0
        assert allocation.bound is None
        assert allocation.gap is None

    def test_a_wrong_infeasible_is_refuted_by_a_greedy_plan(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.claim(monkeypatch, Answer.INFEASIBLE)
        document = a_document(
            an_intervention("a", outlay=2 * MILLION, saving=MILLION),
            an_intervention("b", outlay=3 * MILLION, saving=9 * MILLION),
            an_intervention("c", outlay=3 * MILLION, saving=5 * MILLION),
            constraints=[{"tag": "chosen", "at_least": 2}],
            pools=[{"id": "pulje", "name": "P", "kind": "investment", "total": 6 * MILLION}],
        )
        plan = plan_from_document(document)
        allocation = allocate(plan)
        assert allocation.status is Status.FEASIBLE
        assert evaluate(plan, allocation.choice).status is Status.FEASIBLE
        assert len(allocation.choice) == 2

    def test_a_right_infeasible_stands(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.claim(monkeypatch, Answer.INFEASIBLE)
        plan = a_plan(
            an_intervention("a", outlay=MILLION), constraints=[{"tag": "chosen", "at_least": 2}]
        )
        assert allocate(plan).status is Status.INFEASIBLE

    def test_a_plan_that_is_kept_within_a_krone_only_refutes_nothing(self) -> None:
        """A scaled plan may be a krone off, but that is round-off and no proof of a plan."""
        scaled = {"scalable": {"minimum": 0.25}}
        plan = a_plan(
            an_intervention("a", outlay=4, option=scaled, force="in"),
            pools=[{"id": "pulje", "name": "P", "kind": "investment", "total": 0}],
        )
        assert evaluate(plan, {"a/base": Fraction(1, 4)}).status is Status.FEASIBLE
        for solver in SOLVERS:
            assert allocate(plan, gap=0, solver=solver).status is Status.INFEASIBLE

    def test_no_greedy_search_through_a_large_plan(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.claim(monkeypatch, Answer.INFEASIBLE)
        many = [an_intervention(f"i{n}", outlay=1, saving=2) for n in range(301)]
        plan = a_plan(*many, constraints=[{"tag": "chosen", "at_least": 1}])
        assert allocate(plan).status is Status.INFEASIBLE

    @pytest.mark.parametrize("answer", [Answer.UNBOUNDED, Answer.NO_ANSWER])
    def test_other_answers_are_passed_on(
        self, monkeypatch: pytest.MonkeyPatch, answer: Answer
    ) -> None:
        self.claim(monkeypatch, answer)
        allocation = allocate(self.plan())
        assert allocation.status == answer.value
        assert allocation.objective is None
        assert allocation.document()["totals"] is None

    def test_optimal_without_a_plan_is_no_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.claim(monkeypatch, Answer.OPTIMAL)
        assert allocate(self.plan()).status is Status.NO_ANSWER

    @staticmethod
    def claim(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
        monkeypatch.setattr(Engine, "solve", lambda *_, **__: claimed(answer))


class TestHowItIsAsked:
    def test_a_mistyped_option_is_an_error(self) -> None:
        with pytest.raises(SolverError, match="threads"):
            solve(hard_knapsack(), effort=Effort(threads="two"))  # type: ignore[arg-type]

    def test_cbc_that_is_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import pulp

        monkeypatch.setattr(pulp.PULP_CBC_CMD, "pulp_cbc_path", "/no/such/cbc")
        with pytest.raises(SolverError, match="HiGHS"):
            solve(hard_knapsack(), solver="cbc")

    def test_cbc_that_crashes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import pulp

        monkeypatch.setattr(pulp.PULP_CBC_CMD, "pulp_cbc_path", "/bin/false")
        with pytest.raises(SolverError, match="error"):
            solve(hard_knapsack(), solver="cbc")

    @pytest.mark.parametrize("threads", [1, 2])
    def test_the_number_of_threads_decides_nothing(self, threads: int) -> None:
        rng = random.Random(3)
        items = [(rng.randint(10, 99), rng.randint(10, 99), None) for _ in range(40)]
        plan = plan_from_document(knapsack(items, 900, 1000))
        first, other = (allocate(plan, gap=0, threads=n) for n in (1, threads))
        assert other.choice == first.choice
        assert other.objective == first.objective
        assert other.solver.threads == threads

    def test_progress_is_told_in_kroner_and_can_stop_the_search(self) -> None:
        rng = random.Random(5)
        items = [(rng.randint(1000, 9999), rng.randint(1000, 9999), None) for _ in range(60)]
        document = knapsack(items, 150_000, 1000)
        for year in range(2028, 2032):
            for intervention in document["interventions"]:
                intervention["options"][0]["flows"].append(
                    {"year": year, "payer": "kommune", "category": "service", "kind": "outlay",
                     "amount": -rng.randint(1_000_000, 9_999_999)}
                )  # fmt: skip
            document["scenario"]["constraints"].append(
                {"tag": "invested", "year": year, "at_most": 150_000_000}
            )
        document["scenario"]["pools"][0]["total"] = 900_000_000
        plan, seen = plan_from_document(document), []

        def stop_at_the_first(best: float | None, bound: float | None, seconds: float) -> bool:
            if best is not None and bound is not None:
                seen.append((best, bound))
            return bool(seen)

        allocation = allocate(plan, gap=0, progress=stop_at_the_first)
        assert allocation.status is Status.FEASIBLE
        assert allocation.bound > allocation.objective > 0
        assert allocation.gap > 0
        best, bound = seen[0]
        assert best <= allocation.objective + 1
        assert bound >= allocation.objective - 1
        assert evaluate(plan, allocation.choice).objective == allocation.objective

    def test_a_gap_is_kept(self) -> None:
        rng = random.Random(4)
        items = [(rng.randint(10, 99), rng.randint(10, 99), None) for _ in range(30)]
        plan = plan_from_document(knapsack(items, 700, 1000))
        best = allocate(plan, gap=0)
        rough = allocate(plan, gap=0.2)
        assert best.bound == best.objective
        assert best.gap == 0
        assert rough.status is Status.OPTIMAL
        assert rough.gap <= 0.2
        assert rough.objective <= best.objective <= rough.bound


class TestEngine:
    """One program that is asked again and again with a few things changed."""

    QUICK = Effort(gap=0)

    @staticmethod
    def engine() -> Engine:
        """Three things worth 3, 4 and 5 that take 2, 3 and 4 million of 5."""
        rows = [
            a_row({0: 2 * MILLION, 1: 3 * MILLION, 2: 4 * MILLION}, upper=5 * MILLION),
            a_row({0: 1, 1: 1, 2: 1}, lower=1, upper=3),
        ]
        return Engine(a_program(*rows, worth={0: 3, 1: 4, 2: 5}, variables=[whole()] * 3))

    def chosen(self, engine: Engine, **more: Any) -> list[int]:
        solution = engine.solve(self.QUICK, **more)
        assert solution.answer is Answer.OPTIMAL
        return [round(v) for v in solution.values]

    def test_a_limit_can_be_moved_and_moved_back(self) -> None:
        engine = self.engine()
        assert self.chosen(engine) == [1, 1, 0]
        engine.bound_row(0, lower=None, upper=6 * MILLION)
        assert self.chosen(engine) == [1, 0, 1]
        engine.bound_row(0, lower=None, upper=9 * MILLION)
        assert self.chosen(engine) == [1, 1, 1]
        engine.bound_row(1, lower=1, upper=2)
        assert self.chosen(engine) == [0, 1, 1]
        engine.bound_row(0, lower=None, upper=5 * MILLION)
        engine.bound_row(1, lower=3, upper=3)
        assert engine.solve(self.QUICK).answer is Answer.INFEASIBLE
        engine.bound_row(1, lower=None, upper=None)
        assert self.chosen(engine) == [1, 1, 0]

    def test_a_variable_can_be_held(self) -> None:
        engine = self.engine()
        engine.bound_variable(2, 1, 1)
        assert self.chosen(engine) == [0, 0, 1]
        engine.bound_variable(2, 0, 1)
        engine.bound_variable(1, 0, 0)
        assert self.chosen(engine) == [0, 0, 1]

    def test_rows_can_be_added_and_dropped(self) -> None:
        engine = self.engine()
        place = engine.add(a_row({0: 1, 1: 1}, upper=1))
        engine.add(a_row({2: 1}, upper=0))
        assert self.chosen(engine) == [0, 1, 0]
        engine.drop_from(place)
        assert self.chosen(engine) == [1, 1, 0]
        engine.drop_from(place)  # nothing there: nothing happens
        assert self.chosen(engine) == [1, 1, 0]

    def test_relaxed_it_tells_what_a_krone_more_is_worth(self) -> None:
        engine = self.engine()
        engine.relax(relaxed=True)
        solution = engine.solve(self.QUICK)
        assert solution.bound == pytest.approx(3 + 4)
        engine.bound_row(0, lower=None, upper=4 * MILLION)
        solution = engine.solve(self.QUICK)
        assert solution.bound == pytest.approx(3 + 4 * 2 / 3)
        assert engine.duals() == pytest.approx([4 / 3 / MILLION, 0])
        engine.relax(relaxed=True)
        engine.relax(relaxed=False)
        assert self.chosen(engine) == [0, 0, 1]

    def test_a_plan_to_begin_from_decides_nothing(self) -> None:
        assert self.chosen(self.engine(), start=[0.0, 0.0, 1.0]) == [1, 1, 0]

    def test_a_crash_is_an_error_and_no_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import highspy

        engine = self.engine()

        class Crashing:
            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

            def run(self) -> Any:
                return highspy.HighsStatus.kError

        real, engine.highs = engine.highs, Crashing()
        with pytest.raises(SolverError, match="error"):
            engine.solve(self.QUICK)

    @pytest.mark.parametrize(
        ("then", "answer"),
        [
            ("kInfeasible", Answer.INFEASIBLE),
            ("kOptimal", Answer.UNBOUNDED),
            ("kTimeLimit", Answer.NO_ANSWER),
        ],
    )
    def test_unbounded_or_infeasible_is_asked_again_without_an_objective(
        self, then: str, answer: Answer
    ) -> None:
        import highspy

        known = highspy.HighsModelStatus
        answers = iter([known.kUnboundedOrInfeasible, getattr(known, then)])
        engine = self.engine()

        class Undecided:
            def __getattr__(self, name: str) -> Any:
                return getattr(real, name)

            def getModelStatus(self) -> Any:  # noqa: N802 - HiGHS' name
                return next(answers)

        real, engine.highs = engine.highs, Undecided()
        assert engine.solve(self.QUICK).answer is answer

    def test_a_relaxation_that_is_not_done_has_no_bound(self) -> None:
        engine = self.engine()
        engine.solve(self.QUICK)
        bound = optimizer.solver._highs_bound(
            engine.highs, engine.matrix, Answer.FEASIBLE, is_whole=False
        )
        assert bound is None


class TestBounds:
    LOG = "Version: 2.10.3\n\nResult - Stopped on time limit\n\nObjective value: 1.0\n"

    @pytest.mark.parametrize(
        ("line", "bound"),
        [
            ("Upper bound:                    13306.255", 13306.255),
            ("Upper bound:                    -10090.206", -10090.206),
            ("Upper bound:                    1.5e+06", 1.5e6),
            ("", None),
        ],
    )
    def test_cbc_says_it_in_its_log(self, line: str, bound: float | None) -> None:
        import pulp

        program = a_program(a_row({0: 1}, upper=1), worth={0: 512}, variables=[whole()])
        matrix = matrix_of(program)
        model = pulp_model(matrix)
        model.sol_status = pulp.LpSolutionIntegerFeasible
        log = self.LOG + line + "\nGap: -0.01\n"
        scaled = optimizer.solver._cbc_bound(log, model, matrix, Effort())
        assert scaled == (None if bound is None else pytest.approx(bound / matrix.objective_scale))

    def test_without_a_bound_nothing_is_proved(self) -> None:
        one = Fraction(1)
        assert not is_proved(Answer.OPTIMAL, one, None, Effort(gap=1), is_money=True)
        assert is_proved(Answer.FEASIBLE, one, one, Effort(gap=0), is_money=False)
        near = Fraction(10**6) + Fraction(1, 2)
        assert is_proved(Answer.FEASIBLE, Fraction(10**6), near, Effort(gap=0), is_money=True)
        assert not is_proved(Answer.FEASIBLE, Fraction(10**6), near, Effort(gap=0), is_money=False)


class TestEquallyGood:
    @staticmethod
    def swaps(*interventions: Any, **more: Any) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
        allocation = allocate(a_plan(*interventions, **more), gap=0)
        assert allocation.status is Status.OPTIMAL
        for swap in allocation.equally_good:
            other = {k: v for k, v in allocation.choice.items() if k not in swap.without}
            other |= dict.fromkeys(swap.instead, Fraction(1))
            tried = evaluate(allocation.plan, other)
            assert (tried.status, tried.objective) == (Status.FEASIBLE, allocation.objective)
        return {(swap.without, swap.instead) for swap in allocation.equally_good}

    def test_one_of_two_that_are_alike(self) -> None:
        found = self.swaps(
            an_intervention("a", outlay=MILLION, saving=3 * MILLION),
            an_intervention("b", outlay=MILLION, saving=3 * MILLION),
            pools=[{"id": "pulje", "name": "P", "kind": "investment", "total": MILLION}],
        )
        assert found in ({(("a/base",), ("b/base",))}, {(("b/base",), ("a/base",))})

    def test_one_that_is_worth_nothing(self) -> None:
        found = self.swaps(an_intervention("a", outlay=MILLION, saving=MILLION))
        assert found in ({((), ("a/base",))}, {(("a/base",), ())})

    def test_not_one_that_breaks_a_rule(self) -> None:
        found = self.swaps(
            an_intervention("a", outlay=MILLION, saving=3 * MILLION),
            an_intervention("b", outlay=MILLION + 5, saving=3 * MILLION + 5),
            pools=[{"id": "pulje", "name": "P", "kind": "investment", "total": MILLION}],
        )
        assert found == set()

    def test_nothing_where_the_plan_is_alone_at_the_top(self) -> None:
        assert self.swaps(an_intervention("a", outlay=MILLION, saving=3 * MILLION)) == set()

    def test_five_are_enough(self) -> None:
        alike = [an_intervention(f"i{n}", outlay=MILLION, saving=2 * MILLION) for n in range(9)]
        pool = {"id": "pulje", "name": "P", "kind": "investment", "total": MILLION}
        assert len(self.swaps(*alike, pools=[pool])) == 5
