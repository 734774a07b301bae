"""How long the parts of corrections are stored, and matching of needs for which only the district is known."""

import io
import json
import zipfile
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from mapping.out.event_log.log_export import Scope, export
from needs.doors.retention import erasure, own_data, runner
from needs.enums import NeedState, ReportKind
from needs.help.corrections import correcting
from needs.help.corrections.correcting import By
from needs.help.matching import candidates, match_wording, proposals
from needs.models import Correction, Encounter, Need, Proposal
from tests.needs.matching.matching_cases import offers
from tests.needs.triage.triage_cases import GARE, reported
from tests.needs.vouched import vouch_for
from tests.support import Cast, City, Seen
from volunteers.enums import Topic
from volunteers.models import Notification

NEED, ENCOUNTER = ReportKind.NEED, ReportKind.ENCOUNTER


def test_addresses_fade_with_the_point_and_words_with_the_words_of_the_report(cast: Cast, seen: Seen) -> None:
    filed = seen(note="one", place_text="quay 1")
    changes = {"note": "two", "place_text": "quay 2", "persons": 9}
    correcting.correct(ENCOUNTER, filed.id, changes, By(cast.bob, "slip"))
    runner.run()
    done = Correction.objects.get()
    assert done.words_before == {"note": "one", "place_text": "quay 1"}
    # The correction is younger than the encounter. Retention goes by the age of the encounter.
    Encounter.objects.update(filed_at=timezone.now() - timedelta(hours=settings.EXACT_POINT_HOURS + 1))
    runner.run()
    done.refresh_from_db()
    assert (done.words_before, done.words_after, done.reason) == ({"note": "one"}, {"note": "two"}, "slip")
    Encounter.objects.update(filed_at=timezone.now() - timedelta(days=settings.FREE_TEXT_DAYS + 1))
    runner.run()
    done.refresh_from_db()
    assert (done.words_before, done.words_after, done.reason) == ({}, {}, "")
    assert done.after == {"persons": 9}


def test_corrections_go_with_their_report(cast: Cast, seen: Seen) -> None:
    need, filed = reported(GARE), seen()
    correcting.correct(NEED, need.pk, {"persons": 4}, By(cast.carol))
    correcting.correct(ENCOUNTER, filed.id, {"persons": 4}, By(cast.bob))
    erasure.erase_report(NEED, need.pk, by=cast.carol, by_owner=False)
    assert [row.report for row in Correction.objects.all()] == [filed.id]
    long_ago = timezone.now() - timedelta(days=settings.REPORT_DAYS + 2)
    Encounter.objects.update(at=long_ago, filed_at=long_ago)
    runner.run()
    assert not Encounter.objects.exists() and not Correction.objects.exists()


def test_the_author_finds_corrections_in_their_own_data_and_stays_unnamed_after_leaving(cast: Cast, seen: Seen) -> None:
    filed = seen()
    correcting.correct(ENCOUNTER, filed.id, {"persons": 4}, By(cast.bob))
    with zipfile.ZipFile(own_data.account_file(cast.bob)) as file:
        data = json.loads(file.read("data.json"))
    [row] = data["needs.Correction"]["author"]
    assert row["after"] == {"persons": 4}
    erasure.erase_account(cast.bob)
    assert Correction.objects.get().author is None


def test_an_association_leaves_with_the_corrections_of_its_reports(cast: Cast, seen: Seen) -> None:
    correcting.correct(ENCOUNTER, seen().id, {"persons": 4}, By(cast.bob))
    correcting.correct(NEED, reported(GARE).pk, {"persons": 4}, By(cast.carol))
    file = io.BytesIO()
    assert export(file, Scope(association=cast.maraude.pk))["correction"] == 1


def in_district(cast: Cast, city: City) -> Need:
    need = reported(None, place_text="somewhere", state=NeedState.OPEN)
    correcting.correct(NEED, need.pk, {"district": city.nord}, By(cast.carol))
    return Need.objects.get(pk=need.pk)


def test_volunteers_of_the_district_are_asked_without_a_word_about_distance(cast: Cast, city: City) -> None:
    offers(cast.alice, GARE)  # in Nord
    vouch_for(cast.greta, cast.other)
    offers(cast.greta, (48.853, 2.333))  # in Sud
    need, now = in_district(cast, city), timezone.now()
    [pair] = candidates.volunteers_for_need(need, now)
    assert (pair.user, pair.distance) == (cast.alice.pk, None)
    said = match_wording.sentences([reason.stored() for reason in pair.reasons], now)
    assert "in the same district" in said[0] and not any("away" in words or "km" in words for words in said)
    assert [each.need for each in candidates.needs_for_volunteer(cast.alice.profile, now)] == [need.pk]  # type: ignore[attr-defined]
    assert candidates.needs_for_volunteer(cast.greta.profile, now) == []  # type: ignore[attr-defined]
    [row] = proposals.propose(need, [cast.alice, cast.greta], cast.carol)
    assert (row.volunteer, row.distance) == (cast.alice, None)
    [told] = Notification.objects.filter(user=cast.alice, topic=Topic.PROPOSAL)
    assert "nearby" not in told.title + told.body
    assert candidates.volunteers_for_need(need, now) == [] and Proposal.objects.count() == 1


def test_nobody_is_asked_about_a_need_whose_place_nobody_knows(cast: Cast) -> None:
    offers(cast.alice, GARE)
    need = reported(None, place_text="somewhere", state=NeedState.OPEN)
    correcting.correct(NEED, need.pk, {"place_unknown": True}, By(cast.carol))
    need.refresh_from_db()
    assert candidates.volunteers_for_need(need, timezone.now()) == []
    assert candidates.needs_for_volunteer(cast.alice.profile, timezone.now()) == []  # type: ignore[attr-defined]
