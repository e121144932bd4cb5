"""Group `respond`: what the customer's page costs, against a bare Flask hello in the same run."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.accounting import cpu_seconds, process_tree, resident_megabytes
from bench.first_page import weigh
from bench.installation import ANSWERS, THANKS, Installation, install
from bench.load import CLIENTS, Load, Visit, generate, measure
from bench.results import Figure, median_of, ratio_of
from bench.servers import Server, postgresql, web_server

# Many short runs: the speed of a machine that is shared changes from one second to the next.
RUNS = 15
HELLOS = 2000
PAGES = 2000
RESPONSES = 300
WARM_UP = 20
SUSTAINED_SECONDS = 60
# More than can be used up in that time.
SUSTAINED_RESPONSES = 60_000

BY_CLIENTS = f"{CLIENTS} clients at a time on the same machine"
COMPLETED = "GET of the page, POST of ten answers, durable commit, thank-you page"


@dataclass(frozen=True)
class Product:
    """The product on one database: its server, its database server's, and its unused links."""

    web: Server
    database: Server | None
    links: list[str]

    def cpu(self) -> float:
        """CPU seconds of all its processes so far."""
        return cpu_seconds([self.web.process, *([self.database.process] if self.database else [])])

    def visits(self, count: int) -> list[Visit]:
        """So many completed responses, each with a link that was not used before."""
        taken = [self.links.pop() for _ in range(count)]
        return [Visit(self.web.port, link, ANSWERS, THANKS) for link in taken]


@dataclass(frozen=True)
class Run:
    """What one run found: CPU seconds a visit, visits a second, seconds."""

    hello_cpu: float
    page_cpu: float
    sqlite_cpu: float
    postgresql_cpu: float
    hello_rate: float
    page_rate: float


def measure_group(full: bool) -> dict[str, Figure]:
    """The group's figures; both sizes are the same, since none takes five minutes."""
    people = WARM_UP + RUNS * RESPONSES + 1
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("sqlite", "postgresql", "server"):
            (folder / name).mkdir()
        database, address = stack.enter_context(postgresql(folder / "server"))

        def serve(name: str, installation: Installation, server: Server | None) -> Product:
            log = folder / f"{name}.log"
            application = "survey_app.app:create_app()"
            web = stack.enter_context(web_server(application, installation.environment, log))
            return Product(web, server, installation.links)

        hello = stack.enter_context(web_server("bench.hello:app", {}, folder / "hello.log"))
        on_sqlite = serve(
            "sqlite", install(folder / "sqlite", "", people + SUSTAINED_RESPONSES), None
        )
        on_postgresql = serve(
            "postgresql", install(folder / "postgresql", address, people), database
        )
        size, requests = weigh(on_sqlite.web.port, on_sqlite.links[0])
        for product in (on_sqlite, on_postgresql):
            measure(product.visits(WARM_UP), product.cpu)
        runs = []
        for number in range(1, RUNS + 1):
            print(f"respond: run {number} of {RUNS}", file=sys.stderr)
            runs.append(_run(hello, on_sqlite, on_postgresql))
        print(f"respond: {SUSTAINED_SECONDS} seconds without a pause", file=sys.stderr)
        sustained = generate(on_sqlite.visits(SUSTAINED_RESPONSES), SUSTAINED_SECONDS)
        workers = [one for one in process_tree(on_sqlite.web.process)[1:]]
        memory = [resident_megabytes(worker) for worker in workers]
    return {
        **_figures(runs),
        **_sustained_figures(sustained),
        "first_page_bytes": median_of(
            [size], "bytes", "bodies as sent: the page and every file it names, empty cache"
        ),
        "first_page_requests": median_of([requests], "requests", "the page and its files"),
        "worker_rss_mb": median_of(
            [max(memory)],
            "MB",
            f"the larger of {len(workers)} web workers after "
            f"{RUNS * RESPONSES + len(sustained.visits)} responses, SQLite",
        ),
    }


def _run(hello: Server, on_sqlite: Product, on_postgresql: Product) -> Run:
    hellos, hello_cpu = measure(
        [Visit(hello.port, "/")] * HELLOS, lambda: cpu_seconds([hello.process])
    )
    page = Visit(on_sqlite.web.port, on_sqlite.links[0])
    pages, page_cpu = measure([page] * PAGES, on_sqlite.cpu)
    _, sqlite_cpu = measure(on_sqlite.visits(RESPONSES), on_sqlite.cpu)
    _, postgresql_cpu = measure(on_postgresql.visits(RESPONSES), on_postgresql.cpu)
    return Run(
        hello_cpu,
        page_cpu,
        sqlite_cpu,
        postgresql_cpu,
        hellos.per_second,
        pages.per_second,
    )


def _figures(runs: list[Run]) -> dict[str, Figure]:
    hellos = [run.hello_cpu * 1000 for run in runs]

    def in_hellos(seconds: list[float], note: str) -> Figure:
        return ratio_of([1000 * one for one in seconds], hellos, "hellos", note)

    return {
        "hello_cpu_ms": median_of(
            hellos, "ms", "CPU of one bare Flask hello, gunicorn, 2 sync workers"
        ),
        "hello_per_s": median_of([run.hello_rate for run in runs], "1/s", BY_CLIENTS),
        "get_page_hellos": in_hellos(
            [run.page_cpu for run in runs],
            "CPU of GET of a ten-question page / CPU of a hello, SQLite; reference in ms",
        ),
        "get_page_per_s": median_of([run.page_rate for run in runs], "1/s", BY_CLIENTS),
        "completed_response_hellos_sqlite": in_hellos(
            [run.sqlite_cpu for run in runs],
            f"CPU of {COMPLETED} / CPU of a hello; reference in ms",
        ),
        "completed_response_hellos_postgresql": in_hellos(
            [run.postgresql_cpu for run in runs],
            f"CPU of {COMPLETED}, with PostgreSQL's own / CPU of a hello; reference in ms",
        ),
    }


def _sustained_figures(load: Load) -> dict[str, Figure]:
    count = len(load.visits)
    under = f"{count} responses in {SUSTAINED_SECONDS} s without a pause; SQLite, {BY_CLIENTS}"
    return {
        "completed_per_s": median_of([load.per_second], "1/s", f"{COMPLETED}; {under}"),
        "completed_p99_ms": median_of(
            [load.p99 * 1000], "ms", f"99th percentile of a whole completed response; {under}"
        ),
    }
