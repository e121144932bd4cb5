"""Answering a page in a real browser."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from playwright.sync_api import Page, Route, expect

# As much of a picture as its kind is known by.
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def fill(page: Page, answers: Mapping[str, Sequence[str]]) -> None:
    """Put these values, field to values, into the page, as soon as it has these fields."""
    for name, values in answers.items():
        fields = page.locator(f'form [name="{name}"]:not([type=hidden])')
        kind = fields.first.evaluate("field => field.type")
        for value in values:
            if kind in ("radio", "checkbox"):
                # Stars and faces lie above their boxes.
                page.locator(f'form [name="{name}"][value="{value}"]').check(force=True)
            elif kind == "select-one":
                fields.first.select_option(value)
            else:
                fields.first.fill(value)


def press(page: Page, name: str) -> None:
    """Press the button of this name."""
    page.get_by_role("button", name=name).click()


def heading(page: Page, words: str) -> None:
    """Wait for a heading with these words."""
    expect(page.get_by_role("heading", name=words)).to_be_visible()


def lose_answer(page: Page) -> None:
    """Let the next post reach the server, and its answer never the browser."""

    def go(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    page.route(re.compile(r"/[rp]/[^/]+$"), go, times=1)
