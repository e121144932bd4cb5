"""What a manager does between setting a target and closing a period."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Page, expect

from tests.journeys.by_hand import counted_answers, in_quarter, numbers_of_the_quarter, read_table
from tests.journeys.reading import assert_shows, choose_period

NOTE = "Agreed with both units."
REASON = "An answer came late."


def look_at_the_goals(page: Page) -> None:
    """The tree, and a KPI with its versions and targets."""
    page.get_by_role("link", name="Goals", exact=True).click()
    below = page.get_by_role("region", name="Customers are glad they came (simulated)")
    expect(below).to_contain_text("Part of Customers choose us first (simulated)")
    expect(below).to_contain_text("Weight 2 of 3")
    below.get_by_role("link", name="Received well").click()
    expect(page.get_by_role("region", name="Versions")).to_contain_text("1 to 5")
    targets = page.get_by_role("region", name="Targets that hold today")
    expect(targets.get_by_role("row", name="Harbour Leasing")).to_contain_text("4 points")
    page.get_by_role("link", name="Back to the goals").click()


def set_a_target_for_later(page: Page) -> None:
    """From a month to come on more is asked; today's target stays."""
    day = date(date.today().year + 1, 4, 1).isoformat()
    page.get_by_role("link", name="Set targets").click()
    page.get_by_label("From", exact=True).fill(day)
    page.get_by_role("button", name="Show").click()
    field = page.get_by_label("Received well, Harbour Leasing")
    expect(field).to_have_value("4")
    field.fill("4.25")
    page.get_by_role("button", name="Set the targets").click()
    expect(page.get_by_role("status")).to_have_text("Set: 1 target.")
    expect(field).to_have_value("4.25")
    page.get_by_role("link", name="Back to the goals").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Received well"))
    expect(row).to_contain_text("4 points")


def ask_for_a_run(page: Page) -> str:
    """Ask for the quarter, follow the run to its end; returns its address."""
    request_the_quarter(page)
    page.wait_for_url(re.compile(r"/report/runs/[0-9a-f-]{36}"))
    expect(page.get_by_role("link", name="Show the scorecard")).to_be_visible(timeout=90_000)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "How was Q3 2026 (July to September) scored?"
    )
    return page.url


def request_the_quarter(page: Page) -> None:
    page.get_by_role("link", name="Scorecard", exact=True).click()
    page.get_by_role("link", name="Score a period").click()
    page.get_by_label("A quarter").check()
    page.get_by_label("Year", exact=True).fill("2026")
    page.get_by_label("Quarter", exact=True).select_option("3")
    page.get_by_role("button", name="Score the period").click()


def set_units_side_by_side(page: Page) -> None:
    page.get_by_role("link", name="Show the scorecard").click()
    page.get_by_role("link", name="Side by side").click()
    matrix = page.get_by_role("region", name="KPIs side by side")
    names = matrix.get_by_role("columnheader").all_inner_texts()
    for kpi, name, unit in (
        ("welcome", "Received well", "points"),
        ("orders_filled", "Orders filled", "share"),
    ):
        shown = matrix.locator("tr").filter(has_text=name).locator("td")
        for key, heading in (("leasing", "Leasing"), ("fleet_sales", "Fleet sales")):
            at = names.index(f"{heading} (simulated)") - 1
            value = numbers_of_the_quarter()[kpi, key]["value"]
            told = shown.nth(at).inner_text()
            # Beside an interval the value is in the line below; a full count has the value alone.
            _, _, found = told.partition("found ")
            assert_shows(found or shown.nth(at).locator("a").inner_text(), value, unit)
    at = names.index("Leasing (simulated)") - 1
    matrix.locator("tr").filter(has_text="Received well").locator("td").nth(at).locator("a").click()


def trace_the_number(page: Page) -> None:
    """From the number of a unit to the answers it was made from."""
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Where does “Received well” come from?"
    )
    counted = page.get_by_role("region", name="Answers counted")
    for rating, count in counted_answers("welcome", "leasing").items():
        row = counted.get_by_role("row").filter(
            has=page.get_by_role("rowheader", name=str(rating), exact=True)
        )
        expect(row.get_by_role("cell")).to_have_text(str(count))
    answered = in_quarter(read_table("answers.csv"), "answered_at", "leasing")
    rows = page.locator("section", has=page.get_by_role("heading", name="The source rows"))
    expect(rows).to_contain_text(f"{len(answered)} responses of the period as they stand now")
    rows.get_by_text("Show them").click()
    newest = max(answered, key=lambda one: one["answered_at"])
    shown = rows.get_by_role("region", name="Source rows").locator("tbody tr").first
    expect(shown).to_contain_text(newest["answered_at"][:16].replace("T", " "))


def look_at_a_chart(page: Page) -> None:
    """The answers drawn, with the numbers below the drawing."""
    page.get_by_role("link", name="How are the answers to a question distributed?").click()
    drawing = page.locator("figure img")
    expect(drawing).to_be_visible()
    # Fails where the picture cannot be drawn.
    drawing.evaluate("image => image.decode()")
    table = page.get_by_role("region", name="The chart's numbers")
    for rating, count in counted_answers("welcome", "leasing").items():
        row = table.get_by_role("row").filter(
            has=page.get_by_role("rowheader", name=str(rating), exact=True)
        )
        expect(row.get_by_role("cell", name=str(count), exact=True).first).to_be_visible()


def compare_it_with_the_run_before(page: Page) -> None:
    """Nothing came in between, and the new target holds later: nothing differs."""
    page.get_by_role("link", name="Scorecard", exact=True).first.click()
    page.get_by_role("link", name="All runs").click()
    page.get_by_role("link", name="Compare two").click()
    for label in ("First run", "Second run"):
        runs = page.get_by_label(label).locator("option").filter(has_text="Q3 2026 ")
        at = runs.first if label == "Second run" else runs.last
        page.get_by_label(label).select_option(at.get_attribute("value"))
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".lead")).to_contain_text("Nothing differs: all")


def close_the_period(page: Page, run: str) -> None:
    page.goto(run)
    page.get_by_role("link", name="Close the period").click()
    page.get_by_label("Note").fill(NOTE)
    page.get_by_role("button", name="Close the period").click()
    expect(page.get_by_role("status")).to_have_text(
        "Q3 2026 (July to September) is closed with this run."
    )


def see_that_it_is_not_scored_again(page: Page) -> None:
    request_the_quarter(page)
    expect(page.get_by_role("alert")).to_contain_text("2026-Q3 is closed")
    expect(page.get_by_role("alert")).to_contain_text("Reopen it first")


def reopen_it(page: Page, run: str) -> None:
    page.goto(run)
    page.get_by_role("link", name="Reopen the period").click()
    page.get_by_label("Why is it opened again?").fill(REASON)
    page.get_by_role("button", name="Reopen the period").click()
    expect(page.get_by_role("status")).to_have_text("Q3 2026 (July to September) is open again.")
    record = page.get_by_role("listitem").filter(has_text="Closed ")
    expect(record).to_contain_text(NOTE)
    expect(record).to_contain_text(REASON)


def see_alerts_and_their_rules(page: Page) -> None:
    page.get_by_role("link", name="Scorecard", exact=True).click()
    choose_period(page, "Q3 2026 (July to September)")
    page.get_by_role("link", name=re.compile("^Alerts")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs a look?")
    expect(page.get_by_text("could not be looked at")).to_have_count(0)
    page.get_by_role("link", name="Rules").click()
    rule = page.get_by_role("region", name="Verdict turned")
    expect(rule).to_contain_text("On")
    expect(rule.get_by_role("link", name="Change")).to_be_visible()
