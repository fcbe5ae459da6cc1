"""The form of a scenario's possible futures: how many are drawn, and what they have in common."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import Field
from wtforms.validators import ValidationError

from planner.forms.base import BaseForm, PercentField, required
from planner.forms.rule_parts import CountField, as_decimal, json_number

MOST_FUTURES = 10_000
GREATEST_SEED = 1_000_000_000
COMMON = ("target_group", "department", "all")


def _from_zero_to_all(_form: BaseForm, field: Field) -> None:
    if field.data is not None and not 0 <= field.data <= 1:
        raise ValidationError(_("Write a percentage from 0 to 100."))


class OutcomesForm(BaseForm):
    """Count, seed, and the shares of the variance that effects have in common."""

    count = CountField(
        _("How many futures"),
        description=_("More give steadier figures and take longer, for instance 1.000."),
        validators=[required()],
    )
    seed = CountField(
        _("Seed"),
        description=_(
            "Any whole number, for instance 1. The same seed always draws the same futures;"
            " another one shows how much chance decides."
        ),
        validators=[required()],
    )
    target_group = PercentField(
        _("In common within a target group"),
        description=_(
            "How much of the luck the interventions for one target group share, for instance 30."
        ),
        validators=[required(), _from_zero_to_all],
    )
    department = PercentField(
        _("In common within a department"),
        description=_(
            "How much the interventions of one department share besides, for instance 10."
        ),
        validators=[required(), _from_zero_to_all],
    )
    all = PercentField(
        _("In common to all"),
        description=_(
            "How much everything shares, such as the state of the economy, for instance 5."
        ),
        validators=[required(), _from_zero_to_all],
    )

    def validate_count(self, field: Field) -> None:
        """Refuse none, and more than a calculation can carry."""
        if field.data is not None and not 1 <= field.data <= MOST_FUTURES:
            raise ValidationError(_("Write a whole number from 1 to 10.000."))

    def validate_seed(self, field: Field) -> None:
        """Refuse what no random generator takes."""
        if field.data is not None and not 0 <= field.data <= GREATEST_SEED:
            raise ValidationError(_("Write a whole number from 0 to 1.000.000.000."))

    def content(self) -> dict[str, Any] | None:
        """Return the outcomes as a plan file has them; None where something is wrong."""
        is_valid = self.validate()
        shares = [self[name].data for name in COMMON]
        if all(share is not None and share >= 0 for share in shares) and sum(shares) > 1:
            said = gettext("The three are more than 100 % together.")
            self.target_group.errors = [*self.target_group.errors, said]
            is_valid = False
        if not is_valid or self.count.data is None or self.seed.data is None:
            return None
        return {
            "sample": {
                "count": json_number(self.count.data),
                "seed": json_number(self.seed.data),
                "correlation": {name: json_number(self[name].data) for name in COMMON},
            }
        }


def outcomes_data(outcomes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields hold for drawn outcomes."""
    sample = outcomes["sample"]
    shares = {name: as_decimal(sample["correlation"].get(name, 0)) for name in COMMON}
    return {**shares, "count": as_decimal(sample["count"]), "seed": as_decimal(sample["seed"])}
