"""Taking a need: who may, wholly or in part, and who is faster."""

from typing import Any

from django.utils import timezone

from needs import commitments, filing
from needs.models import Need


def test_a_volunteer_takes_a_part_and_the_rest_stays_free(cast: Any) -> None:
    draft = filing.NeedDraft(at=timezone.now(), place=filing.Place(48.866, 2.35), kinds=["food", "blanket"])
    filing.report_need(draft, state="open")
    own = commitments.take(draft.id, cast.alice, kinds=["food"])
    need = Need.objects.get()
    assert need.state == "committed"
    assert commitments.free_kinds(need) == ["blanket"]
    assert [part.kind for part in own.parts.all()] == ["food"]
