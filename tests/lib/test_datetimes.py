"""Datetimes from outside are converted to our time zone: PostgreSQL refuses some offsets that Python accepts."""

from datetime import UTC, datetime

import pytest
from django import forms
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from solidarity.lib.datetimes import MomentField, read
from tests.support import Cast, SignedIn

STRANGE = ["1221-07-01T20:16:08-16:08", "2026-11-25T10:00:00+23:59", "2026-11-25T10:00:00-23:59"]
NONE = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59", "", "soon", "2026-02-30T10:00"]


@pytest.mark.parametrize("text", STRANGE)
def test_an_unusual_offset_is_the_same_datetime_and_the_database_accepts_it(text: str, db: None) -> None:
    found = read(text)
    assert found == datetime.fromisoformat(text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [found])
        assert cursor.fetchone()[0] == found
    assert MomentField().clean(text) == found


@pytest.mark.parametrize("text", NONE)
def test_invalid_text_is_no_datetime(text: str) -> None:
    assert read(text) is None


@hypothesis_settings(suppress_health_check=[HealthCheck.too_slow])  # the first call reads time zones from the disk
@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_every_datetime_is_parsed_exactly_or_refused(moment: datetime) -> None:
    found = read(moment.isoformat())
    # Compared in UTC: in an hour that a zone repeats, Python treats equal datetimes of two zones as unequal (PEP 495).
    assert found is None or found.astimezone(UTC) == datetime.fromisoformat(moment.isoformat()).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # twice on this night in Paris; the first
        ("2026-10-25T03:30", "2026-10-25T02:30"),
        ("2027-03-28T02:30", "2027-03-28T01:30"),  # no hour of this night
        ("2027-03-28T03:30", "2027-03-28T01:30"),
    ],
)
def test_a_form_accepts_every_hour_of_the_nights_when_the_clocks_change(text: str, utc: str) -> None:
    found = MomentField().clean(text)
    assert found is not None and found.astimezone(UTC) == datetime.fromisoformat(f"{utc}+00:00")
    assert found == read(text)


def test_the_hour_that_a_night_skips_is_later_than_the_quarter_after_it() -> None:
    skipped, later = MomentField().clean("2027-03-28T02:30"), MomentField().clean("2027-03-28T03:15")
    assert skipped.astimezone(UTC) > later.astimezone(UTC)
    assert skipped > later


def test_a_form_refuses_the_ends_of_time() -> None:
    with pytest.raises(forms.ValidationError):
        MomentField().clean("0001-01-01T00:00:00+14:00")


@pytest.mark.usefixtures("open311")
@pytest.mark.parametrize("text", STRANGE + NONE)
def test_no_list_fails_on_an_extreme_datetime(text: str, cast: Cast, signed_in: SignedIn) -> None:
    from needs.models import Crisis
    from tests.conftest import SOUTH_WEST, square

    Crisis.objects.create(slug="heat", name="Heat", area=square(*SOUTH_WEST, 48.9, 2.4))
    client: Client = signed_in(cast.carol)
    for path, name in (
        ("/api/v1/triage/needs/", "since"), ("/api/v1/crises/heat/reports/", "until"),
        ("/open311/v2/requests.json", "start_date"),
    ):  # fmt: skip
        assert client.get(path, {name: text}).status_code in (200, 400), path
