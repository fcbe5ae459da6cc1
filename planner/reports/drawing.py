"""What is shared by drawing: the library, read when the first picture is drawn, and a few parts."""

from __future__ import annotations

from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from planner.formats import Exact
from planner.reports.chart_style import INK, Layer

if TYPE_CHECKING:
    import altair as alt
else:

    class _Altair:
        """Stands for the library until somebody draws."""

        def __getattr__(self, name: str) -> Any:
            # half a second of importing, which a start and a page without pictures do without
            return getattr(import_module("altair"), name)

    alt = _Altair()

__all__ = ["alt", "pen", "year_axis", "zero_line"]

MILLION: Final = 1_000_000


def pen(amount: Exact) -> float:
    """Turn kroner into millions for drawing."""
    return float(Fraction(amount) / MILLION)


def zero_line() -> Layer:
    """Draw the line at zero."""
    return (
        alt.Chart(alt.InlineData(values=[{}]))
        .mark_rule(color=INK, aria=False)
        .encode(y=alt.datum(0))
    )


def year_axis() -> alt.X:
    """Return an axis with a band for each year."""
    return alt.X("year:O", scale=alt.Scale(type="band", paddingInner=0.35, paddingOuter=0.2))
