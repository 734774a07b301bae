"""Forms of territories: the file, the territories that its features become, and the values of one territory."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core import signing
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mapping.plans.territory_setup.new_territories import Choices
from mapping.plans.territory_setup.territory_changes import Values
from solidarity.lib.border_files import border_reader
from solidarity.lib.border_files.border_problems import BordersRefused
from solidarity.lib.border_files.border_reader import Feature
from solidarity.lib.number_fields import without_spaces
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.enums import CountKind, Level
from volunteers.models import Territory, User
from volunteers.places.commune_borders import commune_download, departments
from volunteers.places.territories.duty_forms import LastDayField
from volunteers.places.territories.people_counts import LEAST_ERROR, MOST_ERROR, PeopleCount

_SALT = "mapping.territory_setup.previewed"
MOST_PERSONS = 1_000_000


def _indented(territory: Territory) -> str:
    return "\u2003" * (territory.path.count("/") - 1) + territory.name


class _ParentField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return _indented(obj)


class _PersonsField(forms.FloatField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False, min_value=0, max_value=MOST_PERSONS, localize=True,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **options,
        )  # fmt: skip

    def to_python(self, value: Any) -> Any:
        return super().to_python(without_spaces(value))

    def prepare_value(self, value: Any) -> Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value


class _PercentField(forms.FloatField):
    """A share that people write in per cent."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False, min_value=0, max_value=100 * MOST_ERROR, localize=True,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}), **options,
        )  # fmt: skip

    def prepare_value(self, value: Any) -> Any:
        return round(100 * value, 1) if isinstance(value, float) else value

    def clean(self, value: Any) -> float | None:
        percent = super().clean(value)
        return None if percent is None else percent / 100


