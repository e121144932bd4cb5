"""How long it takes to answer a questionnaire: reading its words, and answering by type.

Reading: 238 words a minute, the mean of silent reading of English non-fiction over 190 studies
(Brysbaert 2019, How many words do we read per minute?, Journal of Memory and Language 109). Words
are parted by spaces. Chinese and Japanese signs are counted one by one: 255 a minute in Chinese,
357 in Japanese, read aloud by adults (Trauzettel-Klosinski and Dietz 2012, Standardized Assessment
of Reading Performance, Investigative Ophthalmology & Visual Science 53). Of many options few people
read all with care (Krosnick 1991, Response strategies, Applied Cognitive Psychology 5): from the
thirteenth on a glance each, our estimate.

Answering: that questions take longer the more there is to read and to choose from is known (Yan and
Tourangeau 2008, Fast times and easy questions, Applied Cognitive Psychology 22); the seconds below
are our estimate. The first answers to a questionnaire tell better.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from survey_app.domain.paths import Paths
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Condition, Question, Questionnaire
from survey_app.domain.reachability import can_be_searched
from survey_app.domain.translating import texts_of
from survey_app.domain.wire import dump_definition

WORDS_A_MINUTE = 238
SIGNS_A_MINUTE = {"zh": 255, "ja": 357}
# What is written without spaces: Chinese characters and the Japanese syllables.
SIGN = re.compile(
    "[\u3005\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[\U00020000-\U0003ffff]"
)
# So many labels of a list are read, the others are glanced at.
MOST_READ = 12
SECONDS_A_GLANCE = 0.3
# With so few branches each is tried as the first of a path.
MOST_TRIED = 12
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

    Both are paths that somebody can walk: the branches are left out (or taken) one after the other,
    those that take longest first, as long as they go together; then the same with each of them at
    the beginning, as far as they are few, and the extreme of all counts. Where conditions cannot be
    searched, everything but what everybody meets is left out, or taken.
    """
    always, branches = _measure(questionnaire)
    branches.sort(key=lambda branch: -branch.seconds)
    in_all = sum(branch.seconds for branch in branches)
    if not can_be_searched(questionnaire):
        return always / 60, (always + in_all) / 60
    paths = Paths(questionnaire, sure=0)
    avoided = taken = 0.0
    for first in _firsts(branches):
        order = [first, *(branch for branch in branches if branch is not first)]
        avoided = max(avoided, _walk(paths, order, avoiding=True))
        taken = max(taken, _walk(paths, order, avoiding=False))
    return (always + in_all - avoided) / 60, (always + taken) / 60


def _firsts(branches: list[_Branch]) -> list[_Branch]:
    return branches if len(branches) <= MOST_TRIED else branches[:1]


def _walk(paths: Paths, branches: Iterable[_Branch], avoiding: bool) -> float:
    """The seconds of the branches that can be avoided, or taken, in this order of preference."""
    chosen: list[Condition] = []
    seconds = 0.0
    for branch in branches:
        wanted = {"not": branch.condition} if avoiding else branch.condition
        # Where it is not known, both ends err to the far side.
        found = paths.can_be_reached((*chosen, wanted))
        if found is not False:
            chosen.append(wanted)
            seconds += branch.seconds
    return seconds


@dataclass
class _Branch:
    """What is shown together under one condition, and how long it takes."""

    condition: Condition
    seconds: float = 0.0


def _measure(questionnaire: Questionnaire) -> tuple[float, list[_Branch]]:
    """The seconds of what everybody meets, and of each branch."""
    texts = texts_of(dump_definition(questionnaire))
    reading = _reading_seconds(texts, questionnaire.language)
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


def _reading_seconds(texts: Mapping[str, str], language: str) -> Callable[[str], float]:
    signs_a_minute = SIGNS_A_MINUTE.get(language.partition("-")[0].lower(), SIGNS_A_MINUTE["zh"])
    seconds: dict[str, float] = {}
    labels: dict[str, int] = {}
    for name, text in texts.items():
        owner = name if name.endswith(".title") else name.partition(".")[0]
        if name.startswith(f"{owner}.options."):
            labels[owner] = labels.get(owner, 0) + 1
        if labels.get(owner, 0) > MOST_READ:
            spent = SECONDS_A_GLANCE
        else:
            signs = len(SIGN.findall(text))
            words = len(SIGN.sub(" ", text).split()) if signs else len(text.split())
            spent = words * 60 / WORDS_A_MINUTE + signs * 60 / signs_a_minute
        seconds[owner] = seconds.get(owner, 0) + spent
    return lambda owner: seconds.get(owner, 0)
