"""The PDF as a machine reads it: tagged, titled, in a language, every drawing in words."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from typing import Any

import pikepdf
import pytest

from survey_app.report.executive.pdf import file_name, write_pdf
from survey_app.report.executive.report import ExecutiveReport, Note
from tests.factories.reports import SUBJECT, changed, compose, goal_row, kpi_row, with_target

NOTE = Note(1, "Open one", "Two were ill.\nAll are back.", "Mara", "2026-08-03 10:00")


@pytest.fixture(scope="module")
def report() -> ExecutiveReport:
    """A report that has something of everything."""
    rows = [
        changed(with_target(kpi_row("met_one", 4.6), 4.0, "met"), 0.75, 0.01),
        changed(with_target(kpi_row("missed_one", 2.0), 4.0, "not_met"), -0.75, 0.01),
        with_target(kpi_row("open_one", 4.1), 4.0, "undetermined", n_to_decide=1250),
        with_target(kpi_row("running_one", 4.1), 4.0, "provisional"),
        kpi_row("silent_one", None, verdict_reason="Nobody has answered yet."),
    ]
    goals = [
        {"id": "quality", "name": "Quality", "aim": "They come back.", "vision": "The best."},
        {"id": "below", "name": "Below", "parent": "quality"},
        {"id": "deeper", "name": "Deeper", "parent": "below"},
    ]
    rows += [kpi_row("b", 3.0, goal_id="below"), kpi_row("d", 3.0, goal_id="deeper")]
    goal_rows = [
        goal_row(
            "quality", 60.0, target=62.0, verdict="undetermined", chance_met=0.3, coverage=0.8
        ),
        goal_row("below"),
        goal_row("deeper"),
    ]
    return compose(rows, goal_rows, goals, (NOTE,))


@pytest.fixture(scope="module")
def pdf(report: ExecutiveReport) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(write_pdf(report)))


def elements(node: Any) -> list[Any]:
    """The structure elements below a node, in reading order."""
    if isinstance(node, pikepdf.Array):
        return [one for part in node for one in elements(part)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    own = [node] if "/S" in node else []
    return own + elements(node.get("/K", pikepdf.Array()))


def text_of(pdf: pikepdf.Pdf) -> list[str]:
    """The kinds of the structure elements."""
    return [str(one["/S"]) for one in elements(pdf.Root["/StructTreeRoot"]["/K"])]


def test_it_says_that_it_is_pdf_ua_with_title_language_and_tags(pdf: pikepdf.Pdf) -> None:
    assert pdf.Root["/MarkInfo"]["/Marked"]
    assert str(pdf.Root["/Lang"]) == "en"
    assert pdf.Root["/ViewerPreferences"]["/DisplayDocTitle"]
    with pdf.open_metadata() as about:
        assert about["pdfuaid:part"] == "1"
        assert about["dc:title"] == "Is Leasing meeting the goals in July 2026?"
        assert about["xmp:CreateDate"].startswith("2026-08-02T08:00:00")


def test_every_drawing_is_told_in_words(pdf: pikepdf.Pdf, report: ExecutiveReport) -> None:
    figures = [
        str(one.get("/Alt", ""))
        for one in elements(pdf.Root["/StructTreeRoot"]["/K"])
        if one["/S"] == "/Figure"
    ]
    told = [line.alt for goal in report.goals for line in (goal.line, *goal.kpis) if line]
    assert figures == told
    # Three goals and the six KPIs that have a number.
    assert len(figures) == 9


def test_headings_begin_with_one_title_and_skip_no_level(pdf: pikepdf.Pdf) -> None:
    levels = [int(kind[2:]) for kind in text_of(pdf) if kind[:2] == "/H" and kind[2:].isdigit()]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    assert max(levels) == 5


def test_tables_have_headers(pdf: pikepdf.Pdf) -> None:
    kinds = text_of(pdf)
    # One for each goal and one for what the run was made with.
    assert kinds.count("/Table") == 4
    assert kinds.count("/THead") == 4
    assert kinds.count("/TH") == 3 * 7 + 2


def test_everything_that_is_shown_is_tagged_or_said_to_be_decoration(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        depth = 0
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) in ("BDC", "BMC"):
                depth += 1
            elif str(operator) == "EMC":
                depth -= 1
            elif str(operator) in ("Tj", "TJ", "f", "f*", "S", "B", "Do"):
                assert depth > 0, (operands, operator)


def test_two_pages_and_the_method_on_the_third(pdf: pikepdf.Pdf) -> None:
    assert len(pdf.pages) <= 3
    # A4 in points.
    box = [float(edge) for edge in pdf.pages[0]["/MediaBox"]]
    assert box == pytest.approx([0, 0, 595.28, 841.89], abs=0.01)


def test_a_full_report_keeps_to_two_pages_and_the_method() -> None:
    goals = [
        {
            "id": f"g{n}",
            "name": f"Goal number {n} of the company",
            "aim": "Every customer is received well and gets an answer to each question.",
            "vision": "People come to us first because others told them to.",
        }
        for n in range(4)
    ]
    rows = [
        changed(
            with_target(
                kpi_row(f"a_thing_that_is_measured_{n}", 4.1, goal_id=f"g{n % 4}"),
                4.0,
                "undetermined",
                n_to_decide=250,
            ),
            0.75 if n % 2 else -0.75,
            0.01,
        )
        for n in range(40)
    ]
    made = compose(rows, [goal_row(goal["id"]) for goal in goals], goals, (NOTE, NOTE))
    assert len(pikepdf.open(io.BytesIO(write_pdf(made))).pages) == 3


def test_the_same_report_gives_the_same_bytes(report: ExecutiveReport) -> None:
    first = write_pdf(report)
    assert write_pdf(report) == first
    assert write_pdf(replace(report, notes=())) != first


@pytest.mark.parametrize("text", ["≤ ≥ – → − \u202f × “”", "Žižková Łódź Ωμέγα Москва"])
def test_what_pages_write_has_letters_in_the_shipped_fonts(
    text: str, report: ExecutiveReport
) -> None:
    made = replace(report, notes=(replace(NOTE, text=text),))
    fonts = {
        str(font["/BaseFont"])
        for page in pikepdf.open(io.BytesIO(write_pdf(made))).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all("Libertinus" in name for name in fonts)


@pytest.mark.parametrize(
    "text", ["a\x07b", "\ue000", "#strong[x] $x$ <b>y</b> @z \\ \u202e", "日本"]
)
def test_any_note_can_be_set(text: str, report: ExecutiveReport) -> None:
    made = replace(report, notes=(replace(NOTE, text=text),))
    assert write_pdf(made).startswith(b"%PDF-1.7")


def test_the_file_is_called_by_period_scope_and_run(report: ExecutiveReport) -> None:
    assert file_name(report) == "report_2026-07_unit_leasing_00000000.pdf"
    assert SUBJECT.scope_label == "unit:leasing"
