"""The fan of offers (*tilbudsviften*): what one more success costs, against effect or evidence.

The price is outlay and cost of all purses together over the horizon, undiscounted, divided by the
extra successes; where nobody has stated any, by the citizens helped, and then the page says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import median
from typing import Final, Literal

from flask_babel import gettext as _
from flask_babel import ngettext

from optimizer import Option
from optimizer.appraisal import Appraisal
from optimizer.case_figures import CaseFigures
from optimizer.cases.figures import price_per_citizen, price_per_success
from optimizer.cases.judged import successes_in
from planner import formats
from planner.formats import Language
from planner.reports.chart_matrix import SHAPES
from planner.reports.charts import MatrixAxes, MatrixPoint, matrix_scatter
from planner.reports.intervention_list import danish_order
from planner.reports.values import Cell, Chart, Column, Row, Table

Up = Literal["effect", "evidence"]
UPS: Final[tuple[Up, ...]] = ("effect", "evidence")
MOST_NAMED: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One intervention with the figures that place it; None where nobody has said.

    Parameters
    ----------
    price
        Kroner for one extra success; for one citizen where ``per_citizen``.
    effect
        Extra successes / citizens, a share of one.
    """

    title: str
    code: str
    href: str
    group: str
    stars: int
    citizens: Fraction | None = None
    successes: Fraction | None = None
    effect: Fraction | None = None
    price: Fraction | None = None
    per_citizen: bool = False

    def up(self, axis: Up) -> Fraction | None:
        """Return how high it stands: percentage points of added effect, or stars."""
        if axis == "evidence":
            return Fraction(self.stars)
        return None if self.effect is None else self.effect * 100


@dataclass(frozen=True, slots=True)
class OffersReport:
    """The picture with its four fields, and the same offers as a table.

    Parameters
    ----------
    chart
        None where no intervention can be placed.
    """

    chart: Chart | None
    table: Table
    notes: tuple[str, ...]


def offer_figures(offer: Offer, appraisal: Appraisal, option: Option | None) -> Offer:
    """Return the offer with its figures: of one option, at full scale, for all purses together."""
    if option is None:
        return offer
    sums, goal = CaseFigures(appraisal, option), successes_in(option)
    success, citizen = price_per_success(sums, goal), price_per_citizen(sums, goal)
    extra = None if goal is None else goal.extra
    per_citizen = extra is None and isinstance(citizen, Fraction)
    price = citizen if per_citizen else success
    return replace(
        offer,
        citizens=sums.citizens,
        successes=extra,
        effect=None if goal is None else goal.added_effect,
        price=price if isinstance(price, Fraction) else None,
        per_citizen=per_citizen,
    )


def offers_report(
    offers: Sequence[Offer], *, axis: Up, price_year: int, source: str, language: Language
) -> OffersReport:
    """Return picture and table of the offers, cheapest first."""
    ordered = sorted(offers, key=lambda o: danish_order(o.title))
    ordered.sort(key=lambda o: (o.price is None, o.per_citizen, o.price or 0))
    placed = [o for o in ordered if _is_placed(o, axis)]
    return _Teller(ordered, placed, axis, price_year, source, language).report()


def _is_placed(offer: Offer, axis: Up) -> bool:
    return offer.price is not None and offer.price > 0 and offer.up(axis) is not None


