"""Tours, as a part of the site that can be switched off."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.base.moderated_texts.waiting_texts import texts_of
from needs.models import PlannedTour, Tour
from solidarity.lib.site.features import Feature, OpenThings, Preset
from volunteers.enums import Topic

_TOURS_TEXTS = (ContentKind.WORD,)


def _running() -> int:
    return Tour.objects.open().count()


def _planned() -> int:
    return PlannedTour.objects.coming(timezone.now()).filter(tour=None).count()


TOURS = Feature(
    key="tours",
    name=_("Tours"),
    about=_("Teams plan tours, see tonight’s gaps, take volunteers along, and write to the next crew."),
    presets=(Preset.TOURS, Preset.DESK),
    addresses=(
        "tours/",
        "plans/",
        "stops/",
        "tour-requests/",
        "words/",
        "crews/",
        "calendar/",
        "map/tonight/",
        "map/seats/",
        "map/stops/",
        "map/planning.json",
        "map/t/<slug:slug>/tonight/",
        "map/t/<slug:slug>/suggest/",
        "map/t/<slug:slug>/zones/<uuid:key>/ask/",
    ),
    cards=("card_tour", "card_seats", "card_suggested_tours", "card_tonight"),
    tasks=("needs.tasks.fill_plans", "needs.tasks.look_after_seats"),
    queued=("tour-start", "next-word"),
    conversations=("plan", "tour"),
    moderated=_TOURS_TEXTS,
    topics=(Topic.TOUR,),
    open_things=(
        texts_of(_TOURS_TEXTS),
        OpenThings(
            _running,
            lambda number: (
                ngettext(
                    "%(number)d tour is running. End it first.", "%(number)d tours are running. End them first.", number
                )
                % {"number": number}
            ),
        ),
        OpenThings(
            _planned,
            lambda number: (
                ngettext(
                    "%(number)d tour is planned. Cancel it, or wait until it is over.",
                    "%(number)d tours are planned. Cancel them, or wait until they are over.",
                    number,
                )
                % {"number": number}
            ),
        ),
    ),
)
