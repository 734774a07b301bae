"""The form of the reader's own account."""

from django import forms

from volunteers.models import User


class ProfileForm(forms.ModelForm):
    """The name shown to the team."""

    class Meta:
        model = User
        fields = ("display_name",)
