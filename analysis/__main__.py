"""``python -m analysis FACTS SCOREBOOK.yaml -o scores.csv``: score facts with no web at all."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from analysis.engines import EngineError
from analysis.export import Row, write_csv
from analysis.facts import FactsError, months_of
from analysis.kpi import Scorebook, ScorebookError, read_scorebook
from analysis.periods import Period, PeriodError
from analysis.pipeline import score_kpis

WRONG_INPUT = 2


class InputError(ValueError):
    """Something given on the command line that cannot be used; the message is a sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Score and write; returns 0, or 2 when the input is wrong (said in one sentence each)."""
    given = _parser().parse_args(arguments)
    try:
        book = _read_book(given.scorebook)
        period = _period(given.period, given.facts)
        now = _now(given.now)
        rows = score_kpis(given.facts, book, period, now=now, seed=given.seed)
        _write(rows, given.output)
    except (InputError, ScorebookError, FactsError, PeriodError) as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    except EngineError as error:
        reason = " ".join(str(error).split())
        print(f"The facts in {given.facts} cannot be read: {reason}", file=sys.stderr)
        return WRONG_INPUT
    print(_summary(rows, period, given.output))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis", description="Score facts against a scorebook."
    )
    parser.add_argument("facts", type=Path, help="folder with ratings, durations and figures")
    parser.add_argument("scorebook", type=Path, help="KPIs, goals and targets as YAML")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the CSV to write")
    parser.add_argument(
        "--period", help="2026-07, 2026-Q3, 2026 or 2015-01..2021-03; otherwise all months"
    )
    parser.add_argument("--now", help="the time to score at, ISO 8601; otherwise the clock's")
    parser.add_argument("--seed", type=int, default=0, help="seed of the run")
    return parser


def _read_book(path: Path) -> Scorebook:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"The scorebook {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The scorebook {path} is not UTF-8 text. Save it as UTF-8.") from error
    return read_scorebook(text, path.name)


def _period(label: str | None, facts: Path) -> Period:
    if label is not None:
        return Period.parse(label)
    months = months_of(facts)
    return Period.covering(months[0], months[-1])


def _now(written: str | None) -> datetime:
    if written is None:
        return datetime.now(UTC)
    try:
        now = datetime.fromisoformat(written)
    except ValueError as error:
        raise InputError(
            f"'{written}' is not a time. Write it like 2026-07-31T12:00:00+00:00."
        ) from error
    if now.tzinfo is None:
        raise InputError(f"The time '{written}' has no zone. Add one, such as +00:00.")
    return now


def _write(rows: list[Row], path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_csv(rows, stream)
    except OSError as error:
        raise InputError(f"The file {path} cannot be written: {error.strerror}.") from error


def _summary(rows: list[Row], period: Period, path: Path) -> str:
    verdicts = Counter(str(row["verdict"]) for row in rows)
    counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    rows_written = f"{len(rows)} row{'' if len(rows) == 1 else 's'}"
    return f"Wrote {rows_written} for {period.label} to {path}: {counts or 'none'}."


if __name__ == "__main__":
    sys.exit(main())
