"""Work beside the browser: its event loop runs in the tests' own thread, which Flask refuses."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def aside(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do something in a thread of its own and return what it returns."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work, *arguments).result()
