"""Outcome contracts: the published ones, and the rules between them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.contracts import (
    Gate,
    OutcomeContract,
    OutcomePrice,
    outcome_funded,
    reduction,
    self_funded,
)


class TestPublished:
    def test_peterborough_was_not_paid_for_its_first_cohort_and_paid_pooled(self) -> None:
        # HMP Peterborough: 142 reconvictions per 100 against 155: 8.4 %, under the gate of 10 %;
        # the cohorts together fell 9 %, over the gate of 7.5 %
        contract = OutcomeContract(
            capital=5_000_000,
            fixed=100,
            gate=Gate(cohort=Fraction(10, 100), pooled=Fraction(75, 1000)),
        )
        first = reduction(142, 155)
        assert round(float(first), 3) == 0.084
        assert contract.payment(cohort=first) == 0
        assert contract.payment(cohort=first, pooled=Fraction(9, 100)) == 100

    def test_koto_sib_pays_half_of_what_is_saved(self) -> None:
        contract = OutcomeContract(share=Fraction(1, 2))
        assert contract.payment(saving=2670) == 1335
        assert outcome_funded(2670, contract.payment(saving=2670)) == 1335

    def test_norrkoping_caps_the_profit_at_a_fifth(self) -> None:
        contract = OutcomeContract(
            capital=10_000_000, maximum_return=Fraction(1, 5), share=Fraction(1)
        )
        assert contract.cap == 12_000_000
        paid = contract.payment(saving=99_000_000)
        assert paid == 12_000_000
        assert contract.investor_result(paid) == 2_000_000


class TestPayment:
    def test_only_what_is_above_the_threshold_is_paid(self) -> None:
        contract = OutcomeContract(
            fixed=1000, prices=(OutcomePrice("job", 500, threshold=10), OutcomePrice("home", 80))
        )
        assert contract.payment({"job": 10}) == 1000
        assert contract.payment({"job": 12, "home": 3}) == 1000 + 1000 + 240
        assert contract.payment({"job": 2}) == 1000

    def test_the_gate_shuts_the_fixed_payment_out_too(self) -> None:
        contract = OutcomeContract(fixed=1000, gate=Gate(cohort=Fraction(1, 10)))
        assert contract.payment() == 0
        assert contract.payment(pooled=Fraction(1, 2)) == 0
        assert contract.payment(cohort=Fraction(1, 10)) == 1000

    def test_a_saving_that_hurts_is_paid_nothing_for(self) -> None:
        assert OutcomeContract(share=Fraction(1, 2)).payment(saving=-500) == 0

    def test_a_guarantee_softens_the_loss(self) -> None:
        contract = OutcomeContract(capital=100, guarantee=60)
        assert contract.investor_result(contract.payment()) == -40

    def test_paying_for_the_work_oneself(self) -> None:
        assert self_funded(900, 400) == 500

    def test_without_expectation_nothing_can_be_lower(self) -> None:
        with pytest.raises(ZeroDivisionError):
            reduction(1, 0)

    @given(
        st.integers(0, 10**9), st.integers(0, 10**7), st.fractions(0, 2),
        st.integers(0, 500), st.fractions(0, 1),
    )  # fmt: skip
    def test_it_is_never_above_the_cap_and_rises_with_the_outcomes(
        self, saving: int, capital: int, most: Fraction, jobs: int, share: Fraction
    ) -> None:
        contract = OutcomeContract(
            capital=capital, maximum_return=most, share=share, prices=(OutcomePrice("job", 700, 5),)
        )
        paid = contract.payment({"job": jobs}, saving=saving)
        assert 0 <= paid <= capital * (1 + most)
        assert paid <= contract.payment({"job": jobs + 1}, saving=saving + 1)
        # what one pays is what the other gets
        both = outcome_funded(saving, paid) + contract.investor_result(paid)
        assert both == saving - capital
