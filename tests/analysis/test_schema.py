"""The JSON Schema of the scorebook says what the reader does, as far as a schema can."""

import copy
import json
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from analysis.definitions import DURATION_STATISTICS, STATISTICS
from analysis.kpi import ScorebookError, read_scorebook
from analysis.marked_yaml import Entry
from analysis.score_rules import SCORE_RULES
from tests.analysis.building import document, figure_kpi, kpi, median_kpi, target
from tests.analysis.core_yaml import CoreLoader
from tests.analysis.strategies import scorebooks
from tests.analysis.wrong_books import (
    ADJUST,
    KPI_SET,
    MARGIN,
    NET_SCORE,
    RANGE,
    RED,
    SEEN_BY_THE_READER_ALONE,
    TOP_BOX,
    WRONG_BOOKS,
    WRONG_KPIS,
)

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "analysis/scorebook.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker(["date"]))
EXAMPLES = sorted((ROOT / "examples").glob("*/scorebook.yaml"))
QUICK_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
GAP_SOURCE = {"questionnaire": "feedback", "question": "q1", "expected": "q2"}
SOURCES = {
    "answers": ("mean", "top_box", "net_score"),
    "two_questions": ("gap",),
    "visits": DURATION_STATISTICS,
    "figure": ("sum", "last", "mean_over_periods"),
    "two_figures": ("ratio",),
}
# One KPI of every statistic and of every rule, named for it.
OF_EACH = [
    kpi(id="mean", margins=[MARGIN], by=["region", "produit_é"]),
    kpi(id="top_box", **TOP_BOX, in_denominator=["refused"]),
    kpi(id="net_score", **NET_SCORE),
    kpi(id="gap", statistic="gap", source=GAP_SOURCE, margins=[MARGIN]),
    median_kpi(id="km_median"),
    median_kpi(id="km_quantile", statistic="km_quantile", quantile=0.9),
    median_kpi(id="restricted_mean", statistic="restricted_mean", tau=7200),
    median_kpi(id="share_within", statistic="share_within", within=1800),
    figure_kpi(id="sum", events="poisson"),
    figure_kpi(id="last", statistic="last"),
    figure_kpi(id="mean_over_periods", statistic="mean_over_periods"),
    figure_kpi(id="ratio", statistic="ratio", source={"numerator": "a", "denominator": "b"}),
    kpi(
        id="goalposts",
        unit_of_analysis="customer",
        score={"rule": "goalposts", "worst": 0, "best": 1},
    ),
    kpi(id="red_target", score=RED),
    kpi(id="in_range", score=RANGE),
]
WHOLE_BOOK = document(
    *OF_EACH,
    goals=[
        {"id": "quality", "name": "Quality", "aggregation": "geometric", "target": 80},
        {
            "id": "speed",
            "name": "Speed",
            "parent": "quality",
            "owner": "Ann",
            "horizon": "long_term",
        },
    ],
    kpi_sets=[KPI_SET],
    targets=[
        target(1, kpi="mean"),
        target(2, kpi="mean", scope_type="unit", scope_id="berne", adjust=ADJUST),
        target(3, kpi="sum", scope_type="representative", scope_id="anna", valid_to="2027-01-01"),
    ],
)


def source_of(statistic):
    """The name of the schema of a statistic's source."""
    return next(name for name, statistics in SOURCES.items() if statistic in statistics)


def is_valid(text):
    return VALIDATOR.is_valid(yaml.load(text, CoreLoader))


def problem_codes(text):
    try:
        read_scorebook(text)
    except ScorebookError as error:
        return {problem.code for problem in error.problems}
    return set()


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_the_examples_are_valid(file):
    assert is_valid(file.read_text(encoding="utf-8"))


def test_there_are_examples():
    assert len(EXAMPLES) >= 2


@pytest.mark.parametrize("entry", OF_EACH, ids=lambda entry: entry["id"])
def test_a_kpi_of_every_statistic_and_rule_is_valid(entry):
    text = yaml.safe_dump(document(entry))
    assert problem_codes(text) == set()
    assert is_valid(text)


def test_a_whole_book_is_valid_however_it_is_read():
    text = yaml.safe_dump(WHOLE_BOOK)
    assert problem_codes(text) == set()
    assert is_valid(text)
    # As formats.md tells it: what Python reads as a date is text again.
    assert VALIDATOR.is_valid(json.loads(json.dumps(yaml.safe_load(text), default=str)))


@pytest.mark.parametrize(("entry", "code"), WRONG_KPIS)
def test_a_wrong_kpi_is_refused_by_the_schema_too(entry, code):
    text = yaml.safe_dump(document(entry))
    assert code in problem_codes(text)
    assert is_valid(text) == (code in SEEN_BY_THE_READER_ALONE)


