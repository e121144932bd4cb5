"""Texts by name, and a questionnaire in another of its languages."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given

from survey_app.domain.questionnaire import FORMAT, Questionnaire
from survey_app.domain.translating import idle_texts, in_language, missing_texts, texts_of
from survey_app.domain.wire import dump_definition, load_definition
from tests.domain.strategies import laws, routed_questionnaires

DEFINITION: dict[str, Any] = {
    "format": FORMAT,
    "key": "visit",
    "title": "Your visit",
    "language": "en",
    "thanks": " ",
    "sections": [
        {
            "id": "visit",
            "title": "The visit",
            "questions": [
                {
                    "id": "q1",
                    "type": "rating",
                    "text": "How?",
                    "help": "Be frank.",
                    "scale": {"lowest": 1, "highest": 5, "anchors": {"1": "bad", "5": "good"}},
                },
                {"id": "q2", "type": "nps", "text": "Tell others?", "anchors": {"0": "never"}},
                {
                    "id": "q3",
                    "type": "choice",
                    "text": "Where?",
                    "options": [{"code": "a.b", "label": "Shop"}, {"code": "web", "label": "Web"}],
                },
                {
                    "id": "q4",
                    "type": "matrix",
                    "text": "Each?",
                    "rows": [{"code": "speed", "label": "Speed"}],
                    "scale": {"lowest": 1, "highest": 5},
                },
                {"id": "q5", "type": "number", "text": "How far?", "unit": "miles"},
                {"id": "q6", "type": "consent", "text": "Agreed?", "statement": "I agree."},
            ],
        }
    ],
    "constraints": [
        {"must": {"question": "q5", "at_most": 9}, "message": "Too far."},
        {"must": {"question": "q5", "at_least": 1}, "message": "Too near."},
    ],
    "translations": {
        "de": {"title": "Ihr Besuch", "q1.anchors.5": "gut", "q3.options.a.b": "Laden"},
        "fr": {"q9.text": "Perdu", "constraint.2": "Trop près.", "q4.rows.speed": "Vitesse"},
    },
}


def test_every_text_has_its_name_in_the_order_of_reading() -> None:
    assert texts_of(DEFINITION) == {
        "title": "Your visit",
        "visit.title": "The visit",
        "q1.text": "How?",
        "q1.help": "Be frank.",
        "q1.anchors.1": "bad",
        "q1.anchors.5": "good",
        "q2.text": "Tell others?",
        "q2.anchors.0": "never",
        "q3.text": "Where?",
        "q3.options.a.b": "Shop",
        "q3.options.web": "Web",
        "q4.text": "Each?",
        "q4.rows.speed": "Speed",
        "q5.text": "How far?",
        "q5.unit": "miles",
        "q6.text": "Agreed?",
        "q6.statement": "I agree.",
        "constraint.1": "Too far.",
        "constraint.2": "Too near.",
    }


def test_a_name_outlives_a_move() -> None:
    moved = copy.deepcopy(DEFINITION)
    moved["sections"][0]["questions"].reverse()
    assert texts_of(moved) == texts_of(DEFINITION)


def test_what_a_language_lacks_and_what_names_nothing() -> None:
    lacking = missing_texts(DEFINITION)
    assert set(lacking) == {"de", "fr"}
    assert "title" not in lacking["de"]
    assert len(lacking["de"]) == len(texts_of(DEFINITION)) - 3
    assert len(lacking["fr"]) == len(texts_of(DEFINITION)) - 2
    assert idle_texts(DEFINITION) == {"de": [], "fr": ["q9.text"]}
    assert missing_texts({**DEFINITION, "translations": {}}) == {}


def test_in_another_language_what_is_translated_changes_and_the_rest_stays() -> None:
    before = copy.deepcopy(DEFINITION)
    german = in_language(DEFINITION, "de")
    assert before == DEFINITION
    assert "translations" not in german
    assert german["language"] == "de"
    assert texts_of(german) == {
        **texts_of(DEFINITION),
        "title": "Ihr Besuch",
        "q1.anchors.5": "gut",
        "q3.options.a.b": "Laden",
    }
    questionnaire, problems = load_definition(german)
    assert problems == []
    assert questionnaire is not None
    french = texts_of(in_language(DEFINITION, "fr"))
    assert french["constraint.2"] == "Trop près."
    assert french["q4.rows.speed"] == "Vitesse"
    assert "q9.text" not in french


def test_its_own_language_is_itself() -> None:
    assert texts_of(in_language(DEFINITION, "en")) == texts_of(DEFINITION)


@laws
@given(routed_questionnaires())
def test_only_words_change_with_the_language(survey: Questionnaire) -> None:
    definition = dump_definition(survey)
    for language in survey.languages:
        translated = in_language(definition, language)
        loaded, problems = load_definition(translated)
        assert problems == []
        assert loaded is not None
        assert [item.id for item in loaded.items] == [item.id for item in survey.items]
        texts = survey.translations.get(language, {})
        assert texts_of(translated) == {**texts_of(definition), **texts}
        for language_of, idle in idle_texts(definition).items():
            assert idle == [], language_of
