"""The dialogue: at most three questions, one in each message, and then a report; commands; danger; the desk."""

from datetime import timedelta

import pytest
from django.utils import timezone

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Cause
from needs.enums import Actor, AlarmStep, Channel, NeedState, Origin, Urgency
from needs.help.following import news_sending, reporter_news
from needs.help.triage import duplicates
from needs.messages.channels.models import Dialogue, DialogueStep, InboundMessage, OutboundMessage
from needs.messages.dialogue import automatic_answers, dialogue_wording, handing_over, message_reading
from needs.messages.dialogue.dialogue_wording import question
from needs.messages.dialogue.message_reading import SILENT
from needs.models import DangerAlarm, Need, ReporterAddress
from needs.reports.danger import alarms
from solidarity.lib.field_encryption import decrypt
from tests.needs.dialogue.conftest import Person, worded
from tests.repetitions import again
from tests.support import Cast
from volunteers.enums import Medium

pytestmark = pytest.mark.django_db

PLACE, KIND, PERSONS = DialogueStep.PLACE, DialogueStep.KIND, DialogueStep.PERSONS


FLOWS = [
    ("fr", "Bonjour, nous sommes ici", "12 rue de Crimée", "des couvertures svp", "deux", "blanket"),
    ("en", "Hello, is anybody there for me please", "at 12 rue de Crimée", "we need a blanket", "two of us", "blanket"),
    ("ar", "مرحبا، السلام عليكم", "12 rue de Crimée", "نحتاج بطانيات", "2", "blanket"),
    again("es", "Hola, por favor", "12 rue de Crimée", "necesitamos mantas", "dos", "blanket"),
    again("ro", "Bună, vă rog, nu știu ce fac", "12 rue de Crimée", "avem nevoie de pături", "doi", "blanket"),
    again("uk", "Привіт, будь ласка", "12 rue de Crimée", "потрібні ковдри", "двоє", "blanket"),
    again("prs", "سلام، لطفا با من گپ بزنید", "12 rue de Crimée", "به کمپل نیاز داریم", "دو", "blanket"),
    again("ps", "سلام، مهرباني وکړئ چې موږ ته ووایاست", "12 rue de Crimée", "موږ کمپلې ته اړتیا لرو", "دوه", "blanket"),
    again("ti", "ሰላም", "12 rue de Crimée", "ኮቦርታ የድልየና", "ክልተ", "blanket"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "hello", "where", "what", "many", "kind"), FLOWS)
def test_three_questions_in_the_persons_language_lead_to_a_report(
    person: Person, language: str, hello: str, where: str, what: str, many: str, kind: str
) -> None:
    assert person.says(hello) == [worded(question, language, PLACE)]
    assert person.says(where) == [worded(question, language, KIND)]
    assert person.says(what) == [worded(question, language, PERSONS)]
    said = person.says(many)
    assert len(said) == 1 and said[0].startswith(worded(dialogue_wording.filed, language))
    assert person.row.language == language
    need = person.need
    assert (need.kinds, need.persons, need.place_text) == ([kind], 2, "12 rue de Crimée")
    assert (need.channel, need.state) == (Channel.SMS, NeedState.NEW)
    assert need.cell is not None and need.contact is not None and decrypt(need.contact) == person.address
    assert not any(secret in text for text in said for secret in ("Crim", "612345678", "48.8", "2.35"))


def test_only_what_the_messages_did_not_say_is_asked(person: Person) -> None:
    said = person.says("Bonjour, on est 3 à la gare du nord, on a besoin de couvertures ce soir")
    assert len(said) == 1 and said[0].startswith(worded(dialogue_wording.filed, "fr"))
    need = person.need
    assert (need.kinds, need.persons, need.urgency, need.origin) == (["blanket"], 3, Urgency.NOW, Origin.SELF)
    assert need.place_text == "Gare du Nord"


