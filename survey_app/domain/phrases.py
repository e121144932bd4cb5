"""What the rules of `wording` look for, language by language.

Arabic is left out: its "and" is written together with the next word, so that looking for words
finds either nothing or half the dictionary. A language that is not here is not judged by words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """Words of one language, all in lower case; patterns ignore case.

    `both` and `either` join two things, and so do the `long_joins` of several words; `passed_over`
    may stand before the second one. `ranges` say that two ends follow. `harmless` is nothing that
    is asked about: whoever is spoken of, and what one is told to do. `pairs` belong together, in
    this order. `opposites` are the two sides of one thing. `loaded` words pull to a side wherever
    they stand, `leading` ones in a question. `good` and `bad` are said of the ends of a scale.
    """

    both: frozenset[str]
    either: frozenset[str]
    passed_over: frozenset[str]
    ranges: frozenset[str]
    harmless: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    opposites: frozenset[tuple[str, str]]
    long_joins: re.Pattern[str]
    loaded: re.Pattern[str]
    leading: re.Pattern[str]
    good: re.Pattern[str]
    bad: re.Pattern[str]
    absolute: re.Pattern[str]
    negated: re.Pattern[str]
    agreeing: re.Pattern[str]
    nouns_are_capital: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(text: str) -> frozenset[tuple[str, str]]:
    return frozenset((one, other) for one, _sign, other in (p.partition("+") for p in text.split()))


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


EN_PRAISE = "(?:excellent|great|outstanding|wonderful|amazing|superb|fantastic)"
EN_SERVICE = "(?:services?|teams?|staff|support|care|help|work|products?|people)"

PHRASES: dict[str, Phrases] = {
    "en": Phrases(
        both=_words("and & plus"),
        either=_words("or"),
        passed_over=_words(
            "the a an our your their its his her my of to in with for on at how too very"
        ),
        ranges=_words("between"),
        harmless=_words(
            "you we us i me they family so then please tell rate choose say answer explain more "
            "less not other others later earlier colleague colleagues expected "
            "daily weekly monthly yearly hourly quarterly"
        ),
        pairs=_pairs(
            "terms+conditions pros+cons health+safety research+development trial+error "
            "bed+breakfast questions+answers name+address date+time food+drink food+drinks "
            "black+white back+forth peace+quiet wear+tear rules+regulations law+order "
            "look+feel supply+demand arts+crafts fish+chips salt+pepper ladies+gentlemen "
            "parts+labour check-in+check-out arrival+departure hours+minutes days+hours "
            "years+months weeks+days minutes+seconds months+days start+end opening+closing"
        ),
        opposites=_pairs(
            "long+short easy+difficult easy+hard good+bad good+poor yes+no high+low fast+slow "
            "true+false "
            "better+worse positive+negative simple+complicated clear+unclear early+late "
            "easy+complicated friendly+unfriendly near+far cheap+expensive"
        ),
        long_joins=_any_of("as well as"),
        loaded=_any_of(
            rf"(?:how|our) {EN_PRAISE}",
            rf"(?:the )?{EN_PRAISE} {EN_SERVICE}",
            r"(?:how|our|the) (?:terrible|awful|horrible)",
            r"(?:as )?everyone knows",
            r"most people (?:think|say|believe|agree)",
        ),
        leading=_any_of(
            r"(?:do|would|is|are|was|were|did|have|has|should|could)n['’]t (?:you|it|we|they|this)",
            r"(?:obviously|of course|surely)",
        ),
        good=_any_of(
            "satisfied", "good", "great", "excellent", "easy", "easily", "agree", "happy", "best"
        ),
        bad=_any_of(
            r"(?:dis|un)satisfied",
            "not",
            "bad",
            "poor",
            "terrible",
            "awful",
            "difficult",
            "hard",
            "disagree",
            "unhappy",
            "worst",
            "never",
        ),
        absolute=_any_of("always", "never"),
        negated=_any_of(
            "not", "no", "none", "nobody", "nothing", "cannot", "without", r"\w+n['’]t"
        ),
        agreeing=_any_of(r"(?:dis)?agree", r"(?:dis)?agreement"),
    ),
    "de": Phrases(
        both=_words("und sowie"),
        either=_words("oder"),
        passed_over=_words(
            "der die das den dem des ein eine einen einem einer unser unsere unserer unserem "
            "ihr ihre ihrer ihrem mit von zu in im für auf wie sehr"
        ),
        ranges=_words("zwischen"),
        harmless=_words(
            "sie wir uns ich mir ihnen familie dann bitte sagen bewerten wählen antworten mehr "
            "weniger nicht andere anderen kollege kollegen kollegin täglich wöchentlich monatlich "
            "jährlich stündlich"
        ),
        pairs=_pairs(
            "vor+nachteile fragen+antworten forschung+entwicklung name+anschrift datum+uhrzeit "
            "nutzungs+geschäftsbedingungen speisen+getränke essen+trinken grund+boden "
            "hab+gut sicherheit+ordnung hin+her damen+herren ab+zu nach+nach ganz+gar "
            "salz+pfeffer recht+ordnung stunden+minuten tage+stunden jahre+monate minuten+sekunden "
            "ankunfts+abfahrtszeit anreise+abreise beginn+ende an+abreise"
        ),
        opposites=_pairs(
            "lang+kurz leicht+schwer leicht+schwierig einfach+schwierig gut+schlecht ja+nein "
            "hoch+niedrig "
            "schnell+langsam richtig+falsch besser+schlechter positiv+negativ einfach+kompliziert "
            "früh+spät klar+unklar teuer+günstig nah+fern"
        ),
        long_joins=_any_of("als auch", "wie auch"),
        loaded=_any_of(
            r"(?:unser|unsere|unseren|unserem|unserer) (?:ausgezeichnet|hervorragend|exzellent|"
            r"großartig|toll|fantastisch|erstklassig)\w*",
            r"wie (?:ausgezeichnet|hervorragend|großartig|toll|fantastisch|schrecklich|furchtbar)",
            r"bekanntlich",
            r"(?:die )?meisten (?:menschen|leute) (?:finden|meinen|sagen)",
        ),
        leading=_any_of(
            r"(?:finden|meinen|glauben|denken) sie nicht(?: auch)?",
            r"sind sie nicht(?: auch)?",
            r"(?:selbstverständlich|natürlich|sicherlich|offensichtlich)",
        ),
        good=_any_of("zufrieden", "gut", "ausgezeichnet", "einfach", "leicht", "zu", "bestens"),
        bad=_any_of(
            "unzufrieden", "nicht", "schlecht", "mangelhaft", "schwierig", "schwer", "ungenügend"
        ),
        absolute=_any_of(r"immer(?! (?:noch|wieder|mehr))", "nie", "niemals", "stets"),
        negated=_any_of("nicht", r"kein\w*", "nie", "niemals", "nichts", "niemand", "ohne"),
        agreeing=_any_of(
            r"stimm\w*(?:[\w ]*) zu", r"zustimm\w*", r"zu(?:zu)?stimmen", r"trifft[\w ]*zu"
        ),
        nouns_are_capital=True,
    ),
    "es": Phrases(
        both=_words("y e"),
        either=_words("o u"),
        passed_over=_words(
            "el la los las un una unos unas nuestro nuestra nuestros nuestras su sus de del a al "
            "con en por para muy demasiado"
        ),
        ranges=_words("entre"),
        harmless=_words(
            "usted ustedes nosotros yo familia luego favor díganos califique elija responda más "
            "menos no otros otras familiar familiares colega compañero diaria diariamente semanal "
            "semanalmente mensual mensualmente anual"
        ),
        pairs=_pairs(
            "términos+condiciones ventajas+desventajas preguntas+respuestas "
            "investigación+desarrollo nombre+apellidos nombre+dirección fecha+hora "
            "comida+bebida comidas+bebidas pros+contras seguridad+salud sal+pimienta "
            "damas+caballeros oferta+demanda horas+minutos días+horas años+meses entrada+salida "
            "llegada+salida inicio+fin"
        ),
        opposites=_pairs(
            "largo+corto larga+corta fácil+difícil bueno+malo buena+mala sí+no alto+bajo "
            "rápido+lento mejor+peor "
            "positivo+negativo sencillo+complicado fácil+complicado claro+confuso temprano+tarde"
        ),
        long_joins=_any_of("así como", "al igual que"),
        loaded=_any_of(
            r"nuestr[oa]s? (?:excelente|maravillos[oa]|magnífic[oa]|fantástic[oa])s?",
            r"qué tan (?:excelente|maravillos[oa]|fantástic[oa]|terrible|horrible)",
            r"(?:servicio|equipo|personal|atención) (?:excelente|extraordinari[oa]|magnífic[oa])",
            r"como (?:todos saben|todo el mundo sabe)",
            r"la mayoría de la gente (?:cree|piensa|dice)",
        ),
        leading=_any_of(
            r"no (?:cree|piensa|le parece|está de acuerdo)(?: usted)?(?= que)",
            r"(?:por supuesto|obviamente|sin duda)",
        ),
        good=_any_of("satisfech[oa]s?", "buen[oa]s?", "bien", "excelente", "fácil", "de acuerdo"),
        bad=_any_of(
            "insatisfech[oa]s?",
            "mal[oa]s?",
            "mal",
            "pésim[oa]",
            "difícil",
            "en desacuerdo",
            "nada",
            "no",
        ),
        absolute=_any_of("siempre", "nunca", "jamás"),
        negated=_any_of("no", r"ning[uú]n\w*", "nada", "nadie", "nunca", "jamás", "sin", "tampoco"),
        agreeing=_any_of("(?:des)?acuerdo"),
    ),
    "fr": Phrases(
        both=_words("et"),
        either=_words("ou"),
        passed_over=_words(
            "le la les l un une des du de d notre nos votre vos son sa ses leur leurs à au aux "
            "avec en dans pour par trop très"
        ),
        ranges=_words("entre"),
        harmless=_words(
            "vous nous je moi famille puis ensuite veuillez dites évaluez choisissez répondez "
            "plus moins non pas autres collègue collègues proche quotidien hebdomadaire mensuel "
            "annuel jour semaine mois"
        ),
        pairs=_pairs(
            "conditions+modalités termes+conditions avantages+inconvénients "
            "questions+réponses recherche+développement nom+prénom nom+adresse date+heure "
            "santé+sécurité repas+boissons offre+demande sel+poivre mesdames+messieurs "
            "allées+venues heures+minutes jours+heures ans+mois arrivée+départ début+fin"
        ),
        opposites=_pairs(
            "long+court longue+courte facile+difficile bon+mauvais bonne+mauvaise oui+non "
            "élevé+faible rapide+lent "
            "meilleur+pire positif+négatif simple+compliqué simple+compliquée facile+compliqué "
            "clair+confus tôt+tard"
        ),
        long_joins=_any_of("ainsi que", "de même que"),
        loaded=_any_of(
            r"(?:notre|nos) (?:excellent|formidable|magnifique|merveilleu|fantastique|superbe)\w*",
            r"à quel point[\w' ]* (?:excellente?|formidable|fantastique|terrible|horrible)",
            r"(?:service|équipe|personnel|accueil) (?:exceptionnel|formidable|remarquable)\w*",
            r"comme (?:chacun|tout le monde) (?:le )?sait",
            r"la plupart des gens (?:pensent|disent|croient)",
        ),
        leading=_any_of(
            r"ne (?:trouvez|pensez|croyez)-vous pas",
            r"n['’]êtes-vous pas",
            r"(?:bien sûr|évidemment|bien entendu)",
        ),
        good=_any_of("satisfaite?s?", "bonne?s?", "bien", "excellente?", "facile", "d['’]accord"),
        bad=_any_of(
            "insatisfaite?s?", "pas", "mauvaise?s?", "mal", "difficile", "médiocre", "désaccord"
        ),
        absolute=_any_of("toujours", "jamais"),
        negated=_any_of(
            r"n['’](?=\w)\w+", "ne", "pas", r"aucune?", "rien", "personne ne", "sans", "jamais"
        ),
        agreeing=_any_of(r"d['’]accord", r"désaccord"),
    ),
}
