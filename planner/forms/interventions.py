"""The forms of one intervention: its description, its evidence, its options, and reasons."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, StopValidation

from optimizer import Measure
from optimizer.financing import PaymentTerms
from planner.case_limits import (
    LONGEST_TAG,
    LONGEST_TEXT,
    MOST_DECIMALS,
    MOST_OPTIONS,
    MOST_TAGS,
    is_storable,
)
from planner.forms.base import BaseForm, PercentField, TextField, choices
from planner.forms.contracts import ContractForm, Offer, contract_data

LONGEST_REASON = 2_000

TOO_LONG = _("Write at most %(max)d characters.")
NOT_STORABLE = _("The text has signs that cannot be stored. Write it again by hand.")
NOT_A_CHOICE = _("Choose one of the list.")


def plain_text(_form: Form, field: Field) -> None:
    """Refuse characters that cannot be stored (a validator)."""
    if not is_storable(field.data or ""):
        raise StopValidation(str(NOT_STORABLE))


def at_most(length: int) -> list[Any]:
    """Return the validators of a text of at most ``length`` characters."""
    return [plain_text, Length(max=length, message=TOO_LONG)]


class LongTextField(TextAreaField):
    """Several lines of text, trimmed, with new lines as one character."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Take the text without space at the ends."""
        if valuelist:
            self.data = valuelist[0].replace("\r\n", "\n").strip()


class ChoiceField(SelectField):
    """One of a list, which says in plain words when it is none of them."""

    def pre_validate(self, form: Form) -> None:  # noqa: ARG002 - WTForms hands it over
        """Refuse what the list does not hold."""
        if not any(match for *_others, match, _render in self.iter_choices()):
            raise StopValidation(str(NOT_A_CHOICE))


class TagsField(StringField):
    """Words separated by commas."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the words, each once, in the order they were written."""
        if valuelist:
            words = (" ".join(word.split()) for word in valuelist[0].split(","))
            self.data = tuple(dict.fromkeys(word for word in words if word))

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ", ".join(self.data or ())


def _few_tags(_form: Form, field: Field) -> None:
    tags = field.data or ()
    if not all(is_storable(tag) for tag in tags):
        raise StopValidation(str(NOT_STORABLE))
    if len(tags) > MOST_TAGS:
        raise StopValidation(str(_("Write at most %(count)d words.", count=MOST_TAGS)))
    if any(len(tag) > LONGEST_TAG for tag in tags):
        raise StopValidation(str(_("A word has at most %(count)d characters.", count=LONGEST_TAG)))


class DescriptionForm(BaseForm):
    """What it is, for whom, and who does it."""

    title = TextField(
        _("Title"),
        description=_("What people call it, for instance Housing First."),
        validators=[DataRequired(_("Write a title.")), *at_most(200)],
    )
    summary = LongTextField(
        _("What is done, and what for"),
        description=_(
            "Two or three sentences that a councillor understands: what is done beyond today, and"
            " which goal the citizen reaches."
        ),
        validators=[Optional(), *at_most(LONGEST_TEXT)],
        render_kw={"rows": 5},
    )
    target_group = TextField(
        _("Target group"),
        description=_(
            "Write it as others do, so that two interventions for the same people are seen."
        ),
        validators=[Optional(), *at_most(200)],
        render_kw={"list": "target-groups"},
    )
    supplier = TextField(
        _("Supplier"),
        description=_("Who carries it out. Left out when the department does it itself."),
        validators=[Optional(), *at_most(200)],
    )
    external = BooleanField(_("The supplier is external"))
    tags = TagsField(
        _("Words to find it by"),
        description=_("Separated by commas, for instance prevention, family."),
        validators=[Optional(), _few_tags],
    )


class NewInterventionForm(DescriptionForm):
    """A new intervention: its description, and which department proposes it."""

    department = ChoiceField(_("Department"), validators=[DataRequired(_("Choose a department."))])
    round = ChoiceField(
        _("Round"),
        description=_("The round says what is required, and until when it can be submitted."),
        default="",
    )

    def offer_rounds(self, rounds: list[tuple[str, str]]) -> None:
        """Let it belong to one of the open rounds, as (id, name), or to none."""
        self.round.choices = choices(("", _("no round")), *rounds)

    def offer_departments(self, departments: list[tuple[str, str]]) -> None:
        """Let one of the departments, as (key, name), propose it."""
        self.department.choices = choices(*departments)


