"""Words in cells: kinds of help, urgency, state, yes and no, in English, French, Spanish and Haitian Creole."""

import re
import unicodedata

from needs.enums import Category, NeedState, Urgency

_KINDS: tuple[tuple[Category, str], ...] = (
    (Category.WATER, r"water|\beaux?\b|agua|dlo|drink|boisson|boire"),
    (Category.FOOD, r"(?<!non )(?<!non-)food|aliment|nourrit|repas|manger|manje|faim|hungry|hunger|meal|comida|soup|colis"),
    (Category.BLANKET, r"blanket|couvert|duvet|sleeping bag|sac de couchage|non[- ]?food|manta"),
    (Category.TENT, r"\btent|tarp|bache"),
    (Category.SHELTER, r"shelter|abri|heberg|logement|housing|toit|albergue|refugio|accommodation|collapsed structure"),
    (Category.CLOTHES, r"cloth|vetement|habits|chauss|shoes|ropa"),
    (Category.HYGIENE, r"hygien|sanita|assaini|douche|shower|toilet|laundry|laverie"),
    (Category.HEALTH, r"health|sante|medic|hospital|hopital|clinic|soin|injur|bless|salud|doctor|infirm|ambulance"),
    (Category.PAPERS, r"papier|paper|\blegal|juridi|domicil|administra|document|droits"),
    (Category.TRANSPORT, r"transport|\broad|\broute|bridge|\bpont|vehic|camion|\bfuel|carburant"),
    (Category.PHONE, r"phone|telephon|charg|communication|reseau|network|internet"),
    (Category.PET, r"\bpet\b|animal|animaux|\bdog|chien|chat\b|perro"),
    (Category.COMPANY, r"company|compagnie|listen|ecoute|parler|lonel|isole|psycho"),
)  # fmt: skip
_OTHER = re.compile(r"other|autre|otro|lot\b|divers|misc|aucun|none|rien")
_NOT_WATER = re.compile(r"securit")
_NOW = re.compile(r"urgen|emergenc|critical|immediat|today|aujourd|high|haute|eleve|now\b|^[13]$|1\.")
_LATER = re.compile(r"later|plus tard|low|faible|basse|possible|not urgent|pas urgent|non urgent")
_STATES: tuple[tuple[NeedState, str], ...] = (
    (NeedState.REJECTED, r"reject|rejet|refus|cancel|annul|spam|junk|invalid|duplic|doublon"),
    (NeedState.HELD, r"unapproved|not approved|non approuv|pending|en attente|moder|unverified"),
    (NeedState.MET, r"closed|clos\b|ferme|resolved|resolu|done|termine|fait\b|met\b|satisf|fulfil|complete"),
    (NeedState.OPEN, r"open|ouvert|actionable|active|en cours|in progress"),
    (NeedState.VERIFIED, r"verif|confirm"),
    (NeedState.NEW, r"new\b|nouve|approved|approuv|received|recu"),
)
_YES = {"yes", "y", "1", "true", "oui", "o", "vrai", "x", "si", "wi", "✓", "approved", "verified", "urgent", "closed"}
_NO = {"no", "n", "0", "false", "non", "faux", "", "-", "none"}
_SUMMARY = re.compile(
    r"\bdistribut\w*\W+(?:\w+\W+){0,2}(?:summar|report|complet|done|log\b)|"
    r"(?:summary|bilan|resume|compte[- ]rendu|rapport)\W+(?:\w+\W+){0,3}distribut|"
    r"\b(?:aid|relief|aide|secours)\W+(?:delivered|distributed|distribue|livre)"
)


def plain(text: str) -> str:
    """Return a text in lower case, without accents and repeated spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).split())


def kinds_in(label: str) -> list[Category]:
    """Return the kinds of help that a label names; [] if none is known."""
    text = plain(label)
    found = [kind for kind, words in _KINDS if re.search(words, text)]
    if Category.WATER in found and _NOT_WATER.search(text):
        found.remove(Category.WATER)
    return found


def is_other(label: str) -> bool:
    """Return whether a label says "other"."""
    return bool(_OTHER.search(plain(label)))


def urgency_of(text: str) -> Urgency | None:
    words = plain(text)
    if _LATER.search(words):
        return Urgency.LATER
    return Urgency.NOW if words in _YES or _NOW.search(words) else None


def state_of(text: str) -> NeedState | None:
    words = plain(text)
    return next((state for state, pattern in _STATES if re.search(pattern, words)), None)


def yes(text: str) -> bool:
    return plain(text) in _YES


def is_flag(text: str) -> bool:
    """Return whether a text says yes or no."""
    return plain(text) in _YES | _NO


def is_distribution_summary(text: str) -> bool:
    """Return whether a title or a category says that help was distributed, rather than that it is needed."""
    return bool(_SUMMARY.search(plain(text)))
