"""The guide of places, as a part of the site that can be switched off."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.base.moderated_texts.waiting_texts import texts_of
from needs.models import Reservation
from solidarity.lib.site.features import Feature, OpenThings, Preset

_GUIDE_TEXTS = (ContentKind.NOTICE, ContentKind.PLACE)


def _held() -> int:
    return Reservation.objects.holding(timezone.now()).count()


GUIDE = Feature(
    key="guide",
    name=_("Guide of places"),
    about=_("Everybody finds a bed, a meal, a shower or a doctor that is open now."),
    presets=(Preset.DESK, Preset.NEIGHBOURS),
    addresses=(
        "find/",
        "places/mine/",
        "places/new/",
        "places/mistakes/",
        "places/<uuid:pk>/",
        "places/reservations/",
        "places/conflicts/",
        "places/guide.",
        "map/t/<slug:slug>/distance",
        "api/v1/places/",
    ),
    moderated=_GUIDE_TEXTS,
    open_things=(
        texts_of(_GUIDE_TEXTS),
        OpenThings(
            _held,
            lambda number: (
                ngettext(
                    "%(number)d bed is held. Wait until it is taken or free again.",
                    "%(number)d beds are held. Wait until they are taken or free again.",
                    number,
                )
                % {"number": number}
            ),
        ),
    ),
)
