"""How long it takes to answer a questionnaire: reading its words, and answering by type.

Reading: 238 words a minute, the mean of silent reading of English non-fiction over 190 studies
(Brysbaert 2019, How many words do we read per minute?, Journal of Memory and Language 109). Words
are parted by spaces, so languages written without them are read faster here than they are.

Answering: that questions take longer the more there is to read and to choose from is known (Yan and
Tourangeau 2008, Fast times and easy questions, Applied Cognitive Psychology 22); the seconds below
are our estimate. The first answers to a questionnaire tell better.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from survey_app.domain.paths import Paths
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Condition, Question, Questionnaire
from survey_app.domain.translating import texts_of
from survey_app.domain.wire import dump_definition

WORDS_A_MINUTE = 238
# Seconds beside reading; our estimate.
SECONDS: dict[str, float] = {
    "rating": 4,
    "nps": 4,
    "csat": 4,
    "ces": 4,
    "choice": 5,
    "yes_no": 3,
    "number": 7,
    "date": 8,
    "time": 7,
    "duration": 9,
    "consent": 4,
    "info": 0,
    "file": 30,
}
SECONDS_A_ROW = 3
SECONDS_A_PLACE = 4
SECONDS_A_SHARE = 6
SECONDS_OF_SEVERAL = 8
SECONDS_OF_A_LINE = 12
SECONDS_OF_LINES = 35


def answering_seconds(question: Question) -> float:
    """Return the seconds that answering takes beside reading."""
    match question:
        case Matrix():
            return SECONDS_A_ROW * len(question.rows)
        case Ranking():
            return SECONDS_A_PLACE * question.place_count
        case ConstantSum():
            return SECONDS_A_SHARE * len(question.options)
        case Choice(multiple=True):
            return SECONDS_OF_SEVERAL
        case Text():
            return SECONDS_OF_A_LINE if question.lines == 1 else SECONDS_OF_LINES
    return SECONDS[question.type]


def expected_minutes(questionnaire: Questionnaire) -> tuple[float, float]:
    """Return the minutes of a short and of a long path, every question on them answered.

    Both are paths that somebody can walk: of the branches, the one that takes longest is left out
    (or taken) first, then each next one that goes together with it. The questionnaire must be free
    of problems (see `checking`).
    """
    always, branches = _measure(questionnaire)
    branches.sort(key=lambda branch: -branch.seconds)
    shortest, longest = always, always
    paths, avoided, taken = Paths(questionnaire, sure=0), list[Condition](), list[Condition]()
    for branch in branches:
        # Where it is not known, both ends err to the far side.
        if paths.can_be_reached((*avoided, {"not": branch.condition})) is False:
            shortest += branch.seconds
        else:
            avoided.append({"not": branch.condition})
        if paths.can_be_reached((*taken, branch.condition)) is not False:
            taken.append(branch.condition)
            longest += branch.seconds
    return shortest / 60, longest / 60


@dataclass
class _Branch:
    """What is shown together under one condition, and how long it takes."""

    condition: Condition
    seconds: float = 0.0


def _measure(questionnaire: Questionnaire) -> tuple[float, list[_Branch]]:
    """The seconds of what everybody meets, and of each branch."""
    texts = texts_of(dump_definition(questionnaire))
    reading = _reading_seconds(texts)
    always = reading("title") + reading("introduction")
    branches: dict[str, _Branch] = {}
    for section in questionnaire.sections:
        title = reading(f"{section.id}.title")
        for question in section.questions:
            seconds = reading(question.id) + answering_seconds(question) + title
            # The heading is read once, with the first question.
            title = 0.0
            own = [one for one in (section.show_if, question.show_if) if one is not None]
            if not own:
                always += seconds
                continue
            named = json.dumps(own, sort_keys=True)
            branches.setdefault(named, _Branch({"all": own})).seconds += seconds
    return always, list(branches.values())


def _reading_seconds(texts: Mapping[str, str]) -> Callable[[str], float]:
    words: dict[str, int] = {}
    for name, text in texts.items():
        count = len(text.split())
        owner = name if name.endswith(".title") else name.partition(".")[0]
        words[owner] = words.get(owner, 0) + count
    return lambda owner: words.get(owner, 0) * 60 / WORDS_A_MINUTE
