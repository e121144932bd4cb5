"""Every page that the product's own links lead to: it opens, axe-core finds nothing, it fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page

from tests.conftest import MailCatcher
from tests.journeys.installation import Installation, run_soundings, sign_in, wait_for_scores

PHONE, DESKTOP = 360, 1280
# Keys and ids in an address: one page of a kind is enough.
PARTS = re.compile(r"(?<=/)(?:[0-9a-f]{8}-[0-9a-f-]{27}|\d+)(?=/|$)")
KEYED = re.compile(
    r"^/(goals/kpis|goals|design|figures/measures|visits/processes|organisation/(?:units|representatives|users))/"
    r"(?!new\b|import\b|targets\b|kpis\b|sets\b)[^/]+"
)
KPI = re.compile(r"(?<=/kpis/)[^/]+")
FILES = re.compile(r"\.(csv|yaml|json|xlsx|parquet|zip|pdf|svg|png|sav)$|/download")
MOST_PAGES = 160


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with run_soundings(tmp_path_factory.mktemp("pages"), MailCatcher(port=9)) as running:
        yield running


def kind_of(address: str) -> str:
    """The address without what names one thing among many, and without its query."""
    path = KPI.sub("*", KEYED.sub(r"/\1/*", PARTS.sub("*", urlsplit(address).path)))
    return path.rstrip("/") or "/"


def links_of(page: Page, home: str) -> list[str]:
    found = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    return [one.partition("#")[0] for one in found if one.startswith(home)]


def test_every_page_opens_is_accessible_and_fits_a_phone(
    browser: Browser, installation: Installation, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": DESKTOP, "height": 900})
    sign_in(page, installation, "admin@example.org")
    wait_for_scores(page, installation)
    waiting = [f"{installation.address}/report/"]
    seen: set[str] = set()
    wrong: list[str] = []
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        if kind_of(address) in seen or FILES.search(urlsplit(address).path):
            continue
        seen.add(kind_of(address))
        try:
            answer = page.goto(address)
        except Error as error:
            # What is a file and no page is saved instead of shown.
            if "Download is starting" not in error.message:
                raise
            continue
        assert answer is not None
        if answer.status != 200:
            wrong.append(f"{address} answers {answer.status}")
            continue
        wrong += judge(page, address)
        waiting += links_of(page, installation.address)
    page.close()
    assert wrong == []
    assert len(seen) > 25, sorted(seen)


def judge(page: Page, address: str) -> list[str]:
    """What axe-core finds, and whether the page is wider than a phone."""
    # Only what is wrong is told: all that is right takes a quarter of the time.
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    wrong = [f"{address}: {one['id']}: {one['help']}" for one in found.response["violations"]]
    page.set_viewport_size({"width": PHONE, "height": 800})
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": DESKTOP, "height": 900})
    if width > PHONE:
        wrong.append(f"{address} is {width} wide on a phone")
    return wrong
