"""Forms of the pages about people."""

from django import forms
from django.utils.translation import gettext_lazy as _

from volunteers.people.accounts.models import one_line
from volunteers.places.territories import duties
from volunteers.site.people.people_list import Show


class PeopleForm(forms.Form):
    """The part of the list to show, and a search in it. The form is posted, because a name must not be in a URL."""

    show = forms.ChoiceField(label=_("Show"), choices=Show.choices, required=False)
    said = forms.CharField(
        label=_("A part of the name, or the whole e-mail address"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search"}),
    )


class SignUpForm(forms.Form):
    """Whether people can create an account by themselves."""

    closed = forms.TypedChoiceField(
        label=_("Who can create an account?"),
        choices=[("no", _("everybody")), ("yes", _("only people with an invitation"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    ask = forms.CharField(
        label=_("Whom to ask for an invitation"),
        required=False,
        max_length=200,
        validators=[one_line],
        help_text=_(
            "Everybody can read this line. If it is empty, the page names the organisation that runs the site."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_closed(self) -> bool:
        """Keep sign-up closed while nobody moderates."""
        closed = bool(self.cleaned_data["closed"])
        if not closed and self.initial["closed"] == "yes" and not duties.somebody_moderates():
            raise forms.ValidationError(
                _("First give somebody the duty of coordinator: they moderate what new people write.")
            )
        return closed
