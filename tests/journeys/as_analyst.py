"""What an analyst does who takes numbers and answers away."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from urllib.request import Request, urlopen

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.journeys.by_hand import (
    goals_of_the_quarter,
    in_quarter,
    numbers_of_the_quarter,
    read_table,
    recommendation_by_segment,
)
from tests.journeys.reading import choose_period

Rows = list[dict[str, str]]


def open_the_run(page: Page) -> None:
    page.goto("/")
    choose_period(page, "Q3 2026 (July to September)")
    page.get_by_role("link", name="How it was scored").click()
    expect(page.get_by_role("heading", name="Take the scores away")).to_be_visible()


def download(page: Page, role: Any, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role(role, name=name, exact=True).click()
    return Path(waiting.value.path()).read_bytes()


def read_csv(content: bytes) -> Rows:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def download_scores(page: Page) -> Rows:
    rows = read_csv(download(page, "link", "Scores as CSV"))
    found = {(one["kpi_id"], one["scope_id"]): one for one in whole_period(rows)}
    for key, wanted in numbers_of_the_quarter().items():
        row = found[key]
        aim = row["target_adjusted"] or row["target"]
        made = {"value": row["value"], "target": aim, "deviation": row["deviation_abs"],
                "score": row["score"]}  # fmt: skip
        for name, value in wanted.items():
            assert float(made[name]) == pytest.approx(value, rel=1e-9, abs=1e-9), (key, name)
    segments = {
        one["dim_segment"]: float(one["value"])
        for one in rows
        if one["kpi_id"] == "recommend"
        and one["scope_type"] == "all"
        and one["window"] == "period"
        and one["dim_segment"]
    }
    assert segments == pytest.approx(recommendation_by_segment(), rel=1e-9)
    return rows


def whole_period(rows: Rows) -> Rows:
    """The rows of the period itself, of everybody in a scope."""
    return [one for one in rows if one["window"] == "period" and not one.get("dim_segment")]


def download_goals(page: Page) -> None:
    rows = whole_period(read_csv(download(page, "link", "Goals as CSV")))
    found = {(one["goal_id"], one["scope_id"]): one for one in rows}
    for key, score in goals_of_the_quarter().items():
        assert float(found[key]["score"]) == pytest.approx(score, rel=1e-9), key


def download_the_workbook(page: Page, scores: Rows) -> None:
    book = load_workbook(io.BytesIO(download(page, "link", "Workbook (XLSX)")), read_only=True)
    head, *rows = book[book.sheetnames[0]].iter_rows(values_only=True)
    column = head.index("value")
    for row, one in zip(rows, scores, strict=True):
        wanted = float(one["value"]) if one["value"] else None
        assert row[column] == (None if wanted is None else pytest.approx(wanted, rel=1e-12))


def download_the_package(page: Page, scores: Rows) -> None:
    """It describes itself, and holds the same scores."""
    files = unpack(download(page, "link", "Package (ZIP)"))
    described = json.loads(files["datapackage.json"])
    assert {one["path"] for one in described["resources"]} <= set(files)
    assert read_csv(files["scores.csv"]) == scores


def unpack(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def take_the_answers(page: Page) -> None:
    """One row a response, with what was answered as it was."""
    page.get_by_role("link", name="Answers", exact=True).click()
    page.get_by_role("link", name="How was your visit?").click()
    bring_them_up_to_date(page)
    answered = read_table("answers.csv")
    of_the_quarter = len(in_quarter(answered, "answered_at", ""))
    page.get_by_label("From month").select_option("2026-07")
    page.get_by_label("To month").select_option("2026-09")
    page.get_by_role("button", name="Show the number").click()
    expect(page.locator(".lead")).to_contain_text(f"{of_the_quarter} responses match your choice.")
    page.get_by_label("From month").select_option("")
    page.get_by_label("To month").select_option("")
    page.get_by_label("Wide").check()
    wide = read_csv(download(page, "button", "Download, anonymised"))
    for question in ("welcome", "answers", "recommend"):
        given = sorted(one[question] for one in wide)
        assert given == sorted(one[question] for one in answered), question
    # Nobody can be found by name, by what they typed, or by the minute.
    assert not {"customer", "respondent", "comment", "answered_at"} & set(wide[0])
    page.get_by_label("As a package").check()
    files = unpack(download(page, "button", "Download, anonymised"))
    described = json.loads(files["datapackage.json"])
    assert {one["path"] for one in described["resources"]} <= set(files)


def bring_them_up_to_date(page: Page) -> None:
    """Where the copy for downloads lacks answers the page asks for it to be renewed."""
    renew = page.get_by_role("button", name="Bring it up to date")
    if renew.count():
        renew.click()
    expect(page.get_by_role("button", name="Download, anonymised")).to_be_enabled(timeout=60_000)


def make_a_token(page: Page) -> str:
    page.get_by_role("link", name="API", exact=True).click()
    page.get_by_role("link", name="Make a token").click()
    page.get_by_label("What is it for?").fill("Monthly figures")
    page.get_by_label("Read runs and scores").check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.get_by_label("Token").input_value()
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("row").filter(has_text="Monthly figures")).to_contain_text("not yet")
    return secret


def read_all(address: str, token: str) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items = []
    while address:
        request = Request(address, headers={"Authorization": f"Bearer {token}"})
        with urlopen(request, timeout=30) as answer:
            page = json.load(answer)
        items += page["items"]
        address = urljoin(address, page["next"]) if page["next"] else ""
    return items


def assert_same(told: list[dict[str, Any]], scores: Rows) -> None:
    """Every cell of the CSV is what the API says."""
    assert len(told) == len(scores)
    for one, row in zip(told, scores, strict=True):
        assert set(one) == set(row)
        for column, value in one.items():
            if isinstance(value, int | float):
                assert float(row[column]) == value, (row, column)
            else:
                assert row[column] == (value or ""), (row, column)
