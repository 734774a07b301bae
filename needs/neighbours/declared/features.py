"""Lending and giving, and events and groups, as parts of the site that can be switched off."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.base.moderated_texts.waiting_texts import texts_of
from needs.models import Group, Loan, LocalEvent, OfferRequest
from needs.neighbours.giving.offer_kinds import OfferRequestState
from solidarity.lib.site.features import Feature, OpenThings, Preset
from volunteers.enums import Topic

_LENDING_TEXTS = (ContentKind.ITEM, ContentKind.WISH, ContentKind.OFFER, ContentKind.LOAN)
_EVENTS_TEXTS = (ContentKind.EVENT, ContentKind.GROUP)


def _loans() -> int:
    return Loan.objects.open().count()


def _promises() -> int:
    return OfferRequest.objects.filter(state=OfferRequestState.AGREED).count()


def _events() -> int:
    return LocalEvent.objects.taking_place(timezone.now()).count()


def _groups() -> int:
    return Group.objects.open().count()


LENDING = Feature(
    key="lending",
    name=_("Lending and giving"),
    about=_("People and associations lend things to each other, give things away, and keep their stock."),
    presets=(Preset.NEIGHBOURS,),
    addresses=(
        "lending/",
        "loans/",
        "giving/",
        "stock/",
        "api/v1/lending/",
        "api/v1/loans/",
        "api/v1/items/",
        "api/v1/giving/",
    ),
    cards=("card_lending",),
    tasks=("needs.tasks.send_wish_alerts", "needs.tasks.move_loans"),
    queued=("stock-scan",),
    conversations=("loan",),
    moderated=_LENDING_TEXTS,
    topics=(Topic.LENDING,),
    open_things=(
        texts_of(_LENDING_TEXTS),
        OpenThings(
            _loans,
            lambda number: (
                ngettext(
                    "%(number)d loan is open. Its two sides end it first.",
                    "%(number)d loans are open. Their two sides end them first.",
                    number,
                )
                % {"number": number}
            ),
        ),
        OpenThings(
            _promises,
            lambda number: (
                ngettext(
                    "%(number)d gift is promised. The giver hands it over or cancels first.",
                    "%(number)d gifts are promised. The givers hand them over or cancel first.",
                    number,
                )
                % {"number": number}
            ),
        ),
    ),
    strangers=True,
)

EVENTS = Feature(
    key="events",
    name=_("Events and groups"),
    about=_("Meals, meetings and rounds that people join, and the groups of a neighbourhood."),
    presets=(),
    addresses=("events/", "groups/"),
    tasks=("needs.tasks.look_after_events",),
    conversations=("event", "group"),
    moderated=_EVENTS_TEXTS,
    topics=(Topic.TOUR,),
    open_things=(
        texts_of(_EVENTS_TEXTS),
        OpenThings(
            _events,
            lambda number: (
                ngettext(
                    "%(number)d event is still to come. Cancel it, or wait until it is over.",
                    "%(number)d events are still to come. Cancel them, or wait until they are over.",
                    number,
                )
                % {"number": number}
            ),
        ),
        OpenThings(
            _groups,
            lambda number: (
                ngettext(
                    "%(number)d group is open. Its hosts close it first.",
                    "%(number)d groups are open. Their hosts close them first.",
                    number,
                )
                % {"number": number}
            ),
        ),
    ),
)
