"""Crises, as a part of the site that can be switched off."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.base.moderated_texts.waiting_texts import texts_of
from needs.models import Crisis
from solidarity.lib.site.features import Feature, OpenThings, Preset

_CRISES_TEXTS = (ContentKind.CRISIS,)


def _not_over() -> int:
    return Crisis.objects.not_over(timezone.now()).count()


CRISES = Feature(
    key="crises",
    name=_("Crises"),
    about=_("In great cold, a flood or a fire, coordinators open a form and a map for this event."),
    presets=(Preset.DESK,),
    addresses=("crisis/", "crises/", "map/crises/", "crisis-feeds/", "api/v1/crises/"),
    queued=("crisis", "close-crisis"),
    moderated=_CRISES_TEXTS,
    requires=("desk",),
    open_things=(
        texts_of(_CRISES_TEXTS),
        OpenThings(
            _not_over,
            lambda number: (
                ngettext(
                    "%(number)d crisis is not over. Close it first.",
                    "%(number)d crises are not over. Close them first.",
                    number,
                )
                % {"number": number}
            ),
        ),
    ),
)
