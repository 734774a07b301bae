"""The parts of each country for which there is one file of communes."""

import re

_FRANCE = re.compile(r"0[1-9]|1[0-9]|2[1-9AB]|[3-8][0-9]|9[0-5]|97[1-46]")
AREAS = {
    "fr": [
        *(f"{number:02}" for number in range(1, 20)), "2A", "2B", *map(str, range(21, 96)),
        "971", "972", "973", "974", "976",
    ],
}  # fmt: skip
"""For each country, its areas: in France the departments."""


def area_of(country: str, code: str) -> str:
    """Return the area of a commune by its number; "" if the number has another form."""
    found = _FRANCE.match(code.upper()) if country == "fr" and len(code) == 5 else None
    return found[0] if found else ""


def areas_in(country: str, said: str) -> list[str]:
    """Return the areas named in a text, separated by commas or spaces. For an empty text, return all areas. Raise
    ValueError with the first word that is no area."""
    known = AREAS[country]
    words = re.split(r"[,;\s]+", said.strip().upper()) if said.strip() else known
    for word in words:
        if word not in known:
            raise ValueError(word)
    return list(dict.fromkeys(words))
