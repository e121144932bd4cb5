"""The figures of group `report`: ratios within a run, downloads measured to their end."""

from __future__ import annotations

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bench.report import Download, Run, fetch, figures_of, peak_megabytes


def run(cold: float, warm: float, copy: float, peak: float, first: float) -> Run:
    return Run(Download(first, cold, 9), Download(first, warm, 9), copy, peak)


def test_the_ratio_is_taken_within_each_run_and_each_figure_is_a_median() -> None:
    # The machine was three times slower in the second run: for both.
    figures = figures_of(
        [run(20, 2, 2, 300, 0.5), run(60, 6, 6, 310, 1.5), run(21, 3, 2, 290, 0.6)]
    )
    assert figures["export_1m_s"].value == 21
    assert "takes 3 s" in figures["export_1m_s"].note
    assert figures["export_1m_vs_copy"].value == 1
    assert figures["export_1m_vs_copy"].reference == 2
    assert figures["export_1m_rss_mb"].value == 300
    assert figures["export_first_byte_s"].value == 0.6
    assert {one.n for one in figures.values()} == {3}


class Slow(BaseHTTPRequestHandler):
    """Sends one half at once and the other later."""

    def do_GET(self) -> None:
        """Answer, or refuse at /refused."""
        self.send_response(404 if self.path == "/refused" else 200)
        self.end_headers()
        self.wfile.write(b"a" * 1000)
        self.wfile.flush()
        time.sleep(0.3)
        self.wfile.write(b"b" * 1000)

    def log_message(self, *_told: object) -> None:
        """Say nothing."""


def test_a_download_is_timed_to_its_first_and_to_its_last_byte(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), Slow) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            found = fetch(server.server_port, "/", "", tmp_path / "file")
            with pytest.raises(RuntimeError, match="404"):
                fetch(server.server_port, "/refused", "", tmp_path / "file")
        finally:
            server.shutdown()
            thread.join()
    assert found.size == 2000
    assert found.seconds >= found.first + 0.25


def test_the_peak_is_what_a_process_held_at_most() -> None:
    before = peak_megabytes(os.getpid())
    held = b"x" * 60_000_000
    assert len(held) == 60_000_000
    del held
    assert peak_megabytes(os.getpid()) >= max(before, 60)
