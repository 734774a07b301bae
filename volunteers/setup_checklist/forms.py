"""The forms of the checklist."""

from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.basemap.area_catalogue import AREAS


class StreetMapForm(forms.Form):
    """The area of the street map."""

    area = forms.ChoiceField(
        label=_("Area"),
        choices=[("", _("Choose an area")), *((area.key, area.name) for area in AREAS.values())],
        help_text=_("Your area is not in the list? The guide for administrators has a command for any area."),
    )
