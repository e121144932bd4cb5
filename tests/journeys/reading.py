"""Reading rounded numbers and tables off a page."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page

SECONDS = {"d": 86400, "h": 3600, "min": 60, "s": 1}
NUMBER = r"[+\u2212-]?[\d\u202f]+(?:\.\d+)?"


def assert_shows(text: str, value: float, unit: str) -> None:
    """The first line of the text begins with the value, rounded to the last place shown."""
    text = text.strip().partition("\n")[0]
    if unit == "seconds":
        parts = re.findall(r"(\d+) (d|h|min|s)\b", text)
        assert parts, text
        shown = float(sum(int(count) * SECONDS[name] for count, name in parts))
        shown = -shown if "\u2212" in text else shown
        last = SECONDS[parts[-1][1]]
    else:
        found = re.match(NUMBER, text)
        assert found is not None, text
        plain = found.group().replace("\u2212", "-").replace("\u202f", "")
        shown, last = float(plain), 10.0 ** -len(plain.partition(".")[2])
        value = 100 * value if unit == "share" else value
    assert abs(shown - value) <= last / 2 * (1 + 1e-9), (text, value)


def row_of(page: Page, kpi: str) -> Locator:
    """The row of a scorecard's or report's table that has this KPI's name."""
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=kpi, exact=True))


def cell(row: Locator, label: str) -> str:
    """The text of one cell, by the label that it has on a phone."""
    return row.locator(f'td[data-label="{label}"]').inner_text()


def choose_period(page: Page, label: str) -> None:
    """Choose the newest run of a period on the scorecard."""
    run = (
        page.get_by_label("Period", exact=True)
        .locator("option")
        .filter(has_text=re.compile(rf"^{re.escape(label)} "))
    )
    page.get_by_label("Period", exact=True).select_option(run.first.get_attribute("value"))
    page.get_by_role("button", name="Show").click()
