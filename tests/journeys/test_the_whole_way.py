"""The whole way, as a manager would go it: from an empty installation to a scored CSV.

Each step is a function named for what the person does; the numbers at the end are computed by hand
in `expected_numbers`, with nothing of the product's own code.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import MailCatcher
from tests.journeys.installation import Installation, run_soundings, sign_in

# Five customers: how welcome they felt (1 to 5), and whether they would recommend us (0 to 10).
# Eva says that the first question does not apply to her.
CUSTOMERS = {
    "ada@example.org": ("5", "10"),
    "ben@example.org": ("4", "9"),
    "cem@example.org": ("2", "6"),
    "dora@example.org": ("5", "8"),
    "eva@example.org": (None, "9"),
}

# Five customers are few: this organisation tells of each, which its scorebook says.
SCOREBOOK = """\
format: soundings-scorebook/1
time_zone: UTC
minimum_n: 1
units: [{id: company, name: Harbour Leasing}, {id: leasing, name: Leasing, parent: company}]
goals:
  - {id: welcome, name: Customers are welcome, aim: Nobody waits unattended., vision: First choice.}
kpis:
  - {id: felt_welcome, version: 1, goal: welcome, name: Felt welcome, unit: points,
     direction: higher_is_better, statistic: mean,
     source: {questionnaire: harbour_visit, question: welcome},
     score: {rule: goalposts, worst: 1, best: 5}}
  - {id: very_welcome, version: 1, goal: welcome, name: Felt very welcome, unit: share,
     direction: higher_is_better, statistic: top_box, cut: 4,
     source: {questionnaire: harbour_visit, question: welcome},
     score: {rule: goalposts, worst: 0, best: 1}}
  - {id: recommend, version: 1, goal: welcome, name: Would recommend us, unit: points,
     direction: higher_is_better, statistic: net_score,
     source: {questionnaire: harbour_visit, question: recommend},
     score: {rule: goalposts, worst: -100, best: 100}}
  - {id: time_to_market, version: 1, goal: welcome, name: Time to the product, unit: seconds,
     direction: lower_is_better, statistic: km_median,
     source: {process: sales_visit, milestone: product_shown},
     score: {rule: goalposts, worst: 7200, best: 0}}
  - {id: new_clients, version: 1, goal: welcome, name: New clients, unit: clients,
     direction: higher_is_better, statistic: sum, source: {measure: new_clients},
     score: {rule: goalposts, worst: 0, best: 20}}
  - {id: filled, version: 1, goal: welcome, name: Orders filled, unit: share,
     direction: higher_is_better, statistic: ratio,
     source: {numerator: orders_filled, denominator: orders_received},
     score: {rule: goalposts, worst: 0, best: 1}}
targets:
  - {kpi: felt_welcome, scope_type: all, scope_id: "", value: 3.5, valid_from: 2020-01-01,
     valid_to: null, source: agreed, version: 1}
  - {kpi: new_clients, scope_type: unit, scope_id: leasing, value: 8, valid_from: 2020-01-01,
     valid_to: null, source: agreed, version: 1}
