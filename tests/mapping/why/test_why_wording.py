"""Sentences that the why page makes from numbers: none, one and many, in English and in French."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from mapping.coverage.cells.coverage_model import PUBLISHED, Model
from mapping.enums import STATUS_KEYS, Status
from mapping.map.why.counterfactuals import Act, Counterfactual, acts
from mapping.map.why.wording import (
    counterfactual_words,
    evidence_words,
    history_words,
    model_words,
    number_words,
    recalculation_words,
    unknown_words,
)
from mapping.map.wording.parameter_sentences import parameters

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
MODEL = PUBLISHED


def said(language: str, make: Callable[[], str]) -> str:
    """Return the text with plain spaces."""
    with translation.override(language):
        text: str = make()
    return text.replace("\u202f", " ").replace("\u00a0", " ")


CASES: list[tuple[Callable[[], str], str, str]] = [
    (lambda: model_words.reach(31, 2.0),
     "The model estimates that the help of the last seven days is enough for 2.0 people in a cell. The chance that more "
     "people are there is 31 %.",
     "Le modèle estime que l’aide des sept derniers jours suffit pour 2,0 personnes par cellule. Le risque que plus de "
     "personnes y soient est de 31 %."),
    (lambda: model_words.reach(1, 1.4),
     "The model estimates that the help of the last seven days is enough for 1.4 people in a cell. The chance that more "
     "people are there is 1 %.",
     "Le modèle estime que l’aide des sept derniers jours suffit pour 1,4 personne par cellule. Le risque que plus de "
     "personnes y soient est de 1 %."),
    (lambda: evidence_words.sources(0.0),
     "No report counts any more. The figures come from the last official count and the neighbouring cells.",
     "Plus aucun signalement ne compte. Les chiffres viennent du dernier décompte officiel et des cellules voisines."),
    (lambda: evidence_words.sources(1.0), "Almost all the evidence comes from one source.",
     "Presque tous les indices viennent d’une seule source."),
    (lambda: evidence_words.sources(1.44), "The evidence is worth as much as reports from 1.4 independent sources.",
     "Les indices valent autant que les signalements de 1,4 source indépendante."),
    (lambda: evidence_words.sources(3.0), "The evidence is worth as much as reports from 3 independent sources.",
     "Les indices valent autant que les signalements de 3 sources indépendantes."),
    (lambda: evidence_words.tally(0, 0, 0, 0, 0, 60),
     "In the last 60 days: no search by a team, no report by citizens, no help logged.",
     "Ces 60 derniers jours : aucun passage d’équipe, aucun signalement citoyen, aucune aide notée."),
    (lambda: evidence_words.tally(1, 0, 0, 1, 1, 60),
     "In the last 60 days: 1 search by a team, without logged time, nobody met, 1 report by a citizen, help to 1 person.",
     "Ces 60 derniers jours : 1 passage d’équipe, sans durée notée, aucune rencontre, 1 signalement citoyen, aide à 1 "
     "personne."),
    (lambda: evidence_words.tally(1, 1.0, 1, 1, 1, 60),
     "In the last 60 days: 1 search by a team, 1 hour logged, 1 person met, 1 report by a citizen, help to 1 person.",
     "Ces 60 derniers jours : 1 passage d’équipe, 1 heure notée, 1 personne rencontrée, 1 signalement citoyen, aide à "
     "1 personne."),
    (lambda: evidence_words.tally(12, 3.5, 40, 2, 30, 60),
     "In the last 60 days: 12 searches by teams, 3.5 hours logged, 40 people met, 2 reports by citizens, help to 30 people.",
     "Ces 60 derniers jours : 12 passages d’équipes, 3,5 heures notées, 40 personnes rencontrées, 2 signalements "
     "citoyens, aide à 30 personnes."),
    (lambda: evidence_words.search_words(None, False), "not logged", "non notée"),
    (lambda: evidence_words.search_words(0, False), "none", "aucune"),
    (lambda: evidence_words.search_words(1 / 60, False), "1 minute", "1 minute"),
    (lambda: evidence_words.search_words(0.5, False), "30 minutes", "30 minutes"),
    (lambda: evidence_words.search_words(24, True), "a full search", "un passage complet"),
    (lambda: evidence_words.rows_left(0), "", ""),
    (lambda: evidence_words.rows_left(1), "1 older row is not shown, but it counts.",
     "1 ligne plus ancienne n’est pas affichée, mais elle compte."),
    (lambda: evidence_words.rows_left(7), "7 older rows are not shown, but they count.",
     "7 lignes plus anciennes ne sont pas affichées, mais elles comptent."),
    (lambda: counterfactual_words.outcome(Counterfactual(Act(1), Status.COVERED, 1), 1),
     "One 30-minute visit that meets nobody → covered", "Un passage de 30 minutes sans rencontre → couverte"),
    (lambda: counterfactual_words.outcome(Counterfactual(Act(3), Status.COVERED, 2), 9),
     "3 30-minute visits that meet nobody → covered, in 2 of 9 cells",
     "3 passages de 30 minutes sans rencontre → couverte, dans 2 cellules sur 9"),
    (lambda: counterfactual_words.outcome(Counterfactual(Act(1, 1), Status.UNCOVERED, 1), 1),
     "One 30-minute visit that meets 1 person and helps nobody → uncovered",
     "Un passage de 30 minutes où l’équipe rencontre 1 personne et n’aide personne → non couverte"),
    (lambda: counterfactual_words.outcome(Counterfactual(Act(1, 4, 4), Status.COVERED, 1), 1),
     "One 30-minute visit that meets and helps 4 people → covered",
     "Un passage de 30 minutes où l’équipe rencontre et aide 4 personnes → couverte"),
    (lambda: counterfactual_words.outcome(Counterfactual(Act(0, 0, 1), Status.COVERED, 1), 1),
     "Help to 1 person → covered", "Aide à 1 personne → couverte"),
    (lambda: counterfactual_words.outcome(Counterfactual(Act(0, 0, 6), Status.COVERED, 1), 1),
     "Help to 6 people → covered", "Aide à 6 personnes → couverte"),
    (lambda: unknown_words.no_visit_since(None, NOW), "No team has logged a search here.",
     "Aucune équipe n’a noté de passage ici."),
    (lambda: unknown_words.no_visit_since(NOW, NOW), "The last search was today, 20 Jan 2026.",
     "Le dernier passage a eu lieu aujourd’hui, 20 janvier 2026."),
    (lambda: unknown_words.no_visit_since(NOW - timedelta(days=1), NOW), "No team has searched here since 19 Jan 2026, 1 day ago.",
     "Aucune équipe n’est passée ici depuis le 19 janvier 2026, il y a 1 jour."),
    (lambda: unknown_words.no_visit_since(NOW - timedelta(days=6), NOW), "No team has searched here since "
                                                                         "14 Jan 2026, 6 days ago.",
     "Aucune équipe n’est passée ici depuis le 14 janvier 2026, il y a 6 jours."),
    (lambda: unknown_words.help_not_logged(None, NOW),
     "No help was logged here. The figures do not include help that nobody logged.",
     "Aucune aide n’a été notée ici. Les chiffres ne comprennent pas l’aide que personne n’a notée."),
    (lambda: unknown_words.help_not_logged(NOW - timedelta(days=1), NOW),
     "The last help was logged 1 day ago. The figures do not include help that nobody logged.",
     "La dernière aide a été notée il y a 1 jour. Les chiffres ne comprennent pas l’aide que personne n’a notée."),
    (lambda: unknown_words.hours_unknown(set()), "It is not known at what times people are here.",
     "On ne sait pas à quelles heures des personnes sont ici."),
    (lambda: unknown_words.hours_unknown({"evening"}),
     "No team has searched in the morning, in the afternoon, between midnight and six. People who are here only "
     "then were not seen.",
     "Aucune équipe n’est passée le matin, l’après-midi, entre minuit et six heures. Les personnes présentes "
     "seulement à ce moment n’ont pas été vues."),
    (lambda: unknown_words.hours_unknown({"evening", "night", "morning", "afternoon"}),
     "Teams have searched at all times of the day. The figures do not show differences between hours.",
     "Des équipes sont passées à tous les moments de la journée. Les chiffres ne montrent pas de différence entre les "
     "heures."),
    (lambda: unknown_words.time_unlogged(0, 0, MODEL), "", ""),
    (lambda: unknown_words.time_unlogged(0, 4, MODEL), "The time of every search was logged.",
     "La durée de chaque passage a été notée."),
    (lambda: unknown_words.time_unlogged(1, 1, MODEL),
     "The time of the only search was not logged. It counts as 20 minutes, with 50 % of the full weight.",
     "La durée du seul passage n’a pas été notée. Il compte pour 20 minutes, à 50 % du poids normal."),
    (lambda: unknown_words.time_unlogged(1, 5, MODEL),
     "The time of 1 of 5 searches was not logged. It counts as 20 minutes, with 50 % of the full weight.",
     "La durée de 1 passage sur 5 n’a pas été notée. Il compte pour 20 minutes, à 50 % du poids normal."),
    (lambda: unknown_words.time_unlogged(2, 5, MODEL),
     "The time of 2 of 5 searches was not logged. Each counts as 20 minutes, with 50 % of the full weight.",
     "La durée de 2 passages sur 5 n’a pas été notée. Chacun compte pour 20 minutes, à 50 % du poids normal."),
    (lambda: history_words.claim(0, 0.5), "saw nobody in 30 minutes", "n’a vu personne en 30 minutes"),
    (lambda: history_words.claim(1, 1 / 60), "saw 1 person in 1 minute", "a vu 1 personne en 1 minute"),
    (lambda: history_words.claim(1.5, None), "saw 1.5 people, time not logged", "a vu 1,5 personne, durée non notée"),
    (lambda: history_words.step_words(None, Status.COVERED, False), "the zone started as covered",
     "statut de la zone au départ : couverte"),
    (lambda: history_words.step_words(Status.COVERED, Status.TO_VERIFY, False), "from “covered” to “to verify”",
     "de « couverte » à « à vérifier »"),
    (lambda: history_words.step_words(Status.COVERED, None, False), "the zone ended and its cells joined other zones",
     "la zone a pris fin et ses cellules ont rejoint d’autres zones"),
    (lambda: history_words.step_words(Status.COVERED, Status.UNDER_COVERED, True), "under-covered, according to a team on site",
     "sous-couverte, selon une équipe sur place"),
    (lambda: history_words.step_counts(1, 0.2), "1 cell, nobody likely", "1 cellule, sans doute personne"),
    (lambda: history_words.step_counts(3, 1.2), "3 cells, 1 person likely", "3 cellules, 1 personne probable"),
    (lambda: history_words.step_counts(3, 9), "3 cells, 9 people likely", "3 cellules, 9 personnes probables"),
    (lambda: recalculation_words.agreement(1, 1), "Recomputed from the reports: the cell gives the same figures.",
     "Recalculé depuis les signalements : la cellule donne les mêmes chiffres."),
    (lambda: recalculation_words.agreement(12, 12), "Recomputed from the reports: all 12 cells give the same figures.",
     "Recalculé depuis les signalements : les 12 cellules donnent toutes les mêmes chiffres."),
    (lambda: recalculation_words.agreement(11, 12),
     "Recomputed from the reports: 1 cell gives different figures. The nightly check will correct it.",
     "Recalculé depuis les signalements : 1 cellule donne des chiffres différents. La vérification de la nuit la "
     "corrigera."),
    (lambda: model_words.model_lines(MODEL, 1.0, False, False)[-3],
     "Before any report, the model expects 1 person in a cell. "
     "This expectation counts about as much as seeing 0.5 people.",
     "Avant tout signalement, le modèle attend 1 personne par cellule. "
     "Le poids de ce nombre attendu, en nombre de personnes vues, est d’environ 0,5."),
    (lambda: model_words.model_lines(MODEL, 0.4, True, True)[-1],
     "Nobody logs searches in this territory, so none of its cells can be “covered”.",
     "Personne ne note les recherches dans ce territoire : aucune de ses cellules ne peut être « couverte »."),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_coordinator_reads_it_in_english(number: int) -> None:
    make, english, _french = CASES[number]
    assert said("en", make) == english


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_coordinator_reads_it_in_french(number: int) -> None:
    make, _english, french = CASES[number]
    assert said("fr", make) == french


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_act_and_status_has_words_of_its_own(language: str) -> None:
    with translation.override(language):
        every = [counterfactual_words.act_words(act) for act in acts()]
        assert len(set(every)) == len(every)
        assert len({model_words.rule(key) for key in STATUS_KEYS.values()}) == 7


def test_digits_that_are_compared_are_the_same_in_every_language() -> None:
    assert (
        said("fr", lambda: number_words.digits(1234.5))
        == said("en", lambda: number_words.digits(1234.5))
        == "1234.500000"
    )
    assert number_words.digits(-1e-12) == "0.000000"


def test_parameters_that_can_be_off_are_named_where_they_are_on() -> None:
    with translation.override("en"):
        off, on = parameters(PUBLISHED.values()), parameters(Model().values())
        stored_before = {name: value for name, value in PUBLISHED.values().items() if name in ("prior", "search_rate")}
        assert parameters(PUBLISHED.values() | stored_before) == off
    assert len(on) == len(off) + 5
    assert on[-5:] == [
        "All citizens’ reports of a cell, from all days, weigh at most 0.45 at any time.",
        "Where citizens usually report people, their silence counts too: like a search that sees few people, but never as "
        "a search by a team.",
        "Reports from the cell itself are multiplied by 1.2 before they are combined with the number expected there. "
        "People often stay in one place, so visits a few days apart meet the same people.",
        "Help counts as 1.3 times what was logged, because some help is never logged.",
        "The amount of help is uncertain. The chance is the mean of two equally likely cases: help 65\u00a0% "
        "higher, and help 39\u00a0% lower.",
    ]
