"""Forms of events: the filter of the list, an event, a stop of a round, the changes of one day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.guide.find_help.forms import FindForm
from needs.guide.places import place_access
from needs.models import LocalEvent, Place
from needs.neighbours.local_events import event_access, occurrences, recurrence
from needs.neighbours.local_events.event_access import Host
from needs.neighbours.local_events.event_entries import Different, EventDraft
from needs.neighbours.local_events.models import BROUGHT, LocalEventKind
from needs.neighbours.local_events.pages.event_presenter import DAYS, ICONS
from needs.neighbours.local_events.recurrence import Chosen, Repeat
from needs.reports.forms import PlaceForm
from solidarity.lib import grid
from solidarity.lib.number_fields import Whole
from solidarity.lib.pii_check.forms import PiiCheckedForm
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.enums import Weekday
from volunteers.people.accounts.models import one_line
from volunteers.people.accounts.viewer import Viewer

MOST_SEATS = 500
MOST_PLACES = 200
AHEAD = timedelta(days=730)
WALK_IN, PUBLIC, VOLUNTEERS = "walk_in", "public", "volunteers"
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class NearForm(FindForm):
    """The kind of event, the time and a position, if there is one."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What?"), choices=[("", gettext_lazy("everything")), *LocalEventKind.choices], required=False
    )
    day = forms.ChoiceField(label=gettext_lazy("When?"), choices=DAYS, required=False)


class OnForm(forms.Form):
    """The key of an occurrence, as URLs have it."""

    on = forms.CharField(max_length=40)

    def clean_on(self) -> datetime:
        found = occurrences.read(self.cleaned_data["on"])
        if found is None:
            raise forms.ValidationError(_("This day is unknown."))
        return found


