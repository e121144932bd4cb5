"""``python -m analysis FACTS SCOREBOOK.yaml -o scores.csv``: score facts with no web at all."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from analysis.about import About
from analysis.caching import CacheError
from analysis.engines import DEFAULT_ENGINE, EngineError, UnknownEngine
from analysis.facts import FactsError, find_facts, shown
from analysis.kpi import Scorebook, ScorebookError, read_scorebook
from analysis.periods import LENGTHS, Period, PeriodError, PeriodType, WindowType
from analysis.pipeline import explain_run, score_kpis
from analysis.score_files import write_goals, write_scores
from analysis.scores import Scores
from analysis.workbooks import TooManyRows

WRONG_INPUT = 2
ENGINE_FAILED = 3


class InputError(ValueError):
    """Something given on the command line that cannot be used; the message is a sentence."""


WRONG = (InputError, ScorebookError, FactsError, PeriodError, UnknownEngine, CacheError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Score and write.

    Returns 0; 2 when the input is wrong, 3 when the engine could not do it, both said in a
    sentence each.
    """
    given = _parser().parse_args(arguments)
    try:
        _check_outputs(given)
        book = _read_book(given.scorebook)
        periods = _periods(given.period, given.each, given.facts)
        now = _now(given.now)
        if given.explain:
            print(
                explain_run(given.facts, book, periods, windows=given.windows, engine=given.engine)
            )
            return 0
        with _progress_bar() as on_progress:
            scores = score_kpis(
                given.facts,
                book,
                periods,
                now=now,
                seed=given.seed,
                windows=given.windows,
                engine=given.engine,
                cache=given.cache,
                on_progress=on_progress,
            )
        about = _about(book, periods, now, given)
        _write(partial(write_scores, scores, book, about), given.output)
        if given.goals is not None:
            _write(partial(write_goals, scores), given.goals)
    except WRONG as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    except EngineError as error:
        print(f"The facts in {shown(given.facts)} cannot be read: {error}", file=sys.stderr)
        return ENGINE_FAILED
    print(_summary(scores, periods, given.output))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis", description="Score facts against a scorebook."
    )
    parser.add_argument("facts", help="folder or URL of ratings, durations and figures")
    parser.add_argument("scorebook", type=Path, help="KPIs, goals and targets as YAML")
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument(
        "-o",
        "--output",
        type=Path,
        help="the file to write: CSV, or by its name .parquet, .xlsx or .zip (a package)",
    )
    wanted.add_argument(
        "--explain", action="store_true", help="print the plan and the SQL, and score nothing"
    )
    parser.add_argument(
        "--goals", type=Path, help="a file (CSV or .parquet) for the goals' scores as well"
    )
    parser.add_argument(
        "--period", help="2026-07, 2026-Q3, 2026 or 2015-01..2021-03; otherwise all months"
    )
    parser.add_argument(
        "--each",
        type=PeriodType,
        choices=list(LENGTHS),
        help="score every month, quarter or year of the period by itself",
    )
    parser.add_argument(
        "--windows",
        type=WindowType,
        nargs="+",
        choices=list(WindowType),
        default=list(WindowType),
        help="the period itself, the twelve months that end with it; otherwise both",
    )
    parser.add_argument(
        "--engine",
        default=DEFAULT_ENGINE,
        help=f"{DEFAULT_ENGINE}, or Spark by its address (local[2], spark://host:7077, sc://host)",
    )
    parser.add_argument(
        "--cache", type=Path, help="folder for tallies; months counted before are not counted again"
    )
    parser.add_argument("--now", help="the time to score at, ISO 8601; otherwise the clock's")
    parser.add_argument("--seed", type=_seed, default=0, help="seed of the run, 0 or more")
    return parser


def _seed(written: str) -> int:
    if not written.isdecimal():
        raise argparse.ArgumentTypeError(f"'{written}' is not a whole number from 0.")
    return int(written)


def _check_outputs(given: argparse.Namespace) -> None:
    """Refuse what could not be written, or would overwrite what is read, before all the work."""
    seen = {given.scorebook.resolve(): "the scorebook"}
    for path, what in ((given.output, "the scores"), (given.goals, "the goals")):
        if path is None:
            continue
        if not path.parent.is_dir():
            raise InputError(f"The file {path} cannot be written: its folder is not there.")
        if other := seen.get(path.resolve()):
            raise InputError(f"The file {path} is {other} and cannot be {what} too.")
        seen[path.resolve()] = what


@contextmanager
def _progress_bar() -> Iterator[Callable[[int, str], None] | None]:
    """A bar on the terminal, and nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(
        length=100, file=sys.stderr, item_show_func=lambda words: words, width=30
    ) as bar:
        yield lambda percent, words: bar.update(percent - bar.pos, words)


def _read_book(path: Path) -> Scorebook:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"The scorebook {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The scorebook {path} is not UTF-8 text. Save it as UTF-8.") from error
    return read_scorebook(text, path.name)


def _periods(label: str | None, each: PeriodType | None, facts: str) -> list[Period]:
    if label is None:
        months = find_facts(facts).months
        period = Period.covering(months[0], months[-1])
    else:
        period = Period.parse(label)
    return [period] if each is None else period.split(each)


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


def _about(
    book: Scorebook, periods: Sequence[Period], now: datetime, given: argparse.Namespace
) -> About:
    return About(
        run_id="",
        period_label=_label(periods),
        period_start=periods[0].start,
        period_end=periods[-1].end,
        computed_at=now,
        time_zone=book.time_zone,
        engine=given.engine,
        seed=given.seed,
    )


def _label(periods: Sequence[Period]) -> str:
    if len(periods) == 1:
        return periods[0].label
    return f"{periods[0].label} to {periods[-1].label}"


def _write(write: Callable[[Path], None], path: Path) -> None:
    try:
        write(path)
    except TooManyRows as error:
        raise InputError(f"The file {path} cannot be written: {error}") from error
    except OSError as error:
        raise InputError(f"The file {path} cannot be written: {error.strerror}.") from error


def _summary(scores: Scores, periods: Sequence[Period], path: Path) -> str:
    verdicts = Counter(scores.table["verdict"].to_pylist())
    counts = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    rows_written = f"{len(scores)} row{'' if len(scores) == 1 else 's'}"
    label = periods[0].label
    if len(periods) > 1:
        label = f"{label} to {periods[-1].label}"
    return f"Wrote {rows_written} for {label} to {path}: {counts or 'none'}."


if __name__ == "__main__":
    sys.exit(main())