"""


@pytest.fixture
def installation(tmp_path: Path, smtp_server: MailCatcher) -> Iterator[Installation]:
    with run_soundings(tmp_path, smtp_server, "--without-examples") as running:
        yield running


@pytest.fixture
def page(browser: Browser, installation: Installation) -> Iterator[Page]:
    context = browser.new_context(base_url=installation.address, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(15_000)
    yield page
    context.close()


def test_from_an_empty_installation_to_a_scored_csv(
    installation: Installation, page: Page, browser: Browser, smtp_server: MailCatcher
) -> None:
    today = datetime.now(UTC)
    sign_in(page, installation, "admin@example.org")
    arrange_the_organisation(page)
    sign_out(page)

    sign_in(page, installation, "manager@example.org")
    write_and_publish_a_questionnaire(page)
    import_contacts(page)
    send_a_campaign(page)
    for address, link in links_in_mails(smtp_server).items():
        answer(browser, link, *CUSTOMERS[address])
    define_the_visit(page)
    time_a_visit(page)
    import_earlier_visits(page, today)
    import_figures(page, today)
    set_goals(page)
    run_scores(page, today)
    rows = download_scores(page)

    for (kpi, scope), wanted in expected_numbers().items():
        row = rows[kpi, scope]
        for column, value in wanted.items():
            assert number(row[column]) == pytest.approx(value, rel=1e-9, abs=1e-9), (kpi, column)
    # The month is not over yet: nothing is called met or missed before its time.
    assert {row["verdict"] for row in rows.values()} <= {"provisional", "no_data", "no_target"}


def sign_out(page: Page) -> None:
    page.get_by_role("button", name=re.compile("Sign out")).click()


def arrange_the_organisation(page: Page) -> None:
    page.goto("/organisation/units/new")
    page.get_by_label("Key").fill("leasing")
    page.get_by_label("Name").fill("Leasing")
    page.get_by_role("button", name="Add the unit").click()
    page.get_by_role("link", name="Add a representative").click()
    page.get_by_label("Key").fill("anna")
    page.get_by_label("Name").fill("Anna Weber")
    page.get_by_label("Unit").select_option("leasing")
    page.get_by_role("button", name="Add the representative").click()
    expect(page.get_by_role("rowheader", name="Anna Weber")).to_be_visible()


def write_and_publish_a_questionnaire(page: Page) -> None:
    page.get_by_role("link", name="Questionnaires").click()
    page.get_by_role("link", name="Start from a title").click()
    page.get_by_label("Title").fill("Your visit to Harbour Leasing")
    page.get_by_label("Key").fill("harbour_visit")
    page.get_by_role("button", name="Start the questionnaire").click()

    page.get_by_role("link", name="Add a question to section 1").click()
    page.get_by_role("link", name="Rating One point of a scale").click()
    page.get_by_label("What is asked").fill("How welcome did you feel?")
    page.get_by_label("Id", exact=True).fill("welcome")
    page.get_by_label("Lowest point").fill("1")
    page.get_by_label("Highest point").fill("5")
    page.get_by_label("Does not apply").check()
    page.get_by_role("button", name="Save the draft").click()

    page.get_by_role("link", name="Add a question to section 1").click()
    page.get_by_role("link", name="Rating One point of a scale").click()
    page.get_by_label("What is asked").fill("Would you recommend us to a friend?")
    page.get_by_label("Id", exact=True).fill("recommend")
    page.get_by_label("Lowest point").fill("0")
    page.get_by_label("Highest point").fill("10")
    page.get_by_role("button", name="Save the draft").click()

    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("rowheader", name="1", exact=True)).to_be_visible()


def import_contacts(page: Page) -> None:
    table = "email,name,unit,representative\n" + "".join(
        f"{address},{address.split('@')[0].title()},leasing,anna\n" for address in CUSTOMERS
    )
    page.goto("/invite/contacts/import")
    upload(page, "contacts.csv", table)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Import these contacts").click(timeout=90_000)
    expect(page.get_by_role("button", name="Undo")).to_be_visible(timeout=90_000)
    page.goto("/invite/contacts")
    expect(page.get_by_text("ada@example.org")).to_be_visible()


def send_a_campaign(page: Page) -> None:
    page.goto("/invite/campaigns/new")
    page.get_by_label("Name", exact=True).fill("November visits")
    page.get_by_label("Subject of the mail").fill("How was your visit?")
    words = "Dear {name},\n\nplease tell us: {link}\n\nHarbour Leasing"
    page.get_by_label("Message", exact=True).fill(words)
    page.get_by_role("button", name="Save and preview").click()
    page.get_by_role("button", name="Send 5 invitations").click()
    expect(page.get_by_text("All invitations have left.")).to_be_visible(timeout=90_000)


def links_in_mails(mail: MailCatcher) -> dict[str, str]:
    links = {}
    for message in mail.messages:
        part = message.get_body(("plain",))
        assert part is not None
        found = re.search(r"http://\S+/r/[\w-]+", part.get_content())
        assert found is not None
        links[str(message["To"]).split("<")[-1].rstrip(">")] = found.group()
    assert sorted(links) == sorted(CUSTOMERS)
    return links


def answer(browser: Browser, link: str, welcome: str | None, recommend: str) -> None:
    """A customer answers on a phone, with JavaScript switched off; a second try changes nothing."""
    context = browser.new_context(viewport={"width": 375, "height": 700}, java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    first = page.get_by_role("radiogroup", name=re.compile("How welcome"))
    if welcome is None:
        first.get_by_label("Does not apply to me").check()
    else:
        first.get_by_label(welcome, exact=True).check()
    second = page.get_by_role("radiogroup", name=re.compile("recommend"))
    second.get_by_label(recommend, exact=True).check()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("button", name="Send my answers")).to_have_count(0)
    context.close()


def define_the_visit(page: Page) -> None:
    page.goto("/visits/processes/new")
    page.get_by_label("Key").fill("sales_visit")
    page.get_by_label("Name").fill("Sales visit")
    page.get_by_label("Stages").fill(
        "Arrived\nWalked through\nQuestions answered\nproduct_shown: Product shown"
    )
    page.get_by_role("button", name="Define the process").click()


def time_a_visit(page: Page) -> None:
    """Anna times a visit of a few seconds on the stopwatch."""
    page.goto("/visits/new")
    page.get_by_label("Unit").select_option("leasing")
    page.get_by_label("Representative").select_option("anna")
    page.get_by_label("Customer").fill("Ada")
    page.get_by_role("button", name="Start the visit").click()
    for stage in ("Arrived", "Walked through", "Questions answered"):
        page.get_by_role("button", name=stage, exact=True).click()
        expect(page.get_by_role("rowheader", name=stage)).to_be_visible()
    page.get_by_role("button", name="Product shown — finish").click()
    expect(page.get_by_text("completed")).to_be_visible()


def import_earlier_visits(page: Page, today: datetime) -> None:
    """Three finished visits of 10, 20 and 30 minutes, and one still open after 15 minutes."""
    start = today.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    lines = [
        "external_id,unit,representative,started_at,arrived,walked_through,questions_answered,"
        "product_shown,ended_at,outcome,observed_until"
    ]

    def after(minutes: float) -> str:
        return (start + timedelta(minutes=minutes)).isoformat()

    for minutes in (10, 20, 30):
        stages = ",".join(after(share * minutes) for share in (0, 0.25, 0.75, 1, 1))
        lines.append(f"v{minutes},leasing,anna,{after(0)},{stages},completed,")
    lines.append(f"v15,leasing,anna,{after(0)},{after(0)},{after(9)},,,,,{after(15)}")
    page.goto("/visits/import")
    upload(page, "visits.csv", "\n".join(lines) + "\n")
    page.get_by_role("button", name="Import the visits").click()
    expect(page.get_by_role("heading", name="Which visits are running?")).to_be_visible()


def import_figures(page: Page, today: datetime) -> None:
    for key, name, unit in (
        ("new_clients", "New clients", "clients"),
        ("orders_filled", "Orders filled", "orders"),
        ("orders_received", "Orders received", "orders"),
    ):
        page.goto("/figures/new-measure")
        page.get_by_label("Key").fill(key)
        page.get_by_label("Name").fill(name)
        page.get_by_label("Unit of measure").fill(unit)
        page.get_by_role("button", name="Add the measure").click()
    month = today.strftime("%Y-%m")
    page.goto("/figures/import")
    # First with a mistake: the row is named and nothing is stored.
    upload(page, "figures.csv", f"measure,unit,period,value\nnew_client,leasing,{month},7\n")
    page.get_by_role("button", name="See what would change").click()
    expect(page.get_by_role("alert")).to_contain_text("row 2")
    upload(
        page,
        "figures.csv",
        "measure,unit,representative,period,value\n"
        f"new_clients,leasing,anna,{month},7\n"
        f"new_clients,leasing,,{month},4\n"
        f"orders_filled,leasing,,{month},45\n"
        f"orders_received,leasing,,{month},60\n",
    )
    page.get_by_role("button", name="See what would change").click()
    page.get_by_role("button", name="Import these figures").click()
    expect(page.get_by_role("link", name="New clients").first).to_be_visible()


def set_goals(page: Page) -> None:
    page.goto("/goals/import")
    upload(page, "scorebook.yaml", SCOREBOOK)
    page.get_by_role("button", name="Import the scorebook").click()
    expect(page.get_by_role("heading", name="Customers are welcome")).to_be_visible()


def run_scores(page: Page, today: datetime) -> None:
    page.goto("/report/runs/new")
    page.get_by_label("A month").check()
    page.get_by_label("Year", exact=True).fill(str(today.year))
    page.get_by_label("Month", exact=True).select_option(f"{today.month:02d}")
    page.get_by_role("button", name="Score the period").click()
    expect(page.get_by_role("link", name="Show the scorecard")).to_be_visible(timeout=90_000)


def download_scores(page: Page) -> dict[tuple[str, str], dict[str, str]]:
    page.get_by_role("link", name="Show the scorecard").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download CSV").click()
    text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {
        (row["kpi_id"], row["scope_type"] + "/" + row["scope_id"]): row
        for row in rows
        if row["window"] == "period"
    }


def expected_numbers() -> dict[tuple[str, str], dict[str, float]]:
    """What the CSV must say, worked out by hand."""
    # Felt welcome: 5, 4, 2, 5; Eva does not count as zero. Mean 16/4 = 4.
    # Squares about the mean: 1, 0, 4, 1 = 6; variance 6/3 = 2; standard error sqrt(2/4).
    # Student t at 97.5 % with 3 degrees of freedom: 3.182446305283710.
    error = math.sqrt(0.5)
    welcome = {
        "value": 4.0,
        "n": 4,
        "n_eligible": 5,
        "std_error": error,
        "ci_low": 4 - 3.182446305283710 * error,
        "ci_high": 4 + 3.182446305283710 * error,
        "target": 3.5,
        "deviation_abs": 0.5,
        "score": 75.0,
    }
    # At or above 4: three of four. Wilson with z = 1.959963984540054.
    z2 = 1.959963984540054**2
    middle = (0.75 + z2 / 8) / (1 + z2 / 4)
    half = math.sqrt(z2 * (0.75 * 0.25 / 4 + z2 / 64)) / (1 + z2 / 4)
    very_welcome = {"value": 0.75, "n": 4, "ci_low": middle - half, "ci_high": middle + half}
    # Recommend: 10, 9, 9 are promoters, 6 is a detractor, 8 neither: 100 (3 - 1)/5 = 40.
    # Adjusted Wald: n + 3 = 8, promoters 3.75, detractors 1.75.
    p, d = 3.75 / 8, 1.75 / 8
    spread = 1.959963984540054 * math.sqrt((p + d - (p - d) ** 2) / 8)
    recommend = {
        "value": 40.0,
        "n": 5,
        "ci_low": 100 * (p - d - spread),
        "ci_high": 100 * (p - d + spread),
        "score": 70.0,
    }
    # Visits: a few seconds, 10, 20 and 30 minutes, one open after 15. The share not yet there:
    # 4/5 after seconds, 3/5 after 10 minutes, then two at risk: 3/10 after 20. Median 20 minutes.
    time_to_market = {"value": 1200.0, "n": 5, "n_censored": 1}
    filled = {"value": 0.75, "score": 75.0}
    return {
        ("felt_welcome", "all/"): welcome,
        ("felt_welcome", "representative/anna"): welcome,
        ("very_welcome", "unit/leasing"): very_welcome,
        ("recommend", "all/"): recommend,
        ("time_to_market", "representative/anna"): time_to_market,
        ("new_clients", "unit/leasing"): {"value": 11.0, "target": 8.0, "deviation_abs": 3.0},
        ("new_clients", "representative/anna"): {"value": 7.0, "target": 8.0},
        ("filled", "all/"): filled,
    }


def number(cell: str) -> float:
    assert cell != "", "a number was expected"
    return float(cell)


def upload(page: Page, name: str, text: str) -> None:
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )
