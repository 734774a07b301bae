"""The words of other guides for the kinds of place and for the people who may come."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from needs.guide.places.place_kinds import PlaceAudience as Who
from needs.guide.places.place_kinds import PlaceKind as Kind

SOLIGUIDE: dict[str, Kind] = {
    "day_hosting": Kind.DAY_CENTRE, "rest_area": Kind.DAY_CENTRE, "701": Kind.DAY_CENTRE, "702": Kind.DAY_CENTRE,
    "food_distribution": Kind.FOOD, "seated_catering": Kind.FOOD, "food_packages": Kind.FOOD,
    "social_grocery_stores": Kind.FOOD, "solidarity_fridge": Kind.FOOD, "601": Kind.FOOD, "602": Kind.FOOD,
    "603": Kind.FOOD, "604": Kind.FOOD, "fountain": Kind.FOUNTAIN, "shower": Kind.SHOWER, "301": Kind.SHOWER,
    "laundry": Kind.LAUNDRY, "302": Kind.LAUNDRY, "toilets": Kind.TOILETS, "304": Kind.TOILETS,
    "luggage_storage": Kind.LUGGAGE, "901": Kind.LUGGAGE, "clothing": Kind.CLOTHES, "903": Kind.CLOTHES,
    "electrical_outlets_available": Kind.CHARGING, "503": Kind.CHARGING, "animal_assitance": Kind.ANIMALS,
    "animal_assistance": Kind.ANIMALS, "overnight_stop": Kind.SHELTER, "emergency_accommodation": Kind.SHELTER,
    "legal_advice": Kind.LEGAL, "lawyer_permanence": Kind.LEGAL, "generalist_practitioner": Kind.HEALTH,
    "infirmary": Kind.HEALTH, "dental_care": Kind.HEALTH, "psychological_support": Kind.HEALTH,
    "addiction": Kind.HEALTH, "std_testing": Kind.HEALTH, "vaccination": Kind.HEALTH, "health_specialists": Kind.HEALTH,
}  # fmt: skip
"""Categories of Soliguide's services, and the numbers that older exports have."""

_WORDS: tuple[tuple[Kind, str], ...] = (
    (Kind.SHELTER, r"hebergement.(temporaire|d.urgence)|mal.loges.sans.logis|accueil.de.nuit|halte.de.nuit|"
                   r"(night|emergency|homeless|winter|women.?s).shelter|overnight|emergency.(housing|accommodation)|^shelter$"),
    (Kind.DAY_CENTRE, r"accueil.de.jour|day.(centre|center|shelter)|drop.?in|boutique.solidarite"),
    (Kind.FOOD, r"alimentation|alimentaire|repas|petit.?dej|restaurant.solidaire|soupe|epicerie|\bfood\b|\bmeals?\b|"
                r"soup.kitchen|pantry"),
    (Kind.SHOWER, r"douches?|bains.douches|\bshowers?\b|hygiene"),
    (Kind.LAUNDRY, r"laverie|lavomatic|laundry|lessive"),
    (Kind.HEALTH, r"^sante\b|sante.*soins|\bsoins\b|medica|infirmerie|dentaire|psycholog|addiction|health|clinic|dental|"
                  r"counsell?ing|\bnurs"),
    (Kind.CLOTHES, r"vestiaire|habillement|vetements?|cloth(es|ing)"),
    (Kind.LUGGAGE, r"bagagerie|consigne|luggage|lockers?|storage"),
    (Kind.CHARGING, r"recharge|prises?.electrique|charging"),
    (Kind.ANIMALS, r"animaux|veterinaire|\bpets?\b|\bvet\b|animal"),
    (Kind.LEGAL, r"juridique|avocat|connaitre.ses.droits|acces.aux.droits|legal|lawyer"),
    (Kind.FOUNTAIN, r"fontaine|eau.potable|drinking.water"),
    (Kind.TOILETS, r"toilettes?|sanisette|\bwc\b|toilets?"),
)  # fmt: skip
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _WORDS)

PUBLICS: dict[str, tuple[Who, ...]] = {
    "femmes": (Who.WOMEN,), "hommes": (Who.MEN,), "familles": (Who.FAMILIES,), "jeunes": (Who.MINORS, Who.YOUNG),
    "familles-enfants": (Who.FAMILIES,), "jeunes-16-26": (Who.YOUNG,),
}  # fmt: skip
"""Groups of people in data·inclusion that the guide also knows."""


def simple(text: Any) -> str:
    """Return a text in lower case without accents, with one space between its words."""
    plain = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode().casefold()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain).split())


def kinds_in(texts: Iterable[Any]) -> set[str]:
    """Return the kinds that short texts (names, categories) mention, in French or English."""
    found: set[str] = set()
    for text in texts:
        words = simple(text) if text else ""
        found |= {kind.value for kind, pattern in _PATTERNS if words and pattern.search(words)}
    return found


def audience_of(publics: Iterable[str]) -> tuple[str, ...]:
    """Return the people who may come. If one of the words means no particular group, everybody may come."""
    found: set[str] = set()
    for each in publics:
        if each not in PUBLICS:
            return ()
        found |= {who.value for who in PUBLICS[each]}
    return tuple(who for who in Who.values if who in found)


def audience_by_age(youngest: Any, oldest: Any) -> set[str]:
    """Return the audience "under 18" or "18 to 25" if the allowed ages exclude everybody else."""
    try:
        low, high = int(youngest or 0), int(oldest or 150)
    except (ValueError, TypeError):
        return set()
    found = {Who.MINORS.value} if low < 18 and high <= 27 else set()
    return found | ({Who.YOUNG.value} if 18 <= high <= 27 else set())
