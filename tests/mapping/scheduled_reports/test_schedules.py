"""Scheduled reports: the pages, the due dates, the mails."""

import io
from collections.abc import Callable
from datetime import timedelta

import pypdf
import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from mapping.enums import OverReason, ScheduledContent
from mapping.map.releases.public import publishing
from mapping.models import Export, ReportMail, ReportRun, ReportSchedule, ScheduleRecipient, StoppedMailbox, ZoneReport
from mapping.out.scheduled_reports import report_mails, schedule_changes, schedule_runs
from needs.doors.retention import runner
from tests.mapping.scheduled_reports.schedule_cases import LIST, NEW, PDF, answers, due_of, made, outside, scheduled
from tests.support import Cast, City, SignedIn
from tests.volunteers.conftest import post_office
from tests.volunteers.services import Post
from volunteers.places.territories import duties

__all__ = ["post_office"]


def page_of(schedule: ReportSchedule) -> str:
    return f"{LIST}{schedule.pk}/"


def test_a_coordinator_sets_a_report_in_one_form(city: City, cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    assert 'value="month:31"' in diane.get(NEW).content.decode()
    page = diane.post(NEW, answers(), follow=True)
    assert page.status_code == 200
    own = ReportSchedule.objects.get()
    assert (own.author, own.territory, own.day, own.hour) == (cast.diane, city.nord, 0, 8)
    assert timezone.localtime(due_of(own)).weekday() == 0
    assert [each.name for each in own.recipients.order_by("name")] == ["Ana Silva", "Préfecture"]
    text = page.content.decode()
    assert "cabinet@pref.example" in text
    assert "ana@mairie.example" in text
    assert b"pref.example" not in b"".join(bytes(each.address or b"") for each in own.recipients.all())
    assert "Nord" in diane.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"recipients": "Ana Silva ana@mairie"}, "Line 1 has no valid e-mail address"),
        ({"recipients": "Ana <ana@mairie.example>\ncabinet@pref.example"}, "Line 2 has no name"),
        ({"recipients": "See http://shop.example ana@mairie.example"}, "Line 1 has a web address"),
        ({"ends_on": "2099-01-01"}, "or an earlier day"),
        ({"content": "internal"}, "A link opens only for people who coordinate the territory"),
        ({"when": "week:9"}, "Select a valid choice"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_typed_is_lost(
    city: City, cast: Cast, signed_in: SignedIn, changed: dict[str, str], words: str
) -> None:
    page = signed_in(cast.diane).post(NEW, answers(**changed))
    assert page.status_code == 422
    assert words in page.content.decode()
    assert "Préfecture" in page.content.decode()
    assert not ReportSchedule.objects.exists()


def test_a_link_is_mailed_once_per_due_date(city: City, cast: Cast) -> None:
    schedule = scheduled(city, cast.diane)
    assert schedule_runs.run_due() == 0
    now = due_of(schedule) + timedelta(minutes=1)
    assert schedule_runs.run_due(now) == 1
    assert schedule_runs.run_due(now) == 0
    report = ZoneReport.objects.get()
    run = ReportRun.objects.get()
    assert (run.end - run.start).days == 6
    assert run.end == timezone.localdate(now) - timedelta(days=1)
    [sent] = mail.outbox
    assert sent.to == [cast.diane.email]
    assert f"/map/reports/{report.pk}/" in sent.body
    assert sent.attachments == []
    schedule.refresh_from_db()
    assert due_of(schedule) == run.due_at + timedelta(days=7)


def test_a_worker_that_is_killed_before_it_marks_a_run_sends_no_second_mail(city: City, cast: Cast) -> None:
    schedule = scheduled(city, cast.diane)
    now = due_of(schedule)
    schedule_runs.store_due(now)
    run = ReportRun.objects.select_related("schedule__territory", "schedule__author").get()
    stale = ReportRun.objects.select_related("schedule__territory", "schedule__author").get()
    assert schedule_runs.make(run)
    schedule_runs.make(stale)  # the other worker's lease ran out, and both made the report
    ReportSchedule.objects.filter(pk=schedule.pk).update(next_at=now)  # the date is stored again
    schedule_runs.store_due(now)
    assert (ReportRun.objects.count(), ReportMail.objects.count()) == (1, 1)
    assert report_mails.send_waiting(timezone.now()) == 1
    assert report_mails.send_waiting(timezone.now()) == 0
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<{ReportMail.objects.get().pk}@")


def test_each_person_gets_an_own_file_that_only_they_can_open(city: City, cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.diane).post(
        NEW, answers(content="rows:csv", recipients="Diane diane@example.org\nFarid farid@example.org"), follow=True
    )
    assert page.status_code == 200, page.content.decode()
    assert schedule_runs.run_due(due_of(ReportSchedule.objects.get())) == 2
    assert {each.author for each in Export.objects.all()} == {cast.diane, cast.farid}
    for sent in mail.outbox:
        own = Export.objects.get(author__email=sent.to[0])
        assert f"/map/exports/{own.pk}/" in sent.body


def test_the_external_report_of_a_published_week_is_mailed(
    city: City, cast: Cast, told: Callable[..., None], post_office: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = (timezone.localtime() + timedelta(days=1)).replace(hour=12)  # on a Monday, a week is published at six
    monkeypatch.setattr(timezone, "now", lambda: noon)
    schedule = scheduled(city, cast.diane, outside(), content=ScheduledContent.EXTERNAL, addressee="Préfecture")
    assert schedule_runs.run_due(due_of(schedule)) == 0
    assert ReportRun.objects.get().failure == "nothing published"
    told(22)
    publishing.publish_due()
    schedule_changes.send_by_hand(schedule, cast.diane)
    assert schedule_runs.run_due() == 1
    [pdf] = list(post_office.mails[0].iter_attachments())
    cover = pypdf.PdfReader(io.BytesIO(pdf.get_content())).pages[0].extract_text()
    assert "Nord" in cover
    assert "Préfecture" in cover


def test_the_pdf_goes_to_people_outside_with_a_way_to_stop_it(city: City, cast: Cast, post_office: Post) -> None:
    run = made(city, cast.diane, outside(1), outside(2))
    assert report_mails.send_waiting(timezone.now()) == 2
    assert len(post_office.mails) == 2
    one = post_office.mails[0]
    [pdf] = list(one.iter_attachments())
    assert pdf.get_content() == PDF
    body = one.get_body()
    assert body is not None
    text = body.get_content()
    assert "Diane, who coordinates help in Nord" in text
    assert "/map/schedules/stop/" in text
    assert one["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    run.refresh_from_db()
    assert run.pdf is None, "no mail needs the PDF any more"


def test_a_person_stops_the_mails_with_one_click_and_cannot_be_added_again(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    run = made(city, cast.diane, outside(1), outside(2))
    report_mails.send_waiting(timezone.now())
    link = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").partition("/map/")[2]
    stranger = Client()
    assert stranger.get(f"/map/{link}").status_code == 200
    assert not StoppedMailbox.objects.exists(), "a link that is only opened changes nothing"
    assert "Stopped" in stranger.post(f"/map/{link}").content.decode()
    again = {"when": "week:1", "recipients": f"P {mail.outbox[0].to[0].replace('@', '+tag@')}"}
    refused = signed_in(cast.diane).post(NEW, answers(**again))
    assert "stopped a scheduled report and cannot be added" in refused.content.decode()
    ReportMail.objects.update(sent_at=None, attempts=0, not_before=timezone.now())
    ReportRun.objects.update(pdf=PDF)
    assert report_mails.send_waiting(timezone.now()) == 1
    assert mail.outbox[-1].to == mail.outbox[1].to
    assert run.schedule.recipients.count() == 2
    assert "You get it again" in stranger.post(f"/map/{link}", {"again": "1"}).content.decode()
    assert not StoppedMailbox.objects.exists()


def test_pause_resume_send_now_stop_and_renew(city: City, cast: Cast, signed_in: SignedIn) -> None:
    schedule, diane = scheduled(city, cast.diane), signed_in(cast.diane)

    def step(name: str) -> ReportSchedule:
        assert diane.post(f"{page_of(schedule)}step/", {"step": name}).status_code == 302
        return ReportSchedule.objects.get()

    due = due_of(schedule)
    assert step("pause").next_at is None
    assert schedule_runs.run_due(due) == 0
    assert due_of(step("resume")) == due
    step("send")
    step("send")
    assert schedule_runs.run_due() == 1, "a second tap within an hour sends nothing"
    assert due_of(ReportSchedule.objects.get()) == due
    assert step("stop").over_reason == OverReason.PERSON
    assert schedule_runs.run_due(due) == 0
    assert due_of(step("renew")) == due
    assert "by hand" in diane.get(page_of(schedule)).content.decode()


def test_a_schedule_ends_and_its_addresses_are_deleted_two_weeks_later(city: City, cast: Cast) -> None:
    schedule = scheduled(city, cast.diane, outside(), content=ScheduledContent.EXTERNAL)
    later = timezone.now() + timedelta(days=91)
    ReportSchedule.objects.update(next_at=None)
    schedule_runs.run_due(later)
    schedule.refresh_from_db()
    assert schedule.over_reason == OverReason.END
    ReportSchedule.objects.update(over_at=timezone.now())
    runner.run(timezone.now() + timedelta(days=13))
    assert ScheduleRecipient.objects.exists()
    runner.run(timezone.now() + timedelta(days=15))
    assert not ScheduleRecipient.objects.exists()
    assert not ReportSchedule.objects.exists()


def test_when_the_author_loses_the_duty_the_schedule_stops_and_another_coordinator_can_renew_it(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    schedule = scheduled(city, cast.diane)
    run = made(city, cast.diane, outside())
    schedule_changes.send_by_hand(schedule, cast.diane)
    duties.end(cast.diane.assignments.coordinating().get(), cast.farid)
    assert schedule_runs.run_due() == 0
    assert mail.outbox == []
    schedule.refresh_from_db()
    assert schedule.over_reason == OverReason.DUTY
    assert run.mails.get().failure == "duty", "also a mail that already waited is not sent"
    assert cast.farid.notifications.filter(title="A scheduled report has stopped").exists()
    assert signed_in(cast.diane).get(page_of(schedule)).status_code == 404
    farid = signed_in(cast.farid)
    assert "no longer coordinates" in farid.get(page_of(schedule)).content.decode()
    farid.post(f"{page_of(schedule)}step/", {"step": "renew"})
    schedule.refresh_from_db()
    assert (schedule.author, schedule.over_at) == (cast.farid, None)
    schedule_runs.run_due(due_of(schedule))
    assert mail.outbox == [], "Diane has no access to the report any more"
    assert "Diane: no longer coordinates the territory" in farid.get(page_of(schedule)).content.decode()


def test_the_list_needs_the_same_queries_for_any_number_of_schedules(
    city: City, cast: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    diane = signed_in(cast.diane)
    made(city, cast.diane, outside(1))
    with CaptureQueriesContext(connection) as one:
        diane.get(LIST)
    for number in (2, 3, 4):
        made(city, cast.diane, outside(number), outside(number + 1))
    with django_assert_max_num_queries(len(one)):
        diane.get(LIST)
