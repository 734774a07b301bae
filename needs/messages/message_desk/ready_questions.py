"""Questions that a dispatcher sends with one tap, in the person's language. The first three questions are the questions
of the dialogue."""

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from needs.messages.channels.models import DialogueStep
from needs.messages.dialogue import dialogue_wording
from needs.messages.dialogue.automatic_answers import spoken
from needs.messages.dialogue.dialogue_wording import QUESTION_WORDS
from needs.models import Correspondent


class ReadyQuestion(models.TextChoices):
    """The label is the question itself."""

    PLACE = "place", QUESTION_WORDS[DialogueStep.PLACE]
    KIND = "kind", QUESTION_WORDS[DialogueStep.KIND]
    PERSONS = "persons", QUESTION_WORDS[DialogueStep.PERSONS]
    DANGER = "danger", _("Are you in danger now? Then call the emergency number at once.")


def question_for(to: Correspondent, question: str) -> str:
    """Return a ready question in the person's language for answers."""
    with translation.override(spoken(to)):
        return str(ReadyQuestion(question).label)


def thanks_for(to: Correspondent) -> str:
    """Return the answer to a person whose messages were filed."""
    with translation.override(spoken(to)):
        return dialogue_wording.filed()
