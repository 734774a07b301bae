"""Forms of the notification page. volunteers.people.notifications.preferences stores their data."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from volunteers.enums import DigestRhythm, Medium, Topic

_TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


@dataclass(frozen=True, slots=True)
class Row:
    """A topic and its checkboxes, one per medium."""

    topic: Topic
    boxes: list[tuple[Medium, forms.BoundField]]


class NotificationsForm(forms.Form):
    """Topics by media, quiet hours, the language of messages, and how often the digest comes."""

    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=_TIME)
    quiet_until = forms.TimeField(label=_("Quiet until"), required=False, widget=_TIME)
    language = forms.ChoiceField(label=_("Language of messages"), choices=settings.LANGUAGES)
    digest = forms.ChoiceField(
        label=_("Digest by e-mail"),
        choices=[("", _("never")), *DigestRhythm.choices],
        required=False,
        help_text=_("What changed near you, tours with free places, needs answered. It comes at 7 in the morning."),
    )

    def __init__(self, data: Any = None, *, topics: list[Topic], media: list[Medium], **options: Any) -> None:
        super().__init__(data, **options)
        self.topics, self.ways = topics, media
        for topic in topics:
            for medium in media:
                label = f"{topic.label}: {medium.label}"
                self.fields[f"{topic}:{medium}"] = forms.BooleanField(label=label, required=False)

    def rows(self) -> Iterator[Row]:
        """Yield the rows of checkboxes."""
        for topic in self.topics:
            yield Row(topic, [(medium, self[f"{topic}:{medium}"]) for medium in self.ways])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("quiet_from"), cleaned.get("quiet_until")
        missing = "quiet_until" if start and not end else "quiet_from" if end and not start else ""
        if missing and missing not in self.errors:
            self.add_error(missing, _("Quiet hours need both a start and an end."))
        if start and start == end:
            self.add_error("quiet_until", _("Quiet hours cannot start and end at the same time."))
        return cleaned

    def shown_pairs(self) -> set[str]:
        """Return the pairs of topic and medium that the form shows."""
        return {f"{topic}:{medium}" for topic in self.topics for medium in self.ways}

    def wanted(self) -> set[str]:
        """Return the checked pairs of a valid form."""
        return {pair for pair in self.shown_pairs() if self.cleaned_data[pair]}


class PhoneForm(forms.Form):
    """A telephone number to which a code is sent."""

    phone = forms.CharField(
        label=_("Mobile number"),
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )


class CodeForm(forms.Form):
    """The code that was sent to the number."""

    code = forms.CharField(
        label=_("The six digits of the code"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


class BrowserForm(forms.Form):
    """A browser's subscription, with the field names of PushSubscription.toJSON()."""

    endpoint = forms.CharField(max_length=1000)
    p256dh = forms.CharField(max_length=120)
    auth = forms.CharField(max_length=60)
