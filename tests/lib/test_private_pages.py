"""Pages of signed-in readers are not stored; the caching of public pages stays as it is."""

import pytest
from django.test import Client

from tests.support import Cast, SignedIn

PAGES = ["/about/", "/help/", "/map/public/", "/moderation/figures/", "/", "/legal-notice/", "/find/", "/no-such-page/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_somebody_signed_in_is_private(cast: Cast, signed_in: SignedIn, path: str) -> None:
    for user in (cast.greta, cast.bob, cast.carol, cast.diane, cast.farid):
        answer = signed_in(user).get(path, follow=True)
        assert answer["Content-Type"].startswith("text/html")
        told = answer["Cache-Control"]
        assert "private" in told and "no-store" in told and "public" not in told, (path, told)


def test_a_reader_without_account_may_keep_public_pages(client: Client, cast: Cast) -> None:
    answer = client.get("/moderation/figures/")
    assert "max-age=3600" in answer["Cache-Control"] and "private" not in answer["Cache-Control"]
    assert "no-store" not in client.get("/about/").get("Cache-Control", "")


def test_after_signing_out_the_page_is_public_again(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.bob)
    assert "no-store" in client.get("/moderation/figures/")["Cache-Control"]
    client.logout()
    assert "max-age=3600" in client.get("/moderation/figures/")["Cache-Control"]
