"""The API of corrections has the same verb and refusals as the pages. An error names the field and says how to correct
it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from needs.enums import NeedState
from needs.models import Correction, Encounter
from solidarity.lib import grid
from tests.needs.api_cases import NORD, SUD, V1, TokenClient, file
from tests.support import Cast, City, Seen, TestResponse, dispatches
from volunteers.models import Assignment, AuditEntry
from volunteers.people.audit.verbs import Verb


def patch(client: TokenClient, path: str, **said: Any) -> TestResponse:
    return client.patch(V1 + path, said, content_type="application/json")


@pytest.fixture
def carol(cast: Cast) -> TokenClient:
    return TokenClient(cast.carol)


@pytest.fixture
def bob(cast: Cast) -> TokenClient:
    return TokenClient(cast.bob)


# --- needs ---------------------------------------------------------------------------------------------------------


def test_opening_without_a_place_names_the_field_and_the_cure(carol: TokenClient, city: City) -> None:
    need = file(None, state=NeedState.NEW, place_text="quay")
    move = {"state": "open", "seen": "new"}
    answer = carol.post(f"{V1}triage/needs/{need.pk}/moves/", move, content_type="application/json")
    assert answer.status_code == 400 and "PATCH this need" in answer.json()["place"]
    said = patch(carol, f"triage/needs/{need.pk}/", seen=0, district="nord").json()
    assert (said["district"], said["cell"], said["version"]) == ("nord", None, 1)
    assert said["corrections"][0]["after"] == {"district": "nord"} and said["corrections"][0]["by"] == "Carol"
    answer = carol.post(f"{V1}triage/needs/{need.pk}/moves/", move, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "open")


def test_in_bulk_a_need_without_a_place_fails_alone(carol: TokenClient) -> None:
    needs = [file(None, state=NeedState.NEW, place_text="quay"), file(state=NeedState.NEW)]
    said = {"action": "open", "needs": [{"id": str(need.pk), "seen": "new"} for need in needs]}
    answer = carol.post(f"{V1}triage/bulk/", said, content_type="application/json").json()
    assert ["Say where it is first" in row["failure"] for row in answer] == [True, False]


def test_all_values_of_a_need_are_corrected_at_once(carol: TokenClient) -> None:
    need = file(NORD)
    said = patch(
        carol, f"triage/needs/{need.pk}/", seen=0, latitude=SUD[0], longitude=SUD[1], kinds=["water", "food"],
        urgency="now", persons=4, title="Water", reason="called back",
    ).json()  # fmt: skip
    assert (said["cell"], said["kinds"]) == (grid.to_text(grid.cell_of(*SUD)), ["water", "food"])
    assert (said["urgency"], said["persons"], said["title"], said["corrections"][0]["reason"]) == (
        "now", 4, "Water", "called back",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "seen"), ({"seen": 0}, "non_field_errors"), ({"seen": 0, "kinds": []}, "kinds"),
        ({"seen": 0, "latitude": 48.8}, "longitude"), ({"seen": 0, "district": "mars"}, "district"),
        ({"seen": 0, "district": "nord", "place_unknown": True}, "district"),
        ({"seen": 0, "place_unknown": False}, "place_unknown"), ({"seen": 0, "persons": 0}, "persons"),
    ],
)  # fmt: skip
def test_a_wrong_correction_of_a_need_names_the_field(carol: TokenClient, said: dict[str, Any], field: str) -> None:
    answer = patch(carol, f"triage/needs/{file(NORD).pk}/", **said)
    assert answer.status_code == 400 and list(answer.json()) == [field]
    assert Correction.objects.count() == 0


def test_a_correction_of_an_older_version_is_a_conflict(carol: TokenClient) -> None:
    path, key = f"triage/needs/{file(NORD).pk}/", str(uuid.uuid4())
    assert patch(carol, path, seen=0, persons=3, id=key).status_code == 200
    assert patch(carol, path, seen=0, persons=3, id=key).status_code == 200
    answer = patch(carol, path, seen=0, persons=9)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed")
    assert Correction.objects.count() == 1


def test_names_are_accepted_with_a_warning(carol: TokenClient) -> None:
    answer = patch(carol, f"triage/needs/{file(NORD).pk}/", seen=0, title="Call 06 12 34 56 78")
    assert answer.status_code == 200 and answer.json()["warnings"]


def test_needs_of_other_desks_cannot_be_read_or_corrected(cast: Cast, city: City) -> None:
    dispatches(cast.edith, city.sud)
    need = file(NORD)
    for person in (cast.edith, cast.bob, cast.alice, cast.farid):
        assert patch(TokenClient(person), f"triage/needs/{need.pk}/", seen=0, persons=2).status_code in (403, 404)
    read_only = TokenClient(cast.carol, writes=False)
    assert patch(read_only, f"triage/needs/{need.pk}/", seen=0, persons=2).status_code == 403
    assert Correction.objects.count() == 0


def test_each_answer_with_the_exact_place_is_logged_and_a_need_that_has_gone_is_not_answered(
    cast: Cast, city: City, carol: TokenClient
) -> None:
    need, said = file(NORD), {"seen": 0, "id": str(uuid.uuid4()), "persons": 4}
    for _each in range(2):
        assert patch(carol, f"triage/needs/{need.pk}/", **said).status_code == 200
    assert AuditEntry.objects.filter(verb=Verb.PLACE_SHOWN, kind="need").count() == 2
    dispatches(cast.edith, city.nord)
    Assignment.objects.filter(user=cast.carol).update(territory=city.nord)
    point = {"latitude": 48.855, "longitude": 2.35}
    dispatches(cast.bob, city.sud)
    answer = patch(carol, f"triage/needs/{need.pk}/", seen=1, **point)
    assert (answer.status_code, answer.content) == (204, b"")


# --- encounters ----------------------------------------------------------------------------------------------------


def test_a_member_reads_and_corrects_an_encounter(bob: TokenClient, seen: Seen) -> None:
    path = f"encounters/{seen(persons=3, note='a tent').id}/"
    said = bob.get(V1 + path).json()
    assert (said["persons"], said["note"], said["version"], said["point"]["latitude"]) == (3, "a tent", 0, 48.866)
    said = patch(bob, path, seen=0, persons=5, latitude=SUD[0], longitude=SUD[1]).json()
    assert (said["persons"], said["note"], said["cell"]) == (5, "a tent", grid.to_text(grid.cell_of(*SUD)))
    assert set(said["corrections"][0]["after"]) == {"persons", "cell"}


@pytest.mark.parametrize(
    ("said", "field"),
    [({"persons": 2}, "seen"), ({"seen": 0, "persons": 1, "contacts": 3}, "contacts"), ({"seen": 0}, "non_field_errors"),
     ({"seen": 0, "at": "2099-01-01T00:00:00Z"}, "at"), ({"seen": 0, "answers": {"dog": True}}, "question_set")],
)  # fmt: skip
def test_a_wrong_correction_of_an_encounter_names_the_field(
    bob: TokenClient, seen: Seen, said: dict[str, Any], field: str
) -> None:
    answer = patch(bob, f"encounters/{seen().id}/", **said)
    assert answer.status_code == 400 and list(answer.json()) == [field]


def test_encounters_of_others_and_old_ones_give_404(cast: Cast, bob: TokenClient, seen: Seen) -> None:
    path = f"encounters/{seen().id}/"
    for person in (cast.edith, cast.alice, cast.greta, cast.farid):
        assert TokenClient(person).get(V1 + path).status_code == 404
        assert patch(TokenClient(person), path, seen=0, persons=9).status_code == 404
    Encounter.objects.update(filed_at=timezone.now() - timedelta(hours=73))
    assert (bob.get(V1 + path).status_code, patch(bob, path, seen=0, persons=9).status_code) == (200, 404)
