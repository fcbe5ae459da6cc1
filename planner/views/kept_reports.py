"""Reports of stored results, made once: a result never changes, and many read the same one."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from threading import Lock
from typing import Any

from planner.formats import Language
from planner.model import AllocationRecord
from planner.reports.allocation import AllocationReport, allocation_report
from planner.reports.stored import stored_allocation

MOST_KEPT = 32
Key = tuple[str, str, str, str]

_kept: OrderedDict[Key, AllocationReport] = OrderedDict()
_lock = Lock()


def report_of(
    record: AllocationRecord,
    *,
    language: Language,
    calculated: str,
    addresses: Mapping[str, str],
    explanation: Mapping[str, Any] | None = None,
) -> AllocationReport:
    """Return the report of a stored result, from memory where it was asked for lately.

    What is kept is known by its content, not by a number: another database has its own.
    """
    content = _fingerprint([record.plan, record.result, sorted(addresses.items()), explanation])
    key = (record.plan_sha256, content, language, calculated)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = allocation_report(
        stored_allocation(record.plan, record.result),
        language=language,
        calculated=calculated,
        address=addresses.get,
        explanation=explanation,
    )
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made


def _fingerprint(content: Any) -> str:
    return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
