"""Answers of reporters on their follow-up page."""

from django.test import Client

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import NeedState
from needs.help.triage import duplicates
from needs.reports import filing
from needs.reports.need_wording import plain_steps
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City


def test_every_state_has_a_sentence_and_the_possible_buttons(client: Client, city: City) -> None:
    for state in NeedState:
        need = reported(state=state)
        page = client.get(f"/follow/{filing.follow_token(need.pk)}/").content.decode()
        assert str(plain_steps(need.steps.all())[0].words) in page.replace("&#x27;", "'"), state
        assert ('value="still_needed"' in page) == (state != NeedState.REJECTED), state
        assert ('value="solved"' in page) == (not need.is_finished), state


def test_still_needed_reopens_a_closed_need(client: Client, city: City) -> None:
    need = reported(state=NeedState.EXPIRED)
    page = client.post(f"/follow/{filing.follow_token(need.pk)}/", {"say": "still_needed"}, follow=True)
    need.refresh_from_db()
    assert need.state == NeedState.REOPENED
    assert "You told us that it is still needed." in page.content.decode()


def test_answers_about_a_merged_need_apply_to_the_kept_one(cast: Cast, client: Client) -> None:
    kept, gone = reported(), reported()
    merge = duplicates.merge(kept.pk, gone.pk, cast.carol)
    transitions.move(kept.pk, NeedState.OPEN, Cause(Actor.DISPATCHER))
    address = f"/follow/{filing.follow_token(gone.pk)}/"
    page = client.get(address).content.decode()
    assert "We treat both as one" in page
    assert "It is open: volunteers and associations can see it and help." in page
    client.post(address, {"say": "still_needed"})
    assert kept.steps.filter(by_reporter=True).exists()
    transitions.move(kept.pk, NeedState.UNMET, Cause(Actor.DISPATCHER, reason="nobody_free"))
    client.post(address, {"say": "still_needed"})
    kept.refresh_from_db()
    assert kept.state == NeedState.REOPENED
    duplicates.undo_merge(merge.pk, cast.carol)
    assert "We follow up yours separately" in client.get(address).content.decode()
