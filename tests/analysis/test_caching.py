"""Tallies that are kept: what is counted again, and what is not."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis import caching, reduce
from analysis.caching import CacheError
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

BOOK = book(kpi(), median_kpi(id="m"), figure_kpi(id="f"))
PERIOD = Period.parse("2026-Q3")


@pytest.fixture
def place(tmp_path):
    write_facts(tmp_path / "facts", "ratings", answers([8.0, 9.0, "refused"]), "2026-07")
    write_facts(tmp_path / "facts", "ratings", answers([2.0]), "2026-08")
    write_facts(tmp_path / "facts", "durations", [{"seconds": 60.0}] * 3)
    write_facts(tmp_path / "facts", "figures", [{"value": 5.0}])
    return tmp_path


@pytest.fixture
def counted(monkeypatch):
    """The (kind, month) of every file that is counted from here on."""
    seen = []
    count = reduce._count

    def spy(connection, folder, wanted, files):
        seen.extend((file.kind, file.month) for file in files)
        return count(connection, folder, wanted, files)

    monkeypatch.setattr(reduce, "_count", spy)
    return seen


def score(place, scorebook=BOOK, now=AFTER, cache="kept"):
    kept = cache and place / cache
    return score_kpis(place / "facts", scorebook, PERIOD, now=now, seed=1, cache=kept).rows()


def test_a_month_that_did_not_change_is_not_counted_again(place, counted):
    first = score(place)
    assert sorted(counted) == [
        ("durations", "2026-07"), ("figures", "2026-07"), ("ratings", "2026-07"),
        ("ratings", "2026-08"),
    ]  # fmt: skip
    counted.clear()
    assert score(place) == first
    assert counted == []


def test_only_a_month_whose_facts_changed_is_counted_and_its_older_tally_goes(place, counted):
    score(place)
    counted.clear()
    write_facts(place / "facts", "ratings", answers([3.0]), "2026-08")
    changed = score(place)
    assert counted == [("ratings", "2026-08")]
    assert changed[0]["value"] == pytest.approx((8 + 9 + 3) / 3)
    assert len(list((place / "kept").glob("ratings-*-2026-08-*.parquet"))) == 1


def test_answers_that_swap_their_values_are_another_content(place, counted):
    """Neither size, number of rows nor any statistic of the file tells them apart."""
    write_facts(place / "facts", "ratings", [*answers([8.0], unit="berne"), *answers([2.0])])
    score(place)
    counted.clear()
    write_facts(place / "facts", "ratings", [*answers([2.0], unit="berne"), *answers([8.0])])
    score(place)
    assert counted == [("ratings", "2026-07")]


def test_another_question_is_another_tally(place, counted):
    score(place)
    counted.clear()
    score(place, book(kpi(source={"questionnaire": "feedback", "question": "q2"})))
    assert ("ratings", "2026-07") in counted


def test_a_new_target_or_weight_counts_nothing_again(place, counted):
    score(place)
    counted.clear()
    score(place, book(kpi(weight=2), median_kpi(id="m"), figure_kpi(id="f")))
    assert counted == []


def test_a_damaged_tally_is_counted_anew(place, counted):
    first = score(place)
    for file in (place / "kept").glob("*.parquet"):
        file.write_bytes(b"PAR1 half a file")
    counted.clear()
    assert score(place) == first
    assert len(counted) == 4


def test_damaged_votes_are_made_anew_of_the_answers_that_are_kept(place, counted):
    first = score(place)
    for file in (place / "kept").glob("votes-*.parquet"):
        file.write_bytes(b"PAR1 half a file")
    counted.clear()
    assert score(place) == first
    assert counted == []


def test_a_running_visit_goes_on_though_its_tally_is_kept(place, counted):
    visit = {"event": "open", "seconds": None}
    write_facts(place / "facts", "durations", [visit])
    hashes = {
        row["inputs_hash"]
        for day in (2, 3)
        for row in score(place, now=AFTER.replace(day=day))
        if (row["kpi_id"], row["scope_type"], row["window"]) == ("m", "all", "period")
    }
    assert len(hashes) == 2
    assert counted.count(("durations", "2026-07")) == 1


def test_votes_of_one_content_are_the_same_bytes(place):
    score(place)
    files = sorted((place / "kept").glob("votes-*.parquet"))
    before = [file.read_bytes() for file in files]
    for file in (place / "kept").glob("*.parquet"):
        file.unlink()
    score(place)
    assert [file.read_bytes() for file in files] == before


def test_another_cut_makes_other_votes_of_the_answers_that_are_kept(place, counted):
    def top_box(cut):
        entry = kpi(statistic="top_box", cut=cut, score={"worst": 0, "best": 1})
        return score(place, book(entry))[0]["value"]

    assert top_box(9) == pytest.approx(1 / 3)
    counted.clear()
    assert top_box(8) == pytest.approx(2 / 3)
    assert counted == []


@pytest.mark.parametrize("moment", ["counting", "hashing"])
def test_facts_that_change_during_a_run_are_not_kept_for_what_they_were(place, monkeypatch, moment):
    """Neither while a month is counted, nor after it was hashed for its votes."""

    def interrupted(work):
        def changed(*given):
            done = work(*given)
            monkeypatch.undo()
            write_facts(place / "facts", "ratings", answers([1.0, 1.0, 2.0]), "2026-07")
            return done

        return changed

    if moment == "counting":
        monkeypatch.setattr(reduce, "_count", interrupted(reduce._count))
    else:
        monkeypatch.setattr(caching, "hash_months", interrupted(caching.hash_months))
    score(place)
    write_facts(place / "facts", "ratings", answers([8.0, 9.0, "refused"]), "2026-07")
    assert score(place) == score(place, cache=None)


@pytest.mark.parametrize("text", ["[]", "null", "5", '{"a": 5}', '{"a": []}', '{"a": [[1], 2]}'])
def test_a_memory_of_another_shape_is_written_anew(place, text):
    first = score(place)
    (place / "kept" / "hashes.json").write_text(text)
    assert score(place) == first


@pytest.mark.parametrize("kind", ["ratings", "votes"])
def test_a_tally_with_other_columns_is_counted_anew(place, kind):
    first = score(place)
    for file in (place / "kept").glob(f"{kind}-*.parquet"):
        pq.write_table(pa.table({"month": ["2026-07"]}), file)
    assert score(place) == first


def test_a_folder_that_cannot_be_used_is_a_sentence(place):
    (place / "kept").write_text("a file")
    with pytest.raises(CacheError, match="kept for tallies cannot be used: Not a directory"):
        score(place)


def test_two_runs_at_once_may_share_a_folder(place):
    expected = score(place, cache=None)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            shutil.rmtree(place / "kept", ignore_errors=True)
            assert all(one == expected for one in pool.map(score, [place] * 4))
    assert not [
        file
        for file in (place / "kept").iterdir()
        if file.suffix != ".parquet" and file.name != "hashes.json"
    ]