class EvidenceForm(BaseForm):
    """How sure it is that it works, and from where one knows."""

    stars = RadioField(
        _("How strong is the evidence?"),
        description=_("Stars say how sure the effect is, not how large."),
        coerce=int,
        choices=choices(
            (0, _("No stars: an idea that nobody has tested")),
            (1, _("1 star: own experience, before and after")),
            (2, _("2 stars: compared with people who did not get it")),
            (3, _("3 stars: several trials or studies that agree")),
        ),
        validate_choice=True,
    )
    evidence = LongTextField(
        _("What is known"),
        description=_(
            "Which studies, where and when, how many people were observed, and what they showed."
        ),
        validators=[Optional(), *at_most(LONGEST_TEXT)],
        render_kw={"rows": 6},
    )


class OptionForm(Form):
    """One way to do it.

    ``source`` is the option whose amounts and measures a new one begins from; ``outlay_share`` is
    how much of its outlay the new one pays itself: the rest is an investor's.
    """

    key = HiddenField()
    source = HiddenField()
    outlay_share = PercentField(
        _("Part of the outlay that is still paid here"),
        description=_(
            "The investor pays the rest, for instance 0 where the contract carries it all, 40 for a"
            " mix."
        ),
        validators=[Optional()],
    )
    title = TextField(_("Name of the option"), validators=[Optional(), *at_most(200)])
    pool = ChoiceField(_("The outlay is paid from"))
    is_scalable = BooleanField(_("May be funded in part"))
    minimum = PercentField(
        _("Smallest part"),
        description=_("The least that makes sense, in percent of the full option."),
        validators=[Optional()],
    )

    has_contract = BooleanField(_("Paid by result: an outcome contract"))
    contract = FormField(ContractForm)
    terms: PaymentTerms | None = None

    def offer(self, given: Offer) -> None:
        """Say what the contract may refer to."""
        self._offer = given
        self.contract.form.offer(given, self._measures)

    def stored_terms(self) -> PaymentTerms | None:
        """Return the contract that the fields were made from."""
        return self.contract.form.terms(self._offer, self._measures)

    @property
    def _measures(self) -> Mapping[str, Measure]:
        return self._offer.measures.get(self.key.data or self.source.data or "", {})

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields; those of the contract only where there is one."""
        fine = super().validate(extra_validators)
        if self.has_contract.data:
            self.terms = self.contract.form.terms(self._offer, self._measures)
            return fine and self.terms is not None
        for field in self.contract.form:
            entries = field.entries if isinstance(field, FieldList) else []
            for one in (field, *(f for entry in entries for f in entry.form)):
                one.errors = []
        return not any(field.errors for field in self)

    def validate_outlay_share(self, field: Field) -> None:
        """Refuse a part that is none."""
        if field.data is not None and not 0 <= field.data <= 1:
            raise StopValidation(str(_("Write a percentage from 0 to 100.")))

    def validate_minimum(self, field: Field) -> None:
        """Refuse a part that is none."""
        if not self.is_scalable.data or field.errors:
            return
        if field.data is not None and not 0 <= field.data <= 1:
            raise StopValidation(str(_("Write a percentage from 0 to 100.")))
        if field.data is not None and field.data != round(field.data, MOST_DECIMALS):
            raise StopValidation(str(_("Write at most four decimals.")))


class OptionsForm(BaseForm):
    """All the ways to do it; at most one of them is chosen by a scenario."""

    options = FieldList(FormField(OptionForm), max_entries=MOST_OPTIONS)

    def offer_pools(self, pools: list[tuple[str, Any]]) -> None:
        """Let each option be paid from one of the pools, or from the ordinary budgets."""
        offered = choices(("", _("each payer's ordinary budget")), *pools)
        for entry in self.options:
            entry.form.pool.choices = offered

    def offer_contracts(self, given: Offer) -> None:
        """Let each option be done under a contract."""
        for entry in self.options:
            entry.form.offer(given)

    def add(self, *, source: str = "") -> None:
        """Add one option, if there is room: an empty one, or one that begins from another."""
        if len(self.options) < MOST_OPTIONS:
            self.options.append_entry(
                {
                    "key": "",
                    "title": "",
                    "pool": "",
                    "source": source,
                    "outlay_share": Decimal(0) if source else None,
                    "has_contract": bool(source),
                    "contract": contract_data(None),
                }
            )

    def drop(self, place: int) -> None:
        """Take one option out, with what was typed in the others kept."""
        if 0 <= place < len(self.options):
            self.options.entries.pop(place)


class ReasonForm(BaseForm):
    """Why a case is returned, or an intervention withdrawn."""

    reason = LongTextField(
        _("Reason"),
        validators=[DataRequired(_("Write the reason.")), *at_most(LONGEST_REASON)],
        render_kw={"rows": 5},
    )


class MoveForm(BaseForm):
    """Which department an intervention belongs to."""

    department = ChoiceField(_("Department"), validators=[DataRequired(_("Choose a department."))])


class StepForm(FlaskForm):
    """Only the token against forged forms; the fields are read by the grid."""
