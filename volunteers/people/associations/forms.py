"""Forms of the members page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.enums import Role


class InviteForm(forms.Form):
    """The e-mail address and role of a new member."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("As what?"), choices=Role.choices, initial=Role.MEMBER, widget=forms.RadioSelect)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)
