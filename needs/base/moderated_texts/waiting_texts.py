"""Texts of a part of the site that wait for a moderator: the part is switched off only after somebody decided."""

from django.utils.translation import ngettext

from needs.base.moderated_texts.models import ModerationCase
from solidarity.lib.site.features import OpenThings


def texts_of(kinds: tuple[str, ...]) -> OpenThings:
    """Return the texts of these kinds that wait for a decision."""
    return OpenThings(
        lambda: ModerationCase.objects.waiting().filter(kind__in=kinds).count(),
        lambda number: (
            ngettext(
                "%(number)d text waits for a moderator. Decide about it first.",
                "%(number)d texts wait for a moderator. Decide about them first.",
                number,
            )
            % {"number": number}
        ),
    )
