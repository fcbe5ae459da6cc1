"""How many random examples are tried: enough here, many at night (``OPTIMIZER_EXAMPLES=20``)."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("OPTIMIZER_EXAMPLES", "1"))


def examples(count: int) -> Callable[[Any], Any]:
    """Return hypothesis' settings for ``count`` examples, times what the environment asks for.

    Plans are large values, so hypothesis is not to mind how long they take to draw.
    """
    slow = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
    return settings(max_examples=count * TIMES, suppress_health_check=slow)
