"""Outcomes of cases: against the case computed anew for every draw, and against known moments."""

import itertools
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import betaincinv, ndtr, ndtri
from scipy.stats import qmc

from optimizer import Appraisal, Case, FlowKind
from optimizer.cases import (
    BusinessCase,
    CostLine,
    Durability,
    FixedShares,
    ShelterSplit,
    Uncertain,
    flows_of,
)
from optimizer.cases.case_outcomes import (
    Distribution,
    InputsError,
    blocks,
    case_outcomes,
)
from optimizer.cases.drawing import DrawnCase, drawn_case, drawn_flows
from optimizer.cases.example_flows import a_saving, an_outlay, years_2015_to_2019
from optimizer.cases.examples import LEVELS, PAYERS, small_case
from optimizer.cases.figures import Perspective, figures_of
from optimizer.draws import draws_of, uniforms
from optimizer.outcome import USUAL_CORRELATION, SampledOutcomes
from optimizer.payers import Category
from optimizer.scenario import DiscountStep
from tests.optimizer.builders import MILLION, a_flow, a_plan, an_intervention

VIEW = Perspective(2027, (2027, 2034), PAYERS, (DiscountStep(0, Fraction(35, 1000)),))
ALONE = SampledOutcomes(256, 7, {})
MINE = frozenset({"kommune"})


def uncertain_case() -> BusinessCase:
    """Return the small case with every kind of input uncertain."""
    case = small_case()
    (route,), (course,) = case.effects, case.costs
    (days,) = route.consequences
    price = replace(days.price, kroner=Uncertain(1000, low=600, high=1500))
    row = {0: Uncertain(-60, low=-80, high=-20), 1: Uncertain(-30, low=-70, high=-10)}
    shelter = replace(days, price=price, quantity=row, split=FixedShares.all_of("kommune"))
    medicine = replace(days, id="medicin", quantity=Uncertain(3, low=1, high=8))
    gross = {2027: Uncertain(900_000, low=800_000, high=1_300_000), 2028: Uncertain(50_000)}
    return replace(
        case,
        effects=(replace(route, consequences=(shelter, medicine)),),
        costs=(replace(course, gross=gross),),
        variants=(replace(case.variants[0], scale=Fraction(3)),),
    )


