"""Warnings about wording: the textbook's faults are found, sound questions are left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from survey_app.domain.checking import check
from survey_app.domain.phrases import PHRASES
from survey_app.domain.question_types.choice import Choice
from survey_app.domain.question_types.info import Info
from survey_app.domain.question_types.matrix import Matrix
from survey_app.domain.question_types.options import Option
from survey_app.domain.question_types.rating import Ces, Csat, FixedRating, Nps, Rating, Scale
from survey_app.domain.question_types.text import Text
from survey_app.domain.question_types.yes_no import YesNo
from survey_app.domain.questionnaire import Question
from survey_app.domain.wording import MOST_MINUTES, MOST_WORDS, warn
from tests.domain.asking import asking, in_sections, rating, section

AGREEING = {
    "en": {1: "strongly disagree", 5: "strongly agree"},
    "de": {1: "stimme gar nicht zu", 5: "stimme völlig zu"},
    "es": {1: "muy en desacuerdo", 5: "muy de acuerdo"},
    "fr": {1: "pas du tout d'accord", 5: "tout à fait d'accord"},
}


def told(question: Question, language: str = "en") -> list[str]:
    return [problem.code for problem in warn(asking(question, language=language))]


def ended(text: str) -> Rating:
    """A rating with words at both ends."""
    return Rating(id="q1", text=text, scale=Scale(lowest=1, highest=5, anchors={1: "-1", 5: "+1"}))


def rated(text: str, language: str = "en") -> list[str]:
    return told(ended(text), language)


def agreed(text: str, language: str = "en") -> list[str]:
    scale = Scale(lowest=1, highest=5, anchors=AGREEING[language])
    return told(Rating(id="q1", text=text, scale=scale), language)


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        (
            "en",
            "How satisfied are you with the speed and quality of our work?",
            "speed and quality",
        ),
        ("en", "Was our staff quick and friendly?", "quick and friendly"),
        ("en", "How was the delivery or the installation?", "delivery or the installation"),
        ("en", "Did it arrive, and was it complete?", "arrive, and was"),
        ("de", "Wie zufrieden sind Sie mit Preis und Qualität?", "Preis und Qualität"),
        ("de", "War die Beratung schnell sowie freundlich?", "schnell sowie freundlich"),
        ("es", "¿Qué le pareció el precio y la calidad?", "precio y la calidad"),
        ("es", "¿Fue el personal rápido u ordenado?", "rápido u ordenado"),
        ("fr", "Êtes-vous satisfait du prix et de la qualité ?", "prix et de la qualité"),
        ("fr", "Le personnel était-il rapide et aimable ?", "rapide et aimable"),
    ],
)
def test_two_things_in_one_question_are_told_with_the_words(
    language: str, text: str, words: str
) -> None:
    (problem,) = warn(asking(ended(text), language=language))
    assert (problem.place, problem.code) == (
        'section 1 "visit", question q1, text',
        "double_barrelled",
    )
    assert f'"{words}"' in problem.message


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "How clear are our terms and conditions?"),
        ("en", "How satisfied or dissatisfied are you with your visit?"),
        ("en", "How easy or difficult was it to reach us?"),
        ("en", "How likely are you to recommend us to a friend or colleague?"),
        ("en", "How was Marks and Spencer?"),
        ("en", "How was the time between order and delivery?"),
        ("en", "Was your wait too long or too short?"),
        ("en", "How was it for you and your family?"),
        ("en", "Think of prices and quality. How satisfied are you?"),
        ("en", "Was it better than in 2024 and 2025?"),
        ("en", "How well did our brand and-"),
        ("de", "Wie zufrieden oder unzufrieden sind Sie?"),
        ("de", "Wie klar waren die Vor- und Nachteile?"),
        ("de", "Würden Sie uns einem Freund oder Kollegen empfehlen?"),
        ("de", "Wie war die Zeit zwischen Bestellung und Lieferung?"),
        ("es", "¿Qué tan satisfecho o insatisfecho está?"),
        ("es", "¿Qué tan claros son los términos y condiciones?"),
        ("es", "¿Nos recomendaría a un amigo o colega?"),
        ("fr", "Êtes-vous satisfait ou insatisfait ?"),
        ("fr", "Quels sont les avantages et inconvénients ?"),
        ("fr", "Nous recommanderiez-vous à un ami ou collègue ?"),
    ],
)
def test_what_belongs_together_is_left_alone(language: str, text: str) -> None:
    assert rated(text, language) == []


def test_only_what_one_answer_is_given_to_can_be_double_barrelled() -> None:
    text = "What did you like about prices and quality?"
    assert told(Text(id="q1", text=text)) == []
    assert told(Info(id="q1", text=text)) == []
    options = (Option(code="a", label="Price and quality"), Option(code="b", label="Neither"))
    assert told(Choice(id="q1", text="Which?", options=options)) == []
    assert told(YesNo(id="q1", text="Were you served quickly and politely?")) == [
        "double_barrelled"
    ]
    assert told(YesNo(id="q1", text="Did you come by car or train?")) == []
    assert (
        told(
            Nps(
                id="q1",
                text="How likely are you to recommend us to kin or neighbours?",
                anchors={0: "not at all", 10: "very"},
            )
        )
        == []
    )


def test_each_row_of_a_matrix_is_judged_at_its_place() -> None:
    rows = (Option(code="a", label="Speed"), Option(code="b", label="Order and cleanliness"))
    matrix = Matrix(id="q1", text="How was", rows=rows, scale=ended("").scale)
    (problem,) = warn(asking(matrix))
    assert problem.place == 'section 1 "visit", question q1, row 2 "b"'


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Don't you agree that we were quick?"),
        ("en", "How great was your visit?"),
        ("en", "How do you like our excellent service?"),
        ("de", "Finden Sie nicht auch, dass wir schnell waren?"),
        ("de", "Wie gefällt Ihnen unser hervorragender Service?"),
        ("es", "¿No cree que fuimos rápidos?"),
        ("es", "¿Le gustó nuestro excelente servicio?"),
        ("fr", "Ne trouvez-vous pas que nous étions rapides ?"),
        ("fr", "Aimez-vous notre excellent service ?"),
    ],
)
def test_wording_that_hopes_for_an_answer_is_told(language: str, text: str) -> None:
    assert "leading_wording" in rated(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "How satisfied are you with your visit?"),
        ("en", "How good was our service?"),
        ("de", "Wie zufrieden sind Sie mit Ihrem Besuch?"),
        ("es", "¿Qué tan satisfecho está con su visita?"),
        ("fr", "Êtes-vous satisfait de votre visite ?"),
    ],
)
def test_plain_questions_are_left_alone(language: str, text: str) -> None:
    assert rated(text, language) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "My adviser always listens."),
        ("de", "Mein Berater hört immer zu."),
        ("es", "Mi asesor siempre escucha."),
        ("fr", "Mon conseiller écoute toujours."),
    ],
)
def test_words_of_all_or_nothing_are_told(language: str, text: str) -> None:
    assert "absolute_wording" in agreed(text, language)


def test_still_is_not_always() -> None:
    assert agreed("Ich komme immer wieder.", "de") == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "My adviser did not listen."),
        ("en", "My adviser wasn't prepared."),
        ("de", "Mein Berater hatte keine Zeit."),
        ("es", "Mi asesor no escuchó."),
        ("fr", "Mon conseiller n'écoutait pas."),
    ],
)
def test_a_negation_in_a_statement_to_agree_with_is_told(language: str, text: str) -> None:
    assert agreed(text, language) == ["negated_statement"]
    assert rated(text, language) == []


def test_asking_for_agreement_is_no_statement() -> None:
    assert agreed("Do you agree with this, or not?") == []
    ends = {1: "disagree", 7: "agree"}
    assert told(Ces(id="q1", text="The company did not make it easy.", anchors=ends)) == [
        "negated_statement"
    ]


def test_both_ends_of_a_scale_to_agree_on_have_words() -> None:
    assert agreed("How much do you agree that it was easy?") == []
    one_end = replace(rating("q1"), scale=Scale(lowest=1, highest=5, anchors={5: "good"}))
    (problem,) = warn(asking(one_end))
    assert (problem.place, problem.code) == (
        'section 1 "visit", question q1, scale',
        "end_without_words",
    )
    assert "what 1 means" in problem.message
    (problem,) = warn(asking(rating("q1")))
    assert "what the ends 1 and 5 mean" in problem.message


@pytest.mark.parametrize("language", ["en", "ar", "ja"])
@pytest.mark.parametrize("kind", [Nps, Csat, Ces])
def test_every_scale_needs_words_at_its_ends_in_any_language(
    kind: type[FixedRating], language: str
) -> None:
    (problem,) = warn(asking(kind(id="q1", text="?"), language=language))
    assert (problem.code, problem.place[-7:]) == ("end_without_words", "anchors")
    matrix = Matrix(id="q1", text="?", rows=(Option(code="a", label="A"),), scale=rating("q").scale)
    assert told(matrix, language) == ["end_without_words"]
    for look in ("faces", "stars"):
        assert told(replace(rating("q1"), look=look), language) == []


@pytest.mark.parametrize(
    ("language", "worst", "best"),
    [
        ("en", "very dissatisfied", "very satisfied"),
        ("en", "not at all satisfied", "satisfied"),
        ("en", "very bad", "very good"),
        ("de", "sehr unzufrieden", "sehr zufrieden"),
        ("de", "sehr schlecht", "sehr gut"),
        ("es", "muy insatisfecho", "muy satisfecho"),
        ("fr", "pas du tout satisfait", "très satisfait"),
    ],
)
def test_words_that_turn_a_known_scale_round_are_told(language: str, worst: str, best: str) -> None:
    right = Csat(id="q1", text="?", anchors={1: worst, 5: best})
    assert told(right, language) == []
    turned = told(replace(right, anchors={1: best, 5: worst}), language)
    assert turned == ["reversed_words", "reversed_words"]
    # A scale of one's own may run either way.
    own = Rating(id="q1", text="?", scale=Scale(lowest=1, highest=5, anchors={1: best, 5: worst}))
    assert told(own, language) == []


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("en", "Were speed and quality good? Tell us.", "speed and quality"),
        ("en", "How were the delivery as well as the setup?", "delivery as well as the setup"),
        ("en", "How was the price plus delivery?", "price plus delivery"),
        ("en", "Speed and quality: how were they?", "Speed and quality"),
        (
            "de",
            "War die Beratung sowohl schnell als auch freundlich?",
            "schnell als auch freundlich",
        ),
        ("es", "¿Cómo fue el precio así como la entrega?", "precio así como la entrega"),
        ("fr", "Comment était le prix ainsi que la livraison ?", "prix ainsi que la livraison"),
    ],
)
def test_further_joins_and_sentences_are_judged(language: str, text: str, words: str) -> None:
    (problem,) = warn(asking(ended(text), language=language))
    assert f'"{words}"' in problem.message


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "How suitable were the check-in and check-out times?"),
        ("en", "How long did it take, in hours and minutes?"),
        ("en", "How did you like what we offer: bread and butter?"),
        ("en", "Would daily, weekly or monthly news suit you better?"),
        ("en", "Did it go as well as you expected?"),
        ("en", "How did you like the great hall?"),
        ("de", "War es einfach oder kompliziert?"),
        ("de", "Wie lange dauerte es in Stunden und Minuten?"),
    ],
)
def test_sound_questions_are_left_alone(language: str, text: str) -> None:
    assert rated(text, language) == []


def test_loaded_words_are_told_wherever_they_stand() -> None:
    assert told(Text(id="q1", text="What do you like about our wonderful team?")) == [
        "leading_wording"
    ]
    assert told(Text(id="q1", text="What did you like?", help="Of the great service.")) == [
        "leading_wording"
    ]
    rows = (Option(code="a", label="Our wonderful team"),)
    assert told(Matrix(id="q1", text="How was", rows=rows, scale=ended("").scale)) == [
        "leading_wording"
    ]
    questionnaire = in_sections(
        section("a", Text(id="q1", text="What?"), title="Our excellent staff"),
        introduction="As everyone knows, we are quick. Your answers are of course secret.",
    )
    assert [(one.place, one.code) for one in warn(questionnaire)] == [
        ("introduction", "leading_wording"),
        ('section 1 "a", title', "leading_wording"),
    ]
    assert warn(replace(questionnaire, language="ja")) == []
    plain = in_sections(
        section("a", Text(id="q1", text="?")), introduction="It is of course secret."
    )
    assert warn(plain) == []


def test_long_questions_are_told_in_any_language() -> None:
    long, fair = "word " * (MOST_WORDS + 1), "word " * MOST_WORDS
    for language in ("en", "ar", "ja"):
        assert told(Text(id="q1", text=long), language) == ["long_question"]
        assert told(Text(id="q1", text=fair), language) == []


def test_a_questionnaire_that_takes_long_is_told() -> None:
    many = [Text(id=f"q{number}", text="What?") for number in range(40)]
    (problem,) = warn(asking(*many))
    assert (problem.place, problem.code) == ("questionnaire", "takes_long")
    assert f"Beyond {MOST_MINUTES} " in problem.message
    assert warn(asking(*many[:10])) == []


def test_languages_without_phrases_are_not_judged_by_words() -> None:
    assert set(PHRASES) == {"en", "de", "es", "fr"}
    assert rated("Don't you agree that speed and quality are never bad?", "ar") == []
    assert "leading_wording" in rated("Don't you agree it was quick?", "en-GB")


def test_a_condition_that_decides_nothing_is_only_warned_of() -> None:
    shown = rating("q2", show_if={"question": "q1", "at_least": 1})
    questionnaire = asking(rating("q1", required=True), shown)
    assert check(questionnaire) == []
    assert "always_holds" in [problem.code for problem in warn(questionnaire)]
