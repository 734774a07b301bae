"""The form of a scheduled report, and the buttons of its page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import lazystr
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from mapping.enums import Rhythm, ScheduledContent
from mapping.models import ReportSchedule
from mapping.out.exports.export_jobs import ROW_FORMATS
from mapping.out.report_pages.forms import PlaceField
from mapping.out.scheduled_reports import report_recipients
from mapping.out.scheduled_reports.due_days import HOURS
from mapping.out.scheduled_reports.report_recipients import MOST, NEW_PER_DAY, Person, UnreadableLine
from mapping.out.scheduled_reports.schedule_changes import LONGEST, Wanted
from mapping.out.scheduled_reports.schedule_wording import hour_words, when_words, zone
from volunteers.models import Territory, User
from volunteers.people.accounts.models import one_line
from volunteers.people.accounts.viewer import Viewer


def _contents() -> list[tuple[str, Any]]:
    rows = ScheduledContent.ROWS
    return [
        *((each.value, capfirst(each.label)) for each in (ScheduledContent.EXTERNAL, ScheduledContent.INTERNAL)),
        *((f"{rows.value}:{each.value}", f"{each.label} – {rows.label}") for each in ROW_FORMATS),
    ]


def _days() -> list[tuple[str, Any]]:
    weekdays = [(f"week:{day}", capfirst(when_words(Rhythm.WEEK, day))) for day in range(7)]
    return [
        (gettext("Every week"), weekdays),
        (gettext("Every month"), [(f"month:{day}", capfirst(when_words(Rhythm.MONTH, day))) for day in range(1, 32)]),
    ]


class ScheduleForm(forms.Form):
    """Form of a scheduled report: content, days and recipients. One drop-down list sets the content and one sets the
    days, so that few taps are needed."""

    territory = PlaceField(
        Territory.objects.none(), label=_("Territory"), to_field_name="slug", empty_label=None,
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    content = forms.ChoiceField(
        label=_("What"), choices=_contents, widget=forms.Select(attrs={"class": "form-select"}),
        help_text=_("The PDF contains published figures only. A link opens after a sign-in."),
    )  # fmt: skip
    when = forms.ChoiceField(label=_("When"), choices=_days, widget=forms.Select(attrs={"class": "form-select"}))
    hour = forms.TypedChoiceField(
        label=_("Hour"), coerce=int, choices=lambda: [(hour, hour_words(hour)) for hour in HOURS], initial=8,
        widget=forms.Select(attrs={"class": "form-select"}),
    )  # fmt: skip
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, widget=forms.Select(attrs={"class": "form-select"})
    )
    recipients = forms.CharField(
        label=_("Who gets it"), max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": "Ana Silva <ana@example.org>", "spellcheck": "false"}),
        help_text=_("One person per line: the name, then the e-mail address. A link goes only to people who "
                    "coordinate the territory. Each person can stop the mails, and reads who scheduled them."),
    )  # fmt: skip
    addressee = forms.CharField(
        label=_("To whom, on the cover"), required=False, max_length=120, validators=[one_line],
        help_text=_("For example the name of an office. Only the PDF has a cover."),
    )  # fmt: skip
    ends_on = forms.DateField(
        label=pgettext_lazy("of a schedule", "Last day"), input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("At most a year from today. You can renew it."),
    )  # fmt: skip

    def __init__(self, *args: Any, viewer: Viewer, schedule: ReportSchedule | None = None, **kwargs: Any) -> None:
        self.people: list[Person] = []
        initial = {"ends_on": timezone.localdate() + LONGEST, "when": "month:1"}
        kwargs["initial"] = initial | (_answers(schedule) if schedule else {}) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["hour"].help_text = lazystr(gettext("Time zone: %(zone)s") % {"zone": zone()})
        self.fields["territory"].queryset = (  # type: ignore[attr-defined]
            Territory.objects.coordinated_by(viewer).defer("polygon").order_by("path")
        )

    def clean_ends_on(self) -> Any:
        day, today = self.cleaned_data["ends_on"], timezone.localdate()
        if day < today:
            raise forms.ValidationError(gettext("The last day has passed. Choose a later one."))
        if day > today + LONGEST:
            latest = date_format(today + LONGEST, "DATE_FORMAT")
            raise forms.ValidationError(gettext("Choose %(day)s or an earlier day.") % {"day": latest})
        return day

    def clean_recipients(self) -> str:
        text: str = self.cleaned_data["recipients"]
        try:
            self.people = report_recipients.read_list(text)
        except UnreadableLine as error:
            raise forms.ValidationError(_line_words(error)) from None
        if len(self.people) > MOST:
            raise forms.ValidationError(gettext("At most %(most)s people. Remove some lines.") % {"most": MOST})
        if refused := report_recipients.stopped(self.people):
            raise forms.ValidationError(
                gettext(
                    "%(name)s stopped a scheduled report and cannot be added. Only this person can allow it again, "
                    "with the link in the mail."
                )
                % {"name": refused[0].name}
            )
        return text

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        linked = not str(values.get("content", "external")).startswith("external")
        if linked and self.people and values.get("territory"):
            self._find_accounts(values["territory"])
        return values

    def _find_accounts(self, territory: Territory) -> None:
        """Find the accounts of the people who get a link. Add an error that names the people who may not open the
        link."""
        known: dict[str, User] = {user.email.lower(): user for user in report_recipients.accounts_of(territory)}
        without = [each.name for each in self.people if each.address not in known]
        if without:
            self.add_error("recipients", gettext(
                "A link opens only for people who coordinate the territory. This is not the case for: %(names)s. "
                "Remove them, or choose the PDF."
            ) % {"names": ", ".join(without)})  # fmt: skip
        self.people = [Person(each.name, each.address, known.get(each.address)) for each in self.people]

    def add_too_many_new(self) -> None:
        """Show that too many new addresses were added today."""
        self.add_error(
            "recipients",
            gettext("You can add %(most)s new people a day. Add the others tomorrow.") % {"most": NEW_PER_DAY},
        )

    @property
    def wanted(self) -> Wanted:
        """The answers of a valid form."""
        said = self.cleaned_data
        content, _colon, format = said["content"].partition(":")
        rhythm, _colon, day = said["when"].partition(":")
        return Wanted(
            territory=said["territory"], content=content, format=format, rhythm=rhythm, day=int(day), hour=said["hour"],
            language=said["language"], addressee=said["addressee"], ends_on=said["ends_on"], people=self.people,
        )  # fmt: skip


def _answers(schedule: ReportSchedule) -> dict[str, Any]:
    """Return the answers of the form for a stored schedule. If the last day has passed, it is set to a year from
    today."""
    today = timezone.localdate()
    return {
        "territory": schedule.territory.slug,
        "content": f"{schedule.content}:{schedule.format}" if schedule.format else schedule.content,
        "when": f"{schedule.rhythm}:{schedule.day}",
        "hour": schedule.hour,
        "language": schedule.language,
        "addressee": schedule.addressee,
        "ends_on": schedule.ends_on if schedule.ends_on > today + timedelta(days=1) else today + LONGEST,
        "recipients": report_recipients.as_list(schedule),
    }


def _line_words(error: UnreadableLine) -> str:
    words = {
        "address": gettext(
            "Line %(line)s has no valid e-mail address. Write it like this: Ana Silva <ana@example.org>"
        ),
        "name": gettext("Line %(line)s has no name, or one that is too long. Write it before the address."),
        "link": gettext("Line %(line)s has a web address in the name. Write only the name."),
    }
    return words[error.problem] % {"line": error.number}


class StepForm(forms.Form):
    """A button of the page of a schedule."""

    step = forms.ChoiceField(choices=[(step, step) for step in ("pause", "resume", "stop", "renew", "send")])
