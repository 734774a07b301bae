"""Creates the first administrator, with a confirmed address and a second factor, in one transaction."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from solidarity.lib.site import features, site_choices
from volunteers.models import SignUpChoice, SiteDetails, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.site.first_start import start_link


@dataclass(frozen=True, slots=True)
class Draft:
    """The data entered on the first page. password: already hashed."""

    email: str
    display_name: str
    password: str

    @classmethod
    def of(cls, email: str, display_name: str, password: str) -> "Draft":
        """Return a draft with the hash of a password."""
        return cls(email, display_name, make_password(password))


def _begin_carefully() -> None:
    """Keep strangers apart on a new site until somebody moderates: without lending, and with sign-up by invitation."""
    apart = sorted(each.key for each in features.every() if each.strangers)
    SiteDetails.objects.update_or_create(pk=1, defaults={features.FIELD: apart})
    SignUpChoice.objects.get_or_create(pk=1, defaults={"closed": True})
    transaction.on_commit(site_choices.forget)


class LinkUsed(Exception):
    """The link has been used or replaced in the meantime, or has expired."""


def create(draft: Draft, secret: str, code: str, session: SessionBase) -> User:
    """Create and return the administrator, and use up the link. Raise LinkUsed.

    secret, code: secret and code of the authenticator app, already checked. The code cannot be used a second time.
    """
    with transaction.atomic():
        if not start_link.use_up(session):
            raise LinkUsed
        person = User(email=draft.email, display_name=draft.display_name, password=draft.password)
        person.is_staff = person.is_superuser = True
        person.save()
        # The person has access to the server, so the address needs no proof. A test mail follows.
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
        TOTP.activate(person, secret).validate_code(code)
        RecoveryCodes.activate(person)
        _begin_carefully()
        recording.record(person, Verb.FIRST_ADMINISTRATOR, "account", person.key, purpose=Purpose.ADMINISTRATION)
    return person
