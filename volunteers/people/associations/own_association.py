"""The field of forms in which a person acts for one of their associations."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise

from volunteers.models import Association


class OwnAssociationForm(forms.Form):
    """A form with a field ``association`` whose choices are the associations of the person. Without associations, the form
    does not ask.

    myself: the words for acting without an association; None if an association is required. Then only members of several
    associations are asked. myself_first: whether these words come first and are chosen at first.
    """

    myself: ClassVar[str | Promise | None] = None
    myself_first: ClassVar[bool] = False

    def __init__(self, *args: Any, associations: Sequence[Association], **options: Any) -> None:
        super().__init__(*args, **options)
        self.associations = {own.slug: own for own in associations}
        if not associations:
            del self.fields["association"]
            return
        field = self.fields["association"]
        assert isinstance(field, forms.TypedChoiceField)
        choices: list[tuple[str, Any]] = [(own.slug, own.name) for own in associations]
        if self.myself is not None:
            choices.insert(0 if self.myself_first else len(choices), ("", self.myself))
        field.choices = choices
        field.coerce = self.associations.__getitem__
        field.initial = field.initial or choices[0][0]
        if len(choices) == 1:
            field.widget = forms.HiddenInput()
            field.required = False
            field.empty_value = associations[0]  # type: ignore[assignment]

    @property
    def owner(self) -> Association | None:
        """The chosen association of a valid form; None for the person."""
        found: Association | None = self.cleaned_data.get("association")
        return found
