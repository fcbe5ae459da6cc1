"""The Danish texts: merged, compiled, and compared with what the code asks for."""

import gettext
from pathlib import Path

import pytest

from planner.catalogue import (
    Use,
    check_catalogue,
    compile_catalogue,
    find_uses,
    main,
    read_parts,
)

HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)


@pytest.fixture
def translations(tmp_path):
    (tmp_path / "da").mkdir()
    return tmp_path


def write(translations: Path, name: str, text: str) -> None:
    (translations / "da" / name).write_text(HEADER + text, encoding="utf-8")


def mistakes(translations: Path, *uses: Use) -> list[str]:
    return check_catalogue(read_parts(translations), uses).mistakes


def test_parts_are_compiled_into_one_catalogue(translations):
    write(translations, "a.po", 'msgid "Pool"\nmsgstr "Pulje"\n')
    write(
        translations,
        "b.po",
        'msgid "%(num)d case"\nmsgid_plural "%(num)d cases"\n'
        'msgstr[0] "%(num)d sag"\nmsgstr[1] "%(num)d sager"\n',
    )

    with compile_catalogue(translations).open("rb") as file:
        danish = gettext.GNUTranslations(file)

    assert danish.gettext("Pool") == "Pulje"
    assert danish.ngettext("%(num)d case", "%(num)d cases", 1) == "%(num)d sag"
    assert danish.ngettext("%(num)d case", "%(num)d cases", 2) == "%(num)d sager"


def test_the_same_parts_give_the_same_bytes(translations):
    write(translations, "a.po", 'msgid "Pool"\nmsgstr "Pulje"\n')

    first = compile_catalogue(translations).read_bytes()

    assert compile_catalogue(translations).read_bytes() == first


def test_a_text_without_danish_is_named_with_its_place(translations):
    assert mistakes(translations, Use("planner/x.py:7", "Pool")) == [
        "planner/x.py:7: no Danish for 'Pool'"
    ]


def test_a_translated_text_is_right(translations):
    write(translations, "a.po", 'msgid "Pool"\nmsgstr "Pulje"\n')

    assert mistakes(translations, Use("planner/x.py:7", "Pool")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('msgid "Pool"\nmsgstr ""\n', "a.po: empty: 'Pool'"),
        ('#, fuzzy\nmsgid "Pool"\nmsgstr "Pulje"\n', "a.po: fuzzy: 'Pool'"),
        (
            'msgid "Pool of %(year)s"\nmsgstr "Pulje for %(aar)s"\n',
            "a.po: placeholders ['%(aar)s'] instead of ['%(year)s']: 'Pool of %(year)s'",
        ),
        (
            'msgid "Pool of {year}"\nmsgstr "Pulje"\n',
            "a.po: placeholders [] instead of ['{year}']: 'Pool of {year}'",
        ),
    ],
)
def test_a_wrong_translation_is_named(translations, text, expected):
    write(translations, "a.po", text)

    assert mistakes(translations) == [expected]


def test_two_danish_texts_for_one_are_named(translations):
    write(translations, "a.po", 'msgid "Pool"\nmsgstr "Pulje"\n')
    write(translations, "b.po", 'msgid "Pool"\nmsgstr "Bassin"\n')

    assert mistakes(translations) == ["b.po: another text than in a.po: 'Pool'"]


def test_a_missing_plural_is_named(translations):
    write(translations, "a.po", 'msgid "case"\nmsgstr "sag"\n')

    assert mistakes(translations, Use("x.py:1", "case", plural="cases")) == [
        "x.py:1: no Danish plural for 'case'"
    ]


def test_a_text_that_nobody_uses_is_remarked_but_no_mistake(translations):
    write(translations, "a.po", 'msgid "Pool"\nmsgstr "Pulje"\n')

    findings = check_catalogue(read_parts(translations), [])

    assert findings.mistakes == []
    assert findings.remarks == ["a.po: not found in the code: 'Pool'"]


def test_uses_are_found_in_code_and_templates(tmp_path):
    package, templates = tmp_path / "package", tmp_path / "templates"
    package.mkdir()
    templates.mkdir()
    (package / "x.py").write_text(
        '_("One")\nlazy_gettext("Two")\nngettext("a day", "%(num)d days", n)\n'
        'pgettext("verb", "Post")\n',
        encoding="utf-8",
    )
    (templates / "x.html").write_text(
        "{{ _('Three') }}\n{% trans %}Four{% endtrans %}", encoding="utf-8"
    )

    found = {
        (use.place, use.msgid, use.plural, use.context) for use in find_uses(package, templates)
    }

    assert found == {
        ("package/x.py:1", "One", None, None),
        ("package/x.py:2", "Two", None, None),
        ("package/x.py:3", "a day", "%(num)d days", None),
        ("package/x.py:4", "Post", None, "verb"),
        ("templates/x.html:1", "Three", None, None),
        ("templates/x.html:2", "Four", None, None),
    }


def test_every_text_of_the_application_is_in_danish(capsys):
    assert main(["--check"]) == 0, capsys.readouterr().out
