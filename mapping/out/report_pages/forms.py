"""Forms of the reports page: territory, period and file format."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.enums import Edition, ExportFormat
from mapping.out.exports.export_jobs import ROW_FORMATS
from mapping.out.exports.report_files import FILES
from mapping.out.report_figures.report_period import LONGEST_DAYS, Period
from solidarity.lib.publisher import publisher
from volunteers.models import Association, Membership, Territory
from volunteers.people.accounts.models import one_line
from volunteers.people.accounts.viewer import Viewer

WIDE_SPACE = "\u2003"


class PlaceField(forms.ModelChoiceField):
    """A choice of territories, indented by their level."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{WIDE_SPACE * (obj.path.count('/') - 1)}{obj.name}"


class _Day(forms.DateField):
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    input_formats = ["%Y-%m-%d"]


class PeriodForm(forms.Form):
    """A territory that the reader coordinates, and a period; by default the last four weeks."""

    territory = PlaceField(
        Territory.objects.none(),
        label=_("Territory"),
        to_field_name="slug",
        empty_label=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    start = _Day(label=_("First day"))
    end = _Day(label=_("Last day"))

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        latest = Period.latest()
        kwargs["initial"] = {"start": latest.start, "end": latest.end, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = (  # type: ignore[attr-defined]
            Territory.objects.coordinated_by(viewer).defer("polygon").order_by("path")
        )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        start, end = values.get("start"), values.get("end")
        if start and end and start > end:
            self.add_error("end", _("The last day comes before the first."))
        elif start and end and (end - start).days >= LONGEST_DAYS:
            self.add_error("start", _("At most three years at a time."))
        if end and end > timezone.localdate():
            self.add_error("end", _("The period cannot end after today."))
        if start and start < date(2000, 1, 1):
            self.add_error("start", _("There are no reports from before 2000."))
        return values

    @property
    def period(self) -> Period:
        """The period of a valid form."""
        return Period(self.cleaned_data["start"], self.cleaned_data["end"])


class ReportForm(PeriodForm):
    """PeriodForm with the edition, the issuer and the recipient of a report."""

    edition = forms.ChoiceField(
        label=_("Edition"),
        choices=[
            (Edition.INTERNAL, _("Internal: every detail, only for people who sign in")),
            (Edition.EXTERNAL, _("External: to pass on. Published figures of whole weeks, and no small zones")),
        ],
        initial=Edition.INTERNAL,
        widget=forms.RadioSelect,
    )
    issuer = forms.ModelChoiceField(
        Association.objects.none(),
        label=_("Issued by"),
        to_field_name="slug",
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    covers = forms.CharField(required=False, widget=forms.HiddenInput)
    recipient = forms.CharField(
        label=_("Recipient"),
        required=False,
        max_length=120,
        help_text=_("A line on the cover, such as the name of an authority."),
        validators=[one_line],
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, viewer=viewer, **kwargs)
        issuer: Any = self.fields["issuer"]
        own = Membership.objects.current().filter(user=viewer.account) if viewer.account else Membership.objects.none()
        issuer.queryset = Association.objects.filter(pk__in=own.values("association"))
        if not issuer.queryset.exists():
            del self.fields["issuer"]
        issuer.empty_label = publisher().name or _("The organisation that runs this site")


class RowsForm(PeriodForm):
    """PeriodForm with a further field: the format of a file that contains one report per row."""

    format = forms.ChoiceField(
        label=_("Format"),
        choices=[(format.value, format.label) for format in ROW_FORMATS],
        initial=ExportFormat.CSV,
        widget=forms.Select(attrs={"class": "form-select"}),
    )


class FileForm(forms.Form):
    """Format of the file of a frozen report."""

    format = forms.ChoiceField(choices=[(format.value, format.label) for format in FILES])
