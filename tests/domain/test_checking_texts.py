"""Texts repeat only what is known by then, and are there in every language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from survey_app.domain.checking import check
from survey_app.domain.question_types.consent import Consent
from survey_app.domain.question_types.number import Number
from survey_app.domain.question_types.text import Text
from survey_app.domain.questionnaire import Questionnaire
from survey_app.domain.translating import texts_of
from survey_app.domain.wire import dump_definition
from tests.domain.asking import asking, choice, in_sections, must, rating, section

REPEATING = Text(id="q2", text="Why did you say {{q1|that}}?")


def found(questionnaire: Questionnaire) -> list[tuple[str, str]]:
    return [(problem.place, problem.code) for problem in check(questionnaire)]


def on_two_pages(second: Any = REPEATING, **named: Any) -> Questionnaire:
    sections = (section("a", rating("q1")), section("b", second, title=named.pop("title", "")))
    return in_sections(*sections, **({"paging": "sections"} | named))


def translated(**changed: str | None) -> Questionnaire:
    """A questionnaire in English and German; None takes a German text out."""
    questionnaire = on_two_pages()
    texts = texts_of(dump_definition(questionnaire))
    german = {name: f"de {text}" for name, text in texts.items()}
    german |= {name.replace("_", "."): text for name, text in changed.items()}
    kept = {name: text for name, text in german.items() if text is not None}
    return replace(questionnaire, translations={"de": kept})


def test_an_answer_is_repeated_on_a_later_page_alone() -> None:
    assert found(on_two_pages()) == []
    (problem,) = check(on_two_pages(paging=""))
    assert (problem.place, problem.code) == (
        'section 2 "b", question q2, text',
        "not_yet_answered",
    )
    assert "Put this on a later page than q1, or set the paging" in problem.message
    same_page = asking(rating("q1"), REPEATING, paging="sections")
    assert [code for _place, code in found(same_page)] == ["not_yet_answered"]
    assert found(replace(same_page, paging="questions")) == []


def test_pages_drawn_in_random_order_do_not_repeat_each_other() -> None:
    drawn = in_sections(section("a", rating("q1"), REPEATING, order="random"), paging="questions")
    assert [code for _place, code in found(drawn)] == ["not_yet_answered"]


def test_the_beginning_repeats_only_the_contact_and_the_end_everything() -> None:
    greeting = {"introduction": "Dear {{contact.name|customer}}", "thanks": "You said {{q1}}."}
    assert found(asking(rating("q1"), **greeting)) == []
    assert found(asking(rating("q1"), introduction="You said {{q1}}.")) == [
        ("introduction", "not_yet_answered")
    ]
    assert found(on_two_pages(Text(id="q2", text="Why?"), title="After {{q1}}")) == []
    early = in_sections(section("a", rating("q1"), title="After {{q1}}"), paging="sections")
    assert found(early) == [('section 1 "a", title', "not_yet_answered")]


def test_an_unknown_name_is_told_with_the_nearest_one() -> None:
    (problem,) = check(on_two_pages(choice("q2", "a", "b", text="Why {{qq1}}?")))
    assert problem.code == "unknown_pipe"
    assert 'Did you mean "q1"?' in problem.message
    options = choice("q2", "a", "{{q9}}")
    assert ('section 2 "b", question q2, option "{{q9}}"', "unknown_pipe") in found(
        on_two_pages(options)
    )


def test_braces_that_repeat_nothing_are_told() -> None:
    for text in ("Why {{}}?", "Why {{1}}?", "Why {{q1|a|{b}}}?"):
        assert [code for _place, code in found(on_two_pages(Text(id="q2", text=text)))] == [
            "broken_pipe"
        ]
    assert found(on_two_pages(Text(id="q2", text="Sets like {a} or {{ b"))) == []


def test_texts_into_which_nothing_is_repeated_are_told() -> None:
    asked = Number(id="q2", text="?", unit="times {{q1}}")
    assert found(on_two_pages(asked)) == [('section 2 "b", question q2, unit', "pipe_not_filled")]
    consent = Consent(id="q2", text="?", statement="I said {{q1}}.")
    assert found(on_two_pages(consent)) == []
    rule = must({"question": "q1", "at_least": 2})
    told = replace(rule[0], message="Not {{q1}}.")
    assert found(on_two_pages(constraints=(told,))) == [
        ("constraint 1, message", "pipe_not_filled")
    ]
    assert found(on_two_pages(title="")) == found(replace(on_two_pages(), title="Visit")) == []
    assert found(replace(on_two_pages(), title="{{contact.name}}")) == []
    assert found(replace(on_two_pages(), title="{{q1}}")) == [("title", "not_yet_answered")]


def test_a_full_translation_is_sound_and_what_it_lacks_is_counted() -> None:
    assert found(translated()) == []
    (problem,) = check(replace(translated(), translations={"de": {"title": "Ihr Besuch"}}))
    assert (problem.place, problem.code) == ("translation de", "missing_translation")
    assert "2 of the texts are not translated: q1.text, q2.text." in problem.message
    (problem,) = check(
        replace(asking(*(rating(f"q{n}") for n in range(9))), translations={"de": {}})
    )
    assert "10 of the texts are not translated: title, q0.text, q1.text and 7 more." in (
        problem.message
    )


def test_a_translation_of_nothing_is_told() -> None:
    (problem,) = check(translated(q9_text="Wie?"))
    assert (problem.place, problem.code) == ("translation de", "idle_translation")
    assert "q9.text" in problem.message


def test_a_translation_repeats_what_its_original_repeats() -> None:
    for text in ("Warum?", "Warum {{q1|das}} und {{contact.name}}?"):
        assert found(translated(q2_text=text)) == [("translation de, q2.text", "pipes_differ")]
    assert found(translated(q2_text="Warum {{q1|dies}}?")) == []


def test_a_translation_has_a_language_of_its_own() -> None:
    texts = translated().translations["de"]
    assert found(replace(translated(), translations={"EN": texts})) == [
        ("translation EN", "own_language")
    ]
    assert found(replace(translated(), translations={"de_CH": texts})) == [
        ("translation de_CH", "bad_language")
    ]


def test_languages_that_differ_in_case_only_are_one() -> None:
    texts = translated().translations["de"]
    assert found(replace(translated(), translations={"de": texts, "DE": texts})) == [
        ("translation DE", "duplicate_language")
    ]
