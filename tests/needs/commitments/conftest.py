"""Fixtures for the tests of commitments."""

import pytest
from django.test import Client
from django.utils import timezone

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.models import Need
from tests import filing_verbs
from tests.needs.commitments.commitment_cases import KINDS, ReportNeed
from tests.needs.commitments.commitment_pages import SECRETS
from tests.needs.vouched import vouch_for
from tests.support import Cast, SignedIn


@pytest.fixture
def report_need(db: None) -> ReportNeed:
    """A function that files a need of three kinds at a place in Nord."""

    def file(state: str = "open", **fields: object) -> Need:
        values: dict[str, object] = {
            "at": timezone.now(), "place": DraftPlace(48.866, 2.35), "kinds": KINDS, "urgency": "now", **fields,
        }  # fmt: skip
        draft = NeedDraft(**values)  # type: ignore[arg-type]
        filing_verbs.report_need(draft, state=state)
        return Need.objects.get(pk=draft.id)

    return file


@pytest.fixture
def secret_need(cast: Cast) -> ReportNeed:
    """A function that files a need with a place, texts and a contact that pages must not show (SECRETS)."""

    def file(state: str = "open", **fields: object) -> Need:
        values: dict[str, object] = {
            "at": timezone.now(), "place": DraftPlace(48.866123, 2.350345), "kinds": ["food", "blanket"],
            "urgency": "now", "persons": 3, "text": SECRETS[3], "place_text": SECRETS[2], "contact": SECRETS[4],
            **fields,
        }  # fmt: skip
        draft = NeedDraft(**values)  # type: ignore[arg-type]
        filing_verbs.report_need(draft, state=state)
        return Need.objects.get(pk=draft.id)

    return file


@pytest.fixture(autouse=True)
def greta_is_vouched_for(request: pytest.FixtureRequest) -> None:
    """Let an association vouch for Greta too, because tests/needs/exact_places tests people without a vouch."""
    if "cast" in request.fixturenames:
        cast: Cast = request.getfixturevalue("cast")
        vouch_for(cast.greta, cast.other)


@pytest.fixture
def alice(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.alice)
