"""Field notes: who adds them, who reads them, for how long, and where they are shown."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.folding import fold, rebuild
from mapping.map.overrides import field_notes, override_filing
from mapping.map.releases import release_filter
from mapping.models import FieldNote, Release, Zone
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import make_report
from needs.doors.retention import runner
from solidarity.lib import grid
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import User

TEXT = "the gate of the park closes at nine"


@pytest.fixture
def published(cast: Cast, city: City, seen: Seen) -> City:
    seen(minutes=40, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    return city


def zone_of(audience: str | None = None, **conditions: Any) -> Zone:
    frozen = Release.objects.get(audience=audience) if audience else None
    found = Zone.objects.filter(release=frozen, **conditions).select_related("territory", "model").order_by("-cells")
    zone = found.first()
    assert zone is not None
    return zone


def form(zone: Zone, **changes: Any) -> dict[str, Any]:
    values = {
        "id": str(uuid.uuid4()),
        "text": TEXT,
        "days": "30",
        "cell": grid.to_text(override_filing.cells_of(zone)[0]),
    }
    return values | changes


def pinned(cast: Cast, zone: Zone | None = None) -> FieldNote:
    zone = zone or zone_of("association", territory__slug="nord")
    cell = override_filing.cells_of(zone)[0]
    return field_notes.pin(zone, cell=cell, text=TEXT, days=30, association=cast.maraude.pk, author=cast.bob.pk)


def test_a_member_pins_a_note_and_other_members_and_coordinators_read_it(
    published: City, cast: Cast, signed_in: SignedIn
) -> None:
    zone = zone_of("association", territory__slug="nord")
    bob = signed_in(cast.bob)
    address = reverse("mapping:note_add", args=["nord", zone.key])
    assert bob.get(address).status_code == 200
    assert bob.post(address, form(zone)).status_code == 302
    note = FieldNote.objects.get()
    assert (note.author, note.association, note.territory) == (cast.bob, cast.maraude, published.nord)
    assert note.expires_at - note.at == timedelta(days=30)
    live = zone_of(territory__slug="nord", shape__contains=zone.shape.point_on_surface) if zone.cells == 1 else zone_of(
        territory__slug="nord", key=zone.key
    )  # fmt: skip
    for who, key in ((cast.edith, zone.key), (cast.diane, live.key)):
        for route in ("zone", "notes"):
            page = signed_in(who).get(reverse(f"mapping:{route}", args=["nord", key])).content.decode()
            assert TEXT in page
            assert "Maraude du Nord" in page
            assert "Bob" not in page


def test_the_same_form_twice_pins_one_note(published: City, cast: Cast, signed_in: SignedIn) -> None:
    zone = zone_of("association", territory__slug="nord")
    sent = form(zone)
    for _time in range(2):
        assert signed_in(cast.bob).post(reverse("mapping:note_add", args=["nord", zone.key]), sent).status_code == 302
    assert FieldNote.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"days": "0"}, "days"), ({"days": "91"}, "days"), ({"text": " "}, "text"), ({"cell": ""}, "cell")],
)
def test_a_note_needs_a_text_a_cell_and_one_to_ninety_days(
    changes: dict[str, str], field: str, published: City, cast: Cast, signed_in: SignedIn
) -> None:
    zone = zone_of("association", territory__slug="nord", cells__gt=1)
    answer = signed_in(cast.bob).post(reverse("mapping:note_add", args=["nord", zone.key]), form(zone, **changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not FieldNote.objects.exists()


def test_the_form_asks_for_no_names_and_no_phone_numbers(published: City, cast: Cast, signed_in: SignedIn) -> None:
    zone = zone_of("association", territory__slug="nord")
    page = signed_in(cast.bob).get(reverse("mapping:note_add", args=["nord", zone.key])).content.decode()
    assert "Please leave out names, phone numbers and health details." in page


def test_volunteers_never_read_a_note(published: City, cast: Cast, signed_in: SignedIn) -> None:
    pinned(cast)
    zone = zone_of("volunteer", territory__slug="nord")
    client = signed_in(cast.alice)
    for address in (
        reverse("mapping:zone", args=["nord", zone.key]),
        reverse("mapping:zones", args=["nord"]),
        reverse("mapping:map", args=["nord"]) + f"?zone={zone.key}",
    ):
        page = client.get(address).content.decode()
        assert "park closes" not in page
        assert "note from the field" not in page
    assert client.get(reverse("mapping:notes", args=["nord", zone.key])).status_code == 404
    assert client.get(reverse("mapping:note_add", args=["nord", zone.key])).status_code == 404


def test_the_list_counts_the_notes_of_each_zone(published: City, cast: Cast, signed_in: SignedIn) -> None:
    zone = zone_of("association", territory__slug="nord")
    pinned(cast, zone)
    pinned(cast, zone)
    rows = signed_in(cast.edith).get(reverse("mapping:zones", args=["ville"])).context["page"].object_list
    assert {row.key: row.notes for row in rows if row.notes} == {str(zone.key): 2}
    page = signed_in(cast.edith).get(reverse("mapping:zones", args=["ville"])).content.decode()
    assert "2 notes from the field" in page


def test_the_author_and_a_coordinator_take_it_away_and_nobody_else(
    published: City, cast: Cast, signed_in: SignedIn
) -> None:
    zone = zone_of("association", territory__slug="nord")
    first, second = pinned(cast, zone), pinned(cast, zone)

    def away(who: User, note: FieldNote) -> int:
        address = reverse("mapping:note_remove", args=["nord", zone.key, note.pk])
        return int(signed_in(who).post(address).status_code)

    for who in (cast.alice, cast.edith, cast.carol):
        assert away(who, first) == 404
    assert away(cast.bob, first) == 302
    assert away(cast.bob, first) == 404
    assert away(cast.diane, second) == 302
    assert set(FieldNote.objects.values_list("text", flat=True)) == {""}
    page = signed_in(cast.bob).get(reverse("mapping:notes", args=["nord", zone.key])).content.decode()
    assert "park closes" not in page


def test_a_note_goes_when_it_expires_and_its_text_is_deleted(published: City, cast: Cast, signed_in: SignedIn) -> None:
    zone = zone_of("association", territory__slug="nord")
    kept, old = pinned(cast, zone), pinned(cast, zone)
    FieldNote.objects.filter(pk=old.pk).update(expires_at=timezone.now(), text="an old thing")
    page = signed_in(cast.bob).get(reverse("mapping:notes", args=["nord", zone.key])).content.decode()
    assert "an old thing" not in page
    assert TEXT in page
    assert runner.run().counts["notes"] == 1
    assert list(FieldNote.objects.all()) == [kept]


def test_a_zone_report_quotes_the_notes_of_its_period_without_a_place(
    published: City, cast: Cast, seen: Seen, signed_in: SignedIn
) -> None:
    pinned(cast)
    seen(note="they ask for dry blankets", note_pinned=True)
    fold.fold_outbox()
    rebuild.recompute_all()
    report = make_report(published.root, Period.latest(), cast.diane)
    assert {note["text"] for note in report.payload["notes"]} == {TEXT, "they ask for dry blankets"}
    for note in report.payload["notes"]:
        assert set(note) == {"day", "territory", "association", "text"}
        assert (note["territory"], note["association"]) == ("Nord", "Maraude du Nord")
    assert TEXT in signed_in(cast.diane).get(reverse("mapping:report", args=[report.pk])).content.decode()
    sud = make_report(published.sud, Period.latest(), cast.diane)
    assert sud.payload["notes"] == []
