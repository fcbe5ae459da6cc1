"""State refunds, price levels and discount rates, against the published figures."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.appraisal import DiscountFactors
from optimizer.cases import (
    RULES,
    CaseError,
    CentralRefund,
    CentralRefundSplit,
    DatedShares,
    FixedShares,
    PriceLevels,
    RefusionSplit,
    ShelterSplit,
    discount_schedule,
    in_force,
)
from optimizer.cases.examples import TERMS, TERMS_2022
from optimizer.cases.prices import NO_LEVELS
from optimizer.cases.splits import SPLITS, Split, Terms, Use
from tests.optimizer.business import LEVELS

STAIRS = RULES.refusion[0]
TWO = ("kommune", "stat")
F = Fraction


def in_parts(split: Split, use: Use, terms: Terms = TERMS) -> dict[str, Fraction]:
    found = split.parts(use, terms)
    assert sum(found.by_payer.values()) == use.kroner
    assert found.rule.da
    assert found.rule.en
    return dict(found.by_payer)


class TestRefusionStaircase:
    """80 % weeks 1-4, 40 % weeks 5-26, 30 % weeks 27-52, 20 % from week 53 (MATHS 1)."""

    def test_a_full_first_year_is_38_08_percent_state(self) -> None:
        share = STAIRS.state_share(1, 52)
        assert share == (4 * F("0.8") + 22 * F("0.4") + 26 * F("0.3")) / 52
        assert round(float(share), 4) == 0.3808

    @pytest.mark.parametrize(
        ("week", "share"),
        [(1, "0.8"), (4, "0.8"), (5, "0.4"), (26, "0.4"), (27, "0.3"), (52, "0.3"), (53, "0.2")],
    )
    def test_each_step(self, week: int, share: str) -> None:
        assert STAIRS.state_share(week, week) == F(share)

    def test_the_second_year_is_all_on_the_last_step(self) -> None:
        use = Use(2028, 1, F(-52), F(1000))
        assert in_parts(RefusionSplit(*TWO), use) == {"kommune": 41_600, "stat": 10_400}

    def test_weeks_before_the_start_count(self) -> None:
        # weeks 27-52 at 30 %, weeks 53-78 at 20 %: 25 % of 52,000
        use = Use(2027, 0, F(-52), F(1000))
        assert in_parts(RefusionSplit(*TWO, weeks_before=26), use)["stat"] == 13_000

    def test_more_use_costs_both(self) -> None:
        use = Use(2028, 1, F(52), F(1000))
        assert in_parts(RefusionSplit(*TWO), use) == {"kommune": -41_600, "stat": -10_400}

    def test_it_is_not_known_before_2016(self) -> None:
        assert in_force(RULES.refusion, 2016) == STAIRS
        with pytest.raises(CaseError, match="2016-01-01 only, not in 2015"):
            RefusionSplit(*TWO).parts(Use(2015, 0, F(-1), F(1)), TERMS)


class TestCentralRefund:
    """25 % above 860,000, 50 % above 1,680,000, 75 % above 2,120,000 (2022, MATHS 1)."""

    def test_two_and_a_half_million_gives_710_000(self) -> None:
        limits = RULES.central[0]
        assert limits.by_band(2_500_000) == (205_000, 220_000, 285_000)
        assert limits.refund(2_500_000) == 710_000

    @pytest.mark.parametrize(
        ("cost", "refund"),
        [(0, 0), (860_000, 0), (860_004, 1), (1_680_000, 205_000), (2_120_000, 425_000)],
    )
    def test_at_the_limits(self, cost: int, refund: int) -> None:
        assert RULES.central[0].refund(cost) == refund

    @given(st.integers(0, 4_000))
    def test_krone_by_krone(self, thousands: int) -> None:
        steps = [0] * 860 + [250] * 820 + [500] * 440 + [750] * 2_000
        assert RULES.central[0].refund(thousands * 1000) == sum(steps[:thousands])

    def test_a_saving_is_split_as_the_refund_falls(self) -> None:
        # from 2,500,000 to 2,000,000: the state's part falls from 710,000 to 205,000 + 160,000
        split = CentralRefundSplit(*TWO, yearly_cost=2_500_000, price_year=2022)
        use = Use(2022, 0, F(-1), F(500_000))
        assert in_parts(split, use, TERMS_2022) == {"kommune": 155_000, "stat": 345_000}

    def test_below_the_first_limit_the_municipality_has_everything(self) -> None:
        split = CentralRefundSplit(*TWO, yearly_cost=800_000, price_year=2022)
        use = Use(2022, 0, F(-1), F(500_000))
        assert in_parts(split, use, TERMS_2022) == {"kommune": 500_000, "stat": 0}

    def test_the_limits_follow_the_price_level(self) -> None:
        # twice the prices: twice the limits, twice the refund
        terms = Terms(2026, PriceLevels({2022: F(1), 2026: F(2)}, "opdigtet"), RULES)
        split = CentralRefundSplit(*TWO, yearly_cost=5_000_000, price_year=2026)
        use = Use(2026, 0, F(-1), F(1_000_000))
        assert in_parts(split, use, terms) == {"kommune": 310_000, "stat": 690_000}

    def test_a_newer_entry_is_used_from_its_date(self) -> None:
        newer = CentralRefund(date(2027, 1, 1), ((1_000_000, F(1, 4)),), 2026, "opdigtet")
        rules = replace(RULES, central=(newer, *RULES.central))
        assert in_force(rules.central, 2026).price_year == 2022
        split = CentralRefundSplit(*TWO, yearly_cost=1_400_000, price_year=2026)
        terms = Terms(2026, NO_LEVELS, rules)
        use = Use(2027, 0, F(-1), F(800_000))
        assert in_parts(split, use, terms) == {"kommune": 700_000, "stat": 100_000}

    def test_it_is_not_known_before_2022(self) -> None:
        with pytest.raises(CaseError):
            in_force(RULES.central, 2021)


class TestShelter:
    """50 % state; from October 2023 at most 120, from April 2026 at most 90 days (MATHS 1)."""

    @pytest.mark.parametrize(
        ("year", "days"), [(2022, None), (2023, None), (2024, 120), (2026, 120), (2027, 90)]
    )
    def test_the_rule_on_new_years_day_is_the_years(self, year: int, days: int | None) -> None:
        assert in_force(RULES.shelter, year).days == days

    def test_without_a_limit_the_state_has_half(self) -> None:
        use = Use(2022, 0, F(-100), F(1000))
        assert in_parts(ShelterSplit(*TWO, 200), use) == {"kommune": 50_000, "stat": 50_000}

    @pytest.mark.parametrize(
        ("year", "without", "fewer", "state"),
        [
            (2025, 200, 80, 0),  # 120 left: every refunded day is still used
            (2025, 200, 100, 10_000),  # 20 of the 100 days were refunded
            (2025, 100, 100, 50_000),  # all of them
            (2027, 200, 100, 0),
            (2027, 200, 120, 5_000),  # 80 left, of 90 refunded
        ],
    )
    def test_days_above_the_limit_are_the_municipalitys(
        self, year: int, without: int, fewer: int, state: int
    ) -> None:
        use = Use(year, 0, F(-fewer), F(1000))
        assert in_parts(ShelterSplit(*TWO, without), use)["stat"] == state

    @given(st.integers(0, 366), st.integers(0, 366), st.sampled_from((2022, 2025, 2027)))
    def test_day_by_day(self, without: int, left: int, year: int) -> None:
        most = in_force(RULES.shelter, year).days or 999
        before = sum(500 for day in range(1, without + 1) if day <= most)
        after = sum(500 for day in range(1, left + 1) if day <= most)
        use = Use(year, 0, F(left - without), F(1000))
        assert in_parts(ShelterSplit(*TWO, without), use)["stat"] == before - after


class TestShares:
    def test_fixed(self) -> None:
        split = FixedShares({"kommune": F(1, 3), "region": F(2, 3)})
        use = Use(2027, 0, F(-3), F(100))
        assert in_parts(split, use) == {"kommune": 100, "region": 200}

    def test_by_date(self) -> None:
        half = FixedShares({"kommune": F(1, 2), "stat": F(1, 2)}, "gammel")
        split = DatedShares({2028: FixedShares.all_of("kommune"), 2020: half})
        assert split.payers == ("kommune", "stat")
        assert in_parts(split, Use(2027, 0, F(-1), F(10))) == {"kommune": 5, "stat": 5}
        assert in_parts(split, Use(2028, 0, F(-1), F(10))) == {"kommune": 10}
        assert split.parts(Use(2027, 0, F(-1), F(10)), TERMS).source == "gammel"
        with pytest.raises(CaseError, match="begin in 2020 only, not in 2019"):
            split.parts(Use(2019, 0, F(-1), F(10)), TERMS)

    def test_every_rule_has_a_word(self) -> None:
        assert list(SPLITS) == ["fixed", "dated", "refusion", "central_refund", "shelter"]


@pytest.mark.parametrize("entries", [RULES.refusion, RULES.central, RULES.shelter])
def test_every_rule_names_its_source(entries: tuple[CentralRefund, ...]) -> None:
    assert all(entry.source for entry in entries)
    assert [e.valid_from for e in entries] == sorted(e.valid_from for e in entries)


class TestPriceLevels:
    def test_index_of_the_target_over_index_of_the_source(self) -> None:
        assert LEVELS.in_prices_of(2026, 1003, price_year=2025) == 1040
        assert LEVELS.kroner(2025, 1000, price_year=2026) == 964  # 964.42
        assert LEVELS.kroner(2025, -1000, price_year=2026) == -964

    def test_half_a_krone_goes_away_from_zero(self) -> None:
        levels = PriceLevels({2025: F(2), 2026: F(1)}, "opdigtet")
        assert [levels.kroner(2026, k, price_year=2025) for k in (1, -1, 3)] == [1, -1, 2]

    def test_there_and_back_is_exact(self) -> None:
        there = LEVELS.in_prices_of(2022, 12345, price_year=2026)
        assert LEVELS.in_prices_of(2026, there, price_year=2022) == 12345

    def test_one_year_needs_no_table(self) -> None:
        assert NO_LEVELS.factor(2031, 2031) == 1

    @pytest.mark.parametrize(("levels", "shown"), [(LEVELS, "2022–2026"), (NO_LEVELS, "is empty")])
    def test_a_year_that_is_missing_is_named(self, levels: PriceLevels, shown: str) -> None:
        with pytest.raises(CaseError, match=f"2031 is not in the index table .*{shown}"):
            levels.factor(2031, 2026)


class TestDiscounting:
    def test_the_rates_of_2023(self) -> None:
        steps = discount_schedule(2023).steps
        assert [(s.after_year, float(s.rate)) for s in steps] == [
            (0, 0.035), (35, 0.025), (70, 0.015),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("year", "published", "first"), [(2013, 2013, "0.04"), (2020, 2013, "0.04"),
                                         (2021, 2021, "0.035"), (2030, 2023, "0.035")],
    )  # fmt: skip
    def test_the_newest_that_was_published(self, year: int, published: int, first: str) -> None:
        schedule = discount_schedule(year)
        assert (schedule.published, schedule.steps[0].rate) == (published, F(first))
        assert schedule.source

    def test_years_36_to_70_have_the_second_rate(self) -> None:
        factors = DiscountFactors(discount_schedule(2026).steps, 2026, range(2026, 2100)).by_year
        assert factors[2026 + 35] / factors[2026 + 36] == F("1.025")
        assert factors[2026 + 34] / factors[2026 + 35] == F("1.035")
        assert factors[2026 + 70] / factors[2026 + 71] == F("1.015")

    def test_before_the_first_publication(self) -> None:
        with pytest.raises(CaseError, match="known from 2013 only"):
            discount_schedule(2012)
