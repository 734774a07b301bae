"""The export of one’s own data is complete and has no data of other people."""

import io
import json
import zipfile

from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from needs.base.attachments import photos
from needs.doors.retention import own_data
from needs.models import Need
from needs.reports import filing
from tests.needs.attachments.test_photos import picture
from tests.needs.triage.triage_cases import reported
from tests.streamed_answers import streamed
from tests.support import Cast, Seen, SignedIn
from volunteers.models import User


def test_the_export_of_a_report_is_complete(cast: Cast) -> None:
    need = reported(contact="06 12 34 56 78", text="a blanket", place_text="12 rue du Nord")
    photos.add_first(need.pk, photos.reencode(io.BytesIO(picture())))
    answer = Client().post(reverse("needs:follow_data", args=[filing.follow_token(need.pk)]))
    assert "no-store" in answer["Cache-Control"]
    archive = zipfile.ZipFile(io.BytesIO(streamed(answer)))
    data = json.loads(archive.read("data.json"))
    assert data["report"]["contact"] == "06 12 34 56 78"
    assert data["report"]["place_text"] == "12 rue du Nord"
    assert data["report"]["point"]["coordinates"] == [2.35, 48.866]
    assert [step["state"] for step in data["steps"]] == ["new"]
    assert archive.read(data["photos"][0])[:2] == b"\xff\xd8"
    assert Client().post(reverse("needs:follow_data", args=["x" * 32])).status_code == 404


def test_the_export_of_an_account_has_all_its_data(cast: Cast, seen: Seen, signed_in: SignedIn) -> None:
    seen(note="by the church")
    need = reported(text="a blanket", contact="06 12 34 56 78")
    Need.objects.filter(pk=need.pk).update(author=cast.bob)
    photos.add_first(need.pk, photos.reencode(io.BytesIO(picture())))
    answer = signed_in(cast.bob).post(reverse("needs:download_my_data"))
    archive = zipfile.ZipFile(io.BytesIO(streamed(answer)))
    text = archive.read("data.json").decode()
    data = json.loads(text)
    assert data["account"]["email"] == cast.bob.email
    assert data["needs.Encounter"]["author"][0]["note"] == "by the church"
    assert data["volunteers.Membership"]["user"][0]["association"] == "Maraude du Nord"
    assert data["needs_filed"][0]["report"]["contact"] == "06 12 34 56 78"
    assert archive.read(data["needs_filed"][0]["photos"][0])
    assert "data_exported" in {entry["verb"] for entry in data["audit_log"]}
    for other in (cast.carol, cast.alice, cast.edith):
        assert other.email not in text
    assert cast.bob.password not in text


def test_every_link_to_an_account_is_exported_or_listed_as_exported_elsewhere() -> None:
    linked = {f"{model._meta.label}.{field.name}" for model, field in own_data.links_to_accounts()}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is User:
                label = f"{model._meta.label}.{field.name}"
                assert label in linked or model._meta.label in own_data.EXPORTED_ELSEWHERE, label
    for label in own_data.SECRET:
        app, model_name, name = label.split(".")
        apps.get_model(app, model_name)._meta.get_field(name)
