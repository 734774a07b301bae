"""Messages about a loan: addresses and numbers are refused; limits; reports."""

import zipfile
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from needs.conversations import contact_words, writing
from needs.conversations.models import Speaker
from needs.conversations.writing import WritingRefusal, WritingRefused
from needs.doors.retention import own_data, runner
from needs.models import ConditionNote, Loan, Message
from needs.neighbours.lending.loan_states import LoanState
from needs.neighbours.loans import loan_protection, loan_steps
from needs.neighbours.loans.loan_subject import AboutLoan
from tests.needs.attachments.hostile_uploads import picture
from tests.needs.loans.loan_cases import asked, handed_over, item_of
from tests.support import Cast, SignedIn
from volunteers.models import Notification
from volunteers.people.accounts.viewer import Viewer

CONTACTS = (
    "Viens au 12 rue de Rivoli", "12 bis, avenue Jean-Jaurès, 3e étage", "rue des Martyrs 45", "I live at 221 Baker Street",
    "appelle le 06 12 34 56 78", "write to me@example.org", "48.85661, 2.35222", "le digicode est 12B4", "appt 14",
    "0612345678", "au 4ème étage à gauche", "8FW4V75V+8Q", "quai de Valmy 7", "7 Quai de Valmy",
)  # fmt: skip
HARMLESS = (
    "Je viens à 18 h, avec 2 sacs.", "The tent is for 3 people, 2 poles.", "Samedi 12 à midi devant le café ?",
    "On se voit place du marché ?", "It weighs 12 kg", "Rendez-vous à l’entrée du métro",
)  # fmt: skip


@pytest.mark.parametrize("text", CONTACTS)
def test_an_address_or_a_number_does_not_pass(text: str) -> None:
    assert contact_words.tells_contact(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_plain_words_pass(text: str) -> None:
    assert not contact_words.tells_contact(text)


@pytest.mark.django_db
def test_the_page_and_the_api_refuse_an_address_and_keep_what_was_typed(cast: Cast, signed_in: SignedIn) -> None:
    loan, client = asked(item_of(cast.greta), cast.alice), signed_in(cast.alice)
    page = client.post(f"/conversations/loan/{loan.pk}/", {"text": CONTACTS[0], "text_as_it_is": "on"})
    assert page.status_code == 400
    assert CONTACTS[0] in page.content.decode()
    sent = client.post(
        f"/api/v1/conversations/loan/{loan.pk}/messages/", {"text": CONTACTS[0]}, content_type="application/json"
    )
    assert (sent.status_code, list(sent.json())) == (400, ["text"])
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_messages_are_passed_on_with_the_first_name_alone(cast: Cast, signed_in: SignedIn) -> None:
    cast.alice.display_name = "Alice Martin"
    cast.alice.save()
    loan = asked(item_of(cast.greta), cast.alice)
    writing.write(AboutLoan(loan), Speaker.BORROWER, cast.alice, "Tomorrow at six?")
    page = signed_in(cast.greta).get(f"/loans/{loan.pk}/").content.decode()
    assert "Tomorrow at six?" in page and "Alice" in page
    assert "Martin" not in page and cast.alice.email not in page
    told = Notification.objects.get(user=cast.greta, key__startswith="message:")
    assert "six" not in told.title + told.body


@pytest.mark.django_db
def test_nobody_writes_after_the_end_beyond_the_limit_or_to_somebody_who_blocked_them(cast: Cast) -> None:
    loan = asked(item_of(cast.greta), cast.alice)
    for _each in range(AboutLoan.most):
        writing.write(AboutLoan(loan), Speaker.BORROWER, cast.alice, "?")
    with pytest.raises(WritingRefused) as refused:
        writing.write(AboutLoan(loan), Speaker.BORROWER, cast.alice, "?")
    assert refused.value.refusal is WritingRefusal.TOO_MANY
    for stranger in (cast.edith, cast.carol):
        assert AboutLoan(loan).speaker_of(Viewer(stranger)) is None
    step = loan_steps.move(loan.pk, LoanState.CANCELLED, cast.alice)
    loan.refresh_from_db()
    with pytest.raises(WritingRefused):
        writing.write(AboutLoan(loan), Speaker.OWNER, cast.greta, "?")
    loan_steps.undo(step.pk, cast.alice)
    loan.refresh_from_db()
    writing.write(AboutLoan(loan), Speaker.OWNER, cast.greta, "!")
    loan_protection.block(loan, cast.greta)
    with pytest.raises(WritingRefused):
        writing.write(AboutLoan(loan), Speaker.OWNER, cast.greta, "?")


@pytest.mark.django_db
def test_loans_messages_and_photos_go_when_their_time_is_over_and_not_before(cast: Cast) -> None:
    running = handed_over(item_of(cast.greta), cast.alice, cast.greta)
    over = handed_over(item_of(cast.greta), cast.alice, cast.greta)
    for loan in (running, over):
        writing.write(AboutLoan(loan), Speaker.BORROWER, cast.alice, "Thank you")
        loan.condition_notes.get().photo.save("p.jpg", ContentFile(picture()))
    loan_steps.move(over.pk, LoanState.RETURNED, cast.greta)
    old = timezone.now() - timedelta(days=15)
    Loan.objects.filter(pk=over.pk).update(ended_at=old)
    Message.objects.update(at=old)
    runner.run()
    assert not Message.objects.exists()
    assert [note.loan_id for note in ConditionNote.objects.all()] == [running.pk]
    Loan.objects.filter(pk=over.pk).update(ended_at=timezone.now() - timedelta(days=61))
    runner.run()
    assert list(Loan.objects.all()) == [running]
    with zipfile.ZipFile(own_data.account_file(cast.alice)) as archive:
        assert f"loans/{running.pk}-out.jpg" in archive.namelist()
        assert str(running.pk) in archive.read("data.json").decode()
