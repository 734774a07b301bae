"""The form with an event's texts in one language."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from needs.crises.event_languages.event_texts import MESSAGE, NAME, preset_name
from needs.models import Crisis
from solidarity.lib.labels import LABEL_LANGUAGES
from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.forms import PiiCheckedForm

_PEOPLE = (Kind.NAME, Kind.HEALTH, Kind.ORIGIN)


class EventLanguageForm(PiiCheckedForm, forms.Form):
    """Name, message and names of the categories in one language. All texts are optional; empty texts are not stored."""

    pii_checked = {NAME: _PEOPLE, MESSAGE: _PEOPLE}

    name = forms.CharField(label=_("Name of the event"), max_length=120, required=False)
    message = forms.CharField(
        label=_("Message to the public"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, data: Any = None, *, crisis: Crisis, code: str) -> None:
        super().__init__(data, initial=crisis.texts.get(code, {}))
        self.categories = [] if code in LABEL_LANGUAGES else list(crisis.categories.all())
        for category in self.categories:
            field = forms.CharField(label=str(category), max_length=60, required=False)
            field.initial = category.names.get(code, "")
            field.widget.attrs["placeholder"] = preset_name(category, code)
            self.fields[f"category_{category.pk}"] = field
        direction = "rtl" if code in settings.LANGUAGES_BIDI else "ltr"
        for each in self.fields.values():
            each.widget.attrs |= {"lang": code, "dir": direction}
        self.fields[NAME].help_text = escape(crisis.name)  # templates show help texts without escaping
        self.fields[MESSAGE].help_text = escape(crisis.message)

    @property
    def texts(self) -> dict[str, str]:
        """The entered name and message; the form must be valid."""
        return {name: self.cleaned_data[name] for name in (NAME, MESSAGE)}

    @property
    def names(self) -> dict[int, str]:
        """The entered names of the categories, by key; the form must be valid."""
        return {each.pk: self.cleaned_data[f"category_{each.pk}"] for each in self.categories}
