"""The form of opening hours: by weekday, always open, as rules, or not known."""

from collections.abc import Iterator, Sequence
from datetime import time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from needs.guide.places import opening
from needs.guide.places.hours import week_table
from needs.guide.places.hours.week_table import DatedHours, Span, Spans, WeekTable, YearDay
from needs.guide.places.opening import ParserError
from needs.models import Place
from volunteers.enums import Weekday

UNKNOWN, WEEK, ALWAYS, RULES = "unknown", "week", "always", "rules"
AS_USUAL, CLOSED, OTHER = "usual", "closed", "other"
MOST_DATED = 8
LONGEST = int(Place._meta.get_field("hours").max_length or 0)
FARTHEST = timedelta(days=3 * 366)


class ClockField(forms.TimeField):
    """A time of the day; “24:00” is midnight."""

    def __init__(self, label: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time", "class": "clock"}, format="%H:%M")
        messages = {"invalid": gettext_lazy("This is not a time. It looks like 18:30.")}
        super().__init__(label=label, required=False, widget=widget, error_messages=messages)

    def to_python(self, value: Any) -> time | None:
        return super().to_python("00:00" if value == "24:00" else value)


class DayField(forms.DateField):
    """A day in the calendar."""

    def __init__(self, label: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        messages = {"invalid": gettext_lazy("This is not a day. It looks like 2026-12-24.")}
        super().__init__(label=label, required=False, widget=widget, error_messages=messages)


class HoursForm(forms.Form):
    """Opening hours. hours: valid rules to show first. ``said`` of a valid form contains the entered hours as rules."""

    way = forms.ChoiceField(
        label=gettext_lazy("Opening hours"),
        choices=[
            (WEEK, gettext_lazy("by weekday")),
            (ALWAYS, gettext_lazy("always open")),
            (UNKNOWN, gettext_lazy("not known")),
            (RULES, gettext_lazy("in rules, for experts")),
        ],
        widget=forms.RadioSelect,
    )
    season = forms.BooleanField(label=gettext_lazy("Only a part of the year"), required=False)
    first_month = forms.TypedChoiceField(label=gettext_lazy("from, month"), coerce=int, required=False)
    first_day = forms.IntegerField(label=gettext_lazy("from, day"), min_value=1, max_value=31, required=False)
    last_month = forms.TypedChoiceField(label=gettext_lazy("to, month"), coerce=int, required=False)
    last_day = forms.IntegerField(label=gettext_lazy("to, day"), min_value=1, max_value=31, required=False)
    holidays = forms.ChoiceField(
        label=gettext_lazy("On public holidays"),
        choices=[
            (AS_USUAL, gettext_lazy("as on other days")),
            (CLOSED, pgettext_lazy("opening hours", "closed")),
            (OTHER, gettext_lazy("other hours")),
        ],
        widget=forms.RadioSelect,
    )
    holidays_from = ClockField(pgettext_lazy("opening hours", "From"))
    holidays_until = ClockField(pgettext_lazy("opening hours", "Until"))
    rules = forms.CharField(
        label=gettext_lazy("Rules"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocapitalize": "off", "dir": "ltr"}),
        help_text=gettext_lazy(
            "In the syntax of OpenStreetMap, for example “Mo-Fr 09:00-12:00,14:00-18:00; PH off”. "
            "It replaces the table."
        ),
    )

    def __init__(self, data: Any = None, *, hours: str = "") -> None:
        super().__init__(data, prefix="hours", initial=_initial(hours))
        months = [("", "—"), *((number, str(name)) for number, name in MONTHS.items())]
        for name in ("first_month", "last_month"):
            self.fields[name].choices = months  # type: ignore[attr-defined]
        for number, weekday in enumerate(Weekday.labels):
            for part in ("a", "b"):
                self.fields[f"d{number}{part}_from"] = ClockField(_("%(day)s, from") % {"day": weekday})
                self.fields[f"d{number}{part}_until"] = ClockField(_("%(day)s, until") % {"day": weekday})
        for number in range(MOST_DATED):
            self.fields[f"e{number}_first"] = DayField(_("First day"))
            self.fields[f"e{number}_last"] = DayField(_("Last day"))
            self.fields[f"e{number}_from"] = ClockField(pgettext_lazy("opening hours", "From"))
            self.fields[f"e{number}_until"] = ClockField(pgettext_lazy("opening hours", "Until"))

    # --- rows of the page ---

    def days(self) -> Iterator[tuple[str, Sequence[forms.BoundField]]]:
        """Yield each weekday with its four fields."""
        for number, weekday in enumerate(Weekday.labels):
            yield str(weekday), [self[f"d{number}{part}"] for part in ("a_from", "a_until", "b_from", "b_until")]

    def dated(self) -> list[Sequence[forms.BoundField]]:
        """Return the fields of each exception that is in use, and of two empty ones."""
        rows = [
            [self[f"e{number}_{part}"] for part in ("first", "last", "from", "until")] for number in range(MOST_DATED)
        ]
        used = max((number + 1 for number, row in enumerate(rows) if any(each.value() for each in row)), default=0)
        return rows[: used + 2]  # type: ignore[return-value]

    def season_fields(self) -> list[forms.BoundField]:
        """Return the fields of the first and the last day of the season."""
        return [self[name] for name in ("first_day", "first_month", "last_day", "last_month")]

    # --- validation ---

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        self.said = ""
        if data.get("way") == RULES:
            self.said = self._checked_rules(data.get("rules", ""))
        elif data.get("way") in (WEEK, ALWAYS):
            table = self._table(data)
            if self.errors:
                return data
            self.said = week_table.write(table)
            if not self.said:
                self.add_error("way", _("Enter the hours of at least one day, or choose “not known”."))
            elif len(self.said) > LONGEST:
                self.add_error("way", _("These are too many different hours. Remove some exceptions."))
        return data

    def _checked_rules(self, text: str) -> str:
        if not text:
            self.add_error("rules", _("Write the rules, or choose “by weekday”."))
            return ""
        try:
            return str(opening.rules(text))
        except ParserError as error:
            self.add_error("rules", _problem(text, error))
            return ""

    def _table(self, data: dict[str, Any]) -> WeekTable:
        always = data["way"] == ALWAYS
        days = tuple(
            self._spans(f"d{number}a") + self._spans(f"d{number}b") if not always else () for number in range(7)
        )
        season = self._season(data) if data.get("season") and not always else None
        holidays: Spans | None = None if data.get("holidays") != CLOSED else ()
        if data.get("holidays") == OTHER:
            holidays = self._spans("holidays")
            if not holidays and not self.errors:
                self.add_error("holidays_from", _("Enter the hours on public holidays."))
        dated = tuple(each for number in range(MOST_DATED) if (each := self._exception(f"e{number}")))
        return WeekTable(days, always, season, holidays, dated)

    def _spans(self, name: str) -> Spans:
        """Return the span of two fields; () if both are empty."""
        start, end = self.cleaned_data.get(f"{name}_from"), self.cleaned_data.get(f"{name}_until")
        if start is None and end is None:
            return ()
        if start is None or end is None:
            missing = f"{name}_until" if end is None else f"{name}_from"
            if missing not in self.errors:
                self.add_error(missing, _("Give both times, or neither."))
            return ()
        return (Span(start, end),)

    def _season(self, data: dict[str, Any]) -> tuple[YearDay, YearDay] | None:
        days = []
        for part in ("first", "last"):
            month, day = data.get(f"{part}_month"), data.get(f"{part}_day")
            if not month or not day:
                self.add_error(f"{part}_day", _("Choose the month and the day."))
            elif day > (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]:
                self.add_error(f"{part}_day", _("This month has fewer days."))
            else:
                days.append(YearDay(month, day))
        return (days[0], days[1]) if len(days) == 2 else None

    def _exception(self, name: str) -> DatedHours | None:
        first, last = (self.cleaned_data.get(f"{name}_{part}") for part in ("first", "last"))
        spans = self._spans(name)
        if first is None:
            if (last or spans) and f"{name}_first" not in self.errors:
                self.add_error(f"{name}_first", _("Enter the first day."))
            return None
        last = last or first
        if last < first:
            self.add_error(f"{name}_last", _("The last day is before the first."))
        elif last > timezone.localdate() + FARTHEST:
            self.add_error(f"{name}_last", _("Choose a day within three years."))
        return DatedHours(first, last, spans)


def _problem(text: str, error: ParserError) -> str:
    """Return the parser's error in plain words. Only the column in the error is used, not the line."""
    found = str(error).partition("-->")[2].strip().split("\n")[0].partition(":")[2]
    if not found.isdigit():
        return _("These rules cannot be read. Compare them with the example.")
    rest = text[int(found) - 1 :].strip()[:20]
    if not rest:
        return _("These rules are not complete: something is missing at the end.")
    return _("These rules cannot be read from “%(rest)s” on. Compare them with the example.") % {"rest": rest}


def _initial(hours: str) -> dict[str, Any]:
    table = week_table.read(hours) if hours else None
    values: dict[str, Any] = {"way": RULES if hours else WEEK, "rules": hours, "holidays": AS_USUAL}
    if table is None:
        return values
    values |= {"way": ALWAYS if table.always else WEEK, "rules": ""}
    if any(len(spans) > 2 for spans in table.days) or len(table.dated) > MOST_DATED or _splits(table):
        return values | {"way": RULES, "rules": hours}
    for number, spans in enumerate(table.days):
        for part, span in zip("ab", spans, strict=False):
            values |= {f"d{number}{part}_from": span.start, f"d{number}{part}_until": span.end}
    if table.season:
        values["season"] = True
        for part, day in zip(("first", "last"), table.season, strict=True):
            values |= {f"{part}_month": day.month, f"{part}_day": day.day}
    if table.holidays is not None:
        values["holidays"] = OTHER if table.holidays else CLOSED
    for span in table.holidays or ():
        values |= {"holidays_from": span.start, "holidays_until": span.end}
    for number, each in enumerate(table.dated):
        values |= {f"e{number}_first": each.first, f"e{number}_last": each.last}
        for span in each.spans:
            values |= {f"e{number}_from": span.start, f"e{number}_until": span.end}
    return values


def _splits(table: WeekTable) -> bool:
    """Return whether a holiday or an exception has two spans, for which the form has no fields."""
    return len(table.holidays or ()) > 1 or any(len(each.spans) > 1 for each in table.dated)
