"""Fixtures of the tests of relief groups."""

import pytest
from django.utils import timezone

from needs.base.records.declarations import DraftPlace, NeedDraft
from needs.help.assignments import group_members
from needs.models import Crisis, Need, ReliefGroup
from tests import filing_verbs
from tests.needs.crises.crisis_cases import opened
from tests.needs.relief_groups.relief_cases import FileNeed
from tests.support import Cast, City, dispatches


@pytest.fixture
def crisis(cast: Cast, city: City) -> Crisis:
    """A running event in the north, opened by Diane. Carol dispatches everywhere, Edith only in the south."""
    dispatches(cast.carol)
    dispatches(cast.edith, city.sud)
    return opened(cast.diane)


@pytest.fixture
def group(crisis: Crisis, cast: Cast) -> ReliefGroup:
    """A relief group that Alice leads, with Bob."""
    made = group_members.make_group(crisis, "Boats", cast.diane)
    for person, lead in ((cast.alice, True), (cast.bob, False)):
        made.members.create(user=person, lead=lead)
    return made


@pytest.fixture
def file_need(crisis: Crisis) -> FileNeed:
    """A function that files a report of the event."""

    def file(state: str = "new", **fields: object) -> Need:
        values: dict[str, object] = {
            "at": timezone.now(), "place": DraftPlace(48.866123, 2.350345),
            "kinds": ["food", "blanket"], "urgency": "now", "text": "red tent",
            "place_text": "behind the bakery", **fields,
        }  # fmt: skip
        draft = NeedDraft(**values)  # type: ignore[arg-type]
        filing_verbs.report_need(draft, state=state)
        Need.objects.filter(pk=draft.id).update(crisis=crisis, crisis_category=crisis.categories.first())
        return Need.objects.get(pk=draft.id)

    return file
