"""ZIP files are sent while they are made, always with the same bytes."""

import io
import random
import zipfile

from analysis.zipping import Part, zip_chunks


def test_entries_come_out_as_they_went_in():
    content = b"".join(
        zip_chunks([Part("a.csv", [b"one,", b"two"]), Part("b.csv", [b"x" * 10], large=True)])
    )
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("a.csv") == b"one,two"
        assert archive.read("b.csv") == b"x" * 10
        assert archive.testzip() is None
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o100644


def test_a_part_is_asked_for_when_the_one_before_is_out():
    asked, chance = [], random.Random(1)

    def pieces(name):
        for number in range(100):
            asked.append((name, number))
            # What does not shrink.
            yield chance.randbytes(10_000)

    chunks = zip_chunks(Part(f"{name}", pieces(name)) for name in range(3))
    sent = 0
    next(chunks)
    assert asked[-1][0] == 0
    for chunk in chunks:
        sent = max(sent, len(chunk))
    assert asked[-1] == (2, 99)
    assert sent < 200_000


def test_a_download_that_is_broken_off_ends_quietly():
    chunks = zip_chunks([Part("a", iter([bytes(range(256)) * 4000] * 3))])
    next(chunks)
    chunks.close()
