"""Pictures: drawn by another process once, kept by what they show, and room is made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from survey_app.report.charts import pictures
from survey_app.report.charts.figure import Figure
from survey_app.report.charts.histories import make_history
from survey_app.report.charts.pictures import NotDrawn, picture_of
from tests.report.charts.documents import HISTORY, row


def history(**changes: object) -> Figure:
    """A figure that can be drawn."""
    figure = make_history(HISTORY, row(**changes))
    assert figure is not None
    return figure


def test_a_picture_is_drawn_once_and_then_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "charts"
    drawn = picture_of(history(), "svg", folder)
    assert drawn.startswith(b"<svg ")
    monkeypatch.setattr(pictures, "_draw", lambda _text: pytest.fail("drawn again"))
    assert picture_of(history(), "svg", folder) == drawn
    assert picture_of(history(), "png", folder).startswith(b"\x89PNG")


def test_another_figure_or_another_code_is_another_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def draw(text: str) -> dict[str, bytes]:
        seen.append(text)
        return {"svg": text.encode()}

    monkeypatch.setattr(pictures, "_draw", draw)
    picture_of(history(), "svg", tmp_path)
    picture_of(history(kpi_name="Another"), "svg", tmp_path)
    monkeypatch.setattr(pictures, "drawing_version", lambda: "newer")
    picture_of(history(), "svg", tmp_path)
    assert len(seen) == 3


def test_the_longest_unused_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_KEPT", 1)
    monkeypatch.setattr(pictures, "_draw", lambda text: dict.fromkeys(pictures.FORMS, b"x"))
    for number in range(4):
        picture_of(history(kpi_name=f"K{number}"), "svg", tmp_path)
    assert len(list(tmp_path.iterdir())) == len(pictures.FORMS)


def test_what_cannot_be_drawn_is_told_in_a_sentence(tmp_path: Path) -> None:
    odd = Figure("no such kind", "", "", "", (), (), {})
    with pytest.raises(NotDrawn, match="could not be drawn; the table holds the same numbers"):
        picture_of(odd, "svg", tmp_path)


def test_making_figures_loads_no_drawing_library() -> None:
    code = (
        "import sys, survey_app.report.charting, survey_app.report.charts.pictures\n"
        "assert not {'altair', 'vl_convert', 'numpy', 'pyarrow'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
