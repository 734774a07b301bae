"""The form of a scan, which the phone queue and the page send."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from needs.models import Tour
from needs.neighbours.lending.item_kinds import StockReason
from needs.neighbours.stock_labels import item_labels, scanning
from solidarity.lib.number_fields import Whole


class ScanForm(forms.Form):
    """The label, the action, the number of pieces and the tour. tours: the tours that the sender may use."""

    reason = forms.ChoiceField(
        label=_("What happens to it?"),
        choices=[
            (StockReason.OUT.value, _("goes out")),
            (StockReason.BACK.value, _("comes back")),
            (StockReason.GIVEN.value, _("was given")),
        ],
        widget=forms.RadioSelect,
        initial=StockReason.OUT.value,
    )
    quantity = Whole(label=_("How many"), least=1, most=scanning.MOST, initial=1)
    label = forms.CharField(
        label=_("Code on the label"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false", "inputmode": "text"}
        ),
    )
    tour = forms.ModelChoiceField(label=_("Tour"), queryset=Tour.objects.none(), empty_label=None)

    def __init__(self, *args: Any, tours: list[Tour], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["tour"]
        field.queryset = Tour.objects.filter(pk__in=[tour.pk for tour in tours]).order_by("-at")

    def clean_label(self) -> str:
        found = item_labels.read(self.cleaned_data["label"])
        if not found:
            raise forms.ValidationError(
                _("This is not a code of a label. It has ten letters and digits, as under the QR code.")
            )
        return found
