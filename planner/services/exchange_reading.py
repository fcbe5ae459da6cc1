"""An uploaded file, which may be anything, as a plan: every mistake at its place, never a crash."""

import base64
import binascii
import json
import zlib
from collections.abc import Iterable
from typing import Any, NoReturn

from optimizer import Plan, PlanError, PlanErrors, Sentence, plan_document, plan_from_document
from optimizer.planfile import parse
from planner.config import MOST_PLAN_BYTES as MOST_BYTES
from planner.services.exchange_checks import storing_errors

MOST_VALUES = 500_000
# what refers to other things is looked up one by one, so it costs most
MOST_VALUES_OF_RULES = 20_000
MOST_OPTIONS = 15_000
MOST_OPTIONS_WITH_OUTCOMES = 2_000
MOST_THINGS = {"payers": 200, "departments": 1_000, "interventions": 5_000, "relations": 5_000}
MOST_THINGS_OF_SCENARIO = {"pools": 100, "constraints": 1_000}
LONGEST_PACKED = 400_000
ZIP_START = b"PK"


def read_upload(data: bytes) -> Plan:
    """Return the plan that an uploaded file holds, if it can also be stored.

    Raises
    ------
    optimizer.PlanErrors
        With every mistake, each at its place in the document.
    """
    if not data.strip():
        _refuse("Filen er tom.", "The file is empty.")
    if data.startswith(ZIP_START):
        _refuse(
            "Filen er pakket (zip, Excel eller lignende). En planfil er ren tekst, .json.",
            "The file is packed (zip, Excel or the like). A plan file is plain text, .json.",
        )
    document = parse(data)
    errors = _too_many(document)
    if errors:
        raise PlanErrors(errors)
    plan = plan_from_document(document)
    errors = storing_errors(plan)
    if errors:
        raise PlanErrors(errors)
    return plan


def _refuse(da: str, en: str) -> NoReturn:
    raise PlanErrors([PlanError("", Sentence(da, en))])


def _too_many(document: Any) -> list[PlanError]:
    """Return where the document holds more than any plan needs: reading it would take for ever."""
    if not isinstance(document, dict):
        return []
    scenario = document.get("scenario")
    errors = [
        *_long_lists(document, "", MOST_THINGS),
        *_long_lists(scenario, "scenario.", MOST_THINGS_OF_SCENARIO),
    ]
    return errors or list(_too_much(document))


def _too_much(document: dict[str, Any]) -> Iterable[PlanError]:
    rules = [document.get("relations"), document.get("scenario")]
    options = [
        i.get("options") for i in _items(document.get("interventions")) if isinstance(i, dict)
    ]
    outcomes = document.get("outcomes")
    listed = outcomes.get("net_saving") if isinstance(outcomes, dict) else None
    for path, count, most in (
        ("", _values_up_to(document, MOST_VALUES), MOST_VALUES),
        ("scenario", _values_up_to(rules, MOST_VALUES_OF_RULES), MOST_VALUES_OF_RULES),
        ("interventions", sum(len(_items(o)) for o in options), MOST_OPTIONS),
        ("outcomes.net_saving", len(_items(listed)), MOST_OPTIONS_WITH_OUTCOMES),
    ):
        if count > most:
            yield PlanError(
                path,
                Sentence(
                    f"Her er flere end {most}; det er for meget.",
                    f"There are more than {most} here; that is too much.",
                ),
            )


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | dict) else []


def _long_lists(value: Any, start: str, limits: dict[str, int]) -> Iterable[PlanError]:
    for key, most in limits.items():
        found = value.get(key) if isinstance(value, dict) else None
        if isinstance(found, list) and len(found) > most:
            yield PlanError(
                f"{start}{key}",
                Sentence(
                    f"Listen har {len(found)}; der er plads til {most}.",
                    f"The list has {len(found)}; there is room for {most}.",
                ),
            )


def _values_up_to(value: Any, most: int) -> int:
    """Count the values inside ``value``, no further than just above ``most``."""
    count, waiting = 0, [value]
    while waiting and count <= most:
        inner = waiting.pop()
        if isinstance(inner, dict):
            waiting.extend(inner.values())
            count += len(inner)
        elif isinstance(inner, list):
            waiting.extend(inner)
            count += len(inner)
    return count


# --- From the preview to the store ----------------------------------------------------------------


def packed(plan: Plan) -> str | None:
    """Return the plan as a short text for a hidden field; None where it is too long for one."""
    text = json.dumps(plan_document(plan), ensure_ascii=False, separators=(",", ":"))
    short = base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")
    return short if len(short) <= LONGEST_PACKED else None


def unpacked(text: str) -> bytes:
    """Return the file that `packed` made the text from.

    Raises
    ------
    optimizer.PlanErrors
        When the text was not made by `packed`, or unpacks to more than a file may be.
    """
    try:
        unpacking = zlib.decompressobj()
        data = unpacking.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error):
        _refuse(
            "Filen kom ikke helt frem. Vælg den igen.", "The file did not arrive. Choose it again."
        )
    if not unpacking.eof:
        _refuse("Filen er for stor.", "The file is too large.")
    return data
