"""Forms of moderators: decisions, answers to appeals, held words."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.moderation_codes import HIDING, AppealOutcome, Outcome, ReportReason
from needs.conversations.moderation.writing_pauses import DAYS
from needs.conversations.moderation_desk.deciding import Decision
from solidarity.lib.languages import own_name
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING

_REQUIRED = {"required": _("Choose one of the answers.")}


class DecisionForm(PiiCheckedForm, forms.Form):
    """A decision. has_author: whether there is a person who can be warned or paused. final: True if the reader cannot
    pass the case on."""

    pii_checked = {"words": EVERYTHING}

    outcome = forms.ChoiceField(
        label=_("What do you decide?"), choices=Outcome.choices, widget=forms.RadioSelect, error_messages=_REQUIRED
    )
    reason = forms.ChoiceField(
        label=_("Reason, told to the author"), choices=[("", "—"), *ReportReason.choices], required=False,
        help_text=_("Needed if you hide it."),
    )  # fmt: skip
    days = forms.TypedChoiceField(
        label=_("For how many days may the author not write?"), choices=[(each, each) for each in DAYS],
        coerce=int, required=False, initial=3, empty_value=None,
    )  # fmt: skip
    words = forms.CharField(
        label=_("A few words to the author"), required=False, max_length=300,
        help_text=_("Say what was wrong, not who reported it."), widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, has_author: bool, final: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not has_author:
            del self.fields["days"]
        without = ([] if has_author else [Outcome.WARNED, Outcome.PAUSED]) + ([Outcome.PASSED_ON] if final else [])
        outcome = self.fields["outcome"]
        assert isinstance(outcome, forms.ChoiceField)
        outcome.choices = [each for each in Outcome.choices if each[0] not in without]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("outcome") in HIDING and not data.get("reason"):
            self.add_error("reason", _("Choose the reason. The author is told."))
        if data.get("outcome") == Outcome.PAUSED and not data.get("days"):
            self.add_error("days", _("Choose for how many days."))
        return data

    @property
    def decision(self) -> Decision:
        """The decision, once the form is valid."""
        data = self.cleaned_data
        return Decision(Outcome(data["outcome"]), data["reason"], data["words"], data.get("days"))


class AppealAnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What do you decide?"), choices=AppealOutcome.choices, widget=forms.RadioSelect,
        error_messages=_REQUIRED,
    )  # fmt: skip

    @property
    def answer(self) -> AppealOutcome:
        """The answer, once the form is valid."""
        return AppealOutcome(self.cleaned_data["outcome"])


def languages() -> list[tuple[str, str]]:
    """Return the languages that a held word can have: the languages of the site, and "" for all languages."""
    codes = [*dict(settings.LANGUAGES), *dict(settings.PUBLIC_LANGUAGES)]
    return [("", str(_("all languages"))), *((code, own_name(code)) for code in dict.fromkeys(codes))]


class HeldWordForm(forms.Form):
    word = forms.CharField(
        label=_("Word or expression"), max_length=60, error_messages={"required": _("Write the word.")}
    )
    language = forms.ChoiceField(label=_("Language"), choices=languages, required=False)
    whole = forms.BooleanField(label=_("only as a whole word"), required=False, initial=True)


class TryForm(forms.Form):
    text = forms.CharField(
        label=_("A sentence to try"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It is not stored."), error_messages={"required": _("Write a sentence.")},
    )  # fmt: skip
