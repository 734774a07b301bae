"""Reporting a text: two taps, the same answer for what one does not see, and nobody learns who reported."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.conversations.moderation import cases
from needs.conversations.moderation_desk import deciding
from needs.doors.retention import own_data
from needs.enums import NeedState
from needs.help.commitments import taking
from needs.models import ContentReport, Conversation, Group, LocalEvent, Message, ModerationCase, Need, PlaceNotice
from needs.reports import filing
from tests import filing_verbs
from tests.needs.loans.loan_cases import place_at
from tests.needs.moderation.moderation_cases import HIDE, found, loan_of, reported, said, thing
from tests.support import Cast, City, SignedIn
from volunteers.models import Assignment, AuditEntry, Notification, Territory, User

pytestmark = pytest.mark.django_db
NORD = (48.8660, 2.3500)


def path(kind: str, key: object) -> str:
    return reverse("needs:report_content", args=[kind, key])


def test_a_report_takes_two_taps_and_tells_the_coordinators_of_the_area(cast: Cast, signed_in: SignedIn) -> None:
    item, client = thing(cast.greta, about="Insults"), signed_in(cast.alice)
    link = path("item", item.pk)
    assert (
        link in client.get(f"/things/{item.pk}/").content.decode()
        or link in client.get(reverse("needs:item", args=[item.pk])).content.decode()
    )
    page = client.get(link).content.decode()
    assert 'name="reason"' in page and 'value="insult"' in page and "Insults" in page
    answer = client.post(link, {"reason": "insult"}, follow=True)
    assert answer.redirect_chain[-1][0].endswith("/thanks/")
    told = set(Notification.objects.filter(key__startswith="moderation").values_list("user__display_name", flat=True))
    assert told == {"Diane"}


def test_somebody_without_an_account_reports_what_is_public_and_nothing_else(cast: Cast, city: City) -> None:
    event = LocalEvent.objects.create(
        kind="meal", title="A meal", author=cast.bob, territory=city.nord, starts_at=timezone.now(),
        ends_at=timezone.now(), walk_in=True,
    )  # fmt: skip
    client = Client()
    assert client.post(path("event", event.pk), {"reason": "wrong"}).status_code == 302
    assert ContentReport.objects.get().by is None
    group = Group.objects.create(name="Quartier", territory=city.nord, made_by=cast.bob)
    LocalEvent.objects.update(walk_in=False)
    assert client.get(path("event", event.pk)).status_code == 404
    for kind, key in (("item", thing(cast.greta).pk), ("group", group.pk), ("need", uuid.uuid4())):
        assert client.get(path(kind, key)).status_code == 404


def test_whoever_follows_a_need_reports_a_message_about_it_and_none_about_another(cast: Cast) -> None:
    drafts = [
        NeedDraft(at=timezone.now(), place=DraftPlace(*NORD), kinds=["food"], urgency="soon", source=uuid.uuid4().hex)
        for _each in range(2)
    ]
    for draft in drafts:
        filing_verbs.report_need(draft, state=NeedState.OPEN)
    held = taking.take(Need.objects.get(pk=drafts[0].id), cast.alice)
    thread = Conversation.objects.create(commitment=held)
    message = Message.objects.create(conversation=thread, speaker="volunteer", author=cast.alice, text="Go away")
    token, other = (filing.follow_token(draft.id) for draft in drafts)
    client = Client()
    assert client.post(f"{path('message', message.pk)}?follow={token}", {"reason": "insult"}).status_code == 302
    for wrong in (f"?follow={other}", "?follow=nothing", ""):
        assert client.get(f"{path('message', message.pk)}{wrong}").status_code == 404


def test_what_a_person_does_not_see_answers_like_what_does_not_exist(cast: Cast, signed_in: SignedIn) -> None:
    message = said(loan_of(cast.greta, cast.alice), cast.alice, "Hello")
    stranger = signed_in(cast.edith)
    pages = [
        stranger.get(path(kind, key))
        for kind, key in (
            ("message", message.pk), ("message", uuid.uuid4()), ("loan", message.conversation.loan_id),
            ("nothing", "x"), ("item", "not-an-id"), ("notice", "99999"), ("notice", "x"),
        )
    ]  # fmt: skip
    assert {page.status_code for page in pages} == {404}
    posted = [stranger.post(path("message", key), {"reason": "other"}) for key in (message.pk, uuid.uuid4())]
    assert len({(each.status_code, len(each.content)) for each in posted}) == 1
    assert not ModerationCase.objects.exists()
    assert stranger.post(reverse("needs:block_author", args=["message", message.pk])).status_code == 404


def test_a_message_is_reported_by_the_other_side_and_not_by_its_author(cast: Cast, signed_in: SignedIn) -> None:
    message = said(loan_of(cast.greta, cast.alice), cast.alice, "Hello")
    assert signed_in(cast.greta).get(path("message", message.pk)).status_code == 200
    assert signed_in(cast.alice).get(path("message", message.pk)).status_code == 404


def test_twenty_reports_hide_nothing_and_open_one_case(cast: Cast, signed_in: SignedIn) -> None:
    item = thing(cast.greta)
    crowd = User.objects.bulk_create([User(email=f"crowd{n}@example.org") for n in range(20)])
    for each in crowd:
        reported(item, each)
    case = ModerationCase.objects.get()
    assert (case.withheld, case.outcome, case.reports.count()) == (False, "", 20)
    assert Notification.objects.filter(key__startswith="moderation").count() == 1
    assert signed_in(cast.alice).get(reverse("needs:item", args=[item.pk])).status_code == 200
    page = signed_in(cast.diane).get(reverse("needs:moderation")).content.decode()
    assert "× 20" in " ".join(page.split()) and "crowd" not in page


def test_the_author_never_learns_who_reported(cast: Cast, signed_in: SignedIn) -> None:
    """Even an author who coordinates the area and reads the audit log does not learn it."""
    item = thing(cast.diane)
    case = reported(item, cast.alice, words="He shouts at me")
    deciding.decide(case, cast.farid, HIDE)
    client = signed_in(cast.diane)
    assert client.get(reverse("needs:moderation_case", args=[case.pk])).status_code == 404
    assert "Hidden" in (page := client.get(reverse("needs:own_cases")).content.decode())
    assert "Alice" not in page and "shouts" not in page
    written = str(own_data.of_account(cast.diane))
    assert "shouts" not in written and "Alice" not in written and "insult" in written
    assert not AuditEntry.objects.filter(verb="content_reported", actor=cast.alice.key).exists()
    for note in Notification.objects.filter(user=cast.diane):
        assert "Alice" not in note.title + note.body


def test_a_report_after_the_decision_joins_it_until_the_text_changes(cast: Cast) -> None:
    item = thing(cast.greta, about="Once")
    deciding.decide(reported(item, cast.alice), cast.diane, HIDE)
    assert reported(item, cast.bob) == ModerationCase.objects.get()
    assert Notification.objects.filter(user=cast.bob, topic="moderation").exists()
    item.about = "Changed"
    item.save()
    reported(item, cast.edith)
    assert ModerationCase.objects.count() == 2


def test_a_person_cannot_flood_the_moderators(cast: Cast) -> None:
    for number in range(cases.MOST_A_DAY):
        reported(thing(cast.greta, name=f"{number}"), cast.alice)
    with pytest.raises(cases.TooManyReports):
        reported(thing(cast.greta), cast.alice)


def test_both_sides_of_a_loan_are_two_cases(cast: Cast, signed_in: SignedIn) -> None:
    loan = loan_of(cast.greta, cast.alice)
    for each in (cast.greta, cast.alice):
        signed_in(each).post(path("loan", loan.pk), {"reason": "threat"})
    assert set(ModerationCase.objects.values_list("author", flat=True)) == {cast.greta.pk, cast.alice.pk}


def test_without_a_coordinator_the_territory_above_is_told_and_at_last_the_administrators(
    cast: Cast, city: City
) -> None:
    ines = User.objects.create_user("ines@example.org", "x", display_name="Ines")
    Assignment.objects.create(user=ines, territory=city.nord, duty="coordinator", purpose="coordination")

    def told_about(item_owner: User) -> set[str]:
        Notification.objects.all().delete()
        reported(thing(item_owner), cast.bob)
        return set(Notification.objects.values_list("user__display_name", flat=True))

    assert told_about(cast.greta) == {"Ines"}
    assert told_about(ines) == {"Diane"}  # never the author
    Assignment.objects.filter(user=cast.diane).update(ended_at=timezone.now())
    assert told_about(ines) == {"Farid"}
    assert Territory.objects.filter(pk=city.nord.pk).exists()


def test_a_notice_without_words_to_read_aloud_says_which_place(cast: Cast, signed_in: SignedIn) -> None:
    notice = PlaceNotice.objects.create(
        place=place_at(NORD), kind="other", text="Sold here", end=timezone.now() + timedelta(days=1),
        author=cast.bob,
    )  # fmt: skip
    assert signed_in(cast.alice).post(path("notice", notice.pk), {"reason": "selling"}).status_code == 302
    case = ModerationCase.objects.get()
    assert (case.author, found(ContentKind.NOTICE, notice.pk).text) == (cast.bob, "Sold here")
    deciding.decide(case, cast.diane, HIDE)
    assert not PlaceNotice.objects.in_force(timezone.now()).exists()
