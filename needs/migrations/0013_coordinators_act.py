"""Suggested tours, messages to crews, and the person in charge of an event."""

import uuid
from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F


def put_authors_in_charge(apps: Any, _editor: Any) -> None:
    crises = apps.get_model("needs", "Crisis").objects.exclude(author=None)
    crises.update(in_charge=F("author"), in_charge_since=F("made_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0012_labels_of_the_administration"),
        ("volunteers", "0011_labels_of_the_administration"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="crisis",
            name="in_charge",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="crisis",
            name="in_charge_since",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunPython(put_authors_in_charge, migrations.RunPython.noop, elidable=True),
        migrations.CreateModel(
            name="CrewMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_crew", models.BooleanField(default=False)),
                ("text", models.CharField(max_length=300, verbose_name="message")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="crew_messages",
                        to="needs.plannedtour",
                    ),
                ),
                (
                    "tour",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="crew_messages",
                        to="needs.tour",
                    ),
                ),
            ],
            options={
                "verbose_name": "message to a crew",
                "verbose_name_plural": "messages to crews",
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="CrisisHandOver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("accepted", "accepted"), ("declined", "declined"), ("expired", "expired")],
                        max_length=8,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "crisis",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="hand_overs", to="needs.crisis"
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ("-asked_at",),
            },
        ),
        migrations.CreateModel(
            name="MessageSeen",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="seen", to="needs.crewmessage"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TourRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("start", models.DateTimeField(verbose_name="start")),
                ("minutes", models.PositiveSmallIntegerField(default=120, verbose_name="minutes in all")),
                (
                    "mode",
                    models.CharField(
                        choices=[("foot", "on foot"), ("bicycle", "by bicycle"), ("vehicle", "by van or car")],
                        default="foot",
                        max_length=8,
                        verbose_name="how",
                    ),
                ),
                ("cells", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list)),
                ("word", models.CharField(blank=True, max_length=300, verbose_name="a word for the association")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accepted", "accepted"),
                            ("changed", "accepted with changes"),
                            ("declined", "declined"),
                            ("withdrawn", "withdrawn"),
                        ],
                        max_length=9,
                    ),
                ),
                ("reply", models.CharField(blank=True, max_length=300, verbose_name="a word for the coordinator")),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "association",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tour_requests",
                        to="volunteers.association",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "plan",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="request",
                        to="needs.plannedtour",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tour_requests",
                        to="volunteers.territory",
                    ),
                ),
            ],
            options={
                "verbose_name": "suggested tour",
                "verbose_name_plural": "suggested tours",
                "ordering": ("start", "pk"),
            },
        ),
        migrations.AddConstraint(
            model_name="crewmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("plan", None), ("tour__isnull", False)),
                    models.Q(("plan__isnull", False), ("tour", None)),
                    _connector="OR",
                ),
                name="a_crew_message_has_one_crew",
            ),
        ),
        migrations.AddConstraint(
            model_name="crisishandover",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answer", "")), fields=("crisis",), name="one_waiting_hand_over_per_crisis"
            ),
        ),
        migrations.AddConstraint(
            model_name="messageseen",
            constraint=models.UniqueConstraint(fields=("message", "user"), name="a_message_seen_once"),
        ),
        migrations.AddIndex(
            model_name="tourrequest",
            index=models.Index(fields=["association", "author", "asked_at"], name="tour_request_sent"),
        ),
        migrations.AddConstraint(
            model_name="tourrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None)),
                    models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                    _connector="OR",
                ),
                name="an_answer_has_a_time",
            ),
        ),
    ]
