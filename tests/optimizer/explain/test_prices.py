"""Every price against all choices there are, on small random plans."""

from typing import Any

import pytest
from hypothesis import given

from tests.optimizer.explain.checking import check
from tests.optimizer.profile import examples
from tests.optimizer.strategies import POOLS, RELATIONS, TAGS, plans

EACH = 5


@pytest.mark.parametrize("tag", TAGS)
def test_under_every_limit(tag: str) -> None:
    @examples(EACH)
    @given(plans(tag=tag, most=5))
    def all_choices(document: dict[str, Any]) -> None:
        check(document)

    all_choices()


@pytest.mark.parametrize("kind", RELATIONS)
def test_under_every_relation(kind: str) -> None:
    @examples(EACH)
    @given(plans(relation_kind=kind, most=5))
    def all_choices(document: dict[str, Any]) -> None:
        check(document)

    all_choices()


@pytest.mark.parametrize("kind", POOLS)
def test_under_every_pool(kind: str) -> None:
    @examples(EACH)
    @given(plans(pool_kind=kind, most=5))
    def all_choices(document: dict[str, Any]) -> None:
        check(document)

    all_choices()
