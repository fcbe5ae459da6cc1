"""The macros: what a screen reader and a keyboard need is in the markup."""

import json
import re

import jinja2
import pytest
from flask import Flask, render_template_string
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    validators,
)
from wtforms.fields import SelectChoice

from planner import app as planner_app
from planner import formats
from planner.reports.values import (
    Cell,
    Chart,
    Column,
    Figure,
    LimitUse,
    Row,
    Status,
    Table,
    Why,
)


class CaseForm(FlaskForm):
    title = StringField("Titel", [validators.DataRequired("Skriv en titel")])
    amount = IntegerField("Beløb", [validators.Optional()], description="Uden moms")
    kind = SelectField("Art", choices=[SelectChoice("a", "Investering")])
    way = RadioField("Måde", choices=[SelectChoice("a", "Beløb"), SelectChoice("b", "Effekt")])
    note = TextAreaField("Bemærkning")
    agreed = BooleanField("Godkendt")


@pytest.fixture
def say():
    app = Flask("planner", template_folder=planner_app._templates())
    app.config.update(SECRET_KEY="x" * 32, WTF_CSRF_ENABLED=True)
    app.jinja_env.undefined = jinja2.StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, locale_selector=lambda: "en")
    CSRFProtect(app)
    formats.register(app)

    def render(macros, call, **values):
        names = "".join(
            f'{{% import "_macros/{name}.html" as {name} %}}' for name in macros.split()
        )
        with app.test_request_context(method="POST"):
            made = {name: make() for name, make in values.pop("made", {}).items()}
            return render_template_string(names + call, **values, **made)

    return render


def wrong_form():
    form = CaseForm(meta={"csrf": False}, formdata=None)
    form.validate()
    return form


def test_a_wrong_field_is_marked_described_and_linked_from_the_summary(say):
    html = say(
        "forms",
        "{{ forms.errors(form) }}{{ forms.field(form.title, help='Kort') }}",
        made={"form": wrong_form},
    )
    assert '<a href="#title">Titel: Skriv en titel</a>' in html
    field = re.search(r"<input[^>]*>", html)[0]
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="title-help title-error"' in field
    assert 'id="title-error"' in html
    assert 'id="title-help"' in html


def test_a_right_field_is_not_marked_and_what_is_optional_says_so(say):
    html = say("forms", "{{ forms.field(form.amount, unit='kr.') }}", made={"form": wrong_form})
    field = re.search(r"<input[^>]*>", html)[0]
    assert "aria-invalid" not in field
    assert 'aria-describedby="amount-help amount-unit"' in field
    assert "(may be left out)" in html
    assert "Uden moms" in html


def test_every_kind_of_field_has_a_label(say):
    html = say(
        "forms", "{% for f in form %}{{ forms.field(f) }}{% endfor %}", made={"form": wrong_form}
    )
    fields = set(re.findall(r'<(?:input|select|textarea)[^>]* id="([^"]+)"', html))
    assert fields == {"title", "amount", "kind", "way-0", "way-1", "note", "agreed"}
    assert fields <= set(re.findall(r'<label for="([^"]+)"', html))
    assert "<fieldset" in html
    assert "<legend>Måde" in html


def test_a_form_carries_its_token_version_and_key(say):
    html = say("forms", "{% call forms.form(version=4, key='k1', save=true) %}x{% endcall %}")
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', html))
    assert set(hidden) == {"csrf_token", "version", "_key"}
    assert (hidden["version"], hidden["_key"]) == ("4", "k1")
    assert "data-save" in html
    assert 'method="post"' in html


def test_a_form_without_a_version_has_none(say):
    html = say("forms", "{{ forms.button_form('/x', 'Godkend') }}")
    assert re.findall(r'name="(\w+)"', html) == ["csrf_token"]


TABLE = Table(
    "Hvem får midler",
    "1.000 kr.",
    (
        Column("title", "Indsats", "link"),
        Column("outlay", "Udlæg", "thousand"),
        Column("stars", "Evidens", "stars"),
        Column("state", "Tilstand", "state"),
        Column("funded", "Med", "mark"),
    ),
    (
        Row((Cell("Får midler", note="1 indsats"),), "group"),
        Row(
            (
                Cell("IPS+ <i>", "/interventions/BES-01", "BES-01", expanded=True),
                Cell(10_000_000),
                Cell(2),
                Cell("case.accepted"),
                Cell(value=True),
            ),
            "open",
            anchor="BES-01",
        ),
        Row(
            (Cell(Why("Fordi.", facts=(("Rammer", "alle"),), try_label="Prøv", try_href="/t")),),
            "why",
        ),
        Row((Cell("I alt"), Cell(10_000_000), Cell(""), Cell(""), Cell(None)), "sum"),
    ),
    total_note="Afrundet.",
)


