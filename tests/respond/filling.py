"""Answering a page in a real browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playwright.sync_api import Page


def fill(page: Page, answers: Mapping[str, Sequence[str]]) -> None:
    """Put these values, field to values, into those of the fields that are on the page."""
    for name, values in answers.items():
        fields = page.locator(f'form [name="{name}"]:not([type=hidden])')
        if not fields.count():
            continue
        kind = fields.first.evaluate("field => field.type")
        for value in values:
            if kind in ("radio", "checkbox"):
                # Stars and faces lie above their boxes.
                page.locator(f'form [name="{name}"][value="{value}"]').check(force=True)
            elif kind == "select-one":
                fields.first.select_option(value)
            else:
                fields.first.fill(value)
