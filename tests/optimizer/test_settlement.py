"""The wrong pocket: who gains, who loses, and the smallest transfers, added up by hand."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer import Allocation, evaluate, plan_from_document
from optimizer.settlement import Settlement, settlement, smallest_transfers
from tests.optimizer.builders import MILLION, a_document, a_flow, an_intervention, an_option

PAYERS = [
    {"id": "kommune", "name": "Kommunen", "level": "municipality"},
    {"id": "region", "name": "Regionen", "level": "region"},
    {"id": "stat", "name": "Staten", "level": "state"},
    {"id": "borger", "name": "Borgerne", "level": "citizen"},
]


def judged(pool: str | None = None, **savings: int) -> Allocation:
    """Return a choice that costs the municipality eight million and saves what is said."""
    flows = [a_flow("outlay", -6 * MILLION), a_flow("cost", -2 * MILLION, 2028)]
    flows += [a_flow("saving", n * MILLION, 2028, payer=p) for p, n in savings.items()]
    document = a_document(
        an_intervention("a") | {"options": [an_option("base", *flows, pool=pool)]},
        payers=PAYERS,
        discount=[],
    )
    return evaluate(plan_from_document(document), {"a/base": 1})


def millions(found: Settlement) -> dict[str, tuple[float, ...]]:
    return {
        p.payer: tuple(float(x / MILLION) for x in (p.paid, p.saved, p.net, p.moved, p.after))
        for p in found.purses
    }


def test_those_who_gain_make_up_for_the_loss_in_proportion() -> None:
    found = settlement(judged(kommune=2, region=3, stat=9))
    assert millions(found) == {
        "kommune": (-8, 2, -6, 6, 0),
        "region": (0, 3, 3, -1.5, 1.5),
        "stat": (0, 9, 9, -4.5, 4.5),
        "borger": (0, 0, 0, 0, 0),
    }
    assert [(t.giver, t.receiver, int(t.amount)) for t in found.transfers] == [
        ("region", "kommune", 1_500_000),
        ("stat", "kommune", 4_500_000),
    ]
    assert (found.total, found.missing) == (6 * MILLION, 0)


def test_the_gain_of_citizens_is_not_asked_for() -> None:
    found = settlement(judged(kommune=2, stat=2, borger=9))
    assert millions(found)["borger"] == (0, 9, 9, 0, 9)
    assert millions(found)["kommune"] == (-8, 2, -6, 2, -4)
    assert found.missing == 4 * MILLION


def test_where_nobody_loses_nothing_moves() -> None:
    found = settlement(judged(kommune=8, stat=1))
    assert (found.transfers, found.total, found.missing) == ((), 0, 0)


def test_several_losers_receive_in_proportion_to_their_loss() -> None:
    nets = {"a": Fraction(12), "b": Fraction(-1), "c": Fraction(-3)}
    moved = {(t.giver, t.receiver): t.amount for t in smallest_transfers(nets)}
    assert moved == {("a", "b"): 1, ("a", "c"): 3}
    short = {"a": Fraction(2), "b": Fraction(-1), "c": Fraction(-3)}
    assert {t.receiver: t.amount for t in smallest_transfers(short)} == {
        "b": Fraction(1, 2),
        "c": Fraction(3, 2),
    }


def test_the_nets_are_the_allocations_own_totals_with_overlaps() -> None:
    one, other = an_intervention("a", 4, 9), an_intervention("b", 4, 9)
    overlap: dict[str, Any] = {
        "kind": "overlap", "interventions": ["a", "b"], "payer": "kommune",
        "loses": {"2028": 5}, "reason": "samme",
    }  # fmt: skip
    plan = plan_from_document(a_document(one, other, relations=[overlap]))
    allocation = evaluate(plan, {"a/base": 1, "b/base": 1})
    purses = {p.payer: p for p in settlement(allocation).purses}
    for payer, totals in allocation.payer_totals.items():
        assert purses[payer].net == totals.discounted
    assert purses["kommune"].paid == -8
    without = evaluate(plan_from_document(a_document(one, other)), allocation.choice)
    lost = without.payer_totals["kommune"].discounted - purses["kommune"].net
    assert lost > 0
    assert {p.payer: p.saved for p in settlement(without).purses}["kommune"] - lost == (
        purses["kommune"].saved
    )


def test_contributions_to_a_fund_stand_in_place_of_the_booked_outlay() -> None:
    flows = [
        a_flow("outlay", -4 * MILLION),
        a_flow("saving", 2 * MILLION, 2028),
        a_flow("saving", 6 * MILLION, 2028, payer="region"),
    ]
    document = a_document(
        an_intervention("a") | {"options": [an_option("base", *flows, pool="fond")]},
        constraints=[{"tag": "outcome_fund", "fund": "fond", "payers": ["kommune", "region"]}],
        pools=[],
        payers=PAYERS,
        discount=[],
    )
    allocation = evaluate(plan_from_document(document), {"a/base": 1})
    found = settlement(allocation)
    # four are shared by gain: one and three
    assert millions(found)["kommune"] == (-1, 2, 1, 0, 1)
    assert millions(found)["region"] == (-3, 6, 3, 0, 3)
    assert found.transfers == ()
    total = sum(t.discounted for t in allocation.payer_totals.values())
    assert sum(purse.net for purse in found.purses) == total


@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.integers(-50, 50).map(Fraction), min_size=1, max_size=6
    )
)
def test_transfers_move_no_more_than_the_losses_and_leave_nobody_worse(
    nets: dict[str, Fraction],
) -> None:
    transfers = smallest_transfers(nets)
    after = dict(nets)
    for one in transfers:
        assert one.amount > 0
        after[one.giver] -= one.amount
        after[one.receiver] += one.amount
    losses = sum((-n for n in nets.values() if n < 0), Fraction(0))
    gains = sum((n for n in nets.values() if n > 0), Fraction(0))
    assert sum((t.amount for t in transfers), Fraction(0)) == min(gains, losses)
    assert sum(after.values()) == sum(nets.values())
    if gains >= losses:
        assert all(n >= 0 for n in after.values())
    # what is left of a gain is left in the same proportion for all who gain
    kept = {after[a] / n for a, n in nets.items() if n > 0}
    assert len(kept) <= 1


@pytest.mark.parametrize("nets", [{}, {"a": Fraction(0)}, {"a": Fraction(-3)}])
def test_where_nobody_gains_nothing_moves(nets: dict[str, Fraction]) -> None:
    assert smallest_transfers(nets) == ()
