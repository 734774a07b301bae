"""Forms of reports and appeals."""

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.moderation_codes import ReportReason
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING


class ReportContentForm(PiiCheckedForm, forms.Form):
    """A report of a text: a tap on the reason sends it. website: a trap for programs; people do not see it."""

    pii_checked = {"words": EVERYTHING}

    reason = forms.ChoiceField(choices=ReportReason.choices, error_messages={"required": _("Choose a reason.")})
    words = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=300,
        help_text=_("Only moderators read it. No names, please."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}))

    @property
    def trapped(self) -> bool:
        """Whether a program filled in the field that people do not see."""
        return bool(self.cleaned_data.get("website"))


class AppealForm(PiiCheckedForm, forms.Form):
    pii_checked = {"words": EVERYTHING}

    words = forms.CharField(
        label=_("Why is the decision wrong?"),
        max_length=500,
        help_text=_("You can appeal once. Another moderator will read your appeal."),
        error_messages={"required": _("Write why the decision is wrong.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
