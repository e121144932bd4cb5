"""Facts: the same tables give the same bytes, and only what changed is made anew."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from flask import Flask

from survey_app.db import begin_reading, db
from survey_app.design.models import QuestionnaireVersion
from survey_app.facts.collecting import Collected, collect_facts, note_facts
from survey_app.facts.models import FactMonth
from survey_app.facts.queries import facts_files, facts_hash, months_with_facts
from survey_app.figures.models import FigureBatch
from survey_app.figures.undoing import undo_batch
from survey_app.goals.dimensions import declare_dimensions
from survey_app.organisation.calendars import month_bounds
from survey_app.respond.models import Response
from survey_app.visits.correcting import cells_of, correct_visit, state_mark
from survey_app.visits.models import Process, ProcessStage, Visit
from tests.factories.scorings import (
    JULY,
    NOW,
    ZONE,
    add_figures,
    add_response,
    make_company,
)


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_company


def collect(app: Flask, folder: Path) -> Collected:
    """Collect as a job does: read, end the transaction, note, commit."""
    with app.app_context():
        begin_reading()
        collected = collect_facts(NOW, ZONE, folder)
        db.session.rollback()
        note_facts(collected)
        db.session.commit()
    return collected


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every Parquet file, by its path within the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.parquet"))
    }


def rows(folder: Path, kind: str, month: str = "2026-07") -> list[dict[str, object]]:
    """The rows of one file."""
    path = folder / kind / f"month={month}" / "facts.parquet"
    return pq.ParquetFile(path).read().to_pylist()


def places(collected: Collected) -> set[tuple[str, str]]:
    return {(one.kind, one.month) for one in collected.built}


def test_two_collections_of_the_same_tables_have_the_same_bytes(app: Flask, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    collect(app, first)
    with app.app_context():
        db.session.query(FactMonth).delete()
        db.session.commit()
    collect(app, second)
    assert len(digests(first)) == 3
    assert digests(first) == digests(second)


def test_the_noted_digest_is_that_of_the_file(app: Flask, tmp_path: Path) -> None:
    collect(app, tmp_path / "facts")
    found = set(digests(tmp_path / "facts").values())
    with app.app_context():
        assert {row.sha256 for row in db.session.query(FactMonth)} == found
        assert months_with_facts() == ("2026-07", "2026-07")


def test_nothing_is_made_anew_when_nothing_changed(app: Flask, tmp_path: Path) -> None:
    collect(app, tmp_path / "facts")
    again = collect(app, tmp_path / "facts")
    assert again == Collected((), ())


def test_an_answer_of_another_month_leaves_this_month_untouched(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    collect(app, folder)
    before = digests(folder)
    july = folder / "ratings/month=2026-07/facts.parquet"
    changed_at = july.stat().st_mtime_ns
    with app.app_context():
        add_response("anna", 5, 9, JULY + timedelta(days=31))
        db.session.commit()
    assert places(collect(app, folder)) == {("ratings", "2026-08")}
    assert july.stat().st_mtime_ns == changed_at
    assert before.items() < digests(folder).items()


def test_a_month_begins_in_the_zone_of_the_organisation(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        add_response("anna", 5, 9, month_bounds("2026-08", ZONE)[0])
        add_response("anna", 5, 9, month_bounds("2026-08", ZONE)[0] - timedelta(microseconds=1))
        db.session.commit()
    collect(app, tmp_path / "facts")
    assert len(rows(tmp_path / "facts", "ratings", "2026-08")) == 2
    assert len(rows(tmp_path / "facts", "ratings", "2026-07")) == 16


def test_an_answer_is_a_value_or_a_missing_code_never_both(app: Flask, tmp_path: Path) -> None:
    collect(app, tmp_path / "facts")
    ratings = rows(tmp_path / "facts", "ratings")
    assert len(ratings) == 14
    assert all((row["value"] is None) != (row["missing"] is None) for row in ratings)
    unknown = [row for row in ratings if row["missing"]]
    assert [(row["question"], row["missing"], row["representative"]) for row in unknown] == [
        ("q9", "dont_know", "ben")
    ]
    assert ratings == sorted(
        ratings, key=lambda row: (row["question"], row["answered_at"], row["response"])
    )


def test_an_answer_belongs_to_the_series_of_its_version(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        first = db.session.get_one(QuestionnaireVersion, ("feedback", 1))
        later = {"definition": first.definition, "hash": "other", "series": {"q1": 2, "q9": 1}}
        db.session.add(
            QuestionnaireVersion(questionnaire_key="feedback", number=2, published_at=NOW, **later)
        )
        db.session.flush()
        add_response("anna", 5, 9).version_number = 2
        db.session.commit()
    collect(app, tmp_path / "facts")
    found = {
        (row["version"], row["question"], row["series"])
        for row in rows(tmp_path / "facts", "ratings")
    }
    # The first version is from before series were kept.
    assert found == {(1, "q1", 1), (1, "q9", 1), (2, "q1", 2), (2, "q9", 1)}


def test_an_edited_answer_counts_in_its_newest_revision_alone(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    collect(app, folder)
    with app.app_context():
        edited = add_response("anna", 1, 0, JULY + timedelta(days=31))
        edited.source_id, edited.revision = "feedback/1", 2
        db.session.commit()
    assert places(collect(app, folder)) == {("ratings", "2026-07"), ("ratings", "2026-08")}
    assert len(rows(folder, "ratings")) == 12
    assert [row["value"] for row in rows(folder, "ratings", "2026-08")] == [1, 0]


def test_what_a_visit_never_reached_has_its_outcome_as_event(app: Flask, tmp_path: Path) -> None:
    collect(app, tmp_path / "facts")
    found = [
        (row["milestone"], row["event"], row["seconds"])
        for row in rows(tmp_path / "facts", "durations")
    ]
    assert sorted(found, key=str) == sorted(
        [
            # Three visits were completed, and left out the stage of arriving.
            *[("arrived", "left", 2400.0)] * 3,
            ("arrived", "left", 900.0),
            ("arrived", "open", 1000.0),
            *[("end", "reached", 2400.0)] * 3,
            ("end", "left", 900.0),
            ("end", "open", 1000.0),
            *[("product", "reached", seconds) for seconds in (600.0, 1200.0, 1800.0)],
            ("product", "left", 900.0),
            ("product", "open", 1000.0),
        ],
        key=str,
    )


def test_a_visit_still_running_has_no_seconds_and_does_not_depend_on_now(
    app: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "facts"
    with app.app_context():
        running = db.session.query(Visit).filter(Visit.observed_until.is_not(None)).one()
        running.observed_until = None
        db.session.commit()
    collect(app, folder)
    still = [row for row in rows(folder, "durations") if row["event"] == "open"]
    assert [row["seconds"] for row in still] == [None, None, None]


def correct(visit: Visit, void: bool = False, at: datetime = NOW, **changes: str) -> None:
    correction, problems = correct_visit(
        visit, cells_of(visit, ZONE) | changes, void, "Wrong", state_mark(visit), ZONE, at
    )
    assert correction is not None, problems


def test_a_corrected_visit_is_told_anew_whatever_the_clock_said(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    collect(app, folder)
    with app.app_context():
        # Of another machine, whose clock is behind: no change is stored with an earlier moment.
        correct(
            db.session.query(Visit).filter_by(outcome="left").one(),
            customer="M",
            at=NOW - timedelta(days=1),
        )
        db.session.commit()
    assert places(collect(app, folder)) == {("durations", "2026-07")}
    assert "M" in {row["customer"] for row in rows(folder, "durations")}


def test_a_visit_that_never_took_place_counts_nowhere(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    collect(app, folder)
    with app.app_context():
        correct(db.session.query(Visit).filter_by(outcome="left").one(), void=True)
        db.session.commit()
    assert places(collect(app, folder)) == {("durations", "2026-07")}
    assert "left" not in {
        row["event"] for row in rows(folder, "durations") if row["milestone"] == "end"
    }
    with app.app_context():
        for visit in db.session.query(Visit).filter(Visit.void.is_(False)):
            correct(visit, void=True)
        db.session.commit()
    collect(app, folder)
    assert rows(folder, "durations") == []


def test_a_new_stage_is_in_the_facts_of_visits_made_before_it(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    collect(app, folder)
    with app.app_context():
        process = db.session.query(Process).one()
        process.stages.append(ProcessStage(position=3, key="signed", name="Signed"))
        db.session.commit()
    assert places(collect(app, folder)) == {("durations", "2026-07")}
    assert {row["milestone"] for row in rows(folder, "durations")} >= {"signed"}


def test_of_two_imports_of_a_figure_the_newer_counts_until_it_is_undone(
    app: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "facts"
    collect(app, folder)
    before = digests(folder)
    with app.app_context():
        batch_id = add_figures([("sales", "anna", 111.0)]).id
        db.session.commit()
    assert places(collect(app, folder)) == {("figures", "2026-07")}
    assert [row["value"] for row in rows(folder, "figures") if row["measure"] == "sales"] == [
        111.0,
        50.0,
    ]
    with app.app_context():
        undo(batch_id)
    assert places(collect(app, folder)) == {("figures", "2026-07")}
    assert digests(folder) == before


def test_a_month_without_sources_goes_from_folder_and_table(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    with app.app_context():
        batch_id = add_figures([("sales", "anna", 7.0)], date(2026, 5, 1)).id
        db.session.commit()
    collect(app, folder)
    assert (folder / "figures/month=2026-05").is_dir()
    with app.app_context():
        undo(batch_id)
    assert collect(app, folder).removed == (("figures", "2026-05"),)
    assert not (folder / "figures/month=2026-05").exists()
    with app.app_context():
        assert db.session.get(FactMonth, ("figures", "2026-05")) is None


def test_a_lost_file_is_made_again(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    collect(app, folder)
    before = digests(folder)
    (folder / "ratings/month=2026-07/facts.parquet").unlink()
    assert places(collect(app, folder)) == {("ratings", "2026-07")}
    assert digests(folder) == before


def test_a_file_nobody_noted_does_not_stay(app: Flask, tmp_path: Path) -> None:
    stray = tmp_path / "facts/ratings/month=1999-01/facts.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"left by a collection that was cut off")
    collect(app, tmp_path / "facts")
    assert not stray.exists()


def test_the_hash_of_all_facts_follows_any_of_them(app: Flask, tmp_path: Path) -> None:
    collect(app, tmp_path / "facts")
    with app.app_context():
        before = facts_hash(facts_files())
        assert facts_hash(facts_files()) == before
        add_response("anna", 5, 9, datetime(2026, 7, 31, 12, 0, tzinfo=UTC))
        db.session.commit()
    collect(app, tmp_path / "facts")
    with app.app_context():
        assert facts_hash(facts_files()) != before


def undo(batch_id: int) -> None:
    """Undo an import of figures, as its page does."""
    undone, problems = undo_batch(db.session.get_one(FigureBatch, batch_id), NOW)
    assert undone is not None, problems
    db.session.commit()


def test_a_file_that_is_not_the_noted_one_is_made_again(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "facts"
    collect(app, folder)
    before = digests(folder)
    with app.app_context():
        batch_id = add_figures([("sales", "anna", 1000.0)]).id
        db.session.commit()
        # Collected, but cut off before it was noted; then what was imported is undone.
        begin_reading()
        collect_facts(NOW, ZONE, folder)
        db.session.rollback()
        undo(batch_id)
    collect(app, folder)
    assert digests(folder) == before


def test_an_end_stored_with_an_older_clock_than_anothers_is_seen(
    app: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "facts"
    with app.app_context():
        visits = db.session.query(Visit).filter(Visit.ended_at.is_(None)).all()
        running = visits[0].id
        db.session.query(Visit).update({"updated_at": NOW})
        db.session.commit()
    collect(app, folder)
    with app.app_context():
        visit = db.session.get_one(Visit, running)
        visit.ended_at = visit.started_at + timedelta(minutes=5)
        visit.outcome = "left"
        visit.updated_at = NOW - timedelta(hours=1)
        visit.observed_until = None
        db.session.commit()
    assert places(collect(app, folder)) == {("durations", "2026-07")}


def test_declared_attributes_are_columns_of_ratings_as_they_were_when_sent(
    app: Flask, tmp_path: Path
) -> None:
    folder = tmp_path / "facts"
    collect(app, folder)
    before = digests(folder)
    with app.app_context():
        first, second, *_ = db.session.query(Response).order_by(Response.id)
        first.attributes = {"region": " north ", "branch": "B1"}
        second.attributes = {"branch": "B2"}
        names = f"{first.source}/{first.source_id}", f"{second.source}/{second.source_id}"
        declare_dimensions(["region"], NOW)
        db.session.commit()
    # What visits and figures are made of has not changed.
    assert places(collect(app, folder)) == {("ratings", "2026-07")}
    told = {row["response"]: row["dim_region"] for row in rows(folder, "ratings")}
    assert (told[names[0]], told[names[1]]) == ("north", "")
    assert "dim_branch" not in rows(folder, "ratings")[0]
    assert places(collect(app, folder)) == set()
    with app.app_context():
        declare_dimensions([], NOW)
        db.session.commit()
    collect(app, folder)
    assert digests(folder) == before
