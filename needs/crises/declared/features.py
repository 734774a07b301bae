"""Crises, as a part of the site that can be switched off."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.models import Crisis
from solidarity.lib.site.features import Feature, OpenThings, Preset


def _not_over() -> int:
    return Crisis.objects.not_over(timezone.now()).count()


CRISES = Feature(
    key="crises",
    name=_("Crises"),
    about=_("In great cold, a flood or a fire, coordinators open a form and a map for this event."),
    presets=(Preset.DESK,),
    addresses=("crisis/", "crises/", "map/crises/", "crisis-feeds/", "api/v1/crises/"),
    queued=("crisis", "close-crisis"),
    moderated=(ContentKind.CRISIS,),
    requires=("desk",),
    open_things=(
        OpenThings(
            _not_over,
            lambda number: ngettext(
                "%(number)d crisis is not over. Close it first.",
                "%(number)d crises are not over. Close them first.",
                number,
            )
            % {"number": number},
        ),
    ),
)
