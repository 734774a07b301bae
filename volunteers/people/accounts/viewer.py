"""The reader of a page, and the audience that they chose for “view as”."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404

from volunteers.enums import Audience

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from volunteers.models import User


@dataclass(frozen=True, slots=True)
class Viewer:
    """A user, and the audience that a coordinator chose for “view as” (volunteers.people.sign_in.view_as). The audience is
    None in the user's own view.

    Every function that decides about access takes a viewer instead of a user.
    """

    user: "User | AnonymousUser"
    view_as: Audience | None = None

    @property
    def account(self) -> "User | None":
        """The signed-in user, or None for the public."""
        return self.user if self.user.is_authenticated else None

    @property
    def in_own_view(self) -> "User | None":
        """The signed-in user; None for the public and in view-as mode, in which nobody has duties."""
        return self.account if self.view_as is None else None

    @property
    def user_or_404(self) -> "User":
        """The signed-in user; raise Http404 for the public."""
        if self.account is None:
            raise Http404
        return self.account

    @property
    def is_administrator(self) -> bool:
        """Whether the user administers the platform, regardless of view_as."""
        return self.account is not None and self.account.is_administrator
