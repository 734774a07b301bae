"""Attack: find out where somebody lives, when they are away, or whom they lend to, through loans."""

import json
import re
import uuid

import pytest
from django.contrib.gis.geos import Point
from django.core.files.base import ContentFile

from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.conversations.writing import WritingRefused
from needs.doors.retention import erasure
from needs.help.commitments import taking
from needs.models import ConditionNote, Loan, Place
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import (
    loan_people,
    loan_protection,
    loan_requests,
    loan_steps,
    neutral_places,
    piece_calendar,
)
from needs.neighbours.loans.loan_requests import LoanDraft
from needs.neighbours.loans.loan_subject import AboutLoan
from solidarity.lib import grid
from tests.needs.attachments.hostile_uploads import picture
from tests.needs.loans.loan_cases import GOOD, HERE, agreed, asked, day, handed_over, item_of, place_at
from tests.needs.loans.test_loan_requests import need_of
from tests.support import Cast, SignedIn
from volunteers.models import Notification, Profile, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.site.people import blocking

pytestmark = pytest.mark.django_db
HOME = (48.8529, 2.3335)


def lives_at(user: User, at: tuple[float, float]) -> None:
    lat, lng = grid.snap(*at)
    Profile.objects.update_or_create(user=user, defaults={"base": Point(lng, lat, srid=4326)})


def test_neither_side_learns_a_home_a_cell_or_a_contact_of_the_other(cast: Cast, signed_in: SignedIn) -> None:
    for person, at in ((cast.alice, HOME), (cast.greta, HERE)):
        lives_at(person, at)
        person.display_name += " Surname"
        person.save()
    item = item_of(cast.greta)
    place_at(HERE)
    loan = handed_over(item, cast.alice, cast.greta)
    pages = {
        cast.alice: [f"/loans/{loan.pk}/", "/loans/", f"/api/v1/loans/{loan.pk}/", "/api/v1/loans/", f"/loans/ask/{item.pk}/"],
        cast.greta: [f"/loans/{loan.pk}/", "/loans/", f"/api/v1/loans/{loan.pk}/", f"/loans/{loan.pk}/step/returned/"],
    }  # fmt: skip
    for reader, addresses in pages.items():
        other = cast.greta if reader == cast.alice else cast.alice
        for address in addresses:
            text = signed_in(reader).get(address).content.decode()
            own_menu = text.replace(str(reader), "")
            for secret in (other.email, str(other.key), "Surname", grid.to_text(item.cell), str(item.cell)):
                assert secret not in own_menu, (address, secret)
            # does not match the seconds of a time, which follow a digit and a colon
            assert not re.search(r"(?<!\d)(?<!\d:)(48|2)\.\d{3,}", text), address


def test_the_owners_list_of_places_does_not_depend_on_where_the_borrower_lives(cast: Cast, signed_in: SignedIn) -> None:
    item = item_of(cast.greta)
    for number in range(9):
        place_at((48.851 + number / 400, 2.334 + number / 500), f"Place {number}")
    seen: list[list[str]] = []
    for at in (HOME, (48.874, 2.369)):
        lives_at(cast.alice, at)
        loan = asked(item, cast.alice, 1 + len(seen) * 3, 2 + len(seen) * 3)
        page = signed_in(cast.greta).get(f"/loans/{loan.pk}/step/agreed/").content.decode()
        seen.append(re.findall(r"Place \d", page))
    assert seen[0] == seen[1] != []
    between = [str(place) for place in neutral_places.for_borrower(item, cast.alice)]
    assert between != [str(place) for place in neutral_places.for_owner(item)]


def test_the_calendar_says_free_or_lent_and_never_by_whom(cast: Cast, signed_in: SignedIn) -> None:
    item = item_of(cast.greta)
    handed_over(item, cast.alice, cast.greta)
    stranger = signed_in(cast.edith)
    page = stranger.get(f"/loans/ask/{item.pk}/").content.decode()
    assert "lent" in page and "Alice" not in page
    rows = stranger.get(f"/api/v1/items/{item.pk}/days/").json()
    assert set(rows[0]) == {"day", "free", "of"}
    assert [row["free"] for row in rows[:5]] == [0, 0, 0, 0, 1]
    item.listed = False
    item.save()
    assert stranger.get(f"/api/v1/items/{item.pk}/days/").status_code == 404


def test_a_request_or_an_answer_of_others_does_not_show_in_the_calendar(cast: Cast) -> None:
    item = item_of(cast.greta)
    before = piece_calendar.calendar_of(item, day(0))
    loan = asked(item, cast.alice)
    assert piece_calendar.calendar_of(item, day(0)) == before
    loan_steps.move(loan.pk, LoanState.DECLINED, cast.greta)
    assert piece_calendar.calendar_of(item, day(0)) == before


def test_loans_of_others_cannot_be_enumerated(cast: Cast, signed_in: SignedIn) -> None:
    loan = handed_over(item_of(cast.greta), cast.alice, cast.greta)
    note = ConditionNote.objects.get()
    note.photo.save("p.jpg", ContentFile(picture()))
    absent = uuid.uuid4()
    for stranger in (cast.edith, cast.carol, cast.diane, cast.farid):
        client = signed_in(stranger)
        for path in ("", "photos/{note}/", "step/returned/"):
            answers = [client.get(f"/loans/{key}/{path.format(note=note.pk)}") for key in (loan.pk, absent)]
            assert [answer.status_code for answer in answers] == [404, 404]
        for path in ("message/", "block/", "report/", "met/", "step/returned/"):
            answers = [client.post(f"/loans/{key}/{path}") for key in (loan.pk, absent)]
            assert {answer.status_code for answer in answers} == {404}
        for path in ("", "messages/"):
            assert client.get(f"/api/v1/loans/{loan.pk}/{path}").status_code == 404
        assert client.get("/api/v1/loans/").json()["results"] == []
    assert signed_in(cast.greta).get(f"/loans/{loan.pk}/photos/{note.pk}/").status_code == 200


