"""Forms of lending: finding things, adding or changing an item, entering a wish, changing the stock."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from needs.base.attachments.photo_fields import PhotoForm
from needs.models import Tour
from needs.neighbours.lending import distance_bands
from needs.neighbours.lending.catalogue import Wanted
from needs.neighbours.lending.item_changes import ItemDraft
from needs.neighbours.lending.item_kinds import ItemCategory, ItemCondition, StockReason
from needs.reports.forms import MintedForm, PlaceForm
from solidarity.lib import grid
from solidarity.lib.number_fields import Whole
from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import CONTACTS
from volunteers.models import Association
from volunteers.people.associations.own_association import OwnAssociationForm
from volunteers.places.territories.areas import Area

PERSONAL = (Kind.NAME, *CONTACTS)
"""Personal data that texts about things are checked for.

Health and origin are not included, because a thing may be medical or come from a country.
"""
MOST_PIECES = 999
PHOTO_HELP = _("Photograph the thing, without people. At most 5 MB. We remove the hidden position.")


class NearThingsForm(forms.Form):
    """The filter of a list of things near a place. The values of the filter are in the URL, so the filter contains no
    exact place."""

    area = forms.ChoiceField(label=_("Near what?"), required=False)
    category = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("everything")), *ItemCategory.choices]
    )
    within = forms.TypedChoiceField(
        label=_("How far"), required=False, coerce=int, empty_value=None,
        choices=[("", _("any distance")), *((metres, f"{metres // 1000} km") for metres in distance_bands.LIMITS[:-1])],
    )  # fmt: skip
    words = forms.CharField(
        label=_("Words"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, areas: Sequence[Area], has_base: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        area = self.fields["area"]
        assert isinstance(area, forms.ChoiceField)
        near_me = _("where I usually start from") if has_base else _("choose an area")
        area.choices = [("", near_me), *((each.slug, each.name) for each in areas)]

    @property
    def wanted(self) -> Wanted:
        """The search; invalid values are ignored."""
        self.is_valid()
        data = self.cleaned_data
        within = data.get("within") or distance_bands.LIMITS[-1]
        return Wanted(data.get("category", ""), data.get("words", ""), within)

    @property
    def chosen_area(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("area", ""))


class NearWishesForm(NearThingsForm):
    """The filter of other people's wishes near a place."""

    within = None  # type: ignore[assignment]
    words = None  # type: ignore[assignment]


class OwnedForm(OwnAssociationForm, MintedForm, PlaceForm):
    """A thing or a wish of a person or of one of their associations. Only the cell of its place is stored."""

    place_text = None  # type: ignore[assignment]
    myself, myself_first = _("mine"), True
    association = forms.TypedChoiceField(
        label=_("Whose is it?"), required=False, empty_value=None, widget=forms.RadioSelect
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.place_is_wrong and self.place is None:
            self.refuse_place(_("Say roughly where it is: tap the map or use your position."))
        return self.cleaned_data

    @property
    def cell(self) -> int:
        """The cell of resolution 8 of a valid form."""
        assert self.place is not None
        return distance_bands.coarse(grid.cell_of(self.place.latitude, self.place.longitude))


class ItemForm(PiiCheckedForm, PhotoForm, OwnedForm):
    """An item to lend."""

    pii_checked = {"name": PERSONAL, "about": PERSONAL}

    category = forms.ChoiceField(label=_("What is it?"), choices=ItemCategory.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Describe it in a few words"),
        max_length=80,
        help_text=_("For example “sleeping bag, down to −5 °C”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    condition = forms.ChoiceField(
        label=_("Condition"), choices=ItemCondition.choices, initial=ItemCondition.GOOD, widget=forms.RadioSelect
    )
    quantity = Whole(label=_("How many?"), least=1, most=MOST_PIECES, initial=1)
    about = forms.CharField(
        label=_("What else should one know?"),
        required=False,
        max_length=500,
        help_text=_("Size, what is missing, how to use it. No names and no telephone numbers."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    minimum = Whole(
        label=_("Tell us when fewer are left than"),
        least=1,
        most=MOST_PIECES,
        required=False,
        help_text=_("For the stock of an association: its dispatchers get a message."),
    )

    def __init__(self, *args: Any, too_large: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.too_large = too_large
        self.fields["photo"].help_text = PHOTO_HELP
        if "association" not in self.fields:
            del self.fields["minimum"]

    @property
    def draft(self) -> ItemDraft:
        """The item of a valid form."""
        data = self.cleaned_data
        return ItemDraft(
            category=data["category"], name=data["name"], about=data["about"], condition=data["condition"],
            quantity=data["quantity"], minimum=data.get("minimum") if self.owner else None, cell=self.cell,
        )  # fmt: skip


class ItemChangeForm(ItemForm):
    """A change of an item. The owner stays the same, and photos have a separate form."""

    def __init__(self, *args: Any, association: Association | None, **options: Any) -> None:
        super().__init__(*args, associations=[association] if association else [], **options)
        for name in ("association", "photo", "id"):
            self.fields.pop(name, None)
        self.fields["quantity"].widget.attrs["min"] = self.fields["quantity"].min_value = 0 if association else 1  # type: ignore[attr-defined]
        self.stocked_by = association

    @property
    def owner(self) -> Association | None:
        return self.stocked_by


class ItemPhotoForm(PhotoForm):
    """One more photo of an item."""

    def __init__(self, *args: Any, too_large: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.too_large = too_large
        self.fields["photo"].help_text = PHOTO_HELP
        self.fields["photo"].required = True


class WishForm(PiiCheckedForm, OwnedForm):
    """Something that a person or an association looks for."""

    myself = _("for myself")
    pii_checked = {"text": PERSONAL}

    category = forms.ChoiceField(
        label=_("What are you looking for?"), choices=ItemCategory.choices, widget=forms.RadioSelect
    )
    text = forms.CharField(
        label=_("Details"),
        required=False,
        max_length=200,
        help_text=_("Size or use. No names and no telephone numbers."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label=_("For how long?"),
        coerce=int,
        initial=30,
        choices=[(7, _("a week")), (30, _("a month")), (90, _("three months"))],
        widget=forms.RadioSelect,
    )
    alert = forms.BooleanField(label=_("Tell me when somebody near lends one"), required=False, initial=True)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "association" in self.fields:
            self.fields["association"].label = _("For whom?")

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("category") == ItemCategory.OTHER and not data.get("text") and "text" not in self.errors:
            self.add_error("text", _("Say what you look for, because “another thing” can be anything."))
        return data

    @property
    def until(self) -> Any:
        return timezone.now() + timedelta(days=self.cleaned_data["days"])


class MoveForm(MintedForm):
    """A change of the stock. The reason decides whether pieces come or go; a count gives the number of pieces that are
    in the store now."""

    reason = forms.ChoiceField(label=pgettext_lazy("stock", "What happened?"), choices=StockReason.choices)
    quantity = Whole(label=_("How many?"), least=0, most=MOST_PIECES, initial=1)
    tour: "forms.ModelChoiceField[Tour]" = forms.ModelChoiceField(
        label=_("With which tour?"), queryset=Tour.objects.none(), required=False, empty_label=_("no tour")
    )

    def __init__(self, *args: Any, tours: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["tour"].queryset = tours  # type: ignore[attr-defined]
