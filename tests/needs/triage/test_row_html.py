"""The rows of the dispatchers' list: each look is rendered once, and nothing of a need, a person or a session is kept."""

import re
from html import escape

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.safestring import SafeString

from needs.base.site_categories import site_list
from needs.help.triage import need_locks
from needs.help.triage.working_list import row_html
from needs.models import Need, SiteCategory
from solidarity.lib.site.filled_templates import FilledTemplate
from tests.conftest import sign_in
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, dispatches

pytestmark = pytest.mark.django_db
ODD = "<b>Ana</b> 100% %(pk)s %s {pk} \ufdd0 &amp;"


def rows(client: Client, query: str = "") -> dict[str, str]:
    """Return the HTML of each row by the key of its need."""
    text = client.get(f"/triage/{query}").content.decode()
    return {
        row[1]: row[0] for row in re.finditer(r'<tbody class="triage-row.*?id="need-([^"]*)".*?</tbody>', text, re.S)
    }


def test_rows_with_the_same_look_keep_their_own_words(carol: Client) -> None:
    one, other = reported(title=ODD, text="Ben"), reported((48.87, 2.36), title="Chloe", text=ODD)
    for _each in range(2):
        shown = rows(carol)
        assert shown.keys() == {str(one.pk), str(other.pk)}
        first, second = shown[str(one.pk)], shown[str(other.pk)]
        assert f"<strong>{escape(ODD)}</strong> Ben</span>" in first
        assert f"<strong>Chloe</strong> {escape(ODD)}</span>" in second
        assert str(other.pk) not in first
        assert f'action="/triage/{one.pk}/step/"' in first
    Need.objects.filter(pk=one.pk).delete()
    [left] = rows(carol, "?sort=newest").values()
    assert f'href="/triage/{other.pk}/?sort=newest"' in left
    assert "Ben" not in left


def test_what_a_process_keeps_of_a_row_has_nothing_of_the_need_or_the_reader(
    cast: Cast, carol: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    need = reported(title="Dana", text="Elias")
    need_locks.acquire(need.pk, cast.bob, timezone.now())
    kept: list[str] = []
    render = FilledTemplate._render

    def watched(line: FilledTemplate) -> SafeString:
        kept.append(render(line))
        return render(line)

    row_html._line_of.cache_clear()
    monkeypatch.setattr(FilledTemplate, "_render", watched)
    [row] = rows(carol).values()
    [template] = kept
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', row)[0]
    for own in (str(need.pk), "Dana", "Elias", str(cast.bob), token):
        assert own in row
        assert own not in template


def test_a_step_from_a_row_has_the_token_of_its_own_session(cast: Cast, carol: Client) -> None:
    need = reported()
    rows(carol)
    dispatches(cast.edith)
    strict = sign_in(Client(enforce_csrf_checks=True), cast.edith)
    form = re.search(r"<form.*?</form>", rows(strict)[str(need.pk)], re.S)
    assert form is not None
    values = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form[0]))
    assert strict.post(f"/triage/{need.pk}/step/", values).status_code == 302
    need.refresh_from_db()
    assert need.state == values["state"]


def test_a_kind_that_the_site_renames_has_its_new_name_at_once(carol: Client) -> None:
    need = reported(kinds=["food"])
    assert "Hot soup" not in rows(carol)[str(need.pk)]
    site_list.replace([SiteCategory(names={"en": "Hot soup", "fr": "Soupe"}, kind="food", shown=True, order=1)])
    assert ">Hot soup</span>" in rows(carol)[str(need.pk)]


def test_a_kind_that_this_version_does_not_know_is_shown_as_it_is_stored(carol: Client) -> None:
    need = reported()
    Need.objects.filter(pk=need.pk).update(kinds=["retired"])
    assert ">retired</span>" in rows(carol)[str(need.pk)]
