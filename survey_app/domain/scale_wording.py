"""Warnings about the words at the ends of scales."""

from __future__ import annotations

from collections.abc import Iterator

from survey_app.domain.phrases import Phrases
from survey_app.domain.problems import Problem, quoted
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.rating import Ces, Csat, FixedRating, Rated
from survey_app.domain.questionnaire import Question

# Which say by themselves what their ends mean.
SPEAKING_LOOKS = ("faces", "stars")


def warn_of_scale(question: Question, phrases: Phrases | None) -> Iterator[Problem]:
    """What is wrong with the words of a question's scale, if it has one."""
    if not isinstance(question, (Rated, Matrix)):
        return
    place = "anchors" if isinstance(question, FixedRating) else "scale"
    scale = question.scale
    ends = {point: scale.anchors.get(point, "").strip() for point in (scale.lowest, scale.highest)}
    bare = [str(point) for point, words in ends.items() if not words]
    # Krosnick and Presser 2010, in the Handbook of Survey Research: points with words are read
    # alike by more people; at least the ends need them.
    if bare and scale.lowest < scale.highest and question.look not in SPEAKING_LOOKS:
        both = (
            "Nothing says what the ends {} mean" if len(bare) > 1 else "Nothing says what {} means"
        )
        message = f"{both.format(' and '.join(bare))}, so people guess. Give both ends their words."
        yield Problem(place, "end_without_words", message)
    if phrases is None or not isinstance(question, (Csat, Ces)):
        return
    for point, words in ends.items():
        good = phrases.good.search(words) and not phrases.bad.search(words)
        if phrases.bad.search(words) if point == scale.highest else good:
            yield Problem(
                place,
                "reversed_words",
                f"{point} reads {quoted(words)}, but on this scale {scale.highest} is the best. "
                "Swap the words, or use a rating with a scale of its own.",
            )
