"""Reviews of the public languages: the shipped record, and reviews recorded by coordinators."""

import re
from datetime import timedelta
from pathlib import Path

from django.conf import settings as django_settings
from django.utils import timezone

from needs.doors.language_reviews import reviews
from needs.models import LanguageReview
from solidarity.lib.languages import print_of
from tests.support import Cast, SignedIn

PUBLIC = list(dict(django_settings.PUBLIC_LANGUAGES))


def test_every_language_has_a_review_record_and_is_in_the_docs() -> None:
    record = reviews.shipped_record()
    assert set(record) == set(PUBLIC)
    docs = (Path(django_settings.ROOT) / "docs" / "languages.md").read_text()
    for code in PUBLIC:
        assert record[code]["written_by"]
        not_reviewed = not record[code]["checked_by"]
        assert re.search(rf"^\| `{code}` \|.*\| nobody yet \|$", docs, re.M) or not not_reviewed


def test_coordinators_see_missing_reviews_and_record_them(cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    page = diane.get("/map/languages/").content.decode()
    assert page.count("not reviewed by a speaker") == len(PUBLIC)
    page = diane.get("/map/languages/ar/").content.decode()
    assert 0 < page.index("أولًا: هل هناك شخص في خطر؟") < page.index("الإبلاغ عن احتياج")
    tomorrow = timezone.localdate() + timedelta(days=1)
    refused = diane.post("/map/languages/ar/", {"reviewer": "Salma", "on": tomorrow.isoformat()})
    assert refused.status_code == 400
    said = {"reviewer": "Salma, Maraude du Nord", "on": timezone.localdate().isoformat(), "note": "two words"}
    page = diane.post("/map/languages/ar/", said, follow=True).content.decode()
    assert "Salma, Maraude du Nord" in page
    assert "not reviewed by a speaker" not in page
    review = LanguageReview.objects.get()
    assert (review.language, review.recorded_by, review.sentences) == ("ar", cast.diane, print_of("ar"))
    LanguageReview.objects.update(sentences="0" * 16)
    assert "changed since the last review" in diane.get("/map/languages/").content.decode()
    diane.post(f"/map/languages/ar/{review.pk}/drop/")
    assert not LanguageReview.objects.exists()


def test_only_coordinators_see_the_language_pages(cast: Cast, signed_in: SignedIn) -> None:
    review = LanguageReview.objects.create(language="ar", reviewer="-", reviewed_on=timezone.localdate(), sentences="-")
    for stranger in (cast.alice, cast.bob, cast.carol, cast.greta):
        browser = signed_in(stranger)
        assert [browser.get(f"/map/languages/{part}").status_code for part in ("", "ar/")] == [404, 404]
        assert browser.post(f"/map/languages/ar/{review.pk}/drop/").status_code == 404
    assert signed_in(cast.diane).get("/map/languages/fr/").status_code == 404
    assert signed_in(cast.diane).post(f"/map/languages/ti/{review.pk}/drop/").status_code == 404
    assert LanguageReview.objects.exists()
