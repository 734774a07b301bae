"""How actions of reports are undone. Every lookup checks again what the person may see and change."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _

from needs.base.undo import undoing
from needs.base.undo.undoing import Undo, Undone
from needs.models import Encounter, Retraction
from needs.reports import filing
from solidarity.lib.site import features
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer


def _take_back(viewer: Viewer, user: User, retraction: str) -> Undone:
    """Subject: a retraction."""
    row = Retraction.objects.filter(pk=retraction, author=user).first()
    own = Encounter.objects.of_associations(user).filter(pk=row.report).first() if row else None
    if row is None or own is None or not filing.restore(row.pk):
        return Undone(False, undoing.changed(), reverse("needs:mine"))
    on_tour = own.tour_id and features.is_on("tours")
    page = reverse("needs:tour", args=[own.tour_id]) if on_tour else reverse("needs:encounter", args=[own.pk])
    return Undone(True, _("Undone. The encounter counts again."), page)


ACTIONS: Mapping[str, Undo] = {
    "take-back": _take_back,
}
