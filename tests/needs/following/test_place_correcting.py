"""The place on the follow page: what the reporter sees, what they can correct, and attacks with a link."""

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from needs.base.records.declarations import DraftPlace
from needs.enums import Channel, NeedState, ReportKind
from needs.help.corrections import correcting
from needs.help.corrections.correcting import By
from needs.help.corrections.correction_refusals import CorrectionRefused
from needs.help.following.follow_link import path_of
from needs.help.reporter_pages import place_correcting
from needs.models import Correction, DangerAlarm, Need
from needs.reports.danger import lane
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, SignedIn
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.models import AuditEntry
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.audit.verbs import Verb
from volunteers.places.place_names import name_storing

pytestmark = pytest.mark.django_db
HERE, NEAR, FAR = (48.8641, 2.3515), (48.8660, 2.3550), (48.9300, 2.5000)
WORDS = "behind the church, blue tent"


def page_of(need: Need) -> str:
    text = Client().get(path_of(need.pk)).content.decode()
    return re.sub(r"\s+", " ", text.partition('data-follow-part="place"')[2].partition("</section>")[0])


def correct(need: Need, words: str = "", point: tuple[float, float] | None = None, **more: Any) -> Any:
    sent = {"place_text": words, "latitude": "", "longitude": ""} | more
    if point:
        sent |= {"latitude": f"{point[0]:.6f}", "longitude": f"{point[1]:.6f}"}
    return Client().post(f"{path_of(need.pk)}place/", sent)


def looked_up(need: Need, cast: Cast, point: tuple[float, float] = NEAR) -> Need:
    """Let a dispatcher give the need its place."""
    correcting.correct(ReportKind.NEED, need.pk, {"place": DraftPlace(*point)}, By(cast.carol))
    need.refresh_from_db()
    return need


def opened(need: Need) -> None:
    Need.objects.filter(pk=need.pk).update(first_opened_at=timezone.now())


# --- what the reporter sees ----------------------------------------------------------------------------------------


def test_the_page_shows_the_place_in_words_and_what_became_of_it(cast: Cast, city: City) -> None:
    need = reported(None, place_text=WORDS)
    assert WORDS in page_of(need)
    assert "It is not on the map yet: somebody will look it up." in page_of(need)
    assert "Nobody has read it yet." in page_of(need)
    opened(need)
    assert "Somebody has read it and is looking for the place." in page_of(need)
    looked_up(need, cast)
    assert "Somebody has looked up the place on the map. Somebody has read it." in page_of(need)
    correcting.correct(ReportKind.NEED, need.pk, {"place_unknown": True}, By(cast.carol))
    assert "Nobody could find the place. Please describe it in other words." in page_of(need)


def test_a_point_that_the_reporter_sent_is_named_by_its_street(city: City) -> None:
    name_storing.replace("test", rows())
    shown = page_of(reported(HERE, place_text=""))
    assert "Near 12 rue de Crimée" in shown and "It is on the map." in shown
    assert "48.86" not in shown


