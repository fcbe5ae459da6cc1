"""The look that can be measured: contrast, few properties, the same names everywhere."""

import re
from pathlib import Path

import pytest

import planner

FOLDER = Path(planner.__file__).parent / "static"
TEXT = (FOLDER / "bundlinje.css").read_text("utf-8")
PLAIN = re.sub(r"/\*.*?\*/", "", TEXT, flags=re.DOTALL)
MOST_PROPERTIES = 40
MOST_LINES_OF_A_MODULE = 250

TEXT_ON_GROUND = [
    (ink, ground)
    for ink in ("ink", "muted", "action", "action-strong", "positive", "warning", "negative")
    for ground in ("ground", "tint")
] + [
    ("ink", "action-tint"),
    ("ink", "warning-tint"),
    ("ink", "negative-tint"),
    ("muted", "action-tint"),
    ("on-action", "action"),
    ("on-action", "action-strong"),
]
SHAPE_ON_GROUND = [("edge", "ground"), ("action", "ground"), ("negative", "ground")]


def colours(block):
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block))
    return {name: value if len(value) == 7 else doubled(value) for name, value in found.items()}


def doubled(short):
    return "#" + "".join(digit * 2 for digit in short[1:])


LIGHT = colours(PLAIN.split("@media")[0])
DARK = LIGHT | colours(PLAIN.split("prefers-color-scheme: dark")[1].split("}")[0])


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(scheme, ink, ground):
    assert contrast(scheme[ink], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_ON_GROUND)
def test_edges_of_fields_can_be_seen(scheme, shape, ground):
    assert contrast(scheme[shape], scheme[ground]) >= 3


def test_every_property_that_is_used_is_one_of_the_few_at_the_top():
    defined = set(re.findall(r"--([\w-]+):", PLAIN))
    used = set(re.findall(r"var\(--([\w-]+)\)", PLAIN))
    assert used <= defined
    assert len(defined) <= MOST_PROPERTIES
    assert set(re.findall(r"--([\w-]+):", PLAIN.split("/* ---- 2")[0])) >= used


def test_nothing_is_fetched_from_elsewhere():
    for path in FOLDER.iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|@import|url\(", text), path.name


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.js")), ids=lambda path: path.name)
def test_modules_are_small_and_say_first_what_they_do(path):
    text = path.read_text("utf-8")
    assert text.startswith("/*")
    assert len(text.splitlines()) <= MOST_LINES_OF_A_MODULE
    assert not re.search(r"\beval\(|new Function|innerHTML|\.style\b", text)


def test_print_starts_from_the_light_colours():
    assert "@media screen and (prefers-color-scheme: dark)" in PLAIN
    assert not re.search(r"@media \(prefers-color-scheme", PLAIN)