class CountFields(forms.Form):
    """The source of a number of people: kind, day, who counted, link, and how far the number may be wrong."""

    persons_field: str

    count_kind = forms.ChoiceField(
        label=gettext_lazy("Where does this number come from?"), required=False,
        choices=[("", gettext_lazy("I do not know: no number of people is shown")), *CountKind.choices],
    )  # fmt: skip
    counted_on = forms.DateField(
        label=gettext_lazy("Day of the count"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip
    count_source = forms.CharField(label=gettext_lazy("Who counted"), max_length=200, required=False)
    count_link = forms.URLField(
        label=gettext_lazy("Link to the count"), max_length=300, required=False, assume_scheme="https"
    )
    count_error = _PercentField(
        label=gettext_lazy("How far the number may be wrong, in per cent"),
        help_text=gettext_lazy(
            "If it is empty: 10 for a count by night, 20 for an official figure, 30 for an estimate by teams. A count "
            "becomes less certain with its age."
        ),
    )
    count_low = _PersonsField(label=gettext_lazy("At least (for an estimate)"))
    count_high = _PersonsField(label=gettext_lazy("At most (for an estimate)"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        persons, kind, low, high = (
            said.get(name) for name in (self.persons_field, "count_kind", "count_low", "count_high")
        )
        if kind and persons is None and self.persons_field not in self.errors:
            self.add_error(self.persons_field, _("Write the number of people, or choose that there is no source."))
        if said.get("counted_on") and said["counted_on"] > timezone.localdate():
            self.add_error("counted_on", _("This day has not come yet. Choose the day of the count."))
        error = said.get("count_error")
        if kind and error is not None and error < LEAST_ERROR[kind]:
            self.add_error(
                "count_error",
                _("This kind of number may be wrong by at least %(least)s %%. Write that or more.")
                % {"least": round(100 * LEAST_ERROR[kind])},
            )
        if (low is None) != (high is None):
            self.add_error(
                "count_high" if high is None else "count_low", _("Write both ends of the range, or neither.")
            )
        elif low is not None and high is not None and persons is not None and not low <= persons <= high:
            self.add_error("count_low", _("The number of people must be between the two ends of the range."))
        return said

    def count(self) -> PeopleCount:
        """Return the valid count."""
        said = self.cleaned_data
        return PeopleCount(
            persons=said[self.persons_field], kind=said["count_kind"], counted_on=said["counted_on"],
            counted_by=said["count_source"], link=said["count_link"], error=said["count_error"], low=said["count_low"],
            high=said["count_high"],
        )  # fmt: skip


class BorderFileForm(forms.Form):
    """A file of borders. ``features``: the features in the file. Each defect of the file is an error of the field."""

    file = forms.FileField(
        label=gettext_lazy("File of borders"),
        help_text=gettext_lazy("GeoJSON, GeoPackage, KML or a zipped Shapefile, up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json,.gpkg,.kml,.zip"}),
    )
    features: list[Feature]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            self.features = border_reader.read(file.read(border_reader.MOST_BYTES + 1))
        except BordersRefused as refused:
            raise forms.ValidationError(refused.lines()) from refused
        return file


class CommuneSearchForm(forms.Form):
    """A search in the list of communes. The chosen communes are posted with the form."""

    said = forms.CharField(
        label=gettext_lazy("Name or number of a commune"), required=False, max_length=80, strip=True,
        help_text=gettext_lazy("“Saint-Denis”, “93066”, or “93” for all communes of the department."),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )  # fmt: skip


class CommuneDownloadForm(forms.Form):
    """Form with the parts of the country from which communes are downloaded."""

    areas = forms.CharField(
        label=gettext_lazy("Departments"), required=False, max_length=400,
        help_text=gettext_lazy("Their numbers, for example “93, 75”. If it is empty: all that are still missing."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def clean_areas(self) -> list[str]:
        said = self.cleaned_data["areas"]
        try:
            areas = departments.areas_in("fr", said) if said.strip() else commune_download.missing("fr")
        except ValueError as error:
            word = str(error)[:20]
            raise forms.ValidationError(_("“%(word)s” is no number of a department.") % {"word": word}) from error
        if not areas:
            raise forms.ValidationError(_("All departments are stored. Name those that you want to download again."))
        return areas


class NewTerritoriesForm(CountFields):
    """Form that asks which territories the features of a file become. ``previewed``: signature of the choices in the
    preview."""

    persons_field = "persons"
    field_order = (
        "name_property", "level", "parent", "root_name", "root_level", "resolution", "overlapping", "persons",
    )  # fmt: skip

    name_property = forms.ChoiceField(label=gettext_lazy("Names are in the column"))
    level = forms.ChoiceField(label=gettext_lazy("Level"), choices=Level.choices, initial=Level.DISTRICT)
    parent = _ParentField(label=gettext_lazy("Part of"), queryset=Territory.objects.none(), required=False)
    root_name = forms.CharField(
        label=gettext_lazy("Name of a new territory around them all"), max_length=120, required=False,
        help_text=gettext_lazy("For example the name of the city, if the file holds its districts."),
    )  # fmt: skip
    root_level = forms.ChoiceField(
        label=gettext_lazy("Level of the new territory around them"), choices=Level.choices, initial=Level.CITY
    )
    persons = _PersonsField(
        label=gettext_lazy("People expected in all of them together"),
        help_text=gettext_lazy("By the last official count of people without a home."),
    )
    resolution = forms.TypedChoiceField(
        label=gettext_lazy("Size of the cells"), required=False, coerce=int, empty_value=None,
        choices=[
            ("", gettext_lazy("By the number of people expected")),
            (9, gettext_lazy("Small: about 350 m across, for cities")),
            (8, gettext_lazy("Large: about 900 m across, for the country")),
        ],
        help_text=gettext_lazy("It cannot be changed later."),
    )  # fmt: skip
    overlapping = forms.BooleanField(
        label=gettext_lazy("They overlap other territories: draw no zones in them"), required=False
    )
    previewed = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any, *, features: Sequence[Feature], parents: QuerySet[Territory], top: bool, **options: Any
    ) -> None:
        super().__init__(data, **options)
        properties = border_reader.name_properties(list(features))
        self._field("name_property", forms.ChoiceField).choices = [
            (key, f"{key} ({features[0].properties[key][:40]})") for key in properties
        ]
        parent = self._field("parent", forms.ModelChoiceField)
        parent.queryset = parents
        parent.required = not top
        parent.empty_label = _("nothing: it is at the top") if top else None
        if properties:
            self.initial.setdefault("name_property", properties[0])
        if not top:
            self.initial.setdefault("parent", parents.first())

    def _field[FieldT: forms.Field](self, name: str, kind: type[FieldT]) -> FieldT:
        field = self.fields[name]
        assert isinstance(field, kind)
        return field

    def choices(self) -> Choices:
        """Return the valid choices."""
        said = self.cleaned_data
        return Choices(
            name_property=said["name_property"], level=Level(said["level"]), parent=said["parent"],
            root_name=said["root_name"], root_level=Level(said["root_level"]), zoned=not said["overlapping"],
            count=self.count(), resolution=said["resolution"],
        )  # fmt: skip

    def seal(self) -> str:
        """Return a signature of the choices, for the field ``previewed``."""
        said = {name: str(value) for name, value in self.cleaned_data.items() if name != "previewed"}
        return signing.Signer(salt=_SALT).signature(repr(sorted(said.items())))

    @property
    def was_previewed(self) -> bool:
        return bool(self.cleaned_data["previewed"] == self.seal())


class TerritoryForm(CountFields):
    """The values of a territory."""

    persons_field = "expected_persons"
    field_order = ("name", "level", "parent", "expected_persons")

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    level = forms.ChoiceField(label=gettext_lazy("Level"), choices=Level.choices)
    parent = _ParentField(label=gettext_lazy("Part of"), queryset=Territory.objects.none(), required=False)
    expected_persons = _PersonsField(
        label=gettext_lazy("People expected"),
        help_text=gettext_lazy(
            "By the last official count. If it is empty, the territory takes its share of the count above it."
        ),
    )

    def __init__(self, data: Any, *, territory: Territory, parents: QuerySet[Territory], top: bool) -> None:
        names = ("name", "level", "parent", "expected_persons", *CountFields.base_fields)
        super().__init__(data, initial={name: getattr(territory, name) for name in names})
        parent = self.fields["parent"]
        assert isinstance(parent, forms.ModelChoiceField)
        parent.queryset = parents.exclude(path__startswith=territory.path)
        parent.required = not top
        parent.empty_label = _("nothing: it is at the top") if top else None

    def values(self) -> Values:
        """Return the valid values."""
        said = self.cleaned_data
        return Values(name=said["name"], level=said["level"], parent=said["parent"], count=self.count())


class CountForm(CountFields):
    """The count of a territory, which the site asks for before it shows figures."""

    persons_field = "expected_persons"
    field_order = ("expected_persons",)

    expected_persons = _PersonsField(
        label=gettext_lazy("How many people live there without a home?"),
        help_text=gettext_lazy("By the last count, an official figure, or an estimate by your teams."),
    )

    def __init__(self, data: Any, *, territory: Territory) -> None:
        names = self.base_fields if PeopleCount.of(territory).has_source else ()  # an invented number is no proposal
        super().__init__(data, initial={name: getattr(territory, name) for name in names})
        missing = {
            "expected_persons": _("Write the number of people."), "count_kind": _("Say where this number comes from."),
        }  # fmt: skip
        for name, words in missing.items():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = words
        kind = self.fields["count_kind"]
        assert isinstance(kind, forms.ChoiceField)
        kind.choices = [("", _("Choose one")), *CountKind.choices]


class ChargeForm(PiiCheckedForm, forms.Form):
    """Form that makes somebody a coordinator of a territory. ``person``: the account of this person."""

    pii_checked = {"purpose": EVERYTHING}

    email = forms.EmailField(
        label=gettext_lazy("E-mail address of the new coordinator"),
        help_text=gettext_lazy("The person needs an account on this site."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    purpose = forms.CharField(
        label=gettext_lazy("Purpose"), max_length=300, help_text=gettext_lazy("What they coordinate, and why.")
    )
    until = LastDayField()
    person: User

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        found = User.objects.filter(is_active=True, email__iexact=email).first()
        if found is None:
            raise forms.ValidationError(_("No account has this address. The person creates one first."))
        self.person = found
        return email


class BorderChoiceForm(forms.Form):
    """Form that asks which feature of a file becomes the border of a territory."""

    feature = forms.TypedChoiceField(label=gettext_lazy("Area in the file"), coerce=int)

    def __init__(self, data: Any, *, features: Sequence[Feature], wanted: str) -> None:
        super().__init__(data)
        properties = border_reader.name_properties(list(features))
        key = properties[0] if properties else ""
        names = {each.number: each.properties.get(key) or str(each.number) for each in features}
        field = self.fields["feature"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(names.items())
        same = [number for number, name in names.items() if name.casefold() == wanted.casefold()]
        self.initial["feature"] = (same or list(names))[0]
