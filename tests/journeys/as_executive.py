"""What somebody does who wants to know how the company stands."""

from __future__ import annotations

from pathlib import Path

import pikepdf
from playwright.sync_api import Page, expect

from tests.journeys.by_hand import (
    goals_of_the_quarter,
    numbers_of_the_quarter,
    read_book,
    verdict_words,
)
from tests.journeys.reading import assert_shows, cell, choose_period, row_of

COMPANY = "Harbour Leasing"
KPIS = {one["id"]: one for one in read_book()["kpis"]}
GOALS = {one["id"]: one["name"] for one in read_book()["goals"]}


def open_the_scorecard(page: Page) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Is {COMPANY} meeting the goals")
    choose_period(page, "Q3 2026 (July to September)")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Q3 2026 (July to September)")


def understand_what_is_met(page: Page) -> None:
    """Each number of the company is the one made by hand, rounded; each verdict is a word."""
    for (kpi, unit), wanted in numbers_of_the_quarter().items():
        if unit:
            continue
        row, measured_in = row_of(page, KPIS[kpi]["name"]), KPIS[kpi]["unit"]
        assert_shows(cell(row, "Value"), wanted["value"], measured_in)
        assert_shows(cell(row, "Target"), wanted["target"], measured_in)
        assert_shows(cell(row, "Deviation"), wanted["deviation"], measured_in)
        assert_shows(cell(row, "Score"), wanted["score"], "")
    for kpi, word in verdict_words().items():
        expect(row_of(page, KPIS[kpi]["name"]).locator(".verdict")).to_have_text(word)
    for (goal, unit), score in goals_of_the_quarter().items():
        if not unit:
            of_goal = page.get_by_role("region", name=GOALS[goal], exact=True)
            assert_shows(of_goal.locator(".standing .figure").inner_text(), score, "")
    # Of these goals one has a target: a score of 60 or more.
    first = page.get_by_role("region", name=GOALS["first_choice"], exact=True)
    expect(first.locator(".standing .verdict")).to_have_text("met")


def look_at_who_misses(page: Page) -> None:
    """Fleet sales misses its referral profit, and the page says so in its first sentence."""
    assert numbers_of_the_quarter()["referral_profit", "fleet_sales"]["deviation"] < 0
    page.get_by_label("For whom").select_option("unit:fleet_sales")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".lead")).to_contain_text("Not yet: Referral profit in three months misses")
    row = row_of(page, KPIS["referral_profit"]["name"])
    expect(row.locator(".verdict")).to_have_text("not met")
    page.get_by_label("For whom").select_option("all")
    page.get_by_role("button", name="Show").click()


def read_the_report(page: Page) -> None:
    page.get_by_role("link", name="Executive report").click()
    expect(page.get_by_role("heading", name="How to read this report")).to_be_visible()
    for (kpi, unit), wanted in numbers_of_the_quarter().items():
        if unit:
            continue
        row, measured_in = row_of(page, KPIS[kpi]["name"]), KPIS[kpi]["unit"]
        assert_shows(cell(row, "Found"), wanted["value"], measured_in)
        target, deviation = cell(row, "Target, deviation").splitlines()
        assert_shows(target, wanted["target"], measured_in)
        assert_shows(deviation, wanted["deviation"], measured_in)
    for (goal, unit), score in goals_of_the_quarter().items():
        if not unit:
            of_goal = page.get_by_role("region", name=GOALS[goal], exact=True)
            assert_shows(cell(of_goal.locator("tr.whole"), "Found"), score, "")


def download_the_pdf(page: Page) -> None:
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download PDF").click()
    path = Path(waiting.value.path())
    assert path.read_bytes().startswith(b"%PDF")
    with pikepdf.open(path) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en"


def subscribe_to_it(page: Page) -> None:
    page.get_by_role("link", name="Get it by mail").click()
    page.get_by_label("a period is closed").check()
    page.get_by_label("For", exact=True).select_option("quarter")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(f"The report of {COMPANY} is sent to")
    expect(page.get_by_role("listitem").filter(has_text="every quarter")).to_be_visible()


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window, once the style sheets are there."""
    page.wait_for_load_state("load")
    width: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return width <= 0
