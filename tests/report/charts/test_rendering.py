"""Drawings of every kind: one image each that says what it is, the same bytes each time."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest

from survey_app.report.charts.curves import make_curve
from survey_app.report.charts.distributions import make_distribution
from survey_app.report.charts.dots import make_scope_dots
from survey_app.report.charts.drawings import DRAWINGS
from survey_app.report.charts.drawings.theme import CROSS, DASH, HALF_DISC
from survey_app.report.charts.drivers import make_drivers
from survey_app.report.charts.funnels import make_funnel
from survey_app.report.charts.histories import make_history
from survey_app.report.charts.rendering import NARROW, WHOLE, WIDE, render, to_svg
from tests.report.charts.documents import ANSWERS, CURVE, DRIVERS, FUNNEL, HISTORY, row

VERDICTS = ("met", "not_met", "undetermined", "provisional", "no_target")
SVG = "{http://www.w3.org/2000/svg}"


def scopes() -> Any:
    """A dot plot with every verdict, an open end and a name in several lines."""
    rows = [
        row(scope_name=f"Unit with a very long name indeed {verdict}", verdict=verdict, target=5.5)
        for verdict in VERDICTS
    ]
    return make_scope_dots([*rows, row(ci_high=None, target=7.0)], "2026-07", "period")


FIGURES = {
    "dots": scopes(),
    "history": make_history(HISTORY, row(target=6.0)),
    "curve": make_curve(
        CURVE,
        row(unit="seconds", statistic="km_median", value=172800.0, target=259200.0),
        "period",
        "Product shown",
    ),
    "distribution": make_distribution(ANSWERS, row(), "period"),
    "funnel": make_funnel(FUNNEL, row(), "Sales", "period", {"a", "b", "c"}),
    "drivers": make_drivers(DRIVERS, "Sales", "2026-07"),
}


def figure(kind: str) -> dict[str, Any]:
    """A figure as it comes out of its JSON."""
    made = FIGURES[kind]
    assert made is not None
    read: dict[str, Any] = json.loads(made.to_json())
    return read


def texts(svg: str) -> list[str]:
    """All text elements of a drawing."""
    return ["".join(one.itertext()) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_every_kind_is_drawn_here() -> None:
    assert FIGURES.keys() == DRAWINGS.keys()


@pytest.mark.parametrize("kind", FIGURES)
def test_a_drawing_is_one_image_with_title_and_description(kind: str) -> None:
    one = figure(kind)
    # Validated here, as the product does not take the time.
    DRAWINGS[kind](one, WHOLE).to_dict()
    svg = to_svg(one, WHOLE)
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    first, second = list(root)[:2]
    assert (first.tag, first.text) == (f"{SVG}title", one["title"])
    assert second.tag == f"{SVG}desc"
    assert str(second.text).startswith(one["description"])
    assert root.attrib["aria-labelledby"] == first.attrib["id"]
    assert svg.count("aria-") == 2
    # White paper, whatever page it is on; no style that a strict page would refuse.
    assert root[2].attrib["fill"] == "#ffffff"
    assert not re.search(r"\bstyle=|<style|<script|http://(?!www.w3.org)|https://", svg)


@pytest.mark.parametrize("kind", FIGURES)
def test_text_stays_text_and_only_the_whole_picture_has_the_title_in_it(kind: str) -> None:
    one = figure(kind)
    words = " ".join(texts(to_svg(one, WHOLE)))
    assert all(word in words for word in one["title"].split())
    assert all(word in words for word in one["caption"].split())
    alone = " ".join(texts(to_svg(one, NARROW)))
    assert not all(word in alone for word in one["caption"].split())


@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_a_drawing_fits_its_page(kind: str, size: Any) -> None:
    root = ElementTree.fromstring(to_svg(figure(kind), size))
    assert float(root.attrib["width"]) <= 1.1 * size.width


def test_verdicts_have_shapes_and_words_and_targets_are_drawn() -> None:
    svg = to_svg(figure("dots"), WIDE)
    for word in ("met", "not met", "undetermined", "provisional", "no target"):
        assert word in texts(svg)
    spec = json.dumps(DRAWINGS["dots"](figure("dots"), WIDE).to_dict())
    for shape in (CROSS, HALF_DISC, DASH):
        assert shape in spec


def test_the_numbers_on_the_bars_are_those_of_the_table() -> None:
    one = figure("distribution")
    drawn = texts(to_svg(one, WIDE))
    for bar in one["rows"]:
        share = "" if bar["share"] is None else f"{100 * bar['share']:.0f} %"
        assert f"{bar['count']}{share}" in drawn


def test_pictures_are_the_same_bytes_each_time() -> None:
    first, again = render(figure("history")), render(figure("history"))
    assert first == again
    assert first.keys() == {"svg", "png", "wide.svg", "narrow.svg"}
    assert first["png"].startswith(b"\x89PNG")
