"""The form with which a volunteer asks an association to vouch for them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Association, User, Vouch
from volunteers.people.vouching import vouching


class VouchForm(PiiCheckedForm, forms.Form):
    """The association to ask, and a short message to it."""

    pii_checked = {"text": EVERYTHING}

    association = forms.ModelChoiceField(
        label=_("Which association knows you?"), queryset=Association.objects.none(), to_field_name="slug"
    )
    text = forms.CharField(
        label=_("How do they know you?"),
        required=False,
        max_length=300,
        help_text=_("For example: you came along on two tours. They see your name and your e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        asked = Vouch.objects.filter(user=user, ended_at=None).exclude(accepted=False).values("association")
        field = self.fields["association"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Association.objects.exclude(pk__in=[*vouching.associations_of(user)]).exclude(pk__in=asked)
