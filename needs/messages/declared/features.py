"""Text messages and e-mail, as a part of the site that can be switched off."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.models import Dialogue, InboundMessage
from solidarity.lib.site.features import Feature, OpenThings, Preset


def _open() -> int:
    return Dialogue.objects.filter(closed_at=None).count()


def _unread() -> int:
    return InboundMessage.objects.waiting().count()


MESSAGES = Feature(
    key="messages",
    name=_("Text messages and e-mail"),
    about=_("People without a smartphone report a need by text message or e-mail."),
    presets=(Preset.DESK,),
    addresses=("channels/sms/", "desk/messages/"),
    tasks=("needs.tasks.fetch_mail", "needs.tasks.read_messages", "needs.tasks.send_messages"),
    requires=("desk",),
    open_things=(
        OpenThings(
            _open,
            lambda number: (
                ngettext(
                    "%(number)d exchange of messages is open. Answer it first.",
                    "%(number)d exchanges of messages are open. Answer them first.",
                    number,
                )
                % {"number": number}
            ),
        ),
        OpenThings(
            _unread,
            lambda number: (
                ngettext(
                    "%(number)d message is not read yet. It is read within a minute.",
                    "%(number)d messages are not read yet. They are read within a minute.",
                    number,
                )
                % {"number": number}
            ),
        ),
    ),
)
