"""Forms of the dispatchers' page of unclear messages."""

from typing import Any, override

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.conversations.contact_words import tells_contact
from needs.enums import NeedState, Origin, OutcomeReason
from needs.help.phone_intake.forms import NO_DANGER, DeskNeedForm
from needs.messages.channels.models import MOST_SENT
from needs.messages.message_desk.ready_questions import ReadyQuestion
from needs.messages.message_desk.sorting_out import PUT_ASIDE
from needs.models import Need, NeedQuerySet
from solidarity.lib.pii_check.detection import Kind, folded
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING, look, said_of
from volunteers.models import Territory
from volunteers.places.territories import duties

NOT_SENT = (Kind.NAME, Kind.PHONE, Kind.EMAIL)
SHORTEST_PLACE = 4
"""A message must not repeat a place in words that has at least this many letters."""
NO_PLACE: str | Promise = gettext_lazy(
    "This names a place. Others may read messages on this phone: ask “are you still there?” without the address."
)


class SeenForm(forms.Form):
    """A step of a dispatcher. seen: the number of messages on the dispatcher's page."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class MessageNeedForm(SeenForm, DeskNeedForm):
    """The need that messages report. The button that sends the form sets its state."""

    ENDINGS = (NeedState.VERIFIED, NeedState.OPEN)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        labels: dict[str, str] = {
            "gate": _("Is somebody in danger?"), "origin": _("Who needs it?"), "text": _("What the messages say"),
        }  # fmt: skip
        for name, label in labels.items():
            self.fields[name].label = label
        self._set_choices("origin", [(Origin.SELF, _("the person who wrote")), (Origin.CITIZEN, _("somebody else"))])
        self._set_choices("ending", [(state.value, state.label) for state in self.ENDINGS])
        self.fields["ending"].error_messages["required"] = _("Choose “verified” or “open”.")

    def _set_choices(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @override
    def pii_needs_confirmation(self) -> bool:
        return False  # the person's own words; volunteers cannot read them until a dispatcher opens the need

    @staticmethod
    def first_answers(*, danger: bool) -> dict[str, Any]:
        """Return initial answers. danger: whether danger words were found; the dispatcher then answers that question."""
        return {"gate": "" if danger else NO_DANGER}


class AnswerForm(PiiCheckedForm, SeenForm):
    """A message to the person: a ready question, or the dispatcher's own words. The message contains no place and no
    name of a person.

    place: the place that the person gave, in words, which the message must not repeat.
    """

    pii_checked = {"text": EVERYTHING}

    ready = forms.ChoiceField(choices=ReadyQuestion.choices, required=False)
    text = forms.CharField(
        label=gettext_lazy("Ask or answer in your own words"),
        required=False,
        max_length=MOST_SENT,
        help_text=gettext_lazy("No name, no place, no number: somebody else may read messages on this phone."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, place: str = "", **options: Any) -> None:
        super().__init__(*args, **options)
        self.place = place

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].strip()
        if found := look(text, NOT_SENT):
            raise forms.ValidationError([_("We do not send names or numbers."), *said_of(found)])
        place = folded(self.place).casefold().strip()
        repeats = len(place) >= SHORTEST_PLACE and place in folded(text).casefold()
        if repeats or tells_contact(text):
            raise forms.ValidationError(str(NO_PLACE))
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("ready") and not data.get("text") and not self.errors:
            self.add_error("text", _("Write what you want to send, or choose a ready question."))
        return data


class PutAsideForm(SeenForm):
    """The reason why messages do not report a need."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"),
        choices=[("", gettext_lazy("choose")), *((why.value, OutcomeReason(why).label) for why in PUT_ASIDE)],
        error_messages={"required": gettext_lazy("Choose a reason, so that others understand it later.")},
    )


class HandOverForm(SeenForm):
    """The territory whose dispatchers get the messages."""

    territory = forms.ModelChoiceField(
        label=gettext_lazy("To the dispatchers of"), queryset=Territory.objects.none(), to_field_name="slug",
        empty_label=gettext_lazy("choose"),
        error_messages={"required": gettext_lazy("Choose a territory.")},
    )  # fmt: skip

    def __init__(self, *args: Any, now_in: int | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["territory"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = duties.staffed().exclude(pk=now_in or 0).order_by("name")


class AttachForm(SeenForm):
    """The open need to which messages belong. among: the person's open needs."""

    need = forms.ModelChoiceField(queryset=Need.objects.none())

    def __init__(self, *args: Any, among: NeedQuerySet, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["need"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = among
