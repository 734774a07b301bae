"""The form of the site's categories: a row for each."""

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from needs.base.site_categories import site_list
from needs.enums import Category
from needs.models import SiteCategory
from solidarity.lib import languages
from solidarity.lib.labels import LABEL_LANGUAGES
from solidarity.lib.site import site_choices


class SiteCategoryForm(forms.Form):
    """A category. A row without names is not stored, so the category of this row is deleted. Names in public languages
    are optional."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name_en = forms.CharField(label=_("In English"), max_length=60, required=False)
    name_fr = forms.CharField(label=_("In French"), max_length=60, required=False)
    kind = forms.ChoiceField(label=_("Kind of need"), choices=Category.choices, initial=Category.OTHER)
    shown = forms.BooleanField(label=_("Show in forms"), required=False, initial=True)
    order = forms.IntegerField(label=_("Order"), min_value=1, max_value=99, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for code in site_choices.public_languages():
            self.fields[f"name_{code}"] = forms.CharField(
                label=languages.own_name(code),
                max_length=60,
                required=False,
                widget=forms.TextInput(attrs={"lang": code}),
            )

    @property
    def other_names(self) -> list[Any]:
        """The fields of the public languages."""
        return [self[f"name_{code}"] for code in site_choices.public_languages()]

    def clean(self) -> dict[str, Any]:
        super().clean()
        names = [self.cleaned_data.get(f"name_{code}") for code in LABEL_LANGUAGES]
        if any(names) and not all(names):
            self.add_error("name_fr" if names[0] else "name_en", _("Enter the name in both languages."))
        return self.cleaned_data

    @property
    def names(self) -> dict[str, str]:
        found = {
            name.removeprefix("name_"): value for name, value in self.cleaned_data.items() if name.startswith("name_")
        }
        return {code: value for code, value in found.items() if value}


SiteCategoryFormSet: Any = formset_factory(
    SiteCategoryForm, extra=0, max_num=site_list.MOST, absolute_max=site_list.MOST, validate_max=True
)


def rows_form(data: Any) -> Any:
    """Return the rows of the form: the site's categories, or the fixed kinds if there are none yet, and two empty rows."""
    if data is not None:
        return SiteCategoryFormSet(data, prefix="category")
    found = list(SiteCategory.objects.filter(deleted_at=None))
    initial: list[dict[str, Any]] = [
        {"key": row.pk, "kind": row.kind, "shown": row.shown, "order": number}
        | {f"name_{code}": name for code, name in row.names.items()}
        for number, row in enumerate(found, start=1)
    ]
    empty: list[dict[str, Any]] = [{"shown": True}] * (2 if initial else 4)
    return SiteCategoryFormSet(initial=[*initial, *empty][: site_list.MOST], prefix="category")


def chosen(rows: Any) -> list[SiteCategory]:
    """Return the categories of valid rows in their order; a key that is not in the list makes a new one."""
    known = set(SiteCategory.objects.filter(deleted_at=None).values_list("pk", flat=True))
    filled = [row for row in rows if row.cleaned_data.get("name_en")]
    filled.sort(key=lambda row: row.cleaned_data.get("order") or 99)
    return [
        SiteCategory(
            pk=data["key"] if data["key"] in known else None, names=row.names, kind=data["kind"], shown=data["shown"]
        )
        for row in filled
        for data in [row.cleaned_data]
    ]
