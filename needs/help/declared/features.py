"""The desk, as a part of the site that can be switched off: reported needs, and everything that leads from them to help."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.base.moderated_texts.waiting_texts import texts_of
from needs.models import Need
from solidarity.lib.site.features import Feature, OpenThings, Preset
from volunteers.enums import Topic

_DESK_TEXTS = (ContentKind.NEED,)


def _unfinished() -> int:
    return Need.objects.unfinished().count()


DESK = Feature(
    key="desk",
    name=_("The desk"),
    about=_("Anybody reports a need. Dispatchers read it, and volunteers and associations take it."),
    presets=(Preset.DESK,),
    addresses=(
        "help/",
        "follow/",
        "triage/",
        "open/",
        "offers/",
        "commitments/",
        "hand-overs/",
        "proposals/",
        "capacities/",
        "relief/",
        "alerts/",
        "map/t/<slug:slug>/needs/",
        "map/t/<slug:slug>/zones/<uuid:key>/needs/",
        "open311/",
        "api/v1/needs/",
        "api/v1/open-needs/",
        "api/v1/offers/",
        "api/v1/commitments/",
        "api/v1/hand-overs/",
        "api/v1/proposals/",
        "api/v1/capacities/",
        "api/v1/alerts/",
        "api/v1/mates/",
        "api/v1/triage/",
        "api/v1/me/places/",
    ),
    always=(
        "follow/<str:token>/data/",
        "follow/<str:token>/erase/",
        "triage/<uuid:need>/erase/",
    ),
    cards=(
        "card_queue",
        "card_calls",
        "card_territory_needs",
        "card_near",
        "card_proposals",
        "card_commitments",
        "card_assigned",
    ),
    tasks=(
        "needs.tasks.end_and_remind_commitments",
        "needs.tasks.review_ageing_needs",
        "needs.tasks.announce_unopened",
        "needs.tasks.send_alerts",
        "needs.tasks.expire_proposals",
        "needs.tasks.send_reporter_news",
    ),
    queued=("need",),
    conversations=("commitment", "need"),
    moderated=_DESK_TEXTS,
    topics=(Topic.PROPOSAL, Topic.COMMITMENT, Topic.ALERT, Topic.TRIAGE),
    sights=("vouched",),
    open_things=(
        texts_of(_DESK_TEXTS),
        OpenThings(
            _unfinished,
            lambda number: (
                ngettext(
                    "%(number)d need is open. Close it first.", "%(number)d needs are open. Close them first.", number
                )
                % {"number": number}
            ),
        ),
    ),
)
