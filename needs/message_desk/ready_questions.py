"""Questions that a dispatcher sends with one tap, in the person's language."""

from django.db import models
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from needs.models import Correspondent
from solidarity.lib import languages
from solidarity.lib.site import site_choices


class ReadyQuestion(models.TextChoices):
    """The label is the question itself."""

    PLACE = "place", _("Where are you? Write a street and a number, or the name of a place.")
    KIND = "kind", _("What do you need: food, a blanket, a place to sleep, something else?")
    PERSONS = "persons", _("How many people need help?")
    DANGER = "danger", _("Are you in danger now? Then call the emergency number at once.")


def question_for(to: Correspondent, question: str) -> str:
    """Return a ready question in the language in which the person writes, else in the site's main language."""
    with translation.override(language_for(to)):
        return str(ReadyQuestion(question).label)


def thanks_for(to: Correspondent) -> str:
    """Return the answer to a person whose messages were filed."""
    with translation.override(language_for(to)):
        return gettext("Thank you. Your report is with the people who can help. Write STATUS to ask what happened.")


def language_for(to: Correspondent) -> str:
    """Return the language for answers to a person."""
    return to.language if to.language in languages.codes() else site_choices.main_language()
