"""What the rules find in a message: kinds, people, urgency and place, in nine languages, with the words from which they
come."""

import pytest

from needs.enums import Category
from needs.messages.dialogue import message_words
from needs.messages.dialogue.message_language import language_of
from needs.messages.dialogue.named_place import MOST_SEARCHES
from needs.messages.dialogue.shared_position import shared_point
from needs.messages.dialogue.understanding import Reason, Understood, understand
from tests.support import City
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def names(city: City) -> None:
    crossing = NameRow("x", PlaceKind.STREET, "Rue de Flandre", 48.8640, 2.3510, "75019 Paris", lines=(
        ((2.3510, 48.8630), (2.3510, 48.8650)),
    ))  # fmt: skip
    far = NameRow("far", PlaceKind.STREET, "Rue de Lyon", 45.7580, 4.8360, "69002 Lyon")
    twice = [
        NameRow(f"t{at}", PlaceKind.STREET, "Rue Victor Hugo", 48.8600 + at / 100, 2.3450, f"7500{at + 1} Paris")
        for at in range(2)
    ]
    name_storing.replace("test", [*rows(), crossing, far, *twice])


def read(text: str, asked: str = "", known: str = "") -> Understood:
    return understand(text, language_of(text, known), asked=asked)


@pytest.mark.parametrize(
    ("text", "language", "kinds", "persons"),
    [
        ("Bonjour, deux personnes ont faim et froid", "fr", ["food", "blanket"], 2),
        ("IL FAUT DES COUVERTURES POUR 2 ADULTES ET 3 ENFANTS", "fr", ["blanket"], 5),
        ("nous sommes 4 et on a besoin d'une tente", "fr", ["tent"], 4),
        ("une dame dort dehors", "fr", ["shelter"], 1),
        ("couple avec un chien, besoin de croquettes", "fr", ["pet"], 2),
        ("there are three men here, they need a sleeping bag", "en", ["blanket"], 3),
        ("We need food and water for a family of 5", "en", ["food", "water"], 5),
        ("hay dos personas que tienen hambre", "es", ["food"], 2),
        ("suntem trei persoane și avem nevoie de pături", "ro", ["blanket"], 3),
        ("нас п'ять людей, потрібна їжа", "uk", ["food"], 5),
        ("نحن أربعة أشخاص ونحتاج بطانيات وطعام", "ar", ["blanket", "food"], 4),
        ("يوجد رجل مريض هنا", "ar", ["health"], None),
        ("ما سه نفر هستیم و به غذا نیاز داریم", "prs", ["food"], 3),
        ("موږ دوه کسان یو، خیمې ته اړتیا لرو", "ps", ["tent"], 2),
        ("ንሕና ሰለስተ ሰባት ኢና፣ ምግቢ የድልየና", "ti", ["food"], 3),
        ("🥶⛺", "", ["blanket", "tent"], None),
        ("food 48.8566, 2.3522", "en", ["food"], None),
        ("", "", [], None),
        ("😀😀", "", [], None),
        ("???", "", [], None),
    ],
)
def test_kinds_and_people_are_read_in_nine_languages(
    text: str, language: str, kinds: list[str], persons: int | None
) -> None:
    assert language_of(text) in (language, "")
    found = understand(text, language)
    assert (list(found.kinds), found.persons) == (kinds, persons)
    assert len(found.reasons.get("kinds", ())) == len(kinds)
    assert ("persons" in found.reasons) == (persons is not None)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("12 rue de Crimée", "12 rue de Crimée"),
        ("Bonjour, un homme a froid devant le 12 rue de Crimée, il a besoin d'une couverture", "12 rue de Crimée"),
        ("deux personnes a la gare du nord il fait tres froid", "Gare du Nord"),
        ("UNE FEMME DORT AVENUE DU GENERAL LECLERC", "Avenue du Général Leclerc"),
        ("someone needs food at Place de la République please", "Place de la République"),
        ("angle rue de Crimée et rue de Flandre", "Rue de Crimée / Rue de Flandre"),
        ("رجل يحتاج طعام عند Gare du Nord", "Gare du Nord"),
        ("потрібна ковдра, Rue de Crimée 14", "14 rue de Crimée"),
    ],
)
def test_addresses_crossings_and_landmarks_are_found(names: None, text: str, label: str) -> None:
    found = read(text)
    assert found.place is not None
    assert (found.place.label, found.place.has_point) == (label, True)


def test_a_number_of_the_street_is_no_number_of_people(names: None) -> None:
    assert read("12 rue de Crimée besoin de couvertures").persons is None
    assert read("3 personnes au 12 rue de Crimée").persons == 3


