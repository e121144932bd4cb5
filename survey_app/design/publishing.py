"""Publishing: the draft becomes a numbered version that never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from survey_app.accounts.auditing import acting_user_id, record
from survey_app.db import db
from survey_app.design.editing import stale_draft
from survey_app.design.estimating import draft_minutes
from survey_app.design.models import Questionnaire, QuestionnaireVersion
from survey_app.design.queries import read_definition
from survey_app.domain import questionnaire as domain
from survey_app.domain.changes import Change, compare_versions, stale_translations
from survey_app.domain.checking import check
from survey_app.domain.overruling import Overrule, apply_overrules
from survey_app.domain.problems import Problem
from survey_app.domain.series import FIRST, carry_series
from survey_app.domain.wire import definition_hash, dump_definition, load_definition
from survey_app.domain.wording import warn


@dataclass(frozen=True)
class Advice:
    """What to know before publishing: the minutes of a short and a long path, and warnings."""

    minutes: tuple[float, float]
    warnings: list[Problem]


NOTHING: Mapping[str, Overrule] = MappingProxyType({})


def publish(
    questionnaire: Questionnaire,
    now: datetime,
    revision: int | None = None,
    overruled: Mapping[str, Overrule] = NOTHING,
) -> tuple[QuestionnaireVersion | None, list[Problem]]:
    """Publish the draft as the next version, when nothing is wrong with it.

    `revision` is the draft's revision that somebody looked at: a draft changed since is not
    published. None publishes the draft as it is. `overruled` has, by the key of a change against
    the last version, another kind than the rule's; each needs a note and is recorded.
    """
    # The lock gives every version its own number and keeps the draft still meanwhile.
    db.session.refresh(questionnaire, with_for_update=True)
    if revision is not None and revision != questionnaire.draft_revision:
        return None, [stale_draft(questionnaire)]
    loaded, problems = load_definition(questionnaire.draft)
    if loaded is None:
        return None, problems
    problems = check(loaded)
    if problems:
        return None, problems
    definition = dump_definition(loaded)
    digest = definition_hash(definition)
    last = questionnaire.versions[-1] if questionnaire.versions else None
    if last is not None and last.hash == digest:
        return None, [_unchanged(last)]
    by_rule = _changes_since_last(questionnaire, loaded)
    changes, problems = apply_overrules(by_rule, overruled)
    if problems:
        return None, problems
    version = QuestionnaireVersion(
        questionnaire=questionnaire,
        number=last.number + 1 if last else 1,
        definition=definition,
        hash=digest,
        changes=_as_kept(by_rule, changes, overruled),
        series=_series(questionnaire, loaded, changes),
        published_at=now,
        published_by_id=acting_user_id(),
    )
    db.session.add(version)
    subject = f"{questionnaire.key} {version.number}"
    record("questionnaire published", subject, now, hash=digest)
    for kept in version.changes:
        if "overruled" in kept:
            record("change overruled", subject, now, **kept)
    db.session.flush()
    return version, []


def preview_changes(questionnaire: Questionnaire) -> list[Change]:
    """The changes of the draft against the last version; [] for a first or an unreadable draft."""
    loaded, _problems = load_definition(questionnaire.draft)
    return [] if loaded is None else _changes_since_last(questionnaire, loaded)


def advise(questionnaire: Questionnaire) -> Advice | None:
    """What to know of a draft before it is published; None while it cannot be read."""
    loaded, _problems = load_definition(questionnaire.draft)
    if loaded is None:
        return None
    warnings = [*_stale_translations(questionnaire, loaded), *warn(loaded)]
    return Advice(draft_minutes(questionnaire) or (0.0, 0.0), warnings)


def draft_problems(questionnaire: Questionnaire) -> list[Problem]:
    """What keeps the draft from being published."""
    loaded, problems = load_definition(questionnaire.draft)
    return problems if loaded is None else check(loaded)


def _unchanged(last: QuestionnaireVersion) -> Problem:
    return Problem(
        "draft",
        "unchanged",
        f"The draft is the same as version {last.number}, which is published. Change it before you "
        "publish again.",
    )


def _changes_since_last(questionnaire: Questionnaire, now: domain.Questionnaire) -> list[Change]:
    before = (read_definition(version.definition) for version in reversed(questionnaire.versions))
    last = next(before, None)
    return [] if last is None else compare_versions(last, now, before)


def _stale_translations(questionnaire: Questionnaire, now: domain.Questionnaire) -> list[Problem]:
    if not questionnaire.versions:
        return []
    last = questionnaire.versions[-1]
    stale = stale_translations(last.definition, dump_definition(now))
    return [
        Problem(
            f"translation {language}, {name}",
            "stale_translation",
            f"Its source was reworded since version {last.number}; look whether it still says the "
            "same.",
        )
        for language, names in stale.items()
        for name in names
    ]


def _as_kept(
    by_rule: Iterable[Change], changes: Iterable[Change], overruled: Mapping[str, Overrule]
) -> list[dict[str, Any]]:
    """Each change as the rule has it; where it was overruled, also how, why and by whom."""
    kept = []
    for rule, change in zip(by_rule, changes, strict=True):
        entry = asdict(rule)
        if change.kind != rule.kind:
            note = overruled[rule.key].note.strip()
            entry |= {"overruled": change.kind, "note": note, "by": acting_user_id()}
        kept.append(entry)
    return kept


def _series(
    questionnaire: Questionnaire, now: domain.Questionnaire, changes: Iterable[Change]
) -> dict[str, int]:
    before: dict[str, int] = {}
    last_asked: list[str] = []
    for version in questionnaire.versions:
        last_asked = [item.id for item in read_definition(version.definition).items]
        before |= {item_id: before.get(item_id, FIRST) for item_id in last_asked} | version.series
    return carry_series(before, last_asked, (item.id for item in now.items), changes)