@pytest.mark.parametrize(("changes", "code"), WRONG_BOOKS)
def test_a_wrong_book_is_refused_by_the_schema_too(changes, code):
    text = yaml.safe_dump(document(kpi(), **changes))
    assert code in problem_codes(text)
    assert is_valid(text) == (code in SEEN_BY_THE_READER_ALONE)


@pytest.mark.parametrize(
    ("written", "instead", "is_right"),
    [
        ("name: Anna Weber", "name: 007", True),
        ("name: Anna Weber", "name: yes", True),
        ("name: Anna Weber", "name: true", True),
        ("name: Anna Weber", "name: 2026-01-01", True),
        ("name: Anna Weber", "name:", False),
        ("name: Anna Weber", "name: []", False),
        ("value: 1", "value: 1e5", True),
        ("value: 1", "value: 010", True),
        ("value: 1", "value: .5", True),
        ("value: 1", "value: 1_000", False),
        ("value: 1", "value: '1'", False),
        ("value: 1", "value:", False),
        ("value: 1", "value: true", False),
        ("2026-01-01", "'2026-01-01'", True),
        ("2026-01-01", "2026-1-1", False),
        ("2026-01-01", "2026-02-30", False),
        ("2026-01-01", "2026-01-01T00:00:00Z", False),
        ("time_zone: Europe/Zurich", "time_zone: {}", False),
        ("targets:\n", "targts:\n", False),
    ],
)
def test_schema_and_reader_agree_on_how_things_are_written(written, instead, is_right):
    text = yaml.safe_dump(document(kpi(), targets=[target(1)]), sort_keys=False)
    assert text.count(written) == 1
    changed = text.replace(written, instead)
    assert (problem_codes(changed) == set()) is is_right
    assert is_valid(changed) is is_right


@pytest.mark.parametrize("shares", [{}, {"business": 30, "private": 70}])
def test_no_shares_and_percentages_are_refused_by_the_schema_too(shares):
    text = yaml.safe_dump(document(kpi(margins=[MARGIN | {"shares": shares}])))
    assert problem_codes(text) == {"shares_do_not_add_up"}
    assert not is_valid(text)


@settings(deadline=None, max_examples=50)
@given(scorebooks())
def test_what_is_written_as_yaml_is_valid(book):
    text = book.to_yaml()
    assert is_valid(text)
    assert VALIDATOR.is_valid(json.loads(json.dumps(yaml.safe_load(text), default=str)))


def schema_objects():
    """Every object of the schema by its name."""
    return SCHEMA["$defs"] | {"document": SCHEMA}


def parts(book):
    """Every mapping of a scorebook, with the name of its schema."""
    yield "document", book
    for name in ("unit", "representative", "goal", "kpi", "target", "kpi_set"):
        yield from ((name, entry) for entry in book.get(f"{name}s") or [])
    for entry in book["kpis"]:
        yield from (("margin", margin) for margin in entry.get("margins", []))
        yield source_of(entry["statistic"]), entry["source"]
        yield entry["score"].get("rule", "goalposts"), entry["score"]
    yield from (("adjustment", entry["adjust"]) for entry in book["targets"] if entry.get("adjust"))


LEFT_OUT = object()
# One of every type; some fit some keys.
PIECES = [LEFT_OUT, None, True, -1, 0, 0.5, 4, 1e15 + 1.5, -1e15 - 1.5, "", " ", "x", "1", [],
          ["x", "x"], [1], {}]  # fmt: skip
# A right value of every option that some statistics have and others have not.
OPTIONS = {"cut": 4, "promoters_from": 9, "detractors_to": 6, "quantile": 0.9, "tau": 60,
           "within": 60, "events": "poisson", "unit_of_analysis": "customer",
           "interval": "quasi_binomial", "in_denominator": ["dont_know"],
           "margins": [MARGIN], "by": ["region"]}  # fmt: skip
WORDS = [*STATISTICS, *SCORE_RULES, *OPTIONS.values(), "all", "unit", "geometric", ["unit"]]


def put(part, key, piece):
    if piece is LEFT_OUT:
        part.pop(key, None)
    else:
        part[key] = piece


def check_agreement(book):
    """What the reader takes is valid; what is valid and not taken is wrong in substance only."""
    text = yaml.dump(book, Dumper=QUICK_DUMPER)
    codes = problem_codes(text)
    if not is_valid(text):
        assert codes, text
    else:
        assert codes <= SEEN_BY_THE_READER_ALONE, text


def small(entry):
    """A small book of the KPI and a target that is adjusted."""
    one = target(9, kpi=entry["id"], valid_from="2026-01-01", scope_type="unit", scope_id="u")
    return document(
        entry,
        units=[{"id": "u", "name": "U"}],
        representatives=[{"id": "r", "name": "R", "unit": "u"}],
        targets=[one | {"adjust": ADJUST}],
        kpi_sets=[{"id": "s", "name": "S", "kpis": [entry["id"]], "for": ["r"]}],
    )


