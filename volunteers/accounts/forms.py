from django import forms

from volunteers.models import User


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ("display_name",)
