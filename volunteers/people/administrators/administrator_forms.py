"""The form that invites an administrator."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AdministratorForm(forms.Form):
    """An invitation to become an administrator."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    hand_over = forms.BooleanField(
        label=_("I hand over: I stop being an administrator when this person starts"), required=False
    )