def test_a_false_hand_over_is_refused_on_the_page_and_in_the_api(cast: Cast, signed_in: SignedIn) -> None:
    """The owner cannot say that the borrower has it, and the borrower cannot say that it is back."""
    loan = agreed(item_of(cast.greta), cast.alice, cast.greta, 0, 2)
    form = {"condition": "good", "seen": ""}

    def claim(person: User, state: str) -> str:
        client = signed_in(person)
        client.post(f"/loans/{loan.pk}/step/{state}/", form)
        body = json.dumps({"state": state, "condition": "good"})
        sent = client.post(f"/api/v1/loans/{loan.pk}/steps/", body, content_type="application/json")
        assert sent.status_code == 409
        return str(Loan.objects.get().state)

    assert claim(cast.greta, "handed_over") == LoanState.AGREED
    loan_steps.move(loan.pk, LoanState.HANDED_OVER, cast.alice, seen=GOOD)
    assert claim(cast.alice, "returned") == LoanState.HANDED_OVER


def test_a_need_that_the_asker_cannot_see_looks_like_one_that_does_not_exist(cast: Cast, signed_in: SignedIn) -> None:
    need, item = need_of(["transport"]), item_of(cast.maraude)
    form = {"first": str(day(1)), "last": str(day(2)), "quantity": "1"}
    for stranger in (cast.edith, cast.greta):
        client = signed_in(stranger)
        for key in (need.pk, uuid.uuid4(), "x"):
            assert client.get(f"/loans/ask/{item.pk}/", {"need": str(key)}).status_code == 404
            assert client.post(f"/loans/ask/{item.pk}/", form | {"need": key}).status_code == 404
        body = json.dumps({"item": str(item.pk), "first": str(day(1)), "last": str(day(2)), "need": str(need.pk)})
        assert client.post("/api/v1/loans/", body, content_type="application/json").status_code == 404
    assert not Loan.objects.exists()


def test_the_owner_does_not_learn_which_need_a_loan_answers(cast: Cast, signed_in: SignedIn) -> None:
    need = need_of(["transport"])
    taking.take(need, cast.alice)
    loan = agreed(item_of(cast.greta), cast.alice, cast.greta, 0, 2, need=need.pk)
    loan_steps.move(loan.pk, LoanState.HANDED_OVER, cast.alice)
    for address in (f"/loans/{loan.pk}/", f"/api/v1/loans/{loan.pk}/"):
        text = signed_in(cast.greta).get(address).content.decode()
        assert str(need.pk) not in text and "met by this" not in text
    assert "met by this" in signed_in(cast.alice).get(f"/loans/{loan.pk}/").content.decode()


def test_a_person_who_was_declined_or_blocked_reads_nothing_new(cast: Cast, signed_in: SignedIn) -> None:
    loan, item = agreed(item_of(cast.greta), cast.alice, cast.greta), item_of(cast.greta)
    loan_protection.block(loan, cast.greta)
    page = signed_in(cast.alice).get(f"/loans/{loan.pk}/").content.decode()
    assert "block" not in page.split("<main", 1)[1].split("Something is wrong")[0].lower()
    form = {"first": str(day(1)), "last": str(day(2)), "quantity": "1"}
    refused = signed_in(cast.alice).post(f"/loans/ask/{item.pk}/", form)
    assert refused.status_code == 400 and "not lent to you at the moment" in refused.content.decode()
    with pytest.raises(WritingRefused):
        writing.write(AboutLoan(loan), Speaker.BORROWER, cast.alice, "Please")


def test_a_place_that_becomes_secret_disappears_from_the_loan(cast: Cast, signed_in: SignedIn) -> None:
    place = place_at(HERE, "Refuge", address="1 quai secret")
    loan = asked(item_of(cast.greta), cast.alice, place=place)
    assert "Refuge" in signed_in(cast.greta).get(f"/loans/{loan.pk}/").content.decode()
    Place.objects.update(address_hidden=True)
    for address in (f"/loans/{loan.pk}/", f"/api/v1/loans/{loan.pk}/", f"/loans/{loan.pk}/step/agreed/"):
        text = signed_in(cast.greta).get(address).content.decode()
        assert "Refuge" not in text and "quai secret" not in text


def test_the_name_of_a_person_without_a_name_is_never_their_address(cast: Cast) -> None:
    for name in ("", "zoe@example.org"):
        cast.alice.display_name = name
        assert loan_people.first_name(cast.alice) == "Somebody"
    assert loan_people.first_name(None) == "Somebody"


def test_an_account_that_is_gone_leaves_no_open_loan_and_the_other_side_is_told(cast: Cast) -> None:
    loan = agreed(item_of(cast.greta), cast.alice, cast.greta)
    other = loan_requests.ask(Viewer(cast.edith), item_of(cast.greta).pk, LoanDraft(day(1), day(2)))
    blocking.block(cast.alice, cast.farid)
    loan.refresh_from_db()
    assert loan.state == LoanState.CANCELLED
    erasure.erase_account(cast.greta)
    assert not Loan.objects.exists()
    assert Notification.objects.filter(user=cast.edith, key=f"loan-left:{other.pk}").exists()
