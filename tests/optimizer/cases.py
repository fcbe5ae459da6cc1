"""Where the cases with known answers lie, and how they are read."""

import json
from pathlib import Path
from typing import Any

CASES = Path(__file__).resolve().parents[1] / "cases"
PLANS = CASES / "plans"
INVALID = PLANS / "invalid"
REAL = CASES / "real"


def case(path: Path) -> Any:
    """Return the JSON value of a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def plan_names() -> list[str]:
    """Return the names of the plans with known answers."""
    return sorted(p.name.removesuffix(".expected.json") for p in PLANS.glob("*.expected.json"))
