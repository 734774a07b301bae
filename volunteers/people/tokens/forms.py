"""The form of a new token."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from volunteers.people.tokens.tokens import DAYS

READ, WRITE = "read", "write"


class TokenForm(forms.Form):
    """Name, scope and lifetime of a new token."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=80,
        help_text=_("A name that helps you recognise it, such as “evening list on my phone”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label=_("What may it do?"),
        choices=[(READ, _("read what I can read")), (WRITE, _("read and change what I can change"))],
        initial=READ,
        widget=forms.RadioSelect,
    )
    days = forms.TypedChoiceField(
        label=_("For how long?"),
        coerce=int,
        initial=90,
        choices=[(days, ngettext_lazy("%d day", "%d days", days) % days) for days in DAYS],
    )
