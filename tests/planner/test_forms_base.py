"""What every form shares: Danish numbers, the texts in two languages, the hidden fields."""

from decimal import Decimal

import pytest
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict
from wtforms.i18n import messages_path

from planner.forms.base import BaseForm, DanishDecimalField, KronerField, PercentField, YearField


class Numbers(BaseForm):
    amount = KronerField("Beløb")
    value = DanishDecimalField("Værdi")
    share = PercentField("Andel")
    year = YearField("År")


def filled(app, **fields):
    with app.test_request_context("/", method="POST"):
        app.config["WTF_CSRF_ENABLED"] = False
        form = Numbers(MultiDict(fields))
        form.validate()
        shown = {field.name: field() for field in form}
    return form, shown


def test_numbers_are_read_and_shown_in_danish(app):
    form, shown = filled(app, amount="−1.250.000", value="1.234,5", share="3,5 %", year="2027")

    assert (form.amount.data, form.value.data) == (-1_250_000, Decimal("1234.5"))
    assert (form.share.data, form.year.data) == (Decimal("0.035"), 2027)
    assert 'inputmode="decimal"' in shown["amount"]
    with app.test_request_context("/"):
        empty = Numbers(data={"amount": -1_250_000, "share": Decimal("0.035")})
        assert 'value="−1.250.000"' in empty.amount()
        assert 'value="3,5"' in empty.share()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("amount", "12.5"),
        ("amount", "10,000"),
        ("amount", "100.000.000.001"),
        ("value", "1e5"),
        ("share", "0.035"),
        ("year", "27"),
        ("year", "１９９９"),
        ("year", "1899"),
        ("year", "2201"),
    ],
)
def test_what_is_refused_stays_on_the_screen(app, field, text):
    form, shown = filled(app, **{field: text})

    assert form.errors.keys() == {field}
    assert f'value="{text}"' in shown[field]


def test_every_form_has_a_key_of_its_own_and_may_lack_a_version(app):
    first, _shown = filled(app)
    second, _shown = filled(app, version="x")
    third, _shown = filled(app, version="7", _key="k")

    assert first.key.data != second.key.data
    assert (first.seen_version, second.seen_version, third.seen_version) == (None, None, 7)
    assert third.key.data == "k"


def test_the_texts_of_wtforms_are_ours_in_danish_and_english(app):
    from pathlib import Path

    from babel.messages.pofile import read_po

    with (Path(messages_path()) / "wtforms.pot").open("rb") as file:
        texts = [message.id for message in read_po(file) if message.id]
    assert len(texts) > 35
    with app.test_request_context("/"):
        ours = Numbers().meta.get_translations(None)
        for text in texts:
            for language, same in (("da", False), ("en", True)):
                with force_locale(language):
                    if isinstance(text, tuple):
                        assert (ours.ngettext(*text, 1) == text[0]) is same, text
                        assert (ours.ngettext(*text, 2) == text[1]) is same, text
                    else:
                        assert (ours.gettext(text) == text) is same, text