def test_the_receipt_of_a_need_for_a_bed_begins_with_the_number_to_call(person: Person) -> None:
    for each in (person, Person("somebody@mail.example", Medium.EMAIL)):
        [answer] = each.says("Bonjour, on est 3 à la gare du nord, on cherche un endroit où dormir ce soir")
        assert answer.startswith("Pour dormir ce soir, appelez le 115. Merci.")
        assert "shelter" in each.need.kinds


def test_parts_and_quick_messages_get_one_question_together(person: Person) -> None:
    assert person.says("Bonjour", "il y a deux hommes", "à la gare du nord") == [worded(question, "fr", KIND)]
    assert len(person.says("faim")) == 1
    assert (person.need.persons, person.need.kinds) == (2, ["food"])


def test_a_full_part_waits_some_seconds_for_the_next_one(person: Person) -> None:
    first = ("Bonjour, deux hommes devant la gare du nord ont " + "tres " * 40)[:151] + "fr"
    assert len(first) == 153
    person.send(first)
    assert message_reading.read_waiting() == 0
    row = InboundMessage.objects.get()
    assert row.not_before > timezone.now() and row.attempts == 0, "waiting is no attempt"
    person.says("oid, il faut des couvertures")
    assert person.need.kinds == ["blanket"]
    assert "froid" in person.need.text, "the parts are put together"


def test_an_unknown_place_is_kept_in_words_and_a_dispatcher_looks_it_up(person: Person) -> None:
    assert person.says("nous sommes 4 et nous avons faim") == [worded(question, "fr", PLACE)]
    assert len(person.says("derrière le grand hangar bleu")) == 1
    need = person.need
    assert (need.cell, need.place_text, need.lacks_place) == (None, "derrière le grand hangar bleu", True)


def test_a_shared_position_is_a_place(person: Person) -> None:
    person.says("food for two people https://maps.google.com/?q=48.8640,2.3515")
    assert person.need.cell is not None and person.need.point is not None
    assert person.need.persons == 2


@pytest.mark.parametrize("text", ["", "😀😀😀", "???", "\u202e\u200f", "asdf qwer"])
def test_what_nobody_can_understand_reaches_the_desk_and_gets_few_answers(person: Person, text: str) -> None:
    said = [line for _time in range(4) for line in person.says(text)]
    dialogue = person.dialogue
    assert (dialogue.step, dialogue.need) == (DialogueStep.DESK, None)
    assert dialogue.to_desk_at is not None
    assert dialogue.received.count() == 4
    assert len(said) == len(set(said)) <= 3


def test_the_desk_gets_the_guess_with_its_reasons(person: Person) -> None:
    person.says("bonjour il y a deux personnes à la gare du nord qui sont là depuis longtemps")
    person.says("je ne sais pas trop")
    dialogue = person.dialogue
    assert dialogue.step == DialogueStep.DESK
    assert (dialogue.guess["kinds"], dialogue.guess["persons"]) == ([], 2)
    assert dialogue.guess["place"]["label"] == "Gare du Nord"
    assert dialogue.guess["reasons"] == {"place": ["landmark"], "persons": ["deux personne"]}
    assert dialogue.territory is not None and dialogue.territory.slug == "nord"
    before = OutboundMessage.objects.count()
    person.says("vous êtes là ?")
    assert OutboundMessage.objects.count() == before, "the person was told within the hour"
    handing_over.close(dialogue)
    assert dialogue.guess == dialogue.draft == {}
    assert person.says("bonjour, il nous faut de l'eau") == [worded(question, "fr", PLACE)]


def test_a_question_that_nobody_answers_is_given_up(person: Person) -> None:
    person.says("we need food at Gare du Nord please")
    Dialogue.objects.update(opened_at=timezone.now() - 2 * SILENT)
    InboundMessage.objects.update(stored_at=timezone.now() - 2 * SILENT)
    message_reading.read_waiting()
    assert (person.need.kinds, person.need.persons) == (["food"], 1)


