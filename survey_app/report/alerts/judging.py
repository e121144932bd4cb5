"""All rules applied to the runs that count from a period on. Loads numpy; for jobs only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from analysis.kpi import read_scorebook
from analysis.periods import Period, WindowType
from survey_app.report.alerts.history import read_series, slot_of
from survey_app.report.alerts.kinds import (
    CONTROL_LIMITS,
    RESPONSE_LOW,
    VERDICT_TURNED,
    Place,
    Rule,
)
from survey_app.report.alerts.points import NOTHING, Judgement, Point, Series
from survey_app.report.alerts.responding import judge_response
from survey_app.report.alerts.signalling import judge_values
from survey_app.report.alerts.turning import judge_verdict
from survey_app.report.models import ScoreRun
from survey_app.report.response_rates import CountedInvitations, count_invited

# Limits are those of the latest two years of months, or six of quarters.
MOST_EARLIER = 24


class Judge:
    """What the rules find in the runs of one period type, at whichever period is asked for.

    `runs` are those that count, in order of their periods; judged are those from `first` on.
    """

    def __init__(
        self,
        runs: Sequence[ScoreRun],
        first: ScoreRun,
        rules: Mapping[str, Rule],
        zone: ZoneInfo,
    ) -> None:
        self._runs = [run for run in runs if slot_of(run, first) <= MOST_EARLIER]
        self.judged = [run for run in self._runs if run.period_start >= first.period_start]
        self._rules, self._zone = rules, zone
        self._series = read_series(self._runs, {run.id for run in self.judged})
        self._invited: dict[int, CountedInvitations] = {}
        self._found: dict[tuple[str, Place, int], Judgement] = {}
        self._signals: dict[int, dict[Place, Judgement]] = {}

    def places(self) -> Iterator[Place]:
        """Every KPI and goal of every scope that any of the runs has."""
        yield from self._series

    def is_covered(self, kind: str, place: Place) -> bool:
        """Whether alerts of this kind are wanted for the place."""
        points = self._series.get(place, ())
        goal = next((one.goal_id for one in reversed(points) if one is not None), "")
        return self._rules[kind].covers(place, goal)

    def point(self, place: Place, run: ScoreRun) -> Point | None:
        """What the run says of the place."""
        series = self._series.get(place)
        return None if series is None else series[slot_of(self._runs[0], run)]

    def later(self, period_start: date) -> list[ScoreRun]:
        """The runs of later periods than the one that begins then."""
        return [run for run in self._runs if run.period_start > period_start]

    def judge(self, kind: str, place: Place, run: ScoreRun) -> Judgement:
        """What a kind's rule finds for the place in the run's period."""
        key = (kind, place, run.id)
        if key not in self._found:
            self._found[key] = self._judge(kind, place, run)
        return self._found[key]

    def _judge(self, kind: str, place: Place, run: ScoreRun) -> Judgement:
        if place not in self._series:
            return NOTHING
        series = self._series_until(place, run)
        if kind == VERDICT_TURNED:
            return judge_verdict(series)
        if place.subject_type != "kpi":
            return NOTHING
        if kind == CONTROL_LIMITS:
            return self._signals_of(run)[place]
        assert kind == RESPONSE_LOW
        limit = self._rules[kind].limit
        assert limit is not None
        return judge_response(series, limit, lambda: self._count_invited(place, run))

    def _series_until(self, place: Place, run: ScoreRun) -> Series:
        end = slot_of(self._runs[0], run) + 1
        return self._series[place][max(0, end - 1 - MOST_EARLIER) : end]

    def _signals_of(self, run: ScoreRun) -> dict[Place, Judgement]:
        """The control charts of a run are made all at once."""
        if run.id not in self._signals:
            kpis = [place for place in self._series if place.subject_type == "kpi"]
            judged = judge_values([self._series_until(place, run) for place in kpis])
            self._signals[run.id] = dict(zip(kpis, judged, strict=True))
        return self._signals[run.id]

    def _count_invited(self, place: Place, run: ScoreRun) -> int | None:
        """How many were invited; the rate itself is the run's, this is the n it rests on."""
        if run.id not in self._invited:
            book, period = read_scorebook(run.scorebook), Period.parse(run.period_label)
            self._invited[run.id] = count_invited(book, period, self._zone)
        found = self._invited[run.id].found.get(
            (WindowType.PERIOD.value, place.subject_id, place.scope_type, place.scope_id)
        )
        return None if found is None else found.invited
