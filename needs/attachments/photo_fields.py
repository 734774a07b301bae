"""A photo beside a report."""

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.attachments import photos


class PhotoForm(forms.Form):
    """A form with a photo. too_large: it was left out while it came in (needs.attachments.photos.Capped)."""

    photo = forms.FileField(
        label=_("A photo"),
        required=False,
        help_text=_(
            "Of the place, not of faces. At most 5 MB. The position hidden in it is removed; it is deleted after two weeks."
        ),
        widget=forms.FileInput(attrs={"accept": photos.ACCEPT}),
    )
    too_large = False

    def clean_photo(self) -> bytes | None:
        """The photo encoded anew; what is wrong with it is said beside it."""
        if self.too_large:
            raise forms.ValidationError(str(photos.WORDS[photos.Problem.TOO_LARGE]))
        sent = self.cleaned_data["photo"]
        if not sent:
            return None
        if len(self.files.getlist("photo")) > 1:
            raise forms.ValidationError(str(photos.WORDS[photos.Problem.TOO_MANY]))
        try:
            return photos.reencode(sent)
        except photos.PhotoRefused as refused:
            raise forms.ValidationError(str(refused.words)) from None

    def full_clean(self) -> None:
        """A form that comes back for whatever reason comes back without its photo: that is said."""
        super().full_clean()
        if self.is_bound and self.errors and self.cleaned_data.get("photo"):
            self.add_error("photo", _("Please choose the photo once more: browsers do not keep it."))