# --- danger --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text"),
    [("fr", "un homme ne respire plus"), ("en", "a man is not breathing"), ("ar", "رجل لا يتنفس")],
)
def test_danger_is_answered_with_the_numbers_at_once_and_raises_the_alarm(
    person: Person, language: str, text: str
) -> None:
    said = person.says(text)
    assert "15" in said[0] and "112" in said[0]
    assert said[-1].endswith(worded(question, language, PLACE)), "the place is what the rescuers lack"
    assert len(said) <= 2, "one message if both fit into two parts"
    alarm = DangerAlarm.objects.get()
    assert alarm.need == person.need and "not_breathing" in alarm.flags
    assert person.need.urgency == Urgency.NOW
    person.says("12 rue de Crimée")
    assert person.need.cell is not None and person.need.place_text == "12 rue de Crimée"
    assert Need.objects.count() == 1


def test_danger_in_a_later_message_raises_the_alarm_of_the_open_report(person: Person) -> None:
    person.says("deux personnes ont faim, 12 rue de Crimée")
    assert DangerAlarm.objects.count() == 0
    assert "112" in person.says("au secours il ne respire plus")[0]
    assert DangerAlarm.objects.get().need == person.need
    assert Need.objects.count() == 1


def test_the_same_danger_in_a_later_message_opens_the_alarm_again(person: Person, cast: Cast) -> None:
    person.says("un homme ne respire plus, 12 rue de Crimée")
    alarms.acknowledge(DangerAlarm.objects.get().pk, AlarmStep.NOT_EMERGENCY, cast.carol)
    person.says("il ne respire plus")
    assert DangerAlarm.objects.get().acknowledged_at is None