@dataclass(frozen=True, slots=True)
class _Teller:
    offers: Sequence[Offer]
    placed: Sequence[Offer]
    axis: Up
    price_year: int
    source: str
    language: Language

    def report(self) -> OffersReport:
        return OffersReport(self.chart(), self.table(), tuple(self.notes()))

    # ---- The four fields ----

    @property
    def price_line(self) -> Fraction:
        """Return the median price of the offers in the picture, kroner."""
        return median([o.price for o in self.placed if o.price is not None])

    @property
    def up_line(self) -> Fraction:
        """Return the median height of the offers in the picture."""
        return median([up for o in self.placed if (up := o.up(self.axis)) is not None])

    def corners(self) -> tuple[str, str, str, str]:
        """Return the names of the fields: up left, up right, down left, down right."""
        if self.axis == "evidence":
            return (
                _("Low price, strong evidence"),
                _("High price, strong evidence"),
                _("Low price, weak evidence"),
                _("High price, weak evidence"),
            )
        return (
            _("Low price, high effect"),
            _("High price, high effect"),
            _("Low price, low effect"),
            _("High price, low effect"),
        )

    def field(self, offer: Offer) -> int:
        """Return which field an offer stands in; on a line it has the better of the two."""
        price, up = offer.price or Fraction(0), offer.up(self.axis) or Fraction(0)
        return 2 * (up < self.up_line) + (price > self.price_line)

    def finding(self) -> str:
        """Return who stands in the best field."""
        best = [o for o in self.placed if self.field(o) == 0]
        if not best:
            return _("None has both a low price and a high place")
        if len(best) > MOST_NAMED:
            return ngettext(
                "One of %(all)d stands in the field “%(field)s”",
                "%(num)d of %(all)d stand in the field “%(field)s”",
                len(best),
                all=len(self.placed),
                field=self.corners()[0],
            )
        named = _(" and ").join(o.title for o in best)
        return _("%(names)s: %(field)s", names=named, field=self.corners()[0].lower())

    # ---- The picture ----

    def chart(self) -> Chart | None:
        """Return the picture; None where nothing can be placed."""
        if not self.placed:
            return None
        finding, groups = self.finding(), self.groups()
        points = [
            MatrixPoint(
                label=o.title,
                code=o.code,
                price=o.price or 0,
                up=o.up(self.axis) or Fraction(0),
                group=groups[o.group],
                said=self.said(o),
                filled=not o.per_citizen,
                href=o.href,
            )
            for o in self.placed
        ]
        points.sort(key=lambda p: list(groups.values()).index(p.group))
        return Chart(
            name="offers",
            finding=finding,
            measure_line=self.measure_line(),
            spec=matrix_scatter(points, self.axes(), description=finding, language=self.language),
            table=self.numbers(),
            source=self.source,
        )

    def axes(self) -> MatrixAxes:
        """Return what the axes say."""
        evidence = self.axis == "evidence"
        return MatrixAxes(
            price=_("Price of one more success, 1,000 kr. (logarithmic)"),
            up=_("Evidence, stars") if evidence else _("Added effect, percentage points"),
            price_line=self.price_line,
            up_line=self.up_line,
            corners=self.corners(),
            whole=evidence,
        )

    def groups(self) -> dict[str, str]:
        """Return the word of the legend by target group; small groups share one when many."""
        named = Counter(o.group for o in self.placed)
        ranked = sorted(named, key=lambda g: (-named[g], danish_order(g)))
        own = ranked if len(ranked) <= len(SHAPES) else ranked[: len(SHAPES) - 1]
        others, unnamed = _("Other target groups"), _("No target group")
        return {g: (g or unnamed) if g in own else others for g in ranked}

    def said(self, offer: Offer) -> str:
        """Return what stands beside a point that is pointed at."""
        price = formats.say_kroner(offer.price, language=self.language)
        parts = [
            _("%(price)s per citizen", price=price)
            if offer.per_citizen
            else _("%(price)s per extra success", price=price)
        ]
        if offer.effect is not None:
            points = formats.number_change(offer.effect * 100, decimals=1, language=self.language)
            parts.append(_("added effect %(points)s points", points=points))
        parts.append(formats.stars_in_words(offer.stars, language=self.language))
        if offer.group:
            parts.append(offer.group)
        return f"{offer.code} {offer.title}: {', '.join(parts)}"

    def measure_line(self) -> str:
        """Return what is drawn, in which prices, and where the fields part."""
        price = formats.say_kroner(self.price_line, language=self.language)
        up = formats.measure(self.up_line, decimals=1, language=self.language)
        if self.axis == "evidence":
            return _(
                "Price of one more success against evidence, %(year)d prices. The dashed lines are"
                " the medians: %(price)s and %(up)s stars. The shape shows the target group;"
                " outlined: price per citizen, no success is stated.",
                year=self.price_year,
                price=price,
                up=up,
            )
        return _(
            "Price of one more success against added effect, %(year)d prices. The dashed lines are"
            " the medians: %(price)s and %(up)s points. The shape shows the target group.",
            year=self.price_year,
            price=price,
            up=up,
        )

    # ---- The tables ----

    def numbers(self) -> Table:
        """Return the points of the picture."""
        up = _("Evidence, stars") if self.axis == "evidence" else _("Added effect, points")
        return Table(
            title=_("The points of the picture"),
            caption="",
            columns=(
                Column("title", _("Intervention")),
                Column("price", _("Price, 1,000 kr."), "thousand"),
                Column("up", up, "decimal"),
            ),
            rows=tuple(
                Row(
                    (Cell(f"{o.code} {o.title}", href=o.href), Cell(o.price), Cell(o.up(self.axis)))
                )
                for o in self.placed
            ),
        )

    def table(self) -> Table:
        """Return every offer with its figures, also those that cannot be placed."""
        return Table(
            title=_("The interventions"),
            caption=_(
                "Price in 1,000 kr., %(year)d prices: all outlay and cost, every purse, divided by"
                " extra successes. Cheapest first.",
                year=self.price_year,
            ),
            columns=(
                Column("title", _("Intervention"), "link"),
                Column("stars", _("Evidence"), "stars"),
                Column("citizens", _("Citizens"), "count"),
                Column("successes", _("Extra successes"), "count"),
                Column("effect", _("Added effect, points"), "decimal"),
                Column("price", _("Price of one more success"), "thousand"),
                Column("field", _("Field"), "link"),
            ),
            rows=tuple(self.row(o) for o in self.offers),
            source=self.source,
        )

    def row(self, offer: Offer) -> Row:
        """Return one line of the table."""
        note = " · ".join(part for part in (offer.code, offer.group) if part)
        field = self.corners()[self.field(offer)] if offer in self.placed else None
        return Row(
            (
                Cell(offer.title, href=offer.href, note=note),
                Cell(offer.stars),
                Cell(offer.citizens),
                Cell(offer.successes),
                Cell(None if offer.effect is None else offer.effect * 100),
                Cell(offer.price, note=_("per citizen") if offer.per_citizen else None),
                Cell(field),
            )
        )

    def notes(self) -> list[str]:
        """Return what the reader must know to read it rightly."""
        sentences = [
            _("A success is not the same in two interventions: the picture shows price and effect,"
              " not value."),
        ]  # fmt: skip
        if any(o.per_citizen for o in self.offers):
            sentences.append(
                _("Where no extra success is stated, the price is per citizen helped, and lower"
                  " than a price per success would be.")
            )  # fmt: skip
        left = [o.title for o in self.offers if o not in self.placed]
        if left:
            sentences.append(
                _("Not in the picture, because the figures are not stated: %(names)s.",
                  names=", ".join(left))
            )  # fmt: skip
        return sentences
