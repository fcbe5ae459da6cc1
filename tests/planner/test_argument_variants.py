"""How the options of a case differ: size, own citizens and start, written at the effect."""

import pytest

from tests.planner.arguments import an_argument

EDIT = "/interventions/housing-first/edit"


@pytest.fixture
def draft(build, add_draft):
    """A small and a large option of one argument: 300,000 kr. saved in 2027, 150,000 in 2028."""

    def make(**changes):
        options = tuple(
            build.option(key, title=title, flows=(), measures=())
            for key, title in (("lille", "Lille"), ("stor", "Stor"))
        )
        return add_draft(options=options, argument=an_argument(**changes))

    return make


def savings(data, place):
    flows = data.options[place].flows
    return [(f.year, f.amount) for f in flows if f.line_id == "bolig/herberg"]


def test_a_small_and_a_large_option_are_computed_apart(draft, client_for, stored_case):
    draft()

    answer = client_for("social").submit(
        f"{EDIT}/effect",
        {
            "variant-0-scale": "50",
            "variant-1-shift": "1",
            "variant-1-citizens-bolig-2027": "60",
            "do": "save",
        },
    )

    assert answer.status_code == 303
    assert stored_case().argument["variants"] == [
        {"id": "lille", "scale": 0.5},
        {"id": "stor", "shift": 1, "citizens": {"bolig": {"2027": 60}}},
    ]
    # half of 40 citizens; 60 for 40, and a year later
    assert savings(stored_case(), 0) == [(2027, 150_000), (2028, 75_000)]
    assert savings(stored_case(), 1) == [(2028, 450_000), (2029, 225_000)]


def test_what_is_not_shown_of_a_variant_stays_and_unchanged_fields_change_nothing(
    draft, client_for, stored_case
):
    variants = [{"id": "lille", "scale": "1/3", "costs": []}, {"id": "stor", "shift": 2}]
    draft(variants=variants)
    before = stored_case()

    client = client_for("social")
    for step in ("effect", "consequences", "costs"):
        client.submit(f"{EDIT}/{step}", {"do": "save"})
    assert stored_case() == before

    client.submit(f"{EDIT}/effect", {"variant-1-shift": "", "do": "save"})
    assert stored_case().argument["variants"] == variants[:1]


def test_what_cannot_be_read_is_kept_and_named_and_the_rest_counts(draft, client_for, stored_case):
    draft()
    client = client_for("social")

    client.submit(f"{EDIT}/effect", {"variant-0-scale": "halvdelen", "variant-1-shift": "1"})

    assert stored_case().typed["variants"]["variant-0-scale"] == "halvdelen"
    assert savings(stored_case(), 1)[0] == (2028, 300_000)
    page = client.page(f"{EDIT}/check")
    assert "»halvdelen« kan ikke læses" in page.words
    assert any(link.endswith("/effect#variant-0-scale") for link in page.links)

    client.submit(f"{EDIT}/effect", {"variant-0-scale": "50", "do": "save"})
    assert stored_case().typed is None
    assert savings(stored_case(), 0)[0] == (2027, 150_000)


def test_own_citizens_wait_with_their_effect(draft, client_for, stored_case):
    draft(variants=[{"id": "stor", "citizens": {"bolig": {"2027": 60}}}])
    before = stored_case()
    client = client_for("social")

    client.submit(f"{EDIT}/effect", {"effect-0-without-x": "", "do": "save"})
    assert "effects" not in stored_case().argument

    client.submit(f"{EDIT}/effect", {"effect-0-without-x": "3", "do": "save"})
    assert stored_case() == before


def test_one_option_alone_cannot_differ(build, add_draft, client_for):
    add_draft(options=(build.option(),), argument=an_argument())

    page = client_for("social").page(f"{EDIT}/effect")
    assert "variant-0-scale" not in page.ids


def test_shares_that_change_from_a_year_on(draft, client_for, stored_case):
    """All of it the municipality's in 2027, and half the state's from 2028."""
    draft()
    client = client_for("social")
    later = {
        "use-0-from_year": "2028",
        "use-0-later-share-kommune": "50",
        "use-0-later-share-stat": "50",
    }

    assert client.submit(f"{EDIT}/consequences", later | {"do": "save"}).status_code == 303

    data = stored_case()
    split = data.argument["effects"][0]["consequences"][0]["split"]
    assert split == {
        "rule": "dated",
        "by_year": {
            "2027": {"shares": {"kommune": 1}},
            "2028": {"shares": {"kommune": 0.5, "stat": 0.5}},
        },
    }
    saved = {(f.year, f.payer): f.amount for f in data.options[0].flows if "herberg" in f.line_id}
    assert saved == {
        (2027, "kommune"): 300_000,
        (2028, "kommune"): 75_000,
        (2028, "stat"): 75_000,
    }

    client.submit(f"{EDIT}/consequences", {"do": "save"})
    assert stored_case() == data, "shown and sent again it is the same"
    client.submit(f"{EDIT}/consequences", {"use-0-from_year": "", "do": "save"})
    assert stored_case().typed["consequences"]["use-0-later-share-stat"] == "50", "nothing is lost"
    client.submit(f"{EDIT}/consequences", dict.fromkeys(later, "") | {"do": "save"})
    split = stored_case().argument["effects"][0]["consequences"][0]["split"]
    assert split == {"rule": "fixed", "shares": {"kommune": 1}}


@pytest.mark.parametrize("year", ["2027", "1990", "snart"])
def test_a_year_from_which_nothing_can_change_is_said(draft, client_for, stored_case, year):
    draft()
    client = client_for("social")

    client.submit(f"{EDIT}/consequences", {"use-0-from_year": year, "do": "save"})

    assert "Andre andele fra og med år" in client.page(f"{EDIT}/check").words
    assert stored_case().typed["consequences"]["use-0-from_year"] == year