def test_a_table_names_rows_columns_and_cells(say):
    html = say(
        "tables", "{{ tables.table(t, sort={'outlay': ('?sort=a', 'descending')}) }}", t=TABLE
    )
    assert html.count('scope="col"') == 5
    assert html.count('scope="row"') == 2
    assert 'aria-sort="descending"' in html
    assert 'data-l="Udlæg"' in html
    assert (
        '<a href="/interventions/BES-01" aria-expanded="true" data-close>IPS+ &lt;i&gt;</a>' in html
    )
    assert "2 of 3 stars" in html
    assert "Accepted by finance" in html
    assert "10,000" in html
    assert 'colspan="5"' in html
    assert "Afrundet." in html


def test_a_chart_brings_its_specification_and_its_table(say):
    spec = {"usermeta": {"reserve": 240}, "description": "</script><b>"}
    chart = Chart("by_year", "Den sparer", "mio. kr.", spec, TABLE, "Bundlinje")
    html = say("charts", "{{ charts.chart(c, level=3) }}", c=chart)
    block = re.search(r'<script type="application/json" data-spec>(.*?)</script>', html)[1]
    assert json.loads(block) == spec
    assert "<h3>Den sparer</h3>" in html
    assert "<details>" in html
    assert "Source: Bundlinje" in html


def test_key_figures_link_to_their_parts(say):
    figure = Figure("Netto", -7_000_000, "million_change", "mio. kr.", "2027–30", "#kasser")
    html = say(
        "figures", "{{ figures.strip([f, g]) }}", f=figure, g=Figure("Borgere", None, "count")
    )
    assert '<a href="#kasser">−7.0</a> <small>mio. kr.</small>' in html
    assert "–" in html


@pytest.mark.parametrize("kind", ["good", "part", "none", "wait"])
def test_a_status_is_told_in_words(say, kind):
    html = say(
        "status", "{{ status.sentence(s) }}", s=Status(kind, "Bedste plan, bevist.", "6 af 14.")
    )
    assert "<strong>Bedste plan, bevist.</strong> 6 af 14." in html
    assert 'aria-hidden="true"' in html


@pytest.mark.parametrize(
    ("state", "word"),
    [("binds", "Decides the choice."), ("slack", "Room left."), ("broken", "Broken, at a price.")],
)
def test_a_limit_is_a_sentence_with_its_verdict(say, state, word):
    used, mark = LimitUse.rail(used=93, limit=100)
    item = LimitUse("Højst 10 mio. kr.", state, "9,3 brugt", used, mark)
    html = say("limits", "{{ limits.list([item]) }}", item=item)
    assert "Højst 10 mio. kr." in html
    assert f"<strong>{word}</strong> 9,3 brugt" in html
    assert 'width="80.9"' in html


def test_a_limit_can_hold_a_field(say):
    html = say(
        "limits",
        "{% call limits.limit(item) %}Højst <input name='r'> mio. kr.{% endcall %}",
        item=LimitUse("Højst 10 mio. kr."),
    )
    assert "<input name='r'>" in html
    assert "Højst 10" not in html


def test_the_grid_brings_its_words_and_names_its_fields(say):
    html = say(
        "grid",
        "{% call grid.sheet('Beløb') %}<tbody><tr data-line>"
        "{{ grid.cell('a', 'Udlæg 2027', '1,2 mio', error='x', year=2027) }}"
        "</tr></tbody>{% endcall %}"
        "{{ grid.error('a', 'Skriv hele kroner') }}",
    )
    field = re.search(r"<input[^>]*>", html)[0]
    for part in ('aria-label="Udlæg 2027"', 'aria-describedby="a-error"', 'data-year="2027"'):
        assert part in field
    assert 'id="a-error"' in html
    assert "{count} fields filled." in html


def test_parts_of_a_page(say):
    html = say(
        "page",
        "{% call page.head('Forebyggelse <først>', state='scenario.draft', lead='Kort.') %}"
        "<a href='/'>Kopiér</a>{% endcall %}"
        "{{ page.crumbs([('Scenarier', '/scenarios'), ('Her', none)]) }}"
        "{{ page.empty('Intet endnu', 'Begynd her.', 'Opret', '/new') }}"
        "{{ page.steps([('Effekt', '/e', 'here', '1 fejl')]) }}"
        "{{ page.job('/jobs/1.json', 'Beregner', share=0.4) }}",
    )
    assert "<h1>Forebyggelse &lt;først&gt;</h1>" in html
    assert "Draft" in html
    assert '<span aria-current="page">Her</span>' in html
    assert 'aria-current="step"' in html
    assert 'data-job="/jobs/1.json"' in html
    assert 'value="0.4"' in html
