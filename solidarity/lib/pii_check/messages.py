"""Messages about personal data in free text: why it is a risk, and what to write instead."""

import json
from collections.abc import Collection, Iterable

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from solidarity.lib.danger_words.matcher import flags_in
from solidarity.lib.pii_check.detection import Finding, Kind, find
from solidarity.lib.site import site_choices

EVERYTHING = tuple(Kind)
CONTACTS = (Kind.PHONE, Kind.EMAIL)
PLACE = (Kind.PHONE, Kind.EMAIL, Kind.HEALTH)
"""Kinds for place descriptions: no names or origins, because streets and shops are named after people and countries."""
MOST_SHOWN = 3
REASONS: dict[Kind, str | Promise] = {
    Kind.NAME: _(
        "%(words)s looks like a name. A name can help others find somebody who is hiding from them. "
        "Write “a man of about 40” instead."
    ),
    Kind.PHONE: _(
        "%(words)s looks like a telephone number. Everybody who reads this text would see it. "
        "Do not write it here: a contact field stores it encrypted."
    ),
    Kind.EMAIL: _(
        "%(words)s looks like an e-mail address or an account. Everybody who reads this text would see it. "
        "Do not write it here: a contact field stores it encrypted."
    ),
    Kind.HEALTH: _(
        "%(words)s is about somebody’s health. It could be used against them for years. "
        "Write what would help instead: “needs to be seen by the mobile team”."
    ),
    Kind.ORIGIN: _(
        "%(words)s says where somebody comes from or what they believe. It could be used against them. "
        "Write what would help instead: “speaks Arabic”."
    ),
}


def said_of(found: Iterable[Finding]) -> list[str]:
    """Return one sentence per kind found, in the reader's language. The sentence names the words, the risk, and what to
    write instead."""
    there = list(found)
    lines = []
    for kind in Kind if there else ():
        words = list(dict.fromkeys(each.words for each in there if each.kind is kind))[:MOST_SHOWN]
        if words:
            lines.append(str(REASONS[kind]) % {"words": ", ".join(f"“{each}”" for each in words)})
    return lines


def look(text: str, kinds: Collection[Kind] = EVERYTHING) -> list[Finding]:
    """Return the findings, with the telephone numbering plan of the deployment's country.

    Health is not a finding in a text about danger to life, because such a text must say what is wrong with the person.
    """
    found = find(text, kinds, region=site_choices.country())
    if any(each.kind is Kind.HEALTH for each in found) and flags_in(text):
        return [each for each in found if each.kind is not Kind.HEALTH]
    return found


def _for_script(kinds: tuple[Kind, ...]) -> str:
    return json.dumps({kind.value: str(REASONS[kind]) for kind in kinds}, ensure_ascii=False)


reasons_for_script = lazy(_for_script, str)
