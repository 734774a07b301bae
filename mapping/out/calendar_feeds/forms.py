"""The form that makes a calendar address."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mapping.enums import FeedScope
from mapping.out.calendar_feeds.feed_addresses import Source


class FeedForm(forms.Form):
    """Form with which the reader chooses the person, association or territory for the new address."""

    source_key = forms.ChoiceField(
        label=gettext_lazy("Which tours"), widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, sources: Sequence[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sources = {each.key: each for each in sources}
        self.fields["source_key"].choices = [  # type: ignore[attr-defined]
            (each.key, _label(each)) for each in sources
        ]

    @property
    def source(self) -> Source:
        """The chosen source of a valid form."""
        return self._sources[self.cleaned_data["source_key"]]


def _label(source: Source) -> str:
    if source.association is not None:
        return _("Tours of %(name)s") % {"name": source.association.name}
    if source.territory is not None:
        return _("Tours in %(name)s") % {"name": source.territory.name}
    return str(FeedScope.OWN.label).capitalize()
