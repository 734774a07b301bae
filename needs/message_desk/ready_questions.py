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

    PLACE = "place", _("Where is help needed? Write the address, a crossing or a known place, or share your position.")
    KIND = "kind", _("What is needed? For example: food, a blanket, clothes, care, a place to sleep.")
    PERSONS = "persons", _("For how many people? Answer with a number.")
    DANGER = "danger", _("Are you in danger now? Then call the emergency number at once.")


def question_for(to: Correspondent, question: str) -> str:
    """Return a ready question in the language in which the person writes, else in the site's main language."""
    with translation.override(language_for(to)):
        return str(ReadyQuestion(question).label)


def thanks_for(to: Correspondent) -> str:
    """Return the answer to a person whose messages were filed."""
    with translation.override(language_for(to)):
        return gettext(
            "Thank you. Your report is stored, and a dispatcher reads it. Write STATUS to know more, STOP to end messages."
        )


def language_for(to: Correspondent) -> str:
    """Return the language for answers to a person."""
    return to.language if to.language in languages.codes() else site_choices.main_language()