class EventForm(PiiCheckedForm, PlaceForm):
    """An event. event: the event to change or to copy; None for a new event. The field “place” of the form is an entry
    of the guide; the property ``place`` is the pin on the map."""

    pii_checked = {"title": EVERYTHING, "about": EVERYTHING}
    field_order = ("latitude", "longitude", "place_text", "kind", "brings", "title", "place")

    kind = forms.ChoiceField(
        label=gettext_lazy("What is it?"), choices=LocalEventKind.choices, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what it is.")},
    )  # fmt: skip
    brings = forms.MultipleChoiceField(
        label=gettext_lazy("What does the round bring?"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(each.value, each.label) for each in BROUGHT],
    )  # fmt: skip
    title = forms.CharField(
        label=gettext_lazy("Title"), max_length=80, validators=[one_line],
        help_text=gettext_lazy("A few words, for example: soup and bread at the church."),
        error_messages={"required": gettext_lazy("Write a title.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    place_text = forms.CharField(
        label=gettext_lazy("Address"), required=False, max_length=200,
        help_text=gettext_lazy("Street, number and town, as on a letter. Everybody who sees the event sees it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    first_day = forms.DateField(
        label=gettext_lazy("Day"), widget=DATE, error_messages={"required": gettext_lazy("Choose the day.")}
    )
    begins = forms.TimeField(
        label=gettext_lazy("Begins at"), widget=CLOCK, error_messages={"required": gettext_lazy("Say when it begins.")}
    )
    ends = forms.TimeField(
        label=gettext_lazy("Ends at"), widget=CLOCK, error_messages={"required": gettext_lazy("Say when it ends.")},
        help_text=gettext_lazy("An earlier time means the next day."),
    )  # fmt: skip
    repeat = forms.ChoiceField(label=gettext_lazy("How often?"), choices=Repeat.choices, initial=Repeat.ONCE)
    days = forms.TypedMultipleChoiceField(
        label=gettext_lazy("On which days of the week?"), choices=Weekday.choices, coerce=int, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    last_day = forms.DateField(
        label=gettext_lazy("Last day"), widget=DATE, required=False,
        help_text=gettext_lazy("Leave it empty if nobody knows yet when the series ends."),
    )  # fmt: skip
    open_to = forms.ChoiceField(
        label=gettext_lazy("Who may come?"), widget=forms.RadioSelect,
        choices=[
            (WALK_IN, gettext_lazy("everybody, people just come")),
            (PUBLIC, gettext_lazy("everybody sees it, people join with an account")),
            (VOLUNTEERS, gettext_lazy("volunteers only")),
        ],
        error_messages={"required": gettext_lazy("Choose who may come.")},
    )  # fmt: skip
    seats = Whole(
        least=0, most=MOST_SEATS, required=False, label=gettext_lazy("Places for people who join"),
        help_text=gettext_lazy("Leave it empty if nobody needs to join. For a meal, these can be the helpers."),
    )  # fmt: skip
    about = forms.CharField(
        label=gettext_lazy("What people should know"), max_length=1000, required=False,
        help_text=gettext_lazy("In plain words: what to bring, which door. No names, no telephone numbers of people."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    host = forms.ChoiceField(label=gettext_lazy("Who organises it?"))

    def __init__(
        self,
        viewer: Viewer,
        hosts: Sequence[Host],
        data: Any = None,
        *,
        event: LocalEvent | None = None,
        copy: bool = False,
    ) -> None:
        super().__init__(data, initial=_shown(event, copy=copy) if event is not None else {})
        self.viewer, self.event, self.copy = viewer, event, copy
        self.icons = ICONS
        self.hosts = {host.key: host for host in hosts}
        if event is not None and not copy:
            own = Host(event.association, event.group)
            self.hosts.setdefault(own.key, own)
        choices: Any = self.fields["host"], self.fields["repeat"]
        choices[0].choices = [(key, host.name) for key, host in self.hosts.items()]
        choices[0].initial = choices[0].initial or next(iter(self.hosts))
        if len(self.hosts) == 1:
            choices[0].widget, choices[0].required = forms.HiddenInput(), False
        if event is None or recurrence.chosen_of(event.repeats).repeat != Repeat.OTHER:
            choices[1].choices = [each for each in Repeat.choices if each[0] != Repeat.OTHER]
        self.fields["place"] = forms.ModelChoiceField(
            label=gettext_lazy("A place of the guide"), queryset=self._places(), required=False,
            empty_label=gettext_lazy("another place: search it, or tap on the map"),
            error_messages={"invalid_choice": gettext_lazy("Choose a place of the list.")},
        )  # fmt: skip
        self.order_fields(self.field_order)

    def _places(self) -> QuerySet[Place]:
        """Return the places of the guide that the viewer keeps up to date; never one with a secret address."""
        kept = place_access.editable(self.viewer).on_map().order_by("name").values("pk")[:MOST_PLACES]
        current = [self.event.place_id] if self.event is not None and self.event.place_id else []
        listed = Place.objects.listed().on_map()
        return (listed.filter(pk__in=list(kept.values_list("pk", flat=True)) + current)).order_by("name")

    def clean_host(self) -> str:
        return self.cleaned_data["host"] or next(iter(self.hosts))

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        self._check_place(data)
        self._check_days(data)
        host = self.hosts.get(data.get("host", ""))
        if host is not None and host.group is not None and data.get("open_to") in (WALK_IN, PUBLIC):
            self.add_error("open_to", _("A neighbourhood group invites its own members. Choose “volunteers only”."))
        if data.get("kind") == LocalEventKind.ROUND and not data.get("brings") and "brings" not in self.errors:
            self.add_error("brings", _("Say what the round brings, so that people find it."))
        return data

    def _check_place(self, data: dict[str, Any]) -> None:
        if data.get("place") is not None:
            return
        is_round = data.get("kind") == LocalEventKind.ROUND
        if self.place is None and not self.place_is_wrong and not is_round:
            self.refuse_place(_("Say where it is: choose a place, search its address, or set the pin on the map."))
        if self.place is None:
            return
        cell = grid.cell_of(self.place.latitude, self.place.longitude)
        if data.get("host") == Host().key and not place_access.in_own_territory(self.viewer, cell):
            self.refuse_place(_("This place is outside your territories. Choose your association, or set another pin."))
        if not data.get("place_text") and "place_text" not in self.errors and not is_round:
            self.add_error("place_text", _("Write the address, so that people find it."))

    def _check_days(self, data: dict[str, Any]) -> None:
        first, last = data.get("first_day"), data.get("last_day")
        today = timezone.localdate()
        if first is not None and first > today + AHEAD:
            self.add_error("first_day", _("This is more than two years away. Choose an earlier day."))
        elif first is not None and first < today - AHEAD:
            self.add_error("first_day", _("This is in the past. Choose a later day."))
        if last is not None and first is not None and not first <= last <= first + 3 * AHEAD:
            self.add_error("last_day", _("Choose a day after the first one, within the next years."))
        new = self.event is None or self.copy
        if new and first is not None and last is None and data.get("repeat") == Repeat.ONCE and first < today:
            self.add_error("first_day", _("This is in the past. Choose a later day."))
        if data.get("begins") is not None and data.get("begins") == data.get("ends"):
            self.add_error("ends", _("It ends when it begins. Choose another time."))

    def draft(self) -> EventDraft:
        """Return the event of a valid form."""
        data = self.cleaned_data
        starts_at, ends_at = hours_on(data["first_day"], data["begins"], data["ends"])
        repeat = Repeat(data["repeat"])
        if repeat == Repeat.OTHER and self.event is not None:
            repeats = self.event.repeats
        else:
            repeats = recurrence.rule_of(Chosen(repeat, data["days"], data["last_day"]), starts_at)
        place, point = data["place"], self.place
        return EventDraft(
            kind=data["kind"], title=data["title"], about=data["about"], host=self.hosts[data["host"]], place=place,
            latitude=point.latitude if point and place is None else None,
            longitude=point.longitude if point and place is None else None,
            address=data["place_text"] if place is None else "",
            starts_at=starts_at, ends_at=ends_at, repeats=repeats,
            walk_in=data["open_to"] == WALK_IN, public=data["open_to"] in (WALK_IN, PUBLIC),
            brings=data["brings"] if data["kind"] == LocalEventKind.ROUND else (), seats=data["seats"],
        )  # fmt: skip


def hours_on(day: date, begins: Any, ends: Any) -> tuple[datetime, datetime]:
    """Return start and end on a local day; an end that is not later than the start is on the next day."""
    starts_at = datetime.combine(day, begins, tzinfo=recurrence.zone())
    last = day if ends > begins else day + timedelta(days=1)
    return starts_at, datetime.combine(last, ends, tzinfo=recurrence.zone())


def _shown(event: LocalEvent, *, copy: bool) -> dict[str, Any]:
    chosen = recurrence.chosen_of(event.repeats)
    start, end = timezone.localtime(event.starts_at), timezone.localtime(event.ends_at)
    point = event.point
    return {
        **{name: getattr(event, name) for name in ("kind", "brings", "title", "about", "seats", "place")},
        "host": event_access.Host(event.association, event.group).key, "place_text": event.address,
        "latitude": round(point.y, 6) if point else None, "longitude": round(point.x, 6) if point else None,
        "first_day": None if copy else start.date(), "begins": start.time(), "ends": end.time(),
        "repeat": Repeat.ONCE if copy else chosen.repeat, "days": chosen.days, "last_day": None if copy else chosen.until,
        "open_to": WALK_IN if event.walk_in else (PUBLIC if event.public else VOLUNTEERS),
    }  # fmt: skip


class StopForm(PlaceForm):
    """A stop of a round. place_text: name of the stop."""

    place_text = forms.CharField(
        label=gettext_lazy("Name of the stop"), max_length=120, validators=[one_line],
        help_text=gettext_lazy("As people call the place, for example: station, north exit."),
        error_messages={"required": gettext_lazy("Write the name of the stop.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    minutes = Whole(least=0, most=1439, label=gettext_lazy("Minutes after the start of the round"))
    stays = Whole(least=1, most=600, label=gettext_lazy("How many minutes does it stay there?"), initial=15)

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.place is None and not self.place_is_wrong:
            self.refuse_place(_("Say where the stop is: search its address, or set the pin on the map."))
        return self.cleaned_data


class DayForm(PiiCheckedForm, OnForm):
    """The differences of one day from the series."""

    pii_checked = {"word": EVERYTHING}
    CANCELLED, HOURS, WORD, AS_ALWAYS = "cancelled", "hours", "word", "as_always"

    what = forms.ChoiceField(
        label=gettext_lazy("What is different on this day?"), widget=forms.RadioSelect,
        choices=[
            (CANCELLED, gettext_lazy("it does not take place")),
            (HOURS, gettext_lazy("other hours")),
            (WORD, gettext_lazy("only a word to the people who come")),
            (AS_ALWAYS, gettext_lazy("nothing, it is as always")),
        ],
        error_messages={"required": gettext_lazy("Choose one.")},
    )  # fmt: skip
    begins = forms.TimeField(label=gettext_lazy("Begins at"), widget=CLOCK, required=False)
    ends = forms.TimeField(label=gettext_lazy("Ends at"), widget=CLOCK, required=False)
    word = forms.CharField(
        label=gettext_lazy("What people should know"), max_length=200, required=False, validators=[one_line],
        help_text=gettext_lazy("Everybody who sees the event reads it. No names."),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, auto_id="day_%s", **options)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("what") == self.HOURS:
            for name in ("begins", "ends"):
                if data.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Give both times, or choose something else."))
        if data.get("what") == self.WORD and not data.get("word") and "word" not in self.errors:
            self.add_error("word", _("Write what people should know."))
        return data

    def different(self) -> Different:
        """Return the differences, once the form is valid."""
        data = self.cleaned_data
        if data["what"] == self.AS_ALWAYS:
            return Different()
        starts_at = ends_at = None
        if data["what"] == self.HOURS:
            starts_at, ends_at = hours_on(timezone.localtime(data["on"]).date(), data["begins"], data["ends"])
        return Different(data["what"] == self.CANCELLED, starts_at, ends_at, data["word"])


class CancelForm(PiiCheckedForm, forms.Form):
    """The reason for which a whole series is cancelled."""

    pii_checked = {"word": EVERYTHING}

    word = forms.CharField(
        label=gettext_lazy("Why? Everybody who sees the event reads it. No names."), max_length=200, required=False,
        validators=[one_line],
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, auto_id="cancel_%s", **options)


class StopOrderForm(forms.Form):
    """The ids of the stops in order; or one stop and the direction in which it moves."""

    stop = forms.IntegerField(required=False, min_value=1)
    steps = forms.IntegerField(required=False, min_value=-1, max_value=1)

    def keys(self) -> list[int]:
        words = self.data.getlist("order") if hasattr(self.data, "getlist") else []
        return [int(word) for word in words[:100] if word.isdigit() and len(word) < 19]
