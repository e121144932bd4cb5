"""How long a draft takes to answer, also while something keeps it from being published."""

from __future__ import annotations

from dataclasses import replace

from survey_app.design.models import Questionnaire
from survey_app.domain import questionnaire as domain
from survey_app.domain.answering_time import expected_minutes
from survey_app.domain.checking import check
from survey_app.domain.wire import load_definition


def draft_minutes(questionnaire: Questionnaire) -> tuple[float, float] | None:
    """The minutes of a short and a long path through the draft; None where nothing is answered.

    While anything but translations is to be mended, conditions may not say yet who is asked what:
    everything counts as asked.
    """
    loaded, _problems = load_definition(questionnaire.draft)
    if loaded is None or not loaded.items:
        return None
    sound = all(problem.place.startswith("translation ") for problem in check(loaded))
    return expected_minutes(loaded if sound else _without_conditions(loaded))


def _without_conditions(loaded: domain.Questionnaire) -> domain.Questionnaire:
    sections = tuple(
        replace(
            section,
            show_if=None,
            questions=tuple(replace(one, show_if=None) for one in section.questions),
        )
        for section in loaded.sections
    )
    return replace(loaded, sections=sections, constraints=())
