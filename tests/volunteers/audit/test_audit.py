"""The audit log: its content, its readers, and the detection of every change."""

import json
import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from tests.support import Cast, City, SignedIn
from volunteers.models import AuditEntry, AuditHead
from volunteers.people.audit import anchor, chain, recording, verifying
from volunteers.people.audit.recording import ForbiddenDetail, checked_details
from volunteers.people.audit.verbs import Purpose, Verb


@pytest.fixture(autouse=True)
def no_anchor(settings: Settings, tmp_path: Path) -> None:
    settings.AUDIT_ANCHOR = tmp_path / "audit" / "anchor.json"


@pytest.fixture
def log(db: None) -> list[AuditEntry]:
    return [
        recording.record(None, Verb.RETENTION_RUN, "needs", number, details={"points": number}) for number in range(8)
    ]


@pytest.fixture
def without_trigger() -> Iterator[CursorWrapper]:
    """Yield a cursor while the trigger is disabled, as the owner of the table could do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE volunteers_auditentry DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("ALTER TABLE volunteers_auditentry ENABLE TRIGGER USER")


def faults() -> str:
    return "\n".join(verifying.verify().faults)


def test_an_unchanged_log_is_valid(log: list[AuditEntry], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit")
    assert re.search(r"intact: 8 entries\. Its end: 8:[0-9a-f]{64}", capsys.readouterr().out)


@pytest.mark.parametrize("sql", ["UPDATE volunteers_auditentry SET verb = 'x'", "DELETE FROM volunteers_auditentry"])
def test_the_database_refuses_to_change_or_delete_entries(log: list[AuditEntry], sql: str) -> None:
    with (
        pytest.raises(DatabaseError, match="neither changed nor deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert AuditEntry.objects.count() == 8


EDITS = {
    "verb": "'contact_shown'", "kind": "'other'", "object": "'0'", "scope": "'nord'", "purpose": "'care'",
    "actor": "gen_random_uuid()", "at": "at - interval '1 hour'", "details": "'{\"points\": 99}'",
    "hash": "repeat('0', 64)",
}  # fmt: skip


@pytest.mark.parametrize("column", EDITS)
def test_an_edit_of_any_column_is_found(log: list[AuditEntry], without_trigger: CursorWrapper, column: str) -> None:
    without_trigger.execute(f"UPDATE volunteers_auditentry SET {column} = {EDITS[column]} WHERE seq = 4")
    assert "entry 4 was edited" in faults()
    with pytest.raises(CommandError, match="NOT intact"):
        call_command("verify_audit")


def test_a_deleted_entry_is_found(log: list[AuditEntry], without_trigger: CursorWrapper) -> None:
    without_trigger.execute("DELETE FROM volunteers_auditentry WHERE seq IN (3, 4)")
    assert "entries 3 to 4 are missing" in faults()


def test_renumbering_after_a_deletion_is_found(log: list[AuditEntry], without_trigger: CursorWrapper) -> None:
    without_trigger.execute("DELETE FROM volunteers_auditentry WHERE seq = 3")
    for number in range(4, 9):
        without_trigger.execute("UPDATE volunteers_auditentry SET seq = seq - 1 WHERE seq = %s", [number])
    assert "entry 3 does not follow entry 2" in faults()
    assert "was edited" in faults()


def test_two_entries_that_change_places_are_found(log: list[AuditEntry], without_trigger: CursorWrapper) -> None:
    for before, after in ((3, 99), (5, 3), (99, 5)):
        without_trigger.execute("UPDATE volunteers_auditentry SET seq = %s WHERE seq = %s", [after, before])
    assert "entry 3 does not follow entry 2" in faults()


def test_a_log_cut_short_is_found_by_the_end_in_the_database(
    log: list[AuditEntry], without_trigger: CursorWrapper
) -> None:
    without_trigger.execute("DELETE FROM volunteers_auditentry WHERE seq > 6")
    assert "the log ends at entry 6, the recorded end of the chain says 8: it was cut short" in faults()


def test_an_emptied_log_is_found(log: list[AuditEntry], without_trigger: CursorWrapper) -> None:
    without_trigger.execute("DELETE FROM volunteers_auditentry")
    assert "cut short" in faults()


def test_a_log_cut_short_with_an_older_end_put_back_is_found_by_the_anchor(
    log: list[AuditEntry], without_trigger: CursorWrapper
) -> None:
    anchor.write(log[-1].seq, log[-1].hash)
    without_trigger.execute("DELETE FROM volunteers_auditentry WHERE seq > 6")
    end = {"seq": 6, "hash": log[5].hash, "seal": chain.seal(6, log[5].hash)}  # as in an older copy of the row
    AuditHead.objects.filter(pk=1).update(**end)
    assert faults() == "the log ends at entry 6, the anchor in the state folder says 8: it was cut short"
    recording.record(None, Verb.RETENTION_RUN, "needs")
    recording.record(None, Verb.RETENTION_RUN, "needs")
    anchor.advance(8, AuditEntry.objects.get(seq=8).hash)
    assert faults() == "the anchor in the state folder knows another entry 8: the log was replaced"


def test_an_end_recorded_elsewhere_is_compared_with_the_log(
    log: list[AuditEntry], without_trigger: CursorWrapper
) -> None:
    call_command("verify_audit", expect=anchor.Anchor(8, log[-1].hash))
    with pytest.raises(CommandError, match="knows another entry 8"):
        call_command("verify_audit", expect=anchor.Anchor(8, "0" * 64))


def test_with_another_key_no_entry_is_valid(log: list[AuditEntry], settings: Settings) -> None:
    settings.AUDIT_KEY = "somebody else's key"
    assert "entry 1 was edited" in faults()


def test_after_a_restore_the_log_says_what_was_lost(log: list[AuditEntry]) -> None:
    anchor.write(12, "f" * 64)
    assert "cut short" in faults()
    call_command("verify_audit", after_restore=True)
    last = AuditEntry.objects.first()
    assert last is not None
    assert (last.verb, last.details) == (Verb.RESTORED, {"lost": 4, "anchored": True})
    assert faults() == ""


def test_a_restored_log_that_was_edited_is_not_accepted(log: list[AuditEntry], without_trigger: CursorWrapper) -> None:
    without_trigger.execute("UPDATE volunteers_auditentry SET verb = 'x' WHERE seq = 2")
    with pytest.raises(CommandError, match="entry 2 was edited"):
        call_command("verify_audit", after_restore=True)


@pytest.mark.django_db(transaction=True)
def test_entries_written_at_once_make_one_chain_and_move_the_anchor() -> None:
    def write(number: int) -> None:
        try:
            recording.record(None, Verb.RETENTION_RUN, "needs", number)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))
    found = verifying.verify()
    assert (found.faults, found.entries) == ([], 40)
    said = anchor.read()
    assert said is not None and (said.seq, said.hash, said.whole) == (40, found.hash, True)


def test_a_rolled_back_action_leaves_no_entry(db: None) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        recording.record(None, Verb.RELEASED, "release")
        raise RuntimeError
    recording.record(None, Verb.RELEASED, "release")
    assert list(AuditEntry.objects.values_list("seq", flat=True)) == [1]


@pytest.mark.parametrize(
    "details",
    [
        {"lat": 1}, {"place_id": 3}, {"cell": "x"}, {"display_name": "A"}, {"who": "a@b.org"}, {"note": "0612345678"},
        {"note": "06 12 34 56 78"}, {"near": "48.8661,2.3501"}, {"near": 48.8661}, {"hex": "891fb466257ffff"},
        {"hex": 0x891FB466257FFFF}, {"many": [1, 2]}, {"says": "rue d’Amsterdam"},
    ],
)  # fmt: skip
def test_details_that_could_be_a_place_a_name_or_a_contact_are_refused(details: dict[str, object]) -> None:
    with pytest.raises(ForbiddenDetail):
        checked_details(details)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_a_coordinate_in_the_details_is_refused(lat: float, lng: float) -> None:
    for value in (lat, lng, f"{lat:.5f}", f"{lat:.5f},{lng:.5f}"):
        with pytest.raises(ForbiddenDetail):
            checked_details({"value": value})


def test_counts_codes_and_dates_are_accepted() -> None:
    said = {"rows": 12000, "exact": True, "format": "csv", "from": "2026-11-25", "version": 3, "none": None}
    assert checked_details(said) == said


def test_an_object_is_found_by_its_id_and_its_id_is_not_in_the_log(db: None, cast: Cast) -> None:
    own = str(uuid.uuid4())  # a short one could occur in a hash by chance
    entry = recording.record(cast.carol, Verb.CONTACT_SHOWN, "need", own, purpose=Purpose.SORTING)
    assert entry.object == recording.digest_of("need", own) != recording.digest_of("export", own)
    assert own not in json.dumps([str(value) for value in entry.__dict__.values()])


def test_erasing_an_account_keeps_the_chain(cast: Cast, signed_in: SignedIn) -> None:
    recording.record(cast.greta, Verb.TOKEN_MADE, "token")
    cast.greta.delete()
    assert faults() == ""
    page = signed_in(cast.farid).get(reverse("mapping:audit")).content.decode()
    assert "an erased account" in page
    assert "Greta" not in page


# --- the page ------------------------------------------------------------------------------------------------------


def shown(client: Client, **query: str) -> list[int]:
    return [line.entry.seq for line in client.get(reverse("mapping:audit"), query).context["lines"]]


@pytest.mark.parametrize("who", ["alice", "bob", "carol", "greta"])
def test_others_get_the_same_404_as_for_an_unknown_page(cast: Cast, signed_in: SignedIn, who: str) -> None:
    assert signed_in(getattr(cast, who)).get(reverse("mapping:audit")).status_code == 404


def test_a_coordinator_reads_their_territories_the_platform_and_themselves(
    cast: Cast, signed_in: SignedIn, city: City
) -> None:
    from volunteers.models import Assignment

    Assignment.objects.filter(user=cast.diane).update(territory=city.nord)
    nord = recording.record(cast.carol, Verb.EXPORT_ASKED, "export", 1, scope="nord").seq
    sud = recording.record(cast.carol, Verb.EXPORT_ASKED, "export", 2, scope="sud").seq
    own = recording.record(cast.diane, Verb.EXPORT_ASKED, "export", 3, scope="sud").seq
    all_over = recording.record(cast.carol, Verb.CONTACT_SHOWN, "need", 4).seq
    assert shown(signed_in(cast.diane)) == [all_over, own, nord]
    assert shown(signed_in(cast.farid)) == [all_over, own, sud, nord]


def test_the_page_filters_by_action_person_and_object(cast: Cast, signed_in: SignedIn) -> None:
    recording.record(cast.carol, Verb.CONTACT_SHOWN, "need", "abc")
    recording.record(cast.bob, Verb.TOKEN_MADE, "token", "def")
    farid = signed_in(cast.farid)
    assert shown(farid, verb="token_made") == [2]
    assert shown(farid, who="caro") == [1]
    assert shown(farid, object="ABC") == [1]
    assert shown(farid, verb="nonsense") == [2, 1]
    assert shown(farid, days="1") == [2, 1]
