"""Three people use one installation that has the shipped examples: each journey is a story."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import MailCatcher
from tests.journeys import as_analyst, as_executive, as_manager
from tests.journeys.installation import Installation, run_soundings, sign_in, wait_for_scores

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 800}


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Iterator[Installation]:
    with run_soundings(tmp_path_factory.mktemp("roles"), MailCatcher(port=9)) as running:
        page = browser.new_page()
        sign_in(page, running, "admin@example.org")
        wait_for_scores(page, running)
        page.close()
        yield running


@pytest.fixture
def page(browser: Browser, installation: Installation) -> Iterator[Page]:
    context = browser.new_context(
        base_url=installation.address, accept_downloads=True, viewport=DESKTOP
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def test_an_executive_learns_how_the_company_stands(page: Page, installation: Installation) -> None:
    sign_in(page, installation, "analyst@example.org")
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        as_executive.open_the_scorecard(page)
        as_executive.understand_what_is_met(page)
        as_executive.look_at_who_misses(page)
        assert as_executive.fits(page)
        as_executive.read_the_report(page)
        assert as_executive.fits(page)
    as_executive.download_the_pdf(page)
    as_executive.subscribe_to_it(page)


def test_a_manager_sets_scores_traces_and_closes(page: Page, installation: Installation) -> None:
    sign_in(page, installation, "manager@example.org")
    as_manager.look_at_the_goals(page)
    as_manager.set_a_target_for_later(page)
    run = as_manager.ask_for_a_run(page)
    as_manager.set_units_side_by_side(page)
    as_manager.trace_the_number(page)
    as_manager.look_at_a_chart(page)
    as_manager.compare_it_with_the_run_before(page)
    as_manager.close_the_period(page, run)
    as_manager.see_that_it_is_not_scored_again(page)
    as_manager.reopen_it(page, run)
    as_manager.see_alerts_and_their_rules(page)


def test_an_analyst_takes_the_numbers_away_and_the_api_says_the_same(
    page: Page, installation: Installation
) -> None:
    sign_in(page, installation, "analyst@example.org")
    as_analyst.open_the_run(page)
    run = page.url.rpartition("/")[2]
    scores = as_analyst.download_scores(page)
    as_analyst.download_goals(page)
    as_analyst.download_the_workbook(page, scores)
    as_analyst.download_the_package(page, scores)
    as_analyst.take_the_answers(page)

    token = as_analyst.make_a_token(page)
    api = f"{installation.address}/api/v1/runs"
    assert run in [one["id"] for one in as_analyst.read_all(api, token)]
    told = as_analyst.read_all(f"{api}/{run}/scores", token)
    told += as_analyst.read_all(f"{api}/{run}/scores?dimension=segment", token)
    # The file has the rows of a dimension behind those of their whole, KPI by KPI.
    as_analyst.assert_same(told, sorted(scores, key=lambda row: row["dim_segment"] != ""))
