"""The form of an association's profile."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Association
from volunteers.people.accounts.models import one_line
from volunteers.people.associations import association_profile


class AssociationProfileForm(PiiCheckedForm, forms.ModelForm):
    """Form with a description of an association, its contact and its logo."""

    pii_checked = {"about": EVERYTHING}

    logo = forms.FileField(
        label=_("Logo"),
        required=False,
        help_text=_("PNG, JPEG or WebP, at most 2 MB. It is shown in your reports."),
        widget=forms.FileInput(attrs={"accept": ",".join(association_profile.TYPES)}),
    )
    without_logo = forms.BooleanField(label=_("Remove the logo"), required=False)

    class Meta:
        model = Association
        fields = ("about", "website", "contact")
        labels = {"about": _("What do you do?"), "contact": _("How to reach you")}
        help_texts = {
            "contact": _(
                "One line for your reports, such as “contact@association.org, 01 23 45 67 89”. Everybody can read it."
            ),
        }
        widgets = {"about": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["contact"].validators.append(one_line)
        if not self.instance.logo:
            del self.fields["without_logo"]

    def clean_logo(self) -> bytes | None:
        """Return the logo redrawn, or None without a new logo."""
        sent = self.cleaned_data["logo"]
        if not sent:
            return None
        try:
            return association_profile.redrawn(sent)
        except association_profile.LogoRefused as refused:
            raise forms.ValidationError(str(refused.message)) from None
