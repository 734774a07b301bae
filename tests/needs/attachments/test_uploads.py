"""Hostile files sent with the public forms are refused with a message. Nothing is stored, and no typed text is lost."""

import html
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django.utils.translation import override
from pytest_django import Settings

from needs.base.attachments import photos
from needs.base.records.declarations import NeedDraft
from needs.models import ConditionNote, Crisis, Need, NeedPhoto
from needs.neighbours.lending.loan_states import LoanState
from needs.reports import filing
from tests import filing_verbs
from tests.needs.attachments.hostile_uploads import SECRETS, Upload, hostile, marks_of, picture, with_metadata
from tests.needs.crises.crisis_cases import opened
from tests.needs.loans.loan_cases import agreed, item_of
from tests.repetitions import TEST_ALL
from tests.support import Cast, City, SignedIn

HOSTILE = hostile()
ONE_OF_EACH = list({each.problem: each for each in HOSTILE}.values())
NEED_FORM = "/help/none/form/"
WORDS = "under the second arch, ask at the kiosk"
PLAIN_SEGMENTS = {0xE0, 0xDB, 0xC0, 0xC1, 0xC2, 0xC4, 0xDD}
"""Markers that a decoder needs: JFIF header, tables and frame."""


@pytest.fixture(autouse=True)
def own_temporary_folder(settings: Settings, tmp_path: Path) -> None:
    """Give each test its own temporary folder, because concurrent tests leave files in a shared folder."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)


@pytest.fixture
def crisis(cast: Cast) -> Crisis:
    return opened(cast.diane)


def send(crisis: Crisis, *uploads: Upload, language: str = "en") -> Any:
    form: dict[str, object] = {
        "id": str(uuid.uuid4()), "category": crisis.categories.all()[0].pk, "urgency": "soon", "persons": "7", "text": WORDS,
        "place_text": "au pont", "latitude": "", "longitude": "", "contact": "",
        "photo": [SimpleUploadedFile(each.file, each.data, each.type) for each in uploads],
    }  # fmt: skip
    return Client(headers={"Accept-Language": language}).post(f"/crisis/{crisis.slug}/", form)


def stored_files() -> set[str]:
    """Return all files in the media folder, and all uploads in the temporary folder."""
    folders = (Path(settings.MEDIA_ROOT), Path(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir()))
    return {str(path) for path in folders[0].rglob("*") if path.is_file()} | {
        str(path) for path in folders[1].glob("*.upload*")
    }


def test_the_corpus_covers_every_problem() -> None:
    assert len(HOSTILE) >= 30
    assert {each.problem for each in HOSTILE} == set(photos.Problem) - {photos.Problem.TOO_MANY}


@pytest.mark.parametrize("sent", HOSTILE, ids=[each.name for each in HOSTILE])
def test_it_is_refused_beside_its_field_in_both_languages_and_nothing_is_kept(crisis: Crisis, sent: Upload) -> None:
    """``make test`` takes turns: English for one file, French for the next."""
    before = stored_files()
    turn = [each.name for each in HOSTILE].index(sent.name) % 2
    for language in ("en", "fr") if TEST_ALL else ("en", "fr")[turn : turn + 1]:
        answer = send(crisis, sent, language=language)
        page = html.unescape(answer.content.decode())
        assert answer.status_code == 400
        with override(language):
            assert str(photos.MESSAGES[sent.problem]) in page
        assert list(answer.context["form"].errors) == ["photo"]
        assert WORDS in page
        assert 'value="7"' in page
    assert not Need.objects.exists()
    assert not NeedPhoto.objects.exists()
    assert stored_files() <= before


@pytest.mark.parametrize("sent", HOSTILE, ids=[each.name for each in HOSTILE])
def test_the_need_form_and_the_phone_queue_refuse_it_too(city: City, sent: Upload) -> None:
    before = stored_files()
    form = {"kinds": ["food"], "urgency": "soon", "origin": "citizen", "persons": "7", "place_text": "au pont"}
    file = SimpleUploadedFile(sent.file, sent.data, sent.type)
    answer = Client().post(NEED_FORM, form | {"photo": file})
    assert answer.status_code == 400
    assert list(answer.context["form"].errors) == ["photo"]
    assert not Need.objects.exists()
    need = filing_verbs.report_need(NeedDraft(at=timezone.now(), place=None, kinds=["food"])).id
    headers = {
        "X-Queue-Id": str(uuid.uuid4()), "X-Queue-Parent": str(need), "X-Queue-Grant": filing.follow_token(need),
    }  # fmt: skip
    queued = Client().post("/queue/attach/photo/", sent.data, content_type=sent.type, headers=headers)
    assert queued.status_code in (400, 413)
    assert not NeedPhoto.objects.exists()
    assert stored_files() <= before


@pytest.mark.parametrize("sent", ONE_OF_EACH, ids=[each.name for each in ONE_OF_EACH])
def test_the_photo_at_a_hand_over_is_refused_beside_its_field_and_the_loan_stays_as_it_is(
    cast: Cast, signed_in: SignedIn, sent: Upload
) -> None:
    loan, before = agreed(item_of(cast.greta), cast.alice, cast.greta, 0, 2), stored_files()
    file = SimpleUploadedFile(sent.file, sent.data, sent.type)
    form = {"condition": "worn", "text": "a pole is missing", "photo": file}
    answer = signed_in(cast.alice).post(f"/loans/{loan.pk}/step/handed_over/", form)
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["photo"])
    assert "a pole is missing" in answer.content.decode()
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED
    assert not ConditionNote.objects.exists()
    assert stored_files() <= before


def test_no_metadata_of_a_photo_at_a_hand_over_is_stored_and_the_file_goes_with_the_loan(
    cast: Cast, signed_in: SignedIn, django_capture_on_commit_callbacks: Any
) -> None:
    sent = Upload("good", next(data for data in with_metadata().values() if any(secret in data for secret in SECRETS)))
    loan, before = agreed(item_of(cast.greta), cast.alice, cast.greta, 0, 2), stored_files()
    form = {"condition": "good", "photo": SimpleUploadedFile(sent.file, sent.data, sent.type)}
    assert signed_in(cast.alice).post(f"/loans/{loan.pk}/step/handed_over/", form).status_code == 302
    note = ConditionNote.objects.get()
    with note.photo.open("rb") as stored:
        made = stored.read()
    assert set(marks_of(made)) <= PLAIN_SEGMENTS
    assert not [secret for secret in SECRETS if secret in made]
    assert stored_files() - before == {note.photo.path}
    with django_capture_on_commit_callbacks(execute=True):
        loan.delete()
    assert stored_files() <= before


def test_a_photo_of_any_size_gets_the_form_back_with_all_answers(crisis: Crisis) -> None:
    sent, before = Upload("enormous", bytes(70 * 1024 * 1024)), stored_files()
    form = {
        "kinds": ["food"],
        "text": WORDS,
        "photo": SimpleUploadedFile("p.jpg", sent.data, sent.type),
        "contact": "Zoe",
    }
    for answer in (send(crisis, sent, language="ar"), Client(headers={"Accept-Language": "ar"}).post(NEED_FORM, form)):
        page = html.unescape(answer.content.decode())
        with override("ar"):
            assert answer.status_code == 400 and str(photos.MESSAGES[photos.Problem.TOO_LARGE]) in page
        assert WORDS in page
    assert "Zoe" in page  # a field after the photo
    assert stored_files() <= before


def test_four_photos_are_one_too_many_and_none_is_dropped_in_silence(crisis: Crisis) -> None:
    answer = send(crisis, *[Upload("good", picture())] * 4)
    assert answer.status_code == 400
    assert "A report can have one photo" in answer.content.decode()
    assert not NeedPhoto.objects.exists()


@pytest.mark.parametrize("name", list(with_metadata()))
def test_no_metadata_of_a_good_photo_is_stored(crisis: Crisis, name: str) -> None:
    sent, before = with_metadata()[name], stored_files()
    assert any(secret in sent for secret in SECRETS)
    assert send(crisis, Upload(name, sent)).status_code == 302
    photo = NeedPhoto.objects.get()
    with photo.image.open("rb") as file:
        made = file.read()
    assert set(marks_of(made)) <= PLAIN_SEGMENTS
    assert not [secret for secret in SECRETS if secret in made]
    assert stored_files() - before == {photo.image.path}
    assert name not in str(photo.image.name)


_READERS = (
    "request.FILES", "forms.FileField", "forms.ImageField", "serializers.FileField", "serializers.ImageField",
)  # fmt: skip


def test_no_other_view_accepts_files() -> None:
    """A new view or field that accepts files must be added to this corpus."""
    readers = {
        str(path.relative_to(settings.ROOT))
        for app in ("volunteers", "needs", "mapping", "solidarity")
        for path in (settings.ROOT / app).rglob("*.py")
        if "migrations" not in path.parts
        and any(mark in path.read_text(encoding="utf-8") for mark in _READERS)
    }  # fmt: skip
    assert readers == {
        "needs/crises/report_views.py",
        "needs/reports/need_report_views.py",
        "needs/reports/intake.py",  # reads what the forms above have accepted, for the id of a form sent twice
        "needs/base/attachments/photo_fields.py",
        "needs/neighbours/loans/pages/views.py",  # attacked below
        "needs/neighbours/lending/views.py",  # attacked in tests/needs/lending/test_item_pages.py
        "volunteers/places/place_names/without_scripts.py",  # leaves file fields out
        "solidarity/lib/http/nul_characters.py",  # reads the names of files only, for each address
        # Files of people who are signed in, with attacks of their own: tests/lib/border_files,
        # tests/mapping/file_imports, tests/volunteers/associations, tests/volunteers/setup_checklist.
        "mapping/plans/territory_setup/forms.py",
        "mapping/plans/territory_setup/views.py",
        "mapping/out/file_imports/forms.py",
        "mapping/out/file_imports/views.py",
        "volunteers/people/associations/profile_forms.py",
        "volunteers/people/associations/profile_views.py",
        "volunteers/site/setup_checklist/address_views.py",
        "volunteers/site/setup_checklist/forms.py",
    }


@pytest.mark.parametrize("address", ["/map/imports/", "/map/territories/new/", "/set-up/addresses/"])
def test_large_files_of_strangers_are_dropped_while_they_are_read(
    cast: Cast, client: Client, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    read = []
    receive = photos.CappedUploadHandler.receive_data_chunk

    def note(self: photos.CappedUploadHandler, raw_data: bytes, start: int) -> bytes:
        read.append(self.most)
        return receive(self, raw_data, start)

    monkeypatch.setattr(photos.CappedUploadHandler, "receive_data_chunk", note)
    file = SimpleUploadedFile("x.csv", b"x" * (photos.MOST_BYTES + 1))
    assert client.post(address, {"file": file}).status_code in (302, 403, 404)
    assert set(read) == {photos.MOST_BYTES}
    read.clear()
    client.force_login(cast.farid)
    file.seek(0)
    client.post(address, {"file": file})
    assert min(read) > photos.MOST_BYTES


def _posts(patterns: Sequence[URLPattern | URLResolver], prefix: str = "") -> list[str]:
    found = []
    for each in patterns:
        if isinstance(each, URLResolver):
            found += _posts(each.url_patterns, prefix + str(each.pattern))
        elif isinstance(each, URLPattern) and "<" not in prefix + str(each.pattern):
            found.append("/" + (prefix + str(each.pattern)).replace("^", "").replace("$", ""))
    return found


def test_files_sent_to_other_urls_are_not_stored(cast: Cast, client: Client) -> None:
    before = stored_files()
    addresses = [path for path in _posts(get_resolver().url_patterns) if path.endswith("/") or "open311" in path]
    assert len(addresses) > 40
    photo = picture()
    for path in addresses:
        files = {name: SimpleUploadedFile("a.jpg", photo) for name in ("photo", "media", "file", "image")}
        client.post(path, {"service_code": "food", "lat": "48.866", "long": "2.35", **files})
    assert stored_files() <= before
