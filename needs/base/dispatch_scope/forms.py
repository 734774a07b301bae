"""Forms of the desk."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from needs.base.dispatch_scope.sharing import MAX_HOURS
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties

HOURS = (6, 12, 24, 48, 72)


class ShareForm(forms.Form):
    """The territory with which a need is shared, and the number of hours."""

    territory = forms.ModelChoiceField(label=_("Territory"), queryset=Territory.objects.none(), to_field_name="slug")
    hours = forms.TypedChoiceField(label=_("For how long"), coerce=int)

    def __init__(self, viewer: Viewer, data: Any = None) -> None:
        super().__init__(data, auto_id="share_%s", initial={"hours": min(settings.SHARING_HOURS, MAX_HOURS)})
        others = duties.staffed().exclude(pk__in=Territory.objects.dispatched_by(viewer).values("pk"))
        self.fields["territory"].queryset = others  # type: ignore[attr-defined]
        hours = sorted({*HOURS, min(settings.SHARING_HOURS, MAX_HOURS)})
        self.fields["hours"].choices = [(each, _hours(each)) for each in hours]  # type: ignore[attr-defined]


def _hours(hours: int) -> str:
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