@pytest.mark.parametrize("entry", OF_EACH, ids=lambda entry: entry["id"])
def test_schema_and_reader_agree_on_every_key(entry):
    """Each in turn is left out, left empty, or overwritten with what may be right or wrong."""
    own = {"mean": schema_objects(), "goalposts": ["goalposts"], "red_target": ["red_target"],
           "in_range": ["in_range"]}.get(entry["id"], [source_of(entry["statistic"])])  # fmt: skip
    for number, (name, _) in enumerate(parts(small(entry))):
        for key in [*schema_objects()[name]["properties"], "nothing"] if name in own else []:
            for piece in PIECES:
                book = copy.deepcopy(small(entry))
                put(list(parts(book))[number][1], key, piece)
                check_agreement(book)


@pytest.mark.parametrize("entry", OF_EACH, ids=lambda entry: entry["id"])
def test_schema_and_reader_agree_on_the_options_of_every_statistic(entry):
    for option, value in OPTIONS.items():
        for piece in (value, *PIECES) if option in entry else (value, None, LEFT_OUT):
            book = small(dict(entry))
            put(book["kpis"][0], option, piece)
            check_agreement(book)


@settings(deadline=None, max_examples=100)
@given(st.data(), scorebooks())
def test_whatever_the_reader_takes_is_valid(data, scorebook):
    """Books of every kind, with none to three keys overwritten, rightly or wrongly."""
    book = yaml.load(scorebook.to_yaml(), CoreLoader)
    places = list(parts(book))
    for _ in range(data.draw(st.integers(0, 3))):
        name, part = data.draw(st.sampled_from(places))
        key = data.draw(st.sampled_from([*schema_objects()[name]["properties"], "nothing"]))
        put(part, key, data.draw(st.sampled_from(PIECES + WORDS)))
    check_agreement(book)


def asked_for(monkeypatch):
    """What the reader asks for in the whole book: keys, and the words of closed lists.

    By what an entry is, such as ``goal``; sources and scores by statistic and rule.
    """
    keys, words = defaultdict(set), {}

    def name(entry):
        head, _, part = entry.place.partition(", ")
        kind, _, one = head.partition(" ")
        return {"": kind, "adjust": "adjustment"}.get(part, f"{part} of {one}")

    def record(method):
        original = getattr(Entry, method)

        def call(entry, key, allowed, *more):
            words[name(entry), key] = set(allowed)
            return original(entry, key, list(allowed), *more)

        monkeypatch.setattr(Entry, method, call)

    finish = Entry.finish

    def record_keys(entry):
        keys[name(entry)] |= set(entry._known)
        finish(entry)

    monkeypatch.setattr(Entry, "finish", record_keys)
    record("word")
    record("words")
    read_scorebook(yaml.safe_dump(WHOLE_BOOK))
    return keys, words


def schema_of(name):
    """The schema of what the reader calls so."""
    part, _, one = name.partition(" of ")
    if part == "source":
        name = source_of(one if one in STATISTICS else "mean")
    elif part == "score":
        name = one if one in SCORE_RULES else "goalposts"
    return schema_objects()[name]


def test_every_key_that_the_reader_knows_is_in_the_schema_and_no_other(monkeypatch):
    keys, _ = asked_for(monkeypatch)
    for name, known in keys.items():
        assert set(schema_of(name)["properties"]) == known, name
    kinds = {"document", "unit", "representative", "goal", "kpi", "margin", "target", "adjustment",
             "kpi_set"}  # fmt: skip
    of_each = {entry["id"] for entry in OF_EACH}
    parts_of_each = {f"{part} of {one}" for part in ("source", "score") for one in of_each}
    assert keys.keys() == kinds | parts_of_each
    assert of_each == {*STATISTICS, *SCORE_RULES}


def test_every_word_that_the_reader_knows_is_in_the_schema_and_no_other(monkeypatch):
    _, words = asked_for(monkeypatch)
    for (name, key), known in words.items():
        if name.startswith("score of"):
            own = SCHEMA["$defs"]["kpi"]["properties"]["score"]["properties"][key]
        else:
            own = schema_of(name)["properties"][key]
            own = own.get("items", own)
        listed = set(own["enum"] if "enum" in own else [own["const"]]) - {None}
        # A missing answer of who was not asked never counts.
        assert listed == known - {"not_shown"}, (name, key)


def test_every_key_has_a_title_and_a_description():
    for name, one in schema_objects().items():
        for key, about in one["properties"].items():
            assert about["title"], (name, key)
            assert about["description"].endswith("."), (name, key)


def test_nothing_unknown_is_let_in_anywhere():
    for one in schema_objects().values():
        assert one["additionalProperties"] is False
