"""Undo of an action: the effects that the wings registered, and their result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import Http404
from django.utils.translation import gettext as _

from volunteers.people.accounts.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Undone:
    """The result: whether the action was undone, and a sentence about it.

    path: path of the page to show next; "" for the page that showed the undo button.
    """

    done: bool
    words: str
    path: str


type Undo = Callable[..., Undone]
"""Takes the viewer, their account, and the parts of the subject as strings. It checks again what the person may see and
change, and raises Http404 if they may no longer see it."""

_EFFECTS: dict[str, Undo] = {}


def register(effects: Mapping[str, Undo]) -> None:
    """Register the effects of a wing by the names of their actions; called when the apps are ready."""
    _EFFECTS.update(effects)


def actions() -> list[str]:
    """Return the names of all actions that can be undone."""
    return sorted(_EFFECTS)


def is_known(action: str) -> bool:
    return action in _EFFECTS


def undo(viewer: Viewer, action: str, subject: str) -> Undone:
    """Undo one of the viewer's own actions. Raises Http404 for an unknown action, or if the viewer may no longer see
    what the action changed."""
    if not is_known(action):
        raise Http404
    return _EFFECTS[action](viewer, viewer.user_or_404, *subject.split("|"))


def too_late() -> str:
    return _("It is too late to undo this.")


def changed() -> str:
    return _("This cannot be undone: it has been changed in the meantime.")
