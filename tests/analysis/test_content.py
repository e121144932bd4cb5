"""Hashes of facts: what is read again, and what need not be."""

import hashlib
import os
import time
from dataclasses import replace

import pytest
from pyarrow import fs

from analysis import content
from analysis.content import hash_months
from analysis.facts import FactsError, find_facts
from tests.analysis.building import answers, write_facts


@pytest.fixture
def place(tmp_path):
    write_facts(tmp_path / "facts", "ratings", answers([8.0, 9.0]), "2026-07")
    write_facts(tmp_path / "facts", "ratings", answers([2.0]), "2026-08")
    return tmp_path


@pytest.fixture
def read(monkeypatch):
    """The months whose files are read from here on."""
    seen = []
    digest = content._digest

    def spy(folder, path):
        seen.append(path.partition("month=")[2][:7])
        return digest(folder, path)

    monkeypatch.setattr(content, "_digest", spy)
    return seen


@pytest.fixture
def settled(monkeypatch):
    """Files count as settled at once, so that nobody has to wait."""
    monkeypatch.setattr(content, "SETTLED", 0)


def hashes(place, found=None):
    found = found or find_facts(place / "facts")
    contents = hash_months(found, found.files("ratings", found.months), place / "hashes.json")
    return {month: content.digest for month, content in contents.items()}


def test_a_month_is_named_by_its_files_and_what_is_in_them(place):
    (file,) = (place / "facts" / "ratings" / "month=2026-08").iterdir()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    expected = hashlib.sha256(f"{file.name} {digest}".encode()).hexdigest()
    assert hashes(place)["2026-08"] == expected


def test_a_file_is_read_once(place, read, settled):
    first = hashes(place)
    assert sorted(read) == ["2026-07", "2026-08"]
    read.clear()
    assert hashes(place) == first
    assert read == []


def test_a_changed_file_is_read_even_if_its_size_and_time_are_as_before(place, read, settled):
    found = find_facts(place / "facts")
    first = hashes(place, found)
    (file,) = (place / "facts" / "ratings" / "month=2026-07").iterdir()
    before = file.stat()
    time.sleep(0.05)
    changed = bytearray(file.read_bytes())
    changed[10] ^= 1
    file.write_bytes(changed)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    read.clear()
    again = hashes(place, found)
    assert read == ["2026-07"]
    assert again["2026-07"] != first["2026-07"]
    assert again["2026-08"] == first["2026-08"]


def test_what_was_written_a_moment_ago_is_read_again(place, read):
    hashes(place)
    read.clear()
    hashes(place)
    assert sorted(read) == ["2026-07", "2026-08"]


def test_a_damaged_memory_is_written_anew(place, read, settled):
    first = hashes(place)
    (place / "hashes.json").write_bytes(b'{"half": [')
    read.clear()
    assert hashes(place) == first
    assert len(read) == 2
    read.clear()
    assert hashes(place) == first
    assert read == []


def test_an_object_store_is_remembered_by_size_and_time_and_its_keys_are_not_written(
    place, read, settled
):
    found = find_facts(place / "facts")
    store = fs.SubTreeFileSystem(str(place / "facts"), fs.LocalFileSystem())
    paths = tuple((kind, month, path.partition("facts/")[2]) for kind, month, path in found.paths)
    far = replace(found, location="s3://key:secret@bucket", filesystem=store, paths=paths, _seen={})
    assert hashes(place, far) == hashes(place)
    assert "secret" not in (place / "hashes.json").read_text()
    read.clear()
    hashes(place, far)
    assert read == []


def test_a_file_that_is_gone_is_a_sentence(place):
    found = find_facts(place / "facts")
    files = found.files("ratings", found.months)
    (place / "facts" / "ratings" / "month=2026-08" / "facts.parquet").unlink()
    with pytest.raises(FactsError, match="was there and cannot be read now"):
        hash_months(found, files, place / "hashes.json")