def drawn(case: BusinessCase, **more: object) -> DrawnCase:
    return drawn_case(
        case, VIEW, id="a", department="d", price_levels=LEVELS, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def first_draws(case: DrawnCase, outcomes: SampledOutcomes = ALONE) -> dict[str, list[float]]:
    """Return u of every input by the definition: A, department, group, then the inputs."""
    points = qmc.Sobol(3 + len(case.columns), scramble=True, rng=outcomes.seed).random(
        outcomes.count
    )
    u = ndtr(ndtri(points[:, 3:]))
    return {name: u[:, place].tolist() for place, name in enumerate(case.columns)}


def pert(value: Uncertain, u: float) -> Fraction:
    """Return the quantile on [low, high] with the expected as mean and alpha + beta = 6."""
    if value.expected in (value.low, value.high):
        return value.expected
    where = (value.expected - value.low) / (value.high - value.low)
    share = betaincinv(6 * float(where), 6 - 6 * float(where), u)
    return value.low + (value.high - value.low) * Fraction(float(share))


def counted(successes: int, observed: int, u: float) -> Fraction:
    return Fraction(float(betaincinv(successes + 0.5, observed - successes + 0.5, u)))


class TestAgainstTheCaseComputedAnew:
    """The judge: put the drawn numbers into the case, and let the exact library compute it."""

    def npv(self, case: BusinessCase, payers: frozenset[str] | None, late: int = 0) -> float:
        computed = flows_of(case, payers=PAYERS, price_levels=LEVELS)
        flows = [
            replace(c.flow, year=c.flow.year + late * (c.flow.kind is FlowKind.SAVING))
            for c in computed
        ]
        return float(figures_of(flows, VIEW, payers=payers).npv.expected)

    def put(self, case: BusinessCase, u: dict[str, float]) -> BusinessCase:
        (route,), (course,), (rent,) = case.effects, case.costs, case.direct
        shelter, medicine = route.consequences
        assert isinstance(shelter.quantity, Mapping)
        first, second = shelter.quantity.values()
        total = [first.in_case(end) + second.in_case(end) / 2 for end in Case]
        # the row moves together: its place is that of its worth, on straight lines
        worth = Uncertain(-total[1], low=-total[2], high=-total[0])
        at = pert(worth, u["bolig/herberg/quantity"])
        (l0, e0, h0), (l1, e1, h1) = ((v.low, v.expected, v.high) for v in (first, second))
        place = (at - worth.low) / (worth.high - worth.low)
        middle = (worth.expected - worth.low) / (worth.high - worth.low)
        if place <= middle:
            q0, q1 = (h + place / middle * (e - h) for h, e in ((h0, e0), (h1, e1)))
        else:
            rest = (place - middle) / (1 - middle)
            q0, q1 = (e + rest * (low - e) for low, e in ((l0, e0), (l1, e1)))
        pills = medicine.quantity
        assert isinstance(pills, Uncertain)
        effect = replace(
            route,
            success=Uncertain(pert(route.success, u["bolig/success"])),
            without=Uncertain(counted(3, 20, 1 - u["bolig/without"])),
            consequences=(
                replace(
                    shelter,
                    quantity={0: Uncertain(q0), 1: Uncertain(q1)},
                    price=replace(
                        shelter.price,
                        kroner=Uncertain(pert(shelter.price.kroner, u["bolig/herberg/price"])),
                    ),
                ),
                # more medicine is bad, so it is read at 1 - u
                replace(medicine, quantity=Uncertain(
                    pert(pills, 1 - u["bolig/medicin/quantity"]))),
            ),
        )  # fmt: skip
        gross = course.gross[2027]
        # a high u is good: a low cost
        outlay = (
            gross.high
            + gross.low
            - pert(
                Uncertain(gross.high + gross.low - gross.expected, gross.low, gross.high),
                u["kursus"],
            )
        )
        saved = round(pert(Uncertain(50_000, 40_000, 60_000), u["leje"]))
        return replace(
            case,
            effects=(effect,),
            costs=(replace(course, gross={**course.gross, 2027: Uncertain(outlay)}),),
            direct=(replace(rent, flow=replace(rent.flow, low=saved, amount=saved, high=saved)),),
        )

    @pytest.mark.parametrize("payers", [None, MINE])
    def test_every_draw_is_the_case_with_the_drawn_numbers(
        self, payers: frozenset[str] | None
    ) -> None:
        case = uncertain_case()
        ready = drawn(case, payers=payers)
        u = first_draws(ready)
        (block,) = blocks([ready], ALONE)
        assert len(ready.columns) == 7
        for draw in range(0, 256, 7):
            anew = self.put(case, {name: values[draw] for name, values in u.items()})
            assert block.npv[draw, 0] == pytest.approx(self.npv(anew, payers), abs=60)

    def test_a_delay_moves_whole_years_of_savings_only(self) -> None:
        case = uncertain_case()
        years = Uncertain(1, low=0, high=3)
        ready = drawn(case, delay=years)
        u = first_draws(ready)
        (block,) = blocks([ready], ALONE)
        seen = set()
        for draw in range(0, 256, 7):
            late = int(pert(years, 1 - u["delay"][draw]) + Fraction(1, 2))
            seen.add(late)
            anew = self.put(case, {name: values[draw] for name, values in u.items()})
            assert block.npv[draw, 0] == pytest.approx(self.npv(anew, None, late), abs=60)
        assert seen == {0, 1, 2, 3}

    def test_a_known_delay(self) -> None:
        flows = [an_outlay(2027, 100), a_saving(2030, 300), a_saving(2034, 70)]
        ready = drawn_flows(flows, VIEW, id="a", department="d", delay=Uncertain(2))
        (block,) = blocks([ready], ALONE)
        assert set(block.net[:, 0]) == {200.0}
        assert block.npv[0, 0] == pytest.approx(-100 + 300 / 1.035**5)

    def test_what_is_known_outside_or_another_purses_is_not_drawn(self) -> None:
        case = small_case()
        (route,), (rent,) = case.effects, case.direct
        (days,) = route.consequences
        ended = replace(
            days,
            quantity={0: Uncertain(-30, low=-30, high=-20), 1: Uncertain(-5)},
            price=replace(days.price, kroner=Uncertain(1000, low=1000, high=1500)),
            split=FixedShares.all_of("kommune"),
        )
        known = replace(route, consequences=(ended,), success=Uncertain(1), without=Uncertain(0))
        theirs = replace(rent, flow=replace(rent.flow, payer="stat"))
        one = replace(case, effects=(known,), costs=(), direct=(theirs,))
        view = replace(VIEW, horizon=(2027, 2028), discount=())
        for payers, net in ((MINE, 20 * 1040 * (30 + 30 + 2.5)), (frozenset({"region"}), 0)):
            ready = drawn_case(
                one, view, id="a", department="d", payers=payers, price_levels=LEVELS
            )
            assert ready.columns == ()
            (block,) = blocks([ready], ALONE)
            assert set(block.net[:, 0]) == {net}

    def test_a_rule_with_limits_is_followed_through_its_three_points(self) -> None:
        case = small_case()
        (route,) = case.effects
        (days,) = route.consequences
        # the state refunds half of at most 90 days a year: of 130, the first 40 fewer are our own
        fewer = replace(
            days,
            quantity=Uncertain(-30, low=-60, high=-10),
            split=ShelterSplit("kommune", "stat", days_without=130),
        )
        certain = replace(
            route,
            consequences=(fewer,),
            success=Uncertain(1),
            without=Uncertain(0),
            durability=Durability.of_row(1),
            citizens={2027: 100},
        )
        base = replace(case.variants[0], scale=Fraction(1))
        one = replace(case, effects=(certain,), costs=(), direct=(), variants=(base,))
        view = replace(VIEW, discount=())

        def at(units: int) -> int:
            exact = replace(fewer, quantity=Uncertain(units))
            put = replace(one, effects=(replace(certain, consequences=(exact,)),))
            found = flows_of(put, payers=PAYERS, price_levels=LEVELS)
            return sum(c.flow.amount for c in found if c.flow.payer == "kommune")

        marks = [-10, -30, -60]
        own = [at(mark) for mark in marks]
        assert own == [1_040_000, 3_120_000, 4_160_000 + 1_040_000]
        ready = drawn_case(one, view, id="a", department="d", payers=MINE, price_levels=LEVELS)
        u = np.array(first_draws(ready)["bolig/herberg/quantity"])
        (block,) = blocks([ready], ALONE)
        units = -60 + 50 * betaincinv(3.6, 2.4, 1 - u)
        expected = np.interp(-units, [10, 30, 60], own)
        assert block.npv[:, 0] == pytest.approx(expected, abs=20)


class TestTheDraws:
    def test_entered_amounts_are_drawn_as_a_plan_draws_them(self) -> None:
        savings = [
            a_flow("saving", 4 * MILLION, 2028, low=0, high=10 * MILLION),
            a_flow("cost", -2 * MILLION, 2029, low=-3 * MILLION, high=-1 * MILLION),
        ]
        sample = {"sample": {"count": 1000, "seed": 11, "correlation": {
            "target_group": 0.3, "department": 0.1, "all": 0.05}}}  # fmt: skip
        plan = a_plan(
            an_intervention("a", option={"flows": savings, "pool": None}, target_group="unge"),
            an_intervention("b", option={"flows": savings[:1], "pool": None}, department="job"),
            an_intervention("c", option={"flows": savings[1:], "pool": None}, target_group="unge"),
            outcomes=sample, discount=[{"after_year": 0, "rate": 0.035}],
        )  # fmt: skip
        keys = list(plan.options)
        expected = draws_of(plan, Appraisal(plan), None, keys).net_saving
        view = Perspective.of(plan)
        cases = [
            drawn_flows(
                option.flows, view, id=i.id, department=i.department, target_group=i.target_group
            )
            for i, option in plan.options.values()
        ]
        assert isinstance(plan.outcomes, SampledOutcomes)
        found = np.vstack([b.npv for b in blocks(cases, plan.outcomes, block_bytes=9000)])
        # they round to whole kroner, and the table of the quantile is fine to a millionth
        assert found == pytest.approx(expected, abs=20)
        assert len(list(uniforms(plan, plan.outcomes))) == 3

    def test_the_same_seed_gives_the_same_in_any_blocks(self) -> None:
        cases = [replace(drawn(uncertain_case()), id=name) for name in "abc"]
        outcomes = SampledOutcomes(1000, 3, USUAL_CORRELATION)
        (whole,) = blocks(cases, outcomes)
        parts = list(blocks(cases, outcomes, block_bytes=4000))
        assert len(parts) > 10
        assert [p.first for p in parts][:2] == [0, len(parts[0].npv)]
        assert (np.vstack([p.npv for p in parts]) == whole.npv).all()
        assert (np.vstack([p.net for p in parts]) == whole.net).all()
        other = next(blocks(cases, replace(outcomes, seed=4)))
        assert not (other.npv == whole.npv).any()

    def test_cases_have_in_common_what_the_correlation_says(self) -> None:
        case = drawn(replace(small_case(), effects=(), costs=()))
        cases = [
            replace(case, id="a", target_group="unge"),
            replace(case, id="b", target_group="unge"),
            replace(case, id="c"),
            replace(case, id="d", department="other"),
        ]
        outcomes = SampledOutcomes(2**14, 5, USUAL_CORRELATION)
        (block,) = blocks(cases, outcomes, block_bytes=2**24)
        found = np.corrcoef(block.npv.T)
        # the bell shape of Beta(3, 3) keeps the correlation of the normals nearly
        assert found[0, 1] == pytest.approx(0.45, abs=0.02)
        assert found[0, 2] == pytest.approx(0.15, abs=0.02)
        assert found[0, 3] == pytest.approx(0.05, abs=0.02)

    def test_without_uncertainty_every_draw_is_the_figure(self) -> None:
        certain = drawn_flows(
            [an_outlay(2027, 100), a_saving(2028, 50)], VIEW, id="a", department="d"
        )
        (found,) = case_outcomes([certain], ALONE)
        assert found.mean == pytest.approx(-100 + 50 / 1.035)
        assert found.lowest == found.highest == found.quantile(0.3)
        assert (found.chance_of_loss, found.chance_not_paid_back) == (1, 1)
        (broke_even,) = case_outcomes(
            [drawn_flows([an_outlay(2027, 1), a_saving(2028, 1)], replace(VIEW, discount=()),
                         id="a", department="d")], ALONE,
        )  # fmt: skip
        assert broke_even.chance_of_loss == 0


def known() -> Distribution:
    """Return what Beta(3, 3) on [-5,000, 25,000] kroner comes to."""
    flows = [an_outlay(2015, 10_000), a_saving(2016, 20_000, low=5_000, high=35_000)]
    ready = drawn_flows(flows, years_2015_to_2019(), id="a", department="d")
    return case_outcomes([ready], SampledOutcomes(2**14, 7, {}))[0]


class TestDistribution:
    def test_chances_and_quantiles_of_a_known_distribution(self) -> None:
        found = known()
        # Beta(3, 3): P(b < 1/6) = 10/216 - 15/1296 + 6/7776
        assert float(found.chance_not_paid_back) == pytest.approx(0.03549, abs=0.001)
        assert found.chance_of_loss == found.chance_not_paid_back
        assert found.mean == pytest.approx(10_000, abs=2)
        for share in (0.05, 0.5, 0.95):
            exact = -5_000 + 30_000 * betaincinv(3, 3, share)
            assert found.quantile(share) == pytest.approx(exact, abs=20)
        assert -5_000 <= found.lowest < found.quantile(0.001)
        assert found.quantile(1.0) <= found.highest <= 25_000
        assert found.lowest <= found.quantile(0.0) < found.quantile(0.001)

    def test_a_histogram_holds_every_draw(self) -> None:
        found = known()
        bars = found.histogram(20)
        assert len(bars) <= 20
        assert sum(draws for _, _, draws in bars) == found.count == 2**14
        assert all(end == pytest.approx(start) for (_, end, _), (start, _, _) in
                   itertools.pairwise(bars))  # fmt: skip
        assert bars[0][0] <= found.lowest
        assert bars[-1][1] >= found.highest

    def test_it_does_not_hang_on_the_block(self) -> None:
        cases = [replace(drawn(uncertain_case()), id=name) for name in "ab"]
        outcomes = SampledOutcomes(3000, 3, USUAL_CORRELATION)
        one, two = (case_outcomes(cases, outcomes, block_bytes=b) for b in (2**24, 2**14))
        for mine, theirs in zip(one, two, strict=True):
            assert replace(mine, mean=0) == replace(theirs, mean=0)
            assert mine.mean == pytest.approx(theirs.mean)

    def test_the_mean_is_near_the_expected_figure(self) -> None:
        case = uncertain_case()
        (found,) = case_outcomes([drawn(case)], SampledOutcomes(2**13, 1, {}))
        flows = [c.flow for c in flows_of(case, payers=PAYERS, price_levels=LEVELS)]
        expected = float(figures_of(flows, VIEW).npv.expected)
        # the rate without is counted: its mean is (3 + 1/2) / 21, not 3 / 20
        assert found.mean == pytest.approx(expected, rel=0.2)


def test_memory_does_not_grow_with_the_draws() -> None:
    cases = [replace(drawn(uncertain_case()), id=f"{n}") for n in range(20)]

    def peak(count: int) -> int:
        tracemalloc.start()
        case_outcomes(cases, SampledOutcomes(count, 1, USUAL_CORRELATION), block_bytes=2**17)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(64)  # what is imported and tabled once
    assert peak(8192) < 1.2 * peak(1024)


def test_two_cases_of_one_name_are_refused() -> None:
    case = drawn(small_case())
    with pytest.raises(ValueError, match="same id"):
        list(blocks([case, case], ALONE))


def test_more_inputs_than_points_have_columns() -> None:
    wide = DrawnCase("a", "d", None, tuple(str(n) for n in range(21_199)), (), ())
    with pytest.raises(InputsError, match="21,202"):
        list(blocks([wide], ALONE))


def test_costs_by_citizen_count_them_in_every_draw() -> None:
    course = CostLine(
        "kursus",
        "Kursus",
        FlowKind.COST,
        {0: Uncertain(1000, low=500, high=2500)},
        Category.SERVICE,
        FixedShares.all_of("kommune"),
        2026,
        per_citizen="bolig",
    )
    (route,) = small_case().effects
    some = replace(
        small_case(), effects=(replace(route, consequences=()),), costs=(course,), direct=()
    )
    ready = drawn(some)
    u = np.array(first_draws(ready)["kursus"])
    (block,) = blocks([ready], ALONE)
    # 40 citizens; a high u is a low cost
    assert block.net[:, 0] == pytest.approx(-40 * (2500 - 2000 * betaincinv(4.5, 1.5, u)), abs=1)
