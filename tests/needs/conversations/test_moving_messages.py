"""The migration that moves the messages of commitments into conversations."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from needs.models import Conversation, Message
from tests.needs.commitments.commitment_pages import ReportNeed, take_on_page
from tests.support import Cast, SignedIn

BEFORE = "0003_erasure_trigger"
move_messages = import_module("needs.migrations.0004_since_version_0_2").move_messages


@pytest.mark.django_db
def test_every_message_moves_with_its_time_author_and_side(
    cast: Cast, signed_in: SignedIn, secret_need: ReportNeed
) -> None:
    held, now = take_on_page(signed_in(cast.alice), secret_need()), timezone.now()
    executor = MigrationExecutor(connection)
    old: Any = executor.loader.project_state([("needs", BEFORE)]).apps.get_model("needs", "RelayedMessage")
    with connection.schema_editor() as editor:
        editor.create_model(old)
    old.objects.create(commitment_id=held.pk, side="reporter", text="r", at=now)
    passed = old.objects.create(
        commitment_id=held.pk, side="volunteer", text="v", by_phone=True, passed_at=now, passed_by_id=cast.carol.pk
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        move_messages(apps, editor), move_messages(apps, editor)  # a second run stores nothing twice
    assert {(each.text, each.speaker, each.author) for each in Message.objects.select_related("author")} == {
        ("r", "reporter", None),
        ("v", "volunteer", cast.alice),
    }
    assert Message.objects.count() == 2 and Conversation.objects.get().commitment == held
    by_phone = Message.objects.get(by_phone=True)
    assert (by_phone.at, by_phone.passed_at, by_phone.passed_by) == (passed.at, now, cast.carol)
