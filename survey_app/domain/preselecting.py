"""The first question put into a mail: each of its choices opens the page with it preselected."""

from __future__ import annotations

from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.rating import Rated
from survey_app.domain.question_types.yes_no import NO, YES, YesNo
from survey_app.domain.questionnaire import RANDOM, Question, Questionnaire

# As many as recommending has, from 0 to 10: more are no row of buttons.
MOST_CHOICES = 11


def preselectable(questionnaire: Questionnaire) -> Question | None:
    """The question that everybody is asked first, if it is answered with one of a few choices.

    Ratings of all kinds, a choice of one and yes or no are; None for all others, and where not
    everybody is asked the same question first.
    """
    for section in questionnaire.sections:
        asking = [question for question in section.questions if question.items]
        if not asking:
            continue
        first = asking[0]
        is_first_for_all = (
            section.show_if is None
            and first.show_if is None
            and (section.order != RANDOM or len(asking) == 1)
        )
        return first if is_first_for_all and 1 < len(choices_of(first)) <= MOST_CHOICES else None
    return None


def choices_of(question: Question, yes: str = "Yes", no: str = "No") -> list[tuple[str, str]]:
    """The values of such a question, each with its words, in order; [] for any other question.

    A point of a scale reads as its number, with its words where it has some; `yes` and `no` are
    these words in the questionnaire's language.
    """
    if isinstance(question, Rated):
        anchors = question.scale.anchors
        return [
            (str(point), f"{point} – {anchors[point]}" if anchors.get(point) else str(point))
            for point in question.scale.points
        ]
    if isinstance(question, Choice) and not question.multiple:
        return [(option.code, option.label) for option in question.options]
    return [(YES, yes), (NO, no)] if isinstance(question, YesNo) else []