def test_an_address_is_no_station_of_that_name(city: City) -> None:
    name_storing.replace("test", [NameRow("m", PlaceKind.STATION, "Crimée", 48.8640, 2.3510, "75019 Paris")])
    street = read("deux personnes ont faim 12 rue de Crimée").place
    assert street is None or street.latitude is None
    station = read("deux personnes ont faim devant le métro Crimée").place
    assert station is not None and station.label == "Crimée"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("un homme a froid, gare du nord", Reason.LANDMARK),
        ("un homme a froid, 18 gare du nord", Reason.PERHAPS),
        ("3 personnes à la gare du nord qui sont là depuis longtemps", Reason.LANDMARK),
        ("12 rue de Crimée", Reason.ADDRESS),
    ],
)
def test_a_place_that_is_only_perhaps_meant_says_so(names: None, text: str, why: Reason) -> None:
    found = read(text)
    assert found.place is not None and found.place.has_point
    assert found.reasons["place"] == [why]


def test_places_elsewhere_and_names_that_fit_several_places_give_no_point(names: None) -> None:
    assert read("rue de Lyon, j'ai faim").place is None, "it lies outside the territories of the site"
    several = read("un homme rue Victor Hugo")
    assert several.place is not None and not several.place.has_point
    assert several.reasons["place"] == [Reason.SEVERAL]
    assert read("j'ai faim et soif, aidez moi vite dans le froid").place is None


def test_an_answer_to_the_question_about_the_place_may_be_a_part_of_a_name(names: None) -> None:
    part = read("république", asked="place", known="fr")
    assert part.place is not None and part.place.label == "Place de la République"
    district = read("Nord", asked="place", known="fr")
    assert district.place is not None and district.place.district == "nord"
    assert read("république").place is None


@pytest.mark.parametrize(
    ("text", "persons"), [("4", 4), ("on est deux", 2), ("moi", 1), ("deux", 2), ("0", None), ("999999", None)]
)
def test_an_answer_to_the_question_how_many_may_be_a_number_alone(text: str, persons: int | None) -> None:
    assert understand(text, "fr", asked="persons").persons == persons


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("https://maps.google.com/?q=48.8566,2.3522", (48.8566, 2.3522)),
        ("https://www.google.com/maps/place/Paris/@48.8566,2.3522,17z/data=!3m1!3d48.86!4d2.36", (48.86, 2.36)),
        ("https://www.google.com/maps/search/?api=1&query=48.8566%2C2.3522", (48.8566, 2.3522)),
        ("geo:48.8566,2.3522?z=17", (48.8566, 2.3522)),
        ("https://www.openstreetmap.org/?mlat=48.8566&mlon=2.3522#map=17/48.8/2.3", (48.8566, 2.3522)),
        ("https://www.openstreetmap.org/#map=17/48.8566/2.3522", (48.8566, 2.3522)),
        ("https://maps.apple.com/?ll=48.8566,2.3522&q=Pin", (48.8566, 2.3522)),
        ("https://waze.com/ul?ll=48.8566,2.3522", (48.8566, 2.3522)),
        ("je suis à 48,8566 2,3522", (48.8566, 2.3522)),
        ("48°51'23.8\"N 2°21'07.9\"E", (48.8566, 2.3522)),
        ("8FW4V942+JV", (48.8566, 2.3522)),
        ("https://maps.app.goo.gl/AbCdEf", None),
        ("///filled.count.soap", None),
        ("geo:0,0", None),
        ("geo:123.4567,222.3333", None),
        ("tel 06 12 34 56 78 ou 06.12.34.56.78", None),
    ],
)
def test_shared_positions_are_read_without_fetching_anything(text: str, place: tuple[float, float] | None) -> None:
    found = shared_point(text)
    assert (found is None) == (place is None)
    if found and place:
        assert (found.latitude, found.longitude) == pytest.approx(place, abs=2e-4)


@pytest.mark.parametrize(
    ("text", "known", "language"),
    [
        ("12 rue de Crimée", "ar", "ar"),
        ("ok", "es", "es"),
        ("Hello, we need food for two people here please", "fr", "en"),
        ("bonjour on est deux personnes", "en", "fr"),
        ("مساعدة", "", "ar"),
        ("سلام، ما به کمک نیاز داریم", "ar", "prs"),
        ("\u202eنحن هنا\u202c", "fr", "ar"),
        ("Gare du Nord", "", ""),
    ],
)
def test_the_language_changes_only_if_the_message_clearly_shows_another(text: str, known: str, language: str) -> None:
    assert language_of(text, known) in (language, "fr") if not language else language_of(text, known) == language


def test_hostile_texts_are_read_in_little_time(names: None) -> None:
    for text in (
        "rue " * 1000,
        "12 rue " * 500,
        "1," * 2000,
        "\u200f" * 4000,
        "A" * 4000,
        "48." + "1" * 3900,
        "/ x " * 900,
    ):
        understand(text, "fr", asked="place")
    assert MOST_SEARCHES < 20


@pytest.mark.parametrize("code", message_words.LANGUAGES)
def test_each_language_has_words_for_every_kind_and_command(code: str) -> None:
    lists = message_words.of_language(code)
    assert set(lists.named("kinds")) == set(Category.values) - {"other"}
    assert set(lists.named("commands")) == {"stop", "start", "info", "status"}
    assert all(entry.words for entries in lists.lists.values() for entry in entries)
