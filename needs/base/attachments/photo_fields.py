"""The photo field of report forms."""

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.base.attachments import photos


class PhotoForm(forms.Form):
    """A form with a photo. too_large: True if photos.CappedUploadHandler dropped the file."""

    photo = forms.FileField(
        label=_("A photo"),
        required=False,
        help_text=_(
            "Photograph the place, not faces. At most 5 MB. We remove the hidden position, and delete the photo after "
            "two weeks."
        ),
        widget=forms.FileInput(attrs={"accept": photos.ACCEPT}),
    )
    too_large = False

    def clean_photo(self) -> bytes | None:
        """Return the photo re-encoded. Raises ValidationError."""
        if self.too_large:
            raise forms.ValidationError(str(photos.MESSAGES[photos.Problem.TOO_LARGE]))
        sent = self.cleaned_data["photo"]
        if not sent:
            return None
        if len(self.files.getlist("photo")) > 1:
            raise forms.ValidationError(str(photos.MESSAGES[photos.Problem.TOO_MANY]))
        try:
            return photos.reencode(sent)
        except photos.PhotoRefused as refused:
            raise forms.ValidationError(str(refused.message)) from None

    def full_clean(self) -> None:
        """Validate. If another field is invalid, ask the sender to choose the photo again."""
        super().full_clean()
        if self.is_bound and self.errors and self.cleaned_data.get("photo"):
            self.add_error("photo", _("Please choose the photo again: the browser does not keep it."))
