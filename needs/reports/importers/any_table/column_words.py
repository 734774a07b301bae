"""Words in cells: kinds of help, urgency, state, yes and no, in English, French, Spanish and Haitian Creole."""

import re
import unicodedata

from needs.enums import Category, NeedState, Urgency

_KINDS: tuple[tuple[Category, str], ...] = (
    (Category.WATER, r"water|\beaux?\b|agua|dlo|drink|boisson|boire"),
    (Category.FOOD, r"(?<!non[ -])(?:food|aliment)|nourrit|repas|manger|manje|faim|hungry|hunger|meal|comida|soup|colis"),
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
_YES = {"yes", "y", "1", "true", "oui", "o", "vrai", "x", "si", "wi", "✓"}
_NO = {"no", "n", "0", "false", "non", "faux", "", "-", "none", "open", "ouvert", "pending", "en attente"}
_MARKS = re.compile(
    r"approved|approuve[es]?|verified|verifie[es]?|actionable|action(?:ed| taken)|urgent[es]?|closed|clos[es]?|fermee?s?|"
    r"resolved|resolu[es]?|traite[es]?"
)
_NEGATED = re.compile(r"(?:un|in|not|non?|pas)(?: ?- ?| )?(?:yet |encore )?")
_AID_NOUN = (
    r"(?:tents?|tarps?|tarpaulins?|blankets?|food|rice|noodles|biscuits|water|bottles|meals?|rations?|pac(?:ks?|kets?|kages?)|"
    r"parcels?|kits?|bags?|sacks?|boxes|items?|goods|materials?|supplies|relief|aid|medicines?|clothes|mattresses|"
    r"tentes?|baches?|couvertures?|nourriture|vivres|riz|repas|colis|sacs?|bouteilles|materiel|secours|aide|medicaments|"
    r"vetements|duvets|matelas)"
)
_DONE = (
    r"(?:sent|distributed|delivered|provided|supplied|handed out|dispatched|"
    r"distribuee?s?|livree?s?|envoyee?s?|remise?s?|fournie?s?)"
)
_DELIVERED = re.compile(
    r"\bdistribut\w*\W+(?:\w+\W+){0,2}(?:summar|report|complet|done|log\b)|"
    r"(?:summary|bilan|resume|compte[- ]rendu|rapport)\W+(?:\w+\W+){0,3}distribut|"
    rf"\b{_AID_NOUN}\W+(?:\w+\W+){{0,4}}{_DONE}\b|"
    r"\b(?:trip|field|delivery) reports?\b|\brapports? (?:de|du) (?:sortie|tournee|mission|terrain|visite)"
)
_DELIVERY_LABEL = re.compile(rf"{_DELIVERED.pattern}|\bdistribu[tc]\w*|\bdeliver(?:y|ies)\b|\blivraisons?\b|^{_DONE}$")
_ASKS = re.compile(
    r"\?|\b(?:not?|never|nothing|none|without|need\w*|want\w*|request\w*|require\w*|urgent\w*|please|lack\w*|wait\w*|more|"
    r"but|only|should|must|help me|help us|"
    r"pas|rien|sans|aucune?|jamais|besoins?|manque\w*|demand\w*|attend\w*|mais|svp|encore|doit|doivent|urgence)\b"
)
_SERVICE = re.compile(r"\b(?:points?|cent(?:er|re)s?|sites?|lieux?|services? (?:available|disponibles?))\b")


def plain(text: str) -> str:
    """Return a text in lower case, without accents and repeated spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).split())


def kinds_in(label: str) -> list[Category]:
    """Return the kinds of help that a label names; [] if none is known."""
    text = plain(label)
    found = [kind for kind, words in _KINDS if re.search(words, text)]
    if Category.WATER in found and is_security(text):
        found.remove(Category.WATER)
    return found


def is_security(label: str) -> bool:
    """Return whether a label is about security. Ushahidi uses its code of contaminated water for this, too."""
    return bool(_NOT_WATER.search(plain(label)))


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


def flag(text: str) -> bool | None:
    """Return what a cell of a yes-or-no column says: yes, no, or None if it is neither.

    Besides yes and no, the column may hold its own word: Actionable or Unactionable, Closed or Not closed.
    """
    words = plain(text)
    if words in _NO:
        return False
    if words in _YES or _MARKS.fullmatch(words):
        return True
    negation = _NEGATED.match(words)
    return False if negation and _MARKS.fullmatch(words[negation.end() :]) else None


def is_flag(text: str) -> bool:
    """Return whether a text says yes or no."""
    return flag(text) is not None


def says_delivered(text: str) -> bool:
    """Return whether a title says that help was brought, rather than that it is needed.

    A title that also asks for something stays a need: a need read as help given would wait for nobody.
    """
    words = plain(text)
    return bool(_DELIVERED.search(words)) and not _ASKS.search(words)


def names_delivered(label: str) -> bool:
    """Return whether a category stands for help that was brought: a distribution, relief sent, a trip report.

    A distribution point is a place where help can be had; it says nothing about help that was brought.
    """
    words = plain(label)
    return bool(_DELIVERY_LABEL.search(words)) and not (_ASKS.search(words) or _SERVICE.search(words))
