"""Questionnaires and answers of every form that can be published, for property tests.

`questionnaires` asks everybody everything; `routed_questionnaires` has conditions on sections and
questions, constraints and all that goes with them. `answers` walks the path of a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.consent import Consent
from survey_app.domain.question_types.constant_sum import ConstantSum
from survey_app.domain.question_types.date import Date
from survey_app.domain.question_types.duration import UNITS, Duration
from survey_app.domain.question_types.file import KINDS, MEGABYTE, File
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.ranking import Ranking
from survey_app.domain.question_types.rating import DIRECTIONS, Ces, Csat, Nps, Rated, Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.question_types.time import Time
from survey_app.domain.question_types.yes_no import YesNo
from survey_app.domain.questionnaire import (
    NOT_SHOWN,
    OFFERED_CODES,
    PAGING,
    RANDOM,
    SKIPPED,
    Answer,
    Constraint,
    Question,
    Questionnaire,
    Section,
)
from survey_app.domain.translating import texts_of
from survey_app.domain.wire import dump_definition
from tests.domain.judging import judge

# Of every law the same examples at every run; a person who doubts one raises their number.
laws = settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

# Everything but NUL, lone surrogates and carriage returns (which become newlines).
SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
TEXTS = st.text(SIGNS, min_size=1, max_size=20).filter(str.strip)
CODES = st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True) | st.sampled_from(
    ["a b", "x=1", "größe", "5", "5.0", "2024-01-01", "q1_0", "question", "__other", "٣"]
)
ROW_CODES = st.from_regex(r"[a-z0-9-]{1,8}", fullmatch=True)
CONTACTS = st.fixed_dictionaries(
    {},
    optional={
        "segment": st.sampled_from(["gold", "silver", ""]),
        "visits": st.sampled_from(["0", "3", "3.0", "-7", "many"]),
        "since": st.sampled_from(["2024-02-29", "1999-12-31"]),
    },
)
# What nobody expects in the place of a value.
STRANGE = [
    *("null", "NaN", "inf", "-0", "-1", "+5", "5.", ".5", "1e309", "1e15", "0x1F", "1_000"),
    *("1,234", "3,5", "١٢", "３", "１２", "٣٫٥", "²", "½", "9" * 5000, "true", "yes", "given"),
    *("24:00", "12:60", "2024-02-29", "2024-02-30", "٢٠٢٤-٠٢-٢٩", "0202-01-01", "12:30"),
    *("missing:", "missing:refused", "missing:skipped", "a|b", "a=1", "=1+1", "{{q1_0}}", "{}"),
    *("[" * 5000, '{"id": 1}', "👩🏽‍🚒", "\u202eabc", "\ud800", "\0", "\x07", "<b>", "%s", " ", ""),
]

DAY = date(1900, 1, 1)
DAYS = (date.max - DAY).days


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    lowest = draw(st.integers(-50, 50))
    highest = lowest + draw(st.integers(1, 100))
    return Scale(
        lowest=lowest,
        highest=highest,
        direction=draw(st.sampled_from(DIRECTIONS)),
        anchors=draw(anchors(lowest, highest)),
    )


def anchors(lowest: int, highest: int) -> st.SearchStrategy[dict[int, str]]:
    return st.dictionaries(st.integers(lowest, highest), TEXTS, max_size=2)


@st.composite
def option_lists(draw: st.DrawFn, most: int = 5) -> tuple[Option, ...]:
    codes = draw(st.lists(CODES, min_size=2, max_size=most, unique_by=str.lower))
    return tuple(Option(code=code, label=draw(TEXTS)) for code in codes)


ORDERS = st.sampled_from(["", RANDOM])
Keys = dict[str, Any]


def rating(draw: st.DrawFn) -> Keys:
    return {"scale": draw(scales())}


def fixed(lowest: int, highest: int) -> Callable[[st.DrawFn], Keys]:
    return lambda draw: {"anchors": draw(anchors(lowest, highest))}


def matrix(draw: st.DrawFn) -> Keys:
    codes = draw(st.lists(ROW_CODES, min_size=1, max_size=3, unique=True))
    rows = tuple(Option(code=code, label=draw(TEXTS)) for code in codes)
    return {"scale": draw(scales()), "rows": rows, "order": draw(ORDERS)}


def choice(draw: st.DrawFn) -> Keys:
    options = list(draw(option_lists()))
    multiple = draw(st.booleans())
    keys: Keys = {"multiple": multiple, "order": draw(ORDERS)}
    if multiple and len(options) > 2 and draw(st.booleans()):
        options[-1] = Option(code=options[-1].code, label=options[-1].label, exclusive=True)
    if draw(st.booleans()):
        options[1] = Option(code=options[1].code, label=options[1].label, other=True)
    if multiple:
        together = sum(not option.exclusive for option in options)
        least = draw(st.none() | st.integers(0, together))
        keys |= {
            "least": least,
            "most": draw(st.none() | st.integers(max(least or 1, 1), together)),
        }
    return {**keys, "options": tuple(options)}


def ranking(draw: st.DrawFn) -> Keys:
    options = draw(option_lists())
    places = draw(st.none() | st.integers(1, len(options)))
    return {"options": options, "places": places, "order": draw(ORDERS)}


def constant_sum(draw: st.DrawFn) -> Keys:
    return {
        "options": draw(option_lists()),
        "total": draw(st.integers(1, 1000)),
        "unit": draw(st.just("") | TEXTS),
        "order": draw(ORDERS),
    }


def number(draw: st.DrawFn) -> Keys:
    ends = sorted(draw(st.tuples(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))))
    lowest, highest = (draw(st.none() | st.just(float(end))) for end in ends)
    return {
        "unit": draw(st.just("") | TEXTS),
        "lowest": lowest,
        "highest": highest,
        "whole": draw(st.booleans()),
    }


def days(draw: st.DrawFn) -> Keys:
    ends = sorted(draw(st.tuples(st.integers(0, DAYS), st.integers(0, DAYS))))
    earliest, latest = (
        draw(st.just("") | st.just((DAY + timedelta(days=end)).isoformat())) for end in ends
    )
    return {"earliest": earliest, "latest": latest}


def duration(draw: st.DrawFn) -> Keys:
    units = tuple(draw(st.lists(st.sampled_from(list(UNITS)), min_size=1, unique=True)))
    lowest, highest = sorted(draw(st.tuples(st.integers(0, 500), st.integers(0, 500))))
    return {
        "units": units,
        "lowest": draw(st.none() | st.just(lowest)),
        "highest": draw(st.none() | st.just(highest)),
    }


def text(draw: st.DrawFn) -> Keys:
    return {"lines": draw(st.integers(1, 50)), "longest": draw(st.integers(20, 20_000))}


def consent(draw: st.DrawFn) -> Keys:
    return {"statement": draw(TEXTS)}


def file(draw: st.DrawFn) -> Keys:
    kinds = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=3, unique=True))
    return {"kinds": tuple(kinds), "megabytes": draw(st.integers(1, 25))}


def nothing(_draw: st.DrawFn) -> Keys:
    return {}


KEYS: dict[type[Question], Callable[[st.DrawFn], Keys]] = {
    Rating: rating,
    Nps: fixed(0, 10),
    Csat: fixed(1, 5),
    Ces: fixed(1, 7),
    Matrix: matrix,
    Choice: choice,
    YesNo: nothing,
    Ranking: ranking,
    ConstantSum: constant_sum,
    Number: number,
    Date: days,
    Time: nothing,
    Duration: duration,
    Text: text,
    Consent: consent,
    Info: nothing,
    File: file,
}


@st.composite
def questions(
    draw: st.DrawFn, question_id: str, kinds: Sequence[type[Question]] = tuple(KEYS)
) -> Question:
    kind = draw(st.sampled_from(kinds))
    asked: Keys = {}
    if kind is not Info:
        asked = {
            "required": draw(st.booleans()),
            "missing": tuple(draw(st.lists(st.sampled_from(OFFERED_CODES), unique=True))),
        }
    return kind(
        id=question_id,
        text=draw(TEXTS),
        help=draw(st.just("") | TEXTS),
        kpi=draw(st.sampled_from(["", f"kpi_{question_id}"])),
        **asked,
        **KEYS[kind](draw),
    )


@st.composite
def questionnaires(draw: st.DrawFn, routed: bool = False) -> Questionnaire:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    sections: list[Section] = []
    known: list[Question] = []
    for number, size in enumerate(sizes, start=1):
        order = draw(ORDERS)
        section_rule = draw(rules(known)) if routed else None
        asked: list[Question] = []
        for place in range(size):
            question = draw(questions(f"q{number}_{place}"))
            # Where the order is random, nothing can depend on what the section itself asks.
            before = known if order else [*known, *items_of(asked)]
            rule = draw(rules(before)) if routed else None
            asked.append(replace(question, show_if=rule))
        known += items_of(asked)
        sections.append(
            Section(
                id=f"s{number}",
                title=draw(st.just("") | TEXTS),
                show_if=section_rule,
                order=order,
                questions=tuple(asked),
            )
        )
    survey = Questionnaire(
        key=draw(st.from_regex(r"[a-z][a-z0-9_]{1,62}", fullmatch=True)),
        title=draw(TEXTS),
        language=draw(st.sampled_from(["en", "de-CH", "pt-BR"])),
        introduction=draw(st.just("") | TEXTS),
        thanks=draw(st.just("") | TEXTS),
        paging=draw(st.sampled_from(["", *PAGING])),
        sections=tuple(sections),
        constraints=tuple(draw(st.lists(constraints(known), max_size=2))) if routed else (),
    )
    if not routed:
        return survey
    names = st.sampled_from(list(texts_of(dump_definition(survey))))
    translations = st.dictionaries(names, TEXTS, max_size=3)
    languages = st.dictionaries(st.sampled_from(["fr", "ar", "zh-Hans"]), translations, max_size=2)
    return replace(survey, translations=draw(languages))


def routed_questionnaires() -> st.SearchStrategy[Questionnaire]:
    return questionnaires(routed=True)


def items_of(asked: Sequence[Question]) -> list[Question]:
    return [item for question in asked for item in question.items]


def rules(known: Sequence[Question]) -> st.SearchStrategy[Any]:
    return st.none() | conditions(known)


@st.composite
def constraints(draw: st.DrawFn, known: Sequence[Question]) -> Constraint:
    must = draw(conditions(known, attributes=not known))
    return Constraint(must=must, message=draw(TEXTS))


@st.composite
def conditions(
    draw: st.DrawFn, known: Sequence[Question], depth: int = 2, attributes: bool = True
) -> Any:
    """Trees of conditions on these items and on the contact."""
    group = draw(st.sampled_from(["", "", "", "all", "any", "not"])) if depth else ""
    if group == "not":
        return {"not": draw(conditions(known, depth - 1, attributes))}
    if group:
        parts = conditions(known, depth - 1, attributes)
        return {group: draw(st.lists(parts, min_size=1, max_size=3))}
    return draw(comparisons(known, attributes))


@st.composite
def comparisons(draw: st.DrawFn, known: Sequence[Question], attributes: bool = True) -> Any:
    item = draw(st.sampled_from(known)) if known else None
    leaf: dict[str, Any] = {"question": item.id} if item else {}
    constants = draw(constants_of(item)) if item else ["gold", 3]
    if not item or (attributes and draw(st.integers(0, 4)) == 0):
        item = None
        leaf = {"contact": draw(st.sampled_from(["segment", "visits", "since", "unknown"]))}
        constants = ["gold", "3", 3, 0, "2020-01-01"]
    operator = draw(st.sampled_from(operators_for(item)))
    if operator == "answered":
        return {**leaf, operator: draw(st.booleans())}
    if operator == "one_of":
        chosen = st.lists(st.sampled_from(constants), min_size=1, max_size=3)
        return {**leaf, operator: draw(chosen)}
    if known and draw(st.integers(0, 3)) == 0:
        return {**leaf, operator: {"question": draw(st.sampled_from(known)).id}}
    return {**leaf, operator: draw(st.sampled_from(constants))}


def operators_for(item: Question | None) -> list[str]:
    """Those that can tell something, more often than those that cannot."""
    fit = ["equals", "one_of", "at_least", "at_most", "more_than", "less_than"]
    if isinstance(item, Choice | Ranking) and not item.picks_one:
        fit = ["includes"] * 5
    return [*fit, *fit, "includes", "equals", "at_least", "answered"]


@st.composite
def constants_of(draw: st.DrawFn, item: Question) -> list[Any]:
    """Constants to compare an item with: most it can take, others not."""
    strange = [text for text in STRANGE if text.isprintable() and 0 < len(text) < 500]
    constants: list[Any] = [draw(st.sampled_from([*strange, -1, 0.5, 10**15]))]
    for value in (draw(values(item))["value"], draw(values(item))["value"]):
        for part in value if isinstance(value, list) else [value]:
            constants += [part] * 3 if isinstance(part, int | float | str) else []
    return [as_constant(one) for one in constants]


def as_constant(one: Any) -> Any:
    # As a definition keeps it: 3.0 is 3.
    return int(one) if isinstance(one, float) and one.is_integer() else one


def values(item: Question) -> st.SearchStrategy[Answer]:
    """Answers with a value that the item takes."""
    if isinstance(item, Choice):
        return chosen(item)
    return plain_values(item).map(lambda value: {"value": value})


@st.composite
def chosen(draw: st.DrawFn, item: Choice) -> Answer:
    codes = [option.code for option in item.options]
    alone = [option.code for option in item.options if option.exclusive]
    together = [code for code in codes if code not in alone]
    if not item.multiple:
        picked = [draw(st.sampled_from(codes))]
    elif alone and draw(st.booleans()):
        picked = [draw(st.sampled_from(alone))]
    else:
        least = max(item.least or 1, 1)
        most = len(together) if item.most is None else item.most
        some = draw(st.sets(st.sampled_from(together), min_size=least, max_size=most))
        picked = [code for code in codes if code in some]
    answer: Answer = {"value": picked if item.multiple else picked[0]}
    if item.other and item.other.code in picked and draw(st.booleans()):
        answer["other"] = draw(TEXTS)
    return answer


def plain_values(item: Question) -> st.SearchStrategy[Any]:
    match item:
        case Rated():
            return st.sampled_from(item.scale.points)
        case YesNo():
            return st.sampled_from(["yes", "no"])
        case Consent():
            return st.just("given")
        case Ranking():
            codes = st.permutations([option.code for option in item.options])
            return codes.map(lambda ranked: list(ranked[: item.place_count]))
        case ConstantSum():
            return shares(item)
        case Number():
            lowest = -1e15 if item.lowest is None else item.lowest
            highest = 1e15 if item.highest is None else item.highest
            if item.whole:
                return st.integers(int(lowest), int(highest))
            return st.floats(lowest, highest).map(lambda number: number + 0.0)
        case Date():
            first = date.fromisoformat(item.earliest) if item.earliest else DAY
            last = date.fromisoformat(item.latest) if item.latest else date.max
            return st.dates(first, last).map(date.isoformat)
        case Time():
            return st.integers(0, 1439).map(lambda at: f"{at // 60:02d}:{at % 60:02d}")
        case Duration():
            step = UNITS[item.smallest]
            low, high = item.lowest or 0, item.highest
            return st.integers(low, 600 if high is None else high).map(lambda count: count * step)
        case File():
            return files(item)
    assert isinstance(item, Text)
    return TEXTS


@st.composite
def shares(draw: st.DrawFn, item: ConstantSum) -> dict[str, int]:
    cuts = [draw(st.integers(0, item.total)) for _ in item.options[1:]]
    ends = [0, *sorted(cuts), item.total]
    return {
        option.code: ends[number + 1] - ends[number] for number, option in enumerate(item.options)
    }


def files(item: File) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "id": st.from_regex(r"[A-Za-z0-9_-]{1,43}", fullmatch=True),
            "name": TEXTS,
            "size": st.integers(1, item.megabytes * MEGABYTE),
            "type": st.sampled_from(item.media_types),
        }
    )


@st.composite
def answers(
    draw: st.DrawFn, questionnaire: Questionnaire, contact: Mapping[str, str] | None = None
) -> dict[str, Answer]:
    """A whole document of a person: what is off their path is not given."""
    document: dict[str, Answer] = {}
    given: dict[str, Any] = {}
    for section in questionnaire.sections:
        opened = section.show_if is None or judge(section.show_if, given, contact or {})
        for question in section.questions:
            rule = question.show_if
            shown = opened and (rule is None or judge(rule, given, contact or {}))
            for item in question.items:
                document[item.id] = draw(answer_to(item)) if shown else {"missing": NOT_SHOWN}
            for item in question.items:
                if "value" in document[item.id]:
                    given[item.id] = document[item.id]["value"]
    return document


@st.composite
def answer_to(draw: st.DrawFn, item: Question) -> Answer:
    codes = list(item.missing) + ([] if item.required else [SKIPPED])
    if codes and draw(st.integers(0, 3)) == 0:
        return {"missing": draw(st.sampled_from(codes))}
    return draw(values(item))
