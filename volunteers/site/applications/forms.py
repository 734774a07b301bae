"""The form with which an association applies, and the answer to it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Territory
from volunteers.people.accounts.models import one_line


class ApplicationForm(PiiCheckedForm, forms.Form):
    """An association's application. The address belongs to the person who applies, and gets the answer."""

    pii_checked = {"about": EVERYTHING}

    name = forms.CharField(
        label=_("Name of the association"),
        max_length=120,
        validators=[one_line],
        error_messages={"required": _("Write the name of the association.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    territory = forms.ModelChoiceField(
        label=_("Where do you work?"),
        queryset=Territory.objects.none(),
        to_field_name="slug",
        help_text=_("A coordinator of this territory answers you."),
        error_messages={"required": _("Choose a territory.")},
    )
    about = forms.CharField(
        label=_("What do you do?"),
        max_length=1000,
        help_text=_(
            "For example: two tours a week with food and blankets, ten volunteers. No names of people you help."
        ),
        error_messages={"required": _("Write in one or two sentences what you do.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    website = forms.URLField(
        label=_("Website"),
        required=False,
        max_length=200,
        assume_scheme="https",
        error_messages={"invalid": _("This is not a web address. It looks like https://example.org.")},
    )
    person = forms.CharField(
        label=_("Your name"),
        max_length=80,
        validators=[one_line],
        error_messages={"required": _("Write your name, so that the coordinator knows who asks.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("The answer goes to this address. If it is yes, you are the first member and invite the others."),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("This is not an e-mail address. It looks like name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["territory"].queryset = Territory.objects.defer("polygon")  # type: ignore[attr-defined]


class AnswerForm(PiiCheckedForm, forms.Form):
    """A short message that is sent with the answer to an application."""

    pii_checked = {"word": EVERYTHING}

    word = forms.CharField(
        label=_("A word with your answer"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    answer = forms.ChoiceField(choices=[("accept", ""), ("decline", "")])
