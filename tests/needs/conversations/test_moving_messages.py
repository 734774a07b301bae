"""The migration that moves the messages of commitments, crews and loans into conversations."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from needs.models import Conversation, Message, MessageRead
from tests.mapping.home.evening import on_tour, planned
from tests.needs.commitments.commitment_pages import ReportNeed, take_on_page
from tests.needs.loans.loan_cases import asked, item_of
from tests.support import Cast, City, SignedIn

BEFORE = "0027_site_categories"
move = import_module("needs.migrations.0028_conversations_move").move


@pytest.mark.django_db
def test_every_message_moves_with_its_time_author_side_and_readers(
    city: City, cast: Cast, signed_in: SignedIn, secret_need: ReportNeed
) -> None:
    held = take_on_page(signed_in(cast.alice), secret_need())
    plan, tour = planned(city.nord, cast.maraude), on_tour(cast.bob, cast.maraude)
    plan.taken.create(volunteer=cast.alice)
    loan, now = asked(item_of(cast.greta), cast.alice), timezone.now()
    executor = MigrationExecutor(connection)
    old: Any = executor.loader.project_state([("needs", BEFORE)]).apps
    names = ("RelayedMessage", "CrewMessage", "MessageSeen", "LoanMessage")
    models = [old.get_model("needs", name) for name in names]
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    relayed, crew, seen, lent = models
    relayed.objects.create(commitment_id=held.pk, side="reporter", text="r", at=now)
    passed = relayed.objects.create(
        commitment_id=held.pk, side="volunteer", text="v", by_phone=True, passed_at=now, passed_by_id=cast.carol.pk
    )
    asks = crew.objects.create(plan_id=plan.pk, author_id=cast.diane.pk, text="c", at=now - timedelta(days=1))
    crew.objects.create(plan_id=plan.pk, author_id=cast.alice.pk, text="seat", from_crew=True)
    crew.objects.create(tour_id=tour.pk, author_id=cast.bob.pk, text="crew", from_crew=True)
    seen.objects.create(message=asks, user_id=cast.bob.pk, at=now)
    kept = lent.objects.create(loan_id=loan.pk, author_id=cast.alice.pk, text="b")
    lent.objects.create(loan_id=loan.pk, author_id=cast.greta.pk, text="o")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with connection.schema_editor() as editor:
        move(apps, editor), move(apps, editor)  # a second run stores nothing twice
    assert {(each.text, each.speaker, each.author) for each in Message.objects.select_related("author")} == {
        ("r", "reporter", None), ("v", "volunteer", cast.alice), ("c", "coordination", cast.diane),
        ("seat", "volunteer", cast.alice), ("crew", "crew", cast.bob), ("b", "borrower", cast.alice),
        ("o", "owner", cast.greta),
    }  # fmt: skip
    assert Message.objects.count() == 7 and Conversation.objects.count() == 4
    by_phone = Message.objects.get(by_phone=True)
    assert (by_phone.at, by_phone.passed_at, by_phone.passed_by) == (passed.at, now, cast.carol)
    read = MessageRead.objects.get()
    assert (read.message.text, read.message.at, read.user, read.at) == ("c", now - timedelta(days=1), cast.bob, now)
    assert Message.objects.get(pk=kept.pk).text == "b"
