"""Open and closed sign-up. While sign-up is closed, only people with an invitation can create an account."""

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from solidarity.lib.publisher import publisher
from volunteers.models import AdministratorChange, Invitation, SignUpChoice, User
from volunteers.people.administrators import administrators
from volunteers.people.associations import invitations
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


def choice() -> SignUpChoice:
    """Return the stored choice, or the default: open."""
    return SignUpChoice.objects.filter(pk=1).first() or SignUpChoice()


def choose(*, closed: bool, ask: str, by: User) -> None:
    """Store whether sign-up is closed, and whom to ask for an invitation."""
    with transaction.atomic():
        SignUpChoice.objects.update_or_create(pk=1, defaults={"closed": closed, "ask": ask})
        recording.record(
            by, Verb.SIGN_UP_CHANGED, "site", 1, purpose=Purpose.ADMINISTRATION, details={"closed": closed}
        )


def whom_to_ask() -> str:
    """Return whom to ask for an invitation: the administrator's words, or the organisation's name and address."""
    site = publisher()
    return choice().ask or ", ".join(part for part in (site.name, site.email) if part)


def invitation_in(session: SessionBase) -> Invitation | AdministratorChange | None:
    """Return the pending invitation that this browser opened."""
    token = session.get(invitations.SESSION_KEY)
    return invitations.find(token) or administrators.find(token) if isinstance(token, str) else None


def is_open_to(session: SessionBase) -> bool:
    """Whether this browser may create an account."""
    return not choice().closed or invitation_in(session) is not None


def accepts(session: SessionBase, email: str) -> bool:
    """Whether this browser may create an account for an address. While sign-up is closed, only the invited address is
    accepted."""
    if not choice().closed:
        return True
    invited = invitation_in(session)
    return invited is not None and invited.email.casefold() == email.strip().casefold()