def test_the_alarm_is_raised_even_if_the_rules_fail(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("needs.messages.dialogue.dialogue_turns.understand", broken)
    assert "112" in person.says("a man is not breathing")[0]
    assert DangerAlarm.objects.count() == 1


# --- commands ------------------------------------------------------------------------------------------------------


OTHER_STOP = ("parar", "oprire", "стоп", "لغو", "ودروه", "ጠጠው")


@pytest.mark.parametrize("word", ["STOP", "Arrêt !", "STОP", "توقف", *(again(word) for word in OTHER_STOP)])
def test_stop_is_confirmed_once_and_then_only_emergency_numbers_are_sent(person: Person, word: str) -> None:
    person.says("nous sommes 2 au 12 rue de Crimée et nous avons faim")
    assert person.says(word)[-1:] == [worded(dialogue_wording.stopped, automatic_answers.spoken(person.row))]
    assert not ReporterAddress.objects.exists()
    assert person.says(word) == []
    assert person.says("INFO") == []
    [numbers] = person.says("un homme ne respire plus")
    assert "112" in numbers
    assert DangerAlarm.objects.count() == 1, "the report still counts"
    assert person.says("START") == [worded(dialogue_wording.started, automatic_answers.spoken(person.row))]
    assert ReporterAddress.objects.count() == 1


def test_stop_inside_a_sentence_is_no_command(person: Person) -> None:
    person.says("stop the bus, we need food for two people at 12 rue de Crimée")
    assert person.row.stopped_at is None
    assert person.need.kinds == ["food"]


OTHER_INFO = (("ayuda", "es"), ("ajutor", "ro"), ("допомога", "uk"), ("کمک", "prs"), ("مرسته", "ps"), ("ሓገዝ", "ti"))


@pytest.mark.parametrize(
    ("word", "language"), [("INFO", "en"), ("aide", "fr"), ("مساعدة", "ar"), *(again(*each) for each in OTHER_INFO)]
)
def test_info_says_who_we_are(person: Person, word: str, language: str) -> None:
    assert person.says(word) == [worded(dialogue_wording.info, language)]
    assert not Dialogue.objects.exists()


OTHER_STATUS = ("estado", "stare", "статус", "حالة", "وضعیت", "حالت", "ኩነታት")


@pytest.mark.parametrize("word", ["STATUS", "état", *(again(word) for word in OTHER_STATUS)])
def test_status_says_the_step_of_the_own_report_without_place_or_name(person: Person, cast: Cast, word: str) -> None:
    person.says("nous sommes 2 au 12 rue de Crimée et nous avons faim")
    said = person.says(word)
    transitions.move(person.need.pk, NeedState.OPEN, Cause(Actor.DISPATCHER, cast.carol.pk))
    said += person.says(word)
    assert len(set(said)) == 2
    assert not any(secret in text for text in said for secret in ("Crim", "Carol", "6123"))


def test_a_forged_or_unknown_status_learns_nothing(person: Person) -> None:
    person.says("nous sommes 2 au 12 rue de Crimée et nous avons faim")
    nothing = [worded(dialogue_wording.no_report, "en")]
    assert Person("+33698765433").says("STATUS +33612345678") == nothing
    assert Person("+33698765434").says("STATUS +33600000000") == nothing, "a known number and an unknown one: the same"
    assert Person("+33698765435").says("STATUS") == nothing


# --- the report afterwards -----------------------------------------------------------------------------------------


def test_later_messages_belong_to_the_open_report_until_it_is_closed(person: Person, cast: Cast) -> None:
    person.says("nous sommes 2 au 12 rue de Crimée et nous avons faim")
    need = person.need
    assert person.says("il fait aussi très froid") == [worded(dialogue_wording.added, "fr")]
    assert person.says("et on a soif") == [], "one thanks in an hour is enough"
    need.refresh_from_db()
    assert need.text.splitlines()[-2:] == ["il fait aussi très froid", "et on a soif"]
    transitions.move(need.pk, NeedState.OPEN, Cause(Actor.DISPATCHER, cast.carol.pk))
    transitions.move(need.pk, NeedState.MET, Cause(Actor.DISPATCHER, cast.carol.pk, "helped"))
    person.says("bonjour, une personne a besoin d'un manteau à la gare du nord")
    assert Need.objects.count() == 2
    assert person.need.source == need.source, "two reports from one number are one source"
    assert Dialogue.objects.filter(closed_at=None).count() == 1


def test_news_of_the_report_go_back_the_same_way_and_once(person: Person, cast: Cast) -> None:
    person.says("nous sommes 2 au 12 rue de Crimée et nous avons faim")
    first = person.need
    handing_over.close(person.dialogue)
    person.says("nous sommes 2 au 12 rue de Crimée et nous avons faim et soif")
    duplicates.merge(first.pk, person.need.pk, cast.carol)
    before = OutboundMessage.objects.count()
    transitions.move(first.pk, NeedState.OPEN, Cause(Actor.DISPATCHER, cast.carol.pk))
    later = timezone.now() + reporter_news.PAUSE + timedelta(seconds=1)
    for _again in range(2):
        news_sending.send_waiting(now=later)
    said = list(OutboundMessage.objects.order_by("written_at").values_list("text", flat=True)[before:])
    opened = [text for text in said if "open" in text or "ouvert" in text.lower()]
    assert len(opened) == 1, "two merged reports of one number: told once"
    assert "Crim" not in opened[0]
    person.says("STOP")
    transitions.move(first.pk, NeedState.MET, Cause(Actor.DISPATCHER, cast.carol.pk, "helped"))
    count = OutboundMessage.objects.count()
    news_sending.send_waiting(now=later + timedelta(hours=1))
    assert OutboundMessage.objects.count() == count


def test_an_email_is_a_report_too(person: Person) -> None:
    writer = Person("someone@example.org", Medium.EMAIL)
    writer.says("Hello,\n\nwe are 3 people at Gare du Nord and we need blankets.\n\nThank you")
    assert (writer.need.channel, writer.need.persons) == (Channel.EMAIL, 3)
    assert ReporterAddress.objects.get().medium == Medium.EMAIL


def test_two_hundred_messages_get_few_answers_and_lose_nothing(person: Person) -> None:
    for number in range(200):
        person.send(f"spam {number}")
    answers = person.says("last")
    for number in range(4):
        answers += person.says(f"more {number}", "INFO")
    assert len(answers) <= automatic_answers.MOST_IN_AN_HOUR
    assert InboundMessage.objects.filter(read_at=None).count() == 0
    assert Need.objects.count() <= 1
