"""Decisions: who may decide, what becomes of the text and its author, undo, appeal."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from needs.base.moderated_texts.moderation_codes import AppealOutcome, ContentKind, Outcome
from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.conversations.moderation import cases, writing_pauses
from needs.conversations.moderation_desk import case_access, deciding
from needs.conversations.moderation_desk.deciding import Decision, DecisionRefused
from needs.conversations.writing import WritingRefused
from needs.doors.retention import runner
from needs.models import Item, Message, ModerationCase, NextCrewWord, PlaceEdit, Wish, WritingPause
from needs.neighbours.lending import item_changes
from needs.neighbours.lending.item_changes import ItemDraft
from needs.neighbours.loans.loan_subject import AboutLoan
from needs.tours.next_crew_words import word_writing
from needs.tours.next_crew_words.word_writing import TooManyWords
from tests.needs.loans.loan_cases import place_at
from tests.needs.moderation.moderation_cases import HIDE, KEEP, PAUSE, found, loan_of, reported, said, thing
from tests.support import Cast, City, SignedIn
from volunteers.models import Assignment, AuditEntry, Notification, User
from volunteers.people.accounts.viewer import Viewer

pytestmark = pytest.mark.django_db
NORD = (48.8660, 2.3500)


@pytest.fixture
def ines(city: City, cast: Cast) -> User:
    """Coordinates Sud."""
    made = User.objects.create_user("ines@example.org", "x", display_name="Ines")
    Assignment.objects.create(user=made, territory=city.sud, duty="coordinator", purpose="coordination")
    return made


def test_only_moderators_of_the_area_open_a_case(cast: Cast, ines: User, signed_in: SignedIn) -> None:
    case = reported(thing(cast.greta), cast.alice)
    for stranger in (ines, cast.carol, cast.greta, cast.alice):
        assert signed_in(stranger).get(reverse("needs:moderation_case", args=[case.pk])).status_code == 404
        assert not case_access.cases_for(Viewer(stranger)).exists()
    for moderator in (cast.diane, cast.farid):
        assert signed_in(moderator).get(reverse("needs:moderation_case", args=[case.pk])).status_code == 200
    assert AuditEntry.objects.filter(verb="content_read").count() == 2


def test_nobody_moderates_what_they_or_their_association_wrote(cast: Cast) -> None:
    own = reported(thing(cast.diane), cast.alice)
    assert own.territory is not None
    assert not case_access.cases_for(Viewer(cast.diane)).filter(pk=own.pk).exists()
    Assignment.objects.create(user=cast.bob, territory=own.territory, duty="coordinator", purpose="coordination")
    stock = reported(thing(cast.maraude), cast.alice)
    assert not case_access.cases_for(Viewer(cast.bob)).filter(pk=stock.pk).exists()
    assert case_access.cases_for(Viewer(cast.diane)).filter(pk=stock.pk).exists()


def test_a_moderator_sees_the_neighbours_with_first_name_and_role(cast: Cast, signed_in: SignedIn) -> None:
    cast.alice.display_name = "Alice Martin"
    cast.alice.save()
    loan = loan_of(cast.greta, cast.alice)
    said(loan, cast.greta, "Before", 3)
    message = said(loan, cast.alice, "You idiot", 2)
    said(loan, cast.greta, "After", 1)
    case = cases.report(found(ContentKind.MESSAGE, message.pk), cast.greta, "insult")
    page = signed_in(cast.diane).get(reverse("needs:moderation_case", args=[case.pk])).content.decode()
    assert page.index("Before") < page.index("You idiot") < page.index("After")
    assert "Alice, the borrower" in page
    assert "Martin" not in page and cast.alice.email not in page


def test_a_hidden_text_is_seen_by_its_author_alone_and_can_be_undone(cast: Cast, signed_in: SignedIn) -> None:
    item = thing(cast.greta)
    case = reported(item, cast.alice)
    client = signed_in(cast.diane)
    page = reverse("needs:moderation_case", args=[case.pk])
    assert client.post(page, {"outcome": "hidden"}).status_code == 400  # a reason is missing
    client.post(page, {"outcome": "hidden", "reason": "insult", "words": "Not here."})
    assert not Item.objects.listed().filter(pk=item.pk).exists()
    seen = signed_in(cast.greta).get(reverse("needs:item", args=[item.pk])).content.decode()
    assert "A moderator hid this" in seen
    told = Notification.objects.filter(topic="moderation")
    assert set(told.values_list("user__display_name", flat=True)) == {"Greta", "Alice"}
    case.refresh_from_db()
    assert case.decided_at is not None
    assert not deciding.undo(case, cast.farid, case.decided_at)
    assert deciding.undo(case, cast.diane, case.decided_at)
    assert Item.objects.listed().filter(pk=item.pk).exists()
    assert not Notification.objects.filter(topic="moderation").exists()


def test_two_moderators_know_of_each_other_and_one_decides(cast: Cast, signed_in: SignedIn) -> None:
    case = reported(thing(cast.greta), cast.alice)
    page = reverse("needs:moderation_case", args=[case.pk])
    signed_in(cast.diane).get(page)
    second = signed_in(cast.farid)
    assert "Diane has been reading this" in second.get(page).content.decode()
    assert second.post(page, {"outcome": "kept"}).status_code == 409
    assert second.post(page, {"outcome": "kept", "over": "1"}).status_code == 302
    with pytest.raises(DecisionRefused):
        deciding.decide(case, cast.diane, HIDE)
    assert ModerationCase.objects.get().outcome == Outcome.KEPT


def test_a_message_is_hidden_and_shown_again_by_its_columns(cast: Cast) -> None:
    message = said(loan_of(cast.greta, cast.alice), cast.alice, "You idiot")
    case = cases.report(found(ContentKind.MESSAGE, message.pk), cast.greta, "insult")
    deciding.decide(case, cast.diane, HIDE)
    assert Message.objects.get().hidden_at is not None
    case.refresh_from_db()
    assert deciding.appeal(case, cast.alice, "It was a joke")
    deciding.answer_appeal(case, cast.farid, AppealOutcome.OVERTURNED)
    assert (Message.objects.get().hidden_at, Message.objects.get().held_at) == (None, None)


def test_the_author_appeals_once_and_somebody_else_answers(cast: Cast, signed_in: SignedIn) -> None:
    case = reported(thing(cast.greta), cast.alice)
    deciding.decide(case, cast.diane, HIDE)
    author, page = signed_in(cast.greta), reverse("needs:appeal_case", args=[case.pk])
    assert author.post(page, {f"{case.pk}-words": ""}).status_code == 400
    for _twice in range(2):
        assert author.post(page, {f"{case.pk}-words": "It is not an insult"}).status_code == 302
    assert signed_in(cast.alice).post(page, {f"{case.pk}-words": "Mine"}).status_code == 404
    answer = reverse("needs:answer_appeal", args=[case.pk])
    assert signed_in(cast.diane).post(answer, {"outcome": "confirmed"}).status_code == 404
    assert not case_access.waiting_for(Viewer(cast.diane)).exists()
    assert Notification.objects.filter(user=cast.farid, key__endswith=":appeal").exists()
    assert signed_in(cast.farid).post(answer, {"outcome": "overturned"}).status_code == 302
    assert not ModerationCase.objects.get().withheld


def test_a_paused_author_writes_nowhere_and_loses_nothing_typed(cast: Cast, signed_in: SignedIn) -> None:
    loan = loan_of(cast.greta, cast.bob)
    deciding.decide(reported(thing(cast.bob), cast.alice), cast.diane, PAUSE)
    with pytest.raises(WritingRefused):
        writing.write(AboutLoan(loan), Speaker.BORROWER, cast.bob, "Hello")
    nord = Assignment.objects.get(user=cast.alice).territory
    with pytest.raises(TooManyWords):
        word_writing.write(cast.bob, nord, "Hello", timedelta(hours=1))
    client = signed_in(cast.bob)
    word = {"territory": nord.slug, "text": "See you tomorrow", "hours": 12}
    page = client.post(reverse("needs:write_word"), word)
    assert page.status_code == 403 and "See you tomorrow" in page.content.decode()
    wish = {"category": "stroller", "place": {"latitude": 48.866, "longitude": 2.35}}
    sent = client.post("/api/v1/lending/wishes/", wish, content_type="application/json")
    assert (sent.status_code, Wish.objects.exists()) == (409, False)
    WritingPause.objects.update(until=timezone.now())
    assert writing_pauses.may_write(cast.bob)


def test_a_case_that_is_passed_on_is_for_administrators_alone(cast: Cast, signed_in: SignedIn) -> None:
    case = reported(thing(cast.greta), cast.alice)
    deciding.decide(case, cast.diane, Decision(Outcome.PASSED_ON))
    assert signed_in(cast.diane).get(reverse("needs:moderation_case", args=[case.pk])).status_code == 404
    page = signed_in(cast.farid).get(reverse("needs:moderation_case", args=[case.pk])).content.decode()
    assert reverse("people:people") in page
    assert not ModerationCase.objects.get().outcome


def test_words_about_a_place_are_emptied_and_come_back_after_an_appeal(cast: Cast) -> None:
    place = place_at(NORD, about="Do not go there")
    PlaceEdit.objects.create(place=place, step="changed", author=cast.bob, after={"about": "x"})
    case = cases.report(found(ContentKind.PLACE, place.pk), cast.alice, "wrong")
    deciding.decide(case, cast.diane, HIDE)
    place.refresh_from_db()
    assert place.about == ""
    case.refresh_from_db()
    assert case.author == cast.bob and deciding.appeal(case, cast.bob, "It is true")
    deciding.answer_appeal(case, cast.farid, AppealOutcome.OVERTURNED)
    place.refresh_from_db()
    assert place.about == "Do not go there"


def test_reports_go_after_their_time_and_a_hidden_text_stays_hidden(cast: Cast) -> None:
    kept, hidden = thing(cast.greta), thing(cast.greta)
    deciding.decide(reported(kept, cast.alice, words="Bad"), cast.diane, KEEP)
    deciding.decide(reported(hidden, cast.alice, words="Bad"), cast.diane, HIDE)
    ModerationCase.objects.update(decided_at=timezone.now() - timedelta(days=15))
    runner.run()
    assert not ModerationCase.objects.exclude(reports__words="", words="").exists()
    ModerationCase.objects.update(decided_at=timezone.now() - timedelta(days=61))
    runner.run()
    assert [case.key for case in ModerationCase.objects.all()] == [str(hidden.pk)]
    hidden.delete()
    runner.run()
    assert not ModerationCase.objects.exists()


def test_an_edit_does_not_bring_a_hidden_text_back(cast: Cast) -> None:
    item = thing(cast.bob)
    deciding.decide(reported(item, cast.alice), cast.diane, HIDE)
    item_changes.change(item, ItemDraft("stroller", "Other words", item.cell), cast.bob)
    assert not Item.objects.listed().filter(pk=item.pk).exists()
    assert NextCrewWord.objects.count() == 0
