"""Why a number differs between two runs: what the two have pinned, looked at from all sides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.definitions import DURATION_STATISTICS, NOT_MEASURED
from survey_app.report.models import ScoreRun
from survey_app.report.provenance import kind_of, months_of
from survey_app.report.run_card import card_of

# Parts of a definition that change no number of a row that is in both runs; and of one that is in
# one of them.
NO_CAUSE = NOT_MEASURED - {"score"}
NO_CAUSE_OF_ROWS = frozenset({"name", "version"})
UNEXPLAINED = "No reason was found. Please report this: it should not happen."


@dataclass(frozen=True)
class Cause:
    """Why a number differs: a word for the kind of cause, and a sentence."""

    kind: str
    sentence: str


class Explainer:
    """Finds causes from what the two runs have pinned."""

    def __init__(self, first: ScoreRun, second: ScoreRun) -> None:
        self.first, self.second = first, second
        self.cards = card_of(first), card_of(second)
        self.files = tuple(
            {(one["kind"], one["month"]): (one["sha256"], one["rows"]) for one in run.facts_files}
            for run in (first, second)
        )
        self.general = tuple(self._find_general())

    def _find_general(self) -> Iterable[Cause]:
        first, second = self.first, self.second
        if first.period_label != second.period_label:
            yield Cause(
                "period",
                f"The runs are of two periods: {first.period_label} and {second.period_label}.",
            )
        if first.code_version != second.code_version:
            yield Cause(
                "code",
                f"The program was another one: {first.code_version}, then {second.code_version}.",
            )
        if first.engine != second.engine:
            yield Cause("engine", f"Another engine counted: {first.engine}, then {second.engine}.")
        if self.cards[0]["minimum_n"] != self.cards[1]["minimum_n"]:
            yield Cause(
                "privacy",
                f"The least number of people in a cell was {self.cards[0]['minimum_n']} and is "
                f"{self.cards[1]['minimum_n']}.",
            )
        if first.facts_hash == second.facts_hash and self.files[0] == self.files[1]:
            return
        changed = self._changed_months(("ratings", "durations", "figures"), None)
        if changed:
            yield Cause("facts", f"New or changed facts: {_say_months(changed)}.")

    def causes_of(
        self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
    ) -> tuple[Cause, ...]:
        """Every cause that can have changed this row."""
        row = new if new is not None else old
        assert row is not None
        causes = [
            *self._definition(row["kpi_id"], old, new),
            *self._target(old, new),
            *self._organisation(row),
            *(one for one in self.general if one.kind in ("period", "code", "engine", "privacy")),
        ]
        causes += self._facts(row, old, new)
        if old is not None and new is not None:
            causes += self._clock(row, old, new)
        return tuple(causes) or (Cause("unexplained", UNEXPLAINED),)

    def _definition(
        self, kpi_id: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
    ) -> Iterable[Cause]:
        before, after = (card["kpis"].get(kpi_id) for card in self.cards)
        if before is None or after is None:
            word = "not defined yet" if before is None else "retired, or not defined any more,"
            which = "first" if before is None else "second"
            yield Cause("definition", f"The KPI was {word} in the {which} run.")
            return
        # Who has a row, and whose is withheld: that depends on whom the KPI is for.
        is_of_rows = (
            old is None or new is None or old["suppressed_reason"] != new["suppressed_reason"]
        )
        idle = NO_CAUSE_OF_ROWS if is_of_rows else NO_CAUSE
        changed = _changed_fields(before["definition"], after["definition"], idle)
        if changed:
            told = "; ".join(f"{name}: {was} → {now}" for name, was, now in changed)
            yield Cause(
                "definition",
                f"The definition changed from version {before['definition']['version']} to "
                f"{after['definition']['version']} ({told}).",
            )
        elif is_of_rows and self.cards[0].get("kpi_sets") != self.cards[1].get("kpi_sets"):
            yield Cause("definition", "The sets of KPIs, which say who has which, were changed.")

    def _target(
        self, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
    ) -> Iterable[Cause]:
        if old is None or new is None:
            return
        names = ("target", "target_scope", "target_version")
        if [old[name] for name in names] != [new[name] for name in names]:
            yield Cause(
                "target", f"The target changed: {_say_target(old)}, then {_say_target(new)}."
            )
        elif old["target_adjusted"] != new["target_adjusted"]:
            yield Cause(
                "target",
                "The index that the target follows changed: adjusted it was "
                f"{_say(old['target_adjusted'])} and is {_say(new['target_adjusted'])}.",
            )

    def _organisation(self, row: Mapping[str, Any]) -> Iterable[Cause]:
        before, after = self.cards
        type_, key = row["scope_type"], row["scope_id"]
        if type_ == "representative":
            was, now = (card["representatives"].get(key) for card in self.cards)
            if was is None or now is None:
                yield Cause("organisation", "The representative is in one of the two runs only.")
            elif was != now:
                yield Cause("organisation", f"The representative moved from {was} to {now}.")
        elif type_ == "unit" and (key not in before["units"] or key not in after["units"]):
            yield Cause("organisation", "The unit is in one of the two runs only.")
        elif before["units"] != after["units"]:
            yield Cause("organisation", "Units were added or moved.")

    def _facts(
        self,
        row: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        new: Mapping[str, Any] | None,
    ) -> Iterable[Cause]:
        """New or changed sources, where the kind and the months of the row have any."""
        changed = self._changed_months((kind_of(row),), row["window"])
        if not changed:
            return
        counts = ""
        if old and new and None not in (old["n"], new["n"]) and old["n"] != new["n"]:
            counts = f" n was {old['n']} and is {new['n']}."
        yield Cause("facts", f"New or changed facts: {_say_months(changed)}.{counts}")

    def _clock(
        self, row: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterable[Cause]:
        """The time of the run itself: what is provisional, and visits that go on."""
        if "provisional" in (old["verdict"], new["verdict"]) and old["verdict"] != new["verdict"]:
            yield Cause("clock", "The period was not over yet when one of the runs was made.")
        if (
            row["statistic"] in DURATION_STATISTICS
            and old["n_censored"]
            and old["computed_at"] != new["computed_at"]
        ):
            yield Cause("clock", "Visits still open count until the moment of the run.")

    def _changed_months(
        self, kinds: Iterable[str], window: str | None
    ) -> dict[tuple[str, str], tuple[int, int]]:
        """By kind and month, the numbers of rows before and after; of a window, or of all."""
        months = None
        if window is not None:
            months = months_of(self.first, window) | months_of(self.second, window)
        found = {}
        for place in sorted(self.files[0].keys() | self.files[1].keys()):
            kind, month = place
            if kind not in kinds or (months is not None and month not in months):
                continue
            was, now = (files.get(place, ("", 0)) for files in self.files)
            if was != now:
                found[place] = (was[1], now[1])
        return found


def _changed_fields(
    before: Mapping[str, Any], after: Mapping[str, Any], idle: Collection[str]
) -> list[tuple[str, str, str]]:
    names = [name for name in {**before, **after} if name not in idle]
    return [
        (name.replace("_", " "), _say(before.get(name)), _say(after.get(name)))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _say(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_say(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_say, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _say_target(row: Mapping[str, Any]) -> str:
    if row["target"] is None:
        return "none"
    return f"{row['target']:g} (version {row['target_version']} for {row['target_scope']})"


def _say_months(changed: Mapping[tuple[str, str], tuple[int, int]]) -> str:
    told = [
        f"{kind} of {month} ({was} rows, then {now})"
        if was != now
        else f"{kind} of {month} (other values)"
        for (kind, month), (was, now) in changed.items()
    ]
    if len(told) > 3:
        return f"{', '.join(told[:3])} and {len(told) - 3} more months"
    return ", ".join(told)
