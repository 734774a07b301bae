"""The forms of the checklist."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.places.basemap.area_catalogue import AREAS
from volunteers.places.place_names.imports.address_installation import DEPARTMENT, MOST_BYTES


class StreetMapForm(forms.Form):
    """The area of the street map."""

    area = forms.ChoiceField(
        label=_("Area"),
        choices=[("", _("Choose an area")), *((area.key, area.name) for area in AREAS.values())],
        help_text=_("Your area is not in the list? The guide for administrators has a command for any area."),
    )


class AddressesForm(forms.Form):
    """The department whose addresses are installed, and a file with them if the server has no network."""

    department = forms.CharField(
        label=_("Department"), max_length=3,
        help_text=_("Its number, for example 75, 2A or 974."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "short"}),
    )  # fmt: skip
    file = forms.FileField(
        label=_("File"), required=False,
        help_text=_(
            "Only if this server has no network: download adresses-75.csv.gz from adresse.data.gouv.fr, folder csv, with "
            "your own computer. Up to 60 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.gz"}),
    )  # fmt: skip

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is too large. Send the packed file, which ends with .csv.gz."))
        return file

    def clean_department(self) -> str:
        department: str = self.cleaned_data["department"].strip().upper()
        if not DEPARTMENT.fullmatch(department):
            raise forms.ValidationError(_("Use the number of a department: 01 to 95, 2A, 2B, or 971 to 988."))
        return department
