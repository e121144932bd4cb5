"""Facts in an object store: a real server of the S3 protocol on this machine."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis.facts import FactsError, find_facts
from analysis.periods import Period
from analysis.pipeline import score_kpis
from tests.analysis.building import (
    AFTER,
    answers,
    book,
    figure_kpi,
    kpi,
    median_kpi,
    write_facts,
)

SERVER = Path(sys.executable).parent / "rclone"
JULY = Period.parse("2026-07")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A bucket with facts of two months: its folder on the disk and its address."""
    root = tmp_path_factory.mktemp("store")
    facts = root / "bucket" / "facts"
    write_facts(facts, "ratings", answers([8.0, 9.0, "refused"], unit="berne", customer="a"))
    write_facts(facts, "ratings", answers([2.0, 4.0]), "2026-06")
    write_facts(facts, "durations", [{"seconds": 60.0}, {"seconds": None, "event": "open"}])
    write_facts(facts, "figures", [{"value": 5.0}])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = subprocess.Popen(
        [SERVER, "serve", "s3", "--addr", address, "--auth-key", "key,secret", root],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(address)
        options = f"scheme=http&endpoint_override={address}&region=us-east-1"
        yield facts, f"s3://key:secret@bucket/facts?{options}"
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(address):
    host, port = address.split(":")
    for _attempt in range(100):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the object store did not start")


def test_facts_in_a_store_score_as_those_on_the_disk(store):
    facts, address = store
    scorebook = book(
        kpi(), kpi(id="c", unit_of_analysis="customer"), median_kpi(id="m"), figure_kpi(id="f")
    )
    there, here = (
        score_kpis(place, scorebook, JULY, now=AFTER, seed=1).rows() for place in (address, facts)
    )
    assert there == here


def test_tallies_of_a_store_are_kept_by_content(store, tmp_path):
    _, address = store
    first, again = (
        score_kpis(address, book(kpi()), JULY, now=AFTER, seed=1, cache=tmp_path).rows()
        for _ in range(2)
    )
    assert first == again
    assert len(list(tmp_path.glob("ratings-*"))) == 2


def test_no_message_tells_the_keys(store):
    _, address = store
    with pytest.raises(FactsError) as told:
        find_facts(address.replace("/facts?", "/nowhere?"))
    assert "secret" not in str(told.value)
    assert "s3://bucket/nowhere" in str(told.value)


def test_an_address_that_no_store_has_is_a_sentence():
    with pytest.raises(FactsError, match="The address ftp://somewhere/facts cannot be used"):
        find_facts("ftp://somewhere/facts")
