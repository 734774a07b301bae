"""Pages of the guide: what everybody reads, and what members and dispatchers change."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from needs.models import Place, PlaceEdit, PlaceNotice
from needs.places import place_entries
from needs.places.place_entries import By
from tests.needs.places.place_cases import SUD, place_of, sent, values
from tests.support import Cast, SignedIn, dispatches
from volunteers.models import AuditEntry


def text_of(client: Client, place: Place) -> str:
    return client.get(reverse("needs:place", args=[place.pk])).content.decode()


def test_anybody_reads_a_place_with_its_hours_number_and_who_checked_it(cast: Cast) -> None:
    text = text_of(Client(), place_of(cast))
    assert "Halte du Nord" in text
    assert "12 rue du Pont" in text
    assert 'href="tel:0123456789"' in text
    assert 'href="geo:48.866000,2.350000"' in text
    assert re.search(r"<th scope=\"row\">Monday</th><td>9 a.m.–6 p.m.", text)
    assert "Last checked by Maraude du Nord" in re.sub(r"\s+", " ", text)
    assert "Bob" not in text


def test_a_member_adds_a_place_with_hours_by_weekday(cast: Cast, signed_in: SignedIn) -> None:
    answer = signed_in(cast.bob).post(reverse("needs:place_new"), sent(association=cast.maraude.pk))
    place = Place.objects.get()
    assert answer.headers["Location"] == reverse("needs:place", args=[place.pk])
    assert place.hours == "Mo 09:00-18:00"
    assert place.association == cast.maraude
    assert (place.checked_by, place.checked_as) == (cast.bob, cast.maraude)
    assert place.edits.get().step == "added"
    assert AuditEntry.objects.filter(verb="guide_changed", actor=cast.bob.key).count() == 1
