"""The forms about the site."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from solidarity.lib.site import site_choices
from solidarity.lib.site.emergency_gate import Purpose
from volunteers.enums import Language
from volunteers.models import SiteDetails
from volunteers.people.notifications.phone_numbers import mobile
from volunteers.site.site_details.country_names import countries

ORGANISATION = ("name", "email", "phone", "address", "number", "director", "host")


class OrganisationForm(forms.ModelForm):
    """The organisation that runs the site."""

    class Meta:
        model = SiteDetails
        fields = ORGANISATION
        help_texts = {  # noqa: RUF012
            "name": _("For example: Maraude du Nord, association loi 1901"),
            "email": _("For questions, also about personal data. Everybody can read it."),
            "number": _("For example: RNA W751234567"),
            "director": _("The person responsible for what the site publishes."),
            "host": _("Name, address and telephone number of the company or person that hosts the machine."),
        }
        widgets = {  # noqa: RUF012
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
            "address": forms.TextInput(attrs={"autocomplete": "street-address"}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ORGANISATION:  # the form proposes the values of the settings
            self.initial[name] = self.initial.get(name) or settings.PUBLISHER[name]
        for name, words in (("name", _("Enter the name.")), ("email", _("Enter an e-mail address."))):
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = words


_NUMBER = RegexValidator(r"^\+?[0-9][0-9 ]{1,18}$", _("Enter digits and spaces only, for example 190."))


class CountryForm(forms.Form):
    """Country, emergency numbers, languages."""

    country = forms.ChoiceField(
        label=_("Country"), help_text=_("It decides which emergency numbers everybody sees first.")
    )
    language = forms.ChoiceField(
        label=_("Main language"),
        choices=settings.LANGUAGES,
        help_text=_("For messages, and for visitors whose own language the site does not have."),
    )
    public_languages = forms.MultipleChoiceField(
        label=_("Further languages for people who need help"),
        required=False,
        choices=[(code, Language(code).label) for code, _own_name in settings.PUBLIC_LANGUAGES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("English and French are always there."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["country"].choices = countries()  # type: ignore[attr-defined]
        for purpose in Purpose:
            widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
            self.fields[f"number_{purpose}"] = forms.CharField(
                label=purpose.label, required=False, max_length=20, validators=[_NUMBER], widget=widget
            )

    @property
    def number_fields(self) -> list[forms.BoundField]:
        """The fields of the emergency numbers."""
        return [self[f"number_{purpose}"] for purpose in Purpose]

    @property
    def has_own_numbers(self) -> bool:
        """Whether a number is entered, or refused."""
        return any(field.value() or field.errors for field in self.number_fields)

    def choices(self) -> dict[str, Any]:
        """Return the values for ``saving.save``. If all public languages are chosen, their value is null, so that a new
        language is offered too."""
        data = self.cleaned_data
        every = [code for code, _name in settings.PUBLIC_LANGUAGES]
        return {
            "country": data["country"],
            "language": data["language"],
            "public_languages": None if set(data["public_languages"]) == set(every) else data["public_languages"],
            "numbers": {
                purpose.value: " ".join(data[f"number_{purpose}"].split())
                for purpose in Purpose
                if data[f"number_{purpose}"]
            },
        }

    @classmethod
    def stored(cls, row: SiteDetails) -> dict[str, Any]:
        """Return the initial values."""
        every = [code for code, _name in settings.PUBLIC_LANGUAGES]
        return {
            "country": row.country or settings.COUNTRY,
            "language": row.language or (get_language() or site_choices.main_language()).partition("-")[0],
            "public_languages": every if row.public_languages is None else row.public_languages,
            **{f"number_{purpose}": number for purpose, number in row.numbers.items()},
        }


class TestMailForm(forms.Form):
    """The address to which the test mail is sent."""

    email = forms.EmailField(
        label=_("Send a test mail to"),
        error_messages={"required": _("Enter an e-mail address."), "invalid": _("This is not an e-mail address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
    )


class TestTextForm(forms.Form):
    """The number to which the test text message is sent."""

    phone = forms.CharField(
        label=_("Send a test text message to"),
        max_length=40,
        error_messages={"required": _("Enter a mobile number.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_phone(self) -> str:
        """Return the number in E.164; refuse a number that is no mobile number."""
        number = mobile(self.cleaned_data["phone"], anywhere=True)
        if number is None:
            raise forms.ValidationError(_("This is not a mobile number. It looks like +33 6 12 34 56 78."))
        return number
