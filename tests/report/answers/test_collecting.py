"""The columnar copy: like its sources, made anew only where they changed, in no reader's way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, current_app

from survey_app.db import db
from survey_app.domain.problems import SoundingsError
from survey_app.organisation.models import Unit
from survey_app.report.answers.choosing import Choice, versions_of
from survey_app.report.answers.copies import answers_folder, hold_copy, read_copy, version_folder
from survey_app.report.answers.preparing import bring_up_to_date, state_of
from tests.report.answers.answering import (
    FULL,
    JULY,
    KEY,
    NOW,
    all_missing,
    make_answered,
    respond,
    table,
    take,
)

NEXT_MONTH = JULY + timedelta(days=31)


@pytest.fixture(autouse=True)
def _answers(app: Flask) -> Iterator[None]:
    with app.app_context():
        make_answered()
        for number in range(6):
            respond(number, FULL)
            respond(10 + number, FULL, moment=NEXT_MONTH)
        db.session.commit()
        yield


def folder() -> Path:
    """Where the copy of version 1 lies."""
    return version_folder(answers_folder(current_app.config["SETTINGS"]), KEY, 1)


def files() -> dict[str, int]:
    """The files of the copy, with the moment each was written."""
    return {path.name[:7]: path.stat().st_mtime_ns for path in folder().glob("*.parquet")}


def collect() -> None:
    """Bring the copy up to date."""
    db.session.commit()
    bring_up_to_date(KEY, [1], NOW)


def test_only_months_whose_answers_changed_are_made_anew() -> None:
    collect()
    before = files()
    respond(30, FULL, moment=NEXT_MONTH)
    collect()
    after = files()
    assert set(before) == set(after) == {"2026-07", "2026-08"}
    assert after["2026-07"] == before["2026-07"]
    assert after["2026-08"] > before["2026-08"]
    assert state_of(KEY, [1]).fresh


def test_nothing_is_made_when_nothing_changed_and_the_copy_can_be_deleted() -> None:
    collect()
    first = take(named=True)
    before = files()
    collect()
    assert files() == before
    for path in folder().iterdir():
        path.unlink()
    assert take(named=True) == first


def test_a_damaged_file_is_made_anew_with_the_next_change() -> None:
    collect()
    path = next(iter(sorted(folder().glob("2026-07*"))))
    path.write_bytes(path.read_bytes()[:-20])
    respond(30, FULL, moment=NEXT_MONTH)
    assert len(table(named=True)) == 13


def test_the_newest_revision_alone_counts() -> None:
    respond(0, {**FULL, "rate": {"value": 1}}, revision=2)
    respond(0, {**FULL, "rate": {"value": 2}}, revision=3)
    frame = table(named=True)
    assert frame[frame["response"] == f"import/{KEY}/0"]["rate"].tolist() == [2]
    assert len(frame) == 12


def test_a_renamed_unit_needs_no_new_copy() -> None:
    collect()
    before = files()
    db.session.query(Unit).filter_by(key="leasing").one().key = "rental"
    assert set(table(named=True)["unit"]) == {"rental"}
    assert files() == before


def test_a_document_of_another_version_is_refused_with_a_sentence() -> None:
    lacking = {item: answer for item, answer in FULL.items() if item != "nps"}
    respond(40, lacking)
    with pytest.raises(SoundingsError, match=r"version 1 of every_type cannot be copied: .* nps"):
        collect()


@pytest.mark.parametrize(
    "answer",
    [{"value": 6}, {"value": "4"}, {"missing": "lost"}, {"value": 4, "missing": "refused"}],
)
def test_a_value_that_cannot_be_is_refused(answer: dict[str, object]) -> None:
    respond(40, {**FULL, "rate": answer})
    with pytest.raises(SoundingsError, match="cannot be copied"):
        collect()


def test_a_download_goes_on_with_the_state_it_began_with() -> None:
    from survey_app.report.answers.opening import open_copies

    collect()
    settings = current_app.config["SETTINGS"]
    with open_copies(answers_folder(settings), Choice(KEY), versions_of(KEY)) as opened:
        respond(30, FULL)
        collect()
        assert sum(one.file.read().num_rows for one in opened) == 12
    assert len(table(named=True)) == 13


def test_who_collects_is_not_disturbed_and_the_page_knows() -> None:
    with hold_copy(folder(), wait=False) as held:
        assert held
        state = state_of(KEY, [1])
        assert (state.fresh, state.lacking, state.collecting) == (False, 12, True)
        db.session.rollback()
        bring_up_to_date(KEY, [1], NOW, wait=False)
        assert read_copy(folder()).months == ()
    bring_up_to_date(KEY, [1], NOW, wait=False)
    assert state_of(KEY, [1]).fresh


def test_a_copy_that_was_cut_off_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    from survey_app.report.answers import collecting

    real = collecting.read_batches

    def stop_at_august(key, number, begins, *rest):  # type: ignore[no-untyped-def]
        if begins > JULY:
            raise KeyboardInterrupt
        return real(key, number, begins, *rest)

    monkeypatch.setattr(collecting, "read_batches", stop_at_august)
    with pytest.raises(KeyboardInterrupt):
        collect()
    db.session.rollback()
    monkeypatch.undo()
    before = files()
    assert set(before) == {"2026-07"}
    assert not state_of(KEY, [1]).fresh
    collect()
    assert files()["2026-07"] == before["2026-07"]
    assert len(table(named=True)) == 12


def test_complete_responses_are_those_in_which_nothing_is_skipped() -> None:
    respond(50, all_missing("refused"))
    respond(51, {**FULL, "words": {"missing": "skipped"}})
    respond(52, {**FULL, "words": {"missing": "not_shown"}})
    kept = set(table(named=True, complete=True)["response"])
    assert f"import/{KEY}/50" in kept
    assert f"import/{KEY}/52" in kept
    assert f"import/{KEY}/51" not in kept
    counts = json.loads((folder() / "copy.json").read_text())["months"][0]["counts"]
    assert list(counts.values()) == [[9, 8]]
