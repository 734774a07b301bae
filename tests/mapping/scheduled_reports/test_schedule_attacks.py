"""Attacks on scheduled reports: forged territories, floods, forged links, headers in names."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from mapping.models import ReportMail, ReportSchedule, ScheduleRecipient
from mapping.out.scheduled_reports import report_mails, report_recipients, schedule_changes
from mapping.out.scheduled_reports.report_recipients import Person, UnreadableLine, read_list, stop_token
from tests.mapping.scheduled_reports.schedule_cases import LIST, NEW, answers, made, outside, scheduled
from tests.support import Cast, City, SignedIn
from volunteers.models import Assignment


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "greta"])
def test_who_coordinates_nothing_finds_no_schedules(city: City, cast: Cast, signed_in: SignedIn, name: str) -> None:
    schedule, client = scheduled(city, cast.diane), signed_in(getattr(cast, name))
    for path in ("", "new/", f"{schedule.pk}/", f"{schedule.pk}/change/"):
        assert client.get(LIST + path).status_code == 404
    assert client.post(f"{LIST}{schedule.pk}/step/", {"step": "send"}).status_code == 404


def test_a_forged_territory_is_no_choice(city: City, cast: Cast, signed_in: SignedIn) -> None:
    schedule = scheduled(city, cast.diane)
    Assignment.objects.filter(user=cast.diane).update(territory=city.sud)
    diane = signed_in(cast.diane)
    for forged in ("nord", str(city.nord.pk), "ville"):
        assert diane.post(NEW, answers(territory=forged)).status_code == 422
    assert diane.post(f"{LIST}{schedule.pk}/change/", answers(territory="sud")).status_code == 404
    assert ReportSchedule.objects.count() == 1


def test_one_mailbox_is_not_flooded_by_many_schedules_or_spellings(
    city: City, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_recipients, "MAILS_PER_DAY", 4)
    victim = (
        "victim@gmail.com",
        "v.ictim@gmail.com",
        "victim+a@gmail.com",
        "VICTIM@googlemail.com",
        "victim+b@gmail.com",
    )
    for address in victim:
        made(city, cast.diane, Person("Victim", address))
    assert len(read_list("\n".join(f"A {address}" for address in victim))) == 1
    assert report_mails.send_waiting(timezone.now()) == report_recipients.MAILS_PER_DAY
    assert len(mail.outbox) == report_recipients.MAILS_PER_DAY
    assert ReportMail.objects.filter(failure="too many").count() == 1


def test_a_person_adds_only_a_few_new_addresses_a_day_and_sets_few_schedules(
    city: City, cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    diane = signed_in(cast.diane)
    lists = ["\n".join(f"A a{page}x{n}@out.example" for n in range(report_recipients.MOST)) for page in range(3)]
    assert [diane.post(NEW, answers(recipients=each)).status_code for each in lists] == [302, 302, 422]
    assert ScheduleRecipient.objects.count() == report_recipients.NEW_PER_DAY
    crowd = "\n".join(f"A b{n}@out.example" for n in range(report_recipients.MOST + 1))
    assert "At most 10 people" in diane.post(NEW, answers(recipients=crowd)).content.decode()
    monkeypatch.setattr(schedule_changes, "MOST_SCHEDULES", 2)
    own = diane.post(NEW, answers(content="internal", recipients="Diane diane@example.org"))
    assert own.status_code == 422
    assert "maximum number of scheduled reports" in own.content.decode()


@pytest.mark.parametrize(
    "line",
    [
        "Ana\rBcc: all@out.example ana@out.example",
        "Ana\x0bBcc ana@out.example",
        "Ana\u2028Bcc ana@out.example",
        "Ana\u202eevil ana@out.example",
        "Ana <ana@out.example> all@out.example",
        "Ana ana@out.example%0aBcc:all@out.example",
    ],
)
def test_a_name_brings_no_header_and_no_second_address(line: str) -> None:
    with pytest.raises(UnreadableLine):
        read_list(line)


def test_a_territory_whose_name_has_two_lines_adds_no_header(city: City, cast: Cast) -> None:
    type(city.nord).objects.filter(pk=city.nord.pk).update(name="Nord\r\nBcc: all@out.example")
    made(city, cast.diane, outside())
    assert report_mails.send_waiting(timezone.now()) == 1
    assert "\n" not in mail.outbox[0].subject
    assert mail.outbox[0].recipients() == ["person1@outside.example"]


def test_a_link_stops_only_its_own_person_and_cannot_be_forged(city: City, cast: Cast) -> None:
    run = made(city, cast.diane, outside(1), outside(2))
    one, other = run.schedule.recipients.order_by("name")
    token = stop_token(one)
    forged = (str(other.pk), other.pk.hex, token[:-1] + ("A" if token[-1] != "A" else "B"),
              token.replace(token.split(":")[0], stop_token(other).split(":")[0]))  # fmt: skip
    for each in forged:
        assert Client().post(f"{LIST}stop/{each}/").status_code == 404
    assert Client().post(f"{LIST}stop/{token}/").status_code == 200
    assert list(ScheduleRecipient.objects.exclude(stopped_at=None)) == [one]


def test_without_the_counters_no_mail_leaves_until_they_are_back(city: City, cast: Cast, settings: Settings) -> None:
    made(city, cast.diane, outside())
    working = settings.CACHES
    settings.CACHES = {"default": {**working["default"], "LOCATION": "unix:///nowhere/redis.sock?db=0"}}
    assert report_mails.send_waiting(timezone.now()) == 0
    row = ReportMail.objects.get()
    assert (row.failure, row.failed_at) == (report_mails.NO_COUNTERS, None)
    settings.CACHES = working
    assert report_mails.send_waiting(row.not_before) == 1