def test_the_live_part_changes_when_somebody_reads_the_need(cast: Cast, city: City, signed_in: SignedIn) -> None:
    need = reported(HERE)
    first = Client().get(f"{path_of(need.pk)}state/")
    signed_in(cast.carol).get(f"/triage/{need.pk}/")
    again = Client().get(f"{path_of(need.pk)}state/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    assert "Somebody has read it." in again.content.decode()


# --- corrections ---------------------------------------------------------------------------------------------------


def test_a_correction_is_stored_with_its_history_and_the_desk_sees_it(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    need = reported(HERE, place_text="in front of the church")
    carol = signed_in(cast.carol)
    carol.get(f"/triage/{need.pk}/")
    assert correct(need, WORDS, NEAR).status_code == 302
    need.refresh_from_db()
    assert (need.place_text, need.first_opened_at) == (WORDS, None)
    assert need.point is not None and (round(need.point.y, 4), round(need.point.x, 4)) == NEAR
    [done] = Correction.objects.of(ReportKind.NEED, need.pk)
    assert (done.by_reporter, done.author) == (True, None)
    assert done.words_before == {"place_text": "in front of the church"}
    assert "place corrected" in carol.get("/triage/").content.decode()
    entry = AuditEntry.objects.filter(verb=Verb.CORRECTED).latest("seq")
    assert (entry.actor, entry.details) == (None, {"values": 2, "reporter": True})
    page = carol.get(f"/triage/{need.pk}/").content.decode()
    assert "The reporter corrected the place" in page
    assert "in front of the church → behind the church, blue tent" in re.sub(r"\s+", " ", page)
    assert "place corrected" not in carol.get("/triage/").content.decode()


def test_a_report_known_only_in_words_gets_its_point(city: City) -> None:
    need = reported(None, place_text=WORDS)
    assert correct(need, WORDS, NEAR).status_code == 302
    need.refresh_from_db()
    assert need.cell is not None and not need.lacks_place


def test_words_after_nobody_found_the_place_wait_for_the_desk_again(cast: Cast, city: City) -> None:
    need = reported(None, place_text=WORDS, state=NeedState.VERIFIED)
    correcting.correct(ReportKind.NEED, need.pk, {"place_unknown": True}, By(cast.carol))
    Need.objects.filter(pk=need.pk).update(state=NeedState.OPEN)
    assert correct(need, "under the bridge of the canal").status_code == 302
    need.refresh_from_db()
    assert need.lacks_place and need.state == NeedState.NEW


def test_danger_in_the_new_words_raises_an_alarm(cast: Cast, city: City) -> None:
    need = reported(HERE)
    assert correct(need, "au pont, il ne respire plus").status_code == 302
    assert DangerAlarm.objects.get().need_id == need.pk
    assert lane.count_for(Viewer(cast.carol)) == 1


def test_bad_input_names_the_field_and_keeps_what_was_typed(city: City) -> None:
    need = reported(HERE, place_text=WORDS)
    for words in (WORDS, "", "x" * 301):
        answer = correct(need, words)
        assert answer.status_code == 400 and "field--invalid" in answer.content.decode(), words
    answer = correct(need, "call Ana on 06 12 34 56 78")
    assert answer.status_code == 400 and "06 12 34 56 78" in answer.content.decode()
    assert not Correction.objects.exists()


# --- attacks -------------------------------------------------------------------------------------------------------


def test_the_link_never_shows_a_place_that_a_dispatcher_looked_up(cast: Cast, city: City) -> None:
    name_storing.replace("test", rows())
    needs = [looked_up(reported(None, place_text=WORDS), cast, HERE), reported(HERE, place_text=WORDS)]
    Need.objects.filter(pk=needs[1].pk).update(channel=Channel.PHONE)  # a dispatcher noted it during a call
    for need in needs:
        for path in ("", "state/", "place/"):
            page = Client().get(path_of(need.pk) + path).content.decode()
            for secret in ("Crimée", "48.86", "2.351", str(need.cell)):
                assert secret not in page, (path, secret)
        answer = Client().post(f"{path_of(need.pk)}data/")
        content = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
        report = json.loads(zipfile.ZipFile(io.BytesIO(content)).read("data.json"))["report"]
        assert report["place_text"] == WORDS
        assert not {"point", "cell", "fine_cell"} & report.keys()


def test_points_do_not_probe_the_place_that_a_dispatcher_looked_up(cast: Cast, city: City) -> None:
    need = looked_up(reported(None, place_text=WORDS), cast, HERE)
    for point in (HERE, NEAR, FAR):
        answer = correct(need, WORDS, point)
        assert answer.status_code == 400
        assert "Say where it is now." in answer.content.decode()
    with pytest.raises(CorrectionRefused):
        place_correcting.correct_place(need.pk, "", DraftPlace(*NEAR))
    need.refresh_from_db()
    assert Correction.objects.by_reporter().count() == 0


def test_nobody_moves_a_need_far_away_neither_at_once_nor_in_steps(city: City) -> None:
    need = reported(HERE)
    assert correct(need, "", FAR).status_code == 400
    moved, steps = 0, 0
    for each in range(1, 8):
        Correction.objects.update(at=timezone.now() - timedelta(days=2))  # as if the daily limit did not exist
        cache.clear()
        moved += correct(need, "", (HERE[0] + each * 0.012, HERE[1])).status_code == 302
        steps += 1
    need.refresh_from_db()
    assert (moved, steps) == (1, 7)
    assert need.point is not None and need.point.y < HERE[0] + 0.02


def test_a_move_into_another_desk_s_territory_is_read_there_before_volunteers_see_it(cast: Cast, city: City) -> None:
    need = reported((48.8640, 2.350), state=NeedState.OPEN)
    assert correct(need, "", (48.8550, 2.350)).status_code == 302
    need.refresh_from_db()
    assert (need.state, need.first_opened_at) == (NeedState.NEW, None)


def test_three_corrections_a_day_and_none_of_a_closed_report(city: City) -> None:
    need = reported(HERE)
    answers = [correct(need, f"{WORDS} {each}").status_code for each in range(5)]
    assert answers == [302, 302, 302, 400, 400]
    closed = reported(HERE, state=NeedState.MET)
    assert correct(closed, WORDS).status_code == 400
    assert "The place is wrong" not in page_of(closed)


def test_a_guessed_link_is_404_and_a_foreign_page_cannot_correct(city: City) -> None:
    need = reported(HERE)
    assert Client().get(f"/follow/{'a' * 43}/place/").status_code == 404
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"{path_of(need.pk)}place/", {"place_text": WORDS}).status_code == 403
    Need.objects.filter(pk=need.pk).update(retracted_at=timezone.now())
    assert correct(need, WORDS).status_code == 400
