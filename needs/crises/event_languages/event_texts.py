"""Texts of events in several languages: storing a translation, and which languages still lack one."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import override, pgettext

from needs.models import Crisis, CrisisCategory
from solidarity.lib import languages
from solidarity.lib.labels import LABEL_LANGUAGES

NAME, MESSAGE = "name", "message"


@dataclass(frozen=True, slots=True)
class LanguageState:
    """A language of an event. missing: the number of its texts that readers see in another language."""

    code: str
    own_name: str
    missing: int


def other_languages(crisis: Crisis) -> list[str]:
    """Return the languages into which the event's texts can be translated."""
    return [code for code in languages.codes() if code != crisis.language]


def preset_name(category: CrisisCategory, code: str) -> str:
    """Return the name of a preset category from the language's catalogue; "" if there is none."""
    with override(code):
        name = pgettext("event", category.names["en"])
    return "" if name == category.names["en"] else name


def states(crisis: Crisis) -> list[LanguageState]:
    """Return each language of the event with the number of its missing texts."""
    categories = list(crisis.categories.all())
    return [
        LanguageState(code, languages.own_name(code), _missing(crisis, categories, code))
        for code in other_languages(crisis)
    ]


def _missing(crisis: Crisis, categories: list[CrisisCategory], code: str) -> int:
    written = crisis.texts.get(code, {})
    lacking = [not written.get(NAME), bool(crisis.message) and not written.get(MESSAGE)]
    lacking += [code not in each.names and not preset_name(each, code) for each in categories]
    return sum(lacking)


def store(crisis: Crisis, code: str, texts: Mapping[str, str], names: Mapping[int, str]) -> None:
    """Store the name and message of an event, and the names of its categories by key, in a language.

    Empty texts are removed; readers then see another language. Languages of LABEL_LANGUAGES keep their category names.
    """
    assert code in dict(settings.LANGUAGES) or code in dict(settings.PUBLIC_LANGUAGES)
    with transaction.atomic():
        row = Crisis.objects.select_for_update().get(pk=crisis.pk)
        others = {key: value for key, value in row.texts.items() if key != code}
        written = {key: text for key, text in texts.items() if text}
        row.texts = {**others, code: written} if written else others
        row.save(update_fields=["texts"])
        if code in LABEL_LANGUAGES:
            return
        for category in row.categories.all():
            rest = {key: value for key, value in category.names.items() if key != code}
            own = names.get(category.pk, "")
            category.names = {**rest, code: own} if own else rest
            category.save(update_fields=["names"])
