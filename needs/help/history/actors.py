"""Names for the actors in a history: a person, the reporter, a program, or the platform itself."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.enums import Actor, Channel
from needs.models import Need, NeedStep
from volunteers.models import User

REPORTER: str | Promise = _("the reporter")
PROGRAM: str | Promise = _("a program")
AUTOMATIC: str | Promise = _("automatic")
GONE: str | Promise = _("somebody whose account was deleted")
_PROGRAMS = (Channel.IMPORT, Channel.EVENT_LOG, Channel.API, Channel.OPEN311)


def name_of(person: User | None) -> str | Promise:
    """Return the name of a person. person: the person, None if their account was deleted."""
    return str(person) if person else GONE


def reporter_of(need: Need) -> str | Promise:
    """Return the person who filed a need. need: the need, loaded with its ``author``."""
    if need.author:
        return str(need.author)
    return PROGRAM if need.channel in _PROGRAMS else REPORTER


def actor_of(step: NeedStep, need: Need, *, first: bool) -> str | Promise:
    """Return the person who made a step. step: the step, loaded with ``by``. need: the need, loaded with its
    ``author``. first: True if it is the first step of the need."""
    if step.by:
        return str(step.by)
    if first:
        return reporter_of(need)
    if step.by_reporter:
        return REPORTER
    if step.actor == "":  # an imported step, or a step made before this column existed
        return PROGRAM if need.channel == Channel.EVENT_LOG else AUTOMATIC
    return AUTOMATIC if step.actor == Actor.CLOCK else GONE
