import uuid

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.utils.timezone
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

import needs.base.custom_questions.models
import solidarity.lib.database.region


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="Aid",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_hash", models.CharField(editable=False, max_length=64)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("filed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, geography=True, null=True, spatial_index=False, srid=4326, verbose_name="place"
                    ),
                ),
                ("fine_cell", models.BigIntegerField(blank=True, editable=False, null=True)),
                ("cell", models.BigIntegerField(editable=False, null=True)),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(models.F("cell")),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "web form"),
                            ("import", "import"),
                            ("event_log", "event log"),
                            ("demo", "demonstration"),
                            ("api", "API"),
                            ("open311", "Open311"),
                        ],
                        default="web",
                        max_length=10,
                    ),
                ),
                ("archive", models.BooleanField(default=False, verbose_name="archive, exempt from retention")),
                ("retracted_at", models.DateTimeField(blank=True, null=True)),
                ("contacts", models.PositiveSmallIntegerField(default=1)),
                (
                    "given",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("food", "food"),
                                ("water", "water"),
                                ("clothes", "clothes"),
                                ("blanket", "blanket"),
                                ("tent", "tent"),
                                ("hygiene", "hygiene"),
                                ("health", "health care"),
                                ("shelter", "shelter"),
                                ("papers", "papers"),
                                ("transport", "transport"),
                                ("phone", "phone"),
                                ("pet", "pet"),
                                ("company", "company"),
                                ("other", "other"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=list,
                    ),
                ),
            ],
            options={
                "verbose_name": "aid",
                "verbose_name_plural": "aid",
                "ordering": ("-at",),
            },
        ),
        migrations.CreateModel(
            name="CallAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("reached", "reached"),
                            ("no_answer", "no answer"),
                            ("voicemail", "left a message"),
                            ("wrong_number", "wrong number"),
                            ("language", "no common language"),
                            ("call_later", "asked to call later"),
                        ],
                        max_length=12,
                        verbose_name="what came of it",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                ("next_at", models.DateTimeField(blank=True, null=True, verbose_name="try again")),
            ],
            options={
                "ordering": ("-at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Capacity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("food", "food"),
                            ("water", "water"),
                            ("clothes", "clothes"),
                            ("blanket", "blanket"),
                            ("tent", "tent"),
                            ("hygiene", "hygiene"),
                            ("health", "health care"),
                            ("shelter", "shelter"),
                            ("papers", "papers"),
                            ("transport", "transport"),
                            ("phone", "phone"),
                            ("pet", "pet"),
                            ("company", "company"),
                            ("other", "other"),
                        ],
                        max_length=10,
                        verbose_name="kind of need",
                    ),
                ),
                ("per_week", models.PositiveSmallIntegerField(default=5, verbose_name="how many a week")),
                (
                    "base",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, geography=True, null=True, srid=4326, verbose_name="from where"
                    ),
                ),
                ("radius", models.PositiveIntegerField(default=5000, verbose_name="how far, in metres")),
            ],
            options={
                "verbose_name": "capacity",
                "verbose_name_plural": "capacities",
            },
        ),
        migrations.CreateModel(
            name="CitizenReport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_hash", models.CharField(editable=False, max_length=64)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("filed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, geography=True, null=True, spatial_index=False, srid=4326, verbose_name="place"
                    ),
                ),
                ("fine_cell", models.BigIntegerField(blank=True, editable=False, null=True)),
                ("cell", models.BigIntegerField(editable=False, null=True)),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(models.F("cell")),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "web form"),
                            ("import", "import"),
                            ("event_log", "event log"),
                            ("demo", "demonstration"),
                            ("api", "API"),
                            ("open311", "Open311"),
                        ],
                        default="web",
                        max_length=10,
                    ),
                ),
                ("archive", models.BooleanField(default=False, verbose_name="archive, exempt from retention")),
                ("retracted_at", models.DateTimeField(blank=True, null=True)),
                ("source", models.CharField(max_length=64)),
                ("with_account", models.BooleanField(default=False)),
                ("persons", models.PositiveSmallIntegerField(default=1)),
                ("text", models.TextField(blank=True, max_length=5000)),
                ("reference", models.CharField(blank=True, max_length=80, verbose_name="number in the imported file")),
            ],
            options={
                "verbose_name": "citizen report",
                "verbose_name_plural": "citizen reports",
                "ordering": ("-at",),
            },
        ),
        migrations.CreateModel(
            name="ColdPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start", models.DateTimeField(verbose_name="from")),
                ("end", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("norm_factor", models.FloatField(default=2.0, verbose_name="contacts due, as a multiple of the norm")),
                (
                    "persons_factor",
                    models.FloatField(default=1.0, verbose_name="people expected, as a multiple of the usual number"),
                ),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                ("temperature", models.FloatField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "cold plan",
                "verbose_name_plural": "cold plans",
                "ordering": ("-start",),
            },
        ),
        migrations.CreateModel(
            name="ColdTrigger",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("celsius", models.FloatField(default=-2.0, verbose_name="starts at or below, °C")),
                ("norm_factor", models.FloatField(default=2.0)),
                ("persons_factor", models.FloatField(default=1.0)),
                ("hours", models.PositiveSmallIntegerField(default=48, verbose_name="lasts for, hours")),
                ("key_hash", models.CharField(blank=True, max_length=64)),
                ("reading_at", models.DateTimeField(blank=True, null=True)),
                ("reading_celsius", models.FloatField(blank=True, null=True)),
                ("quiet_until", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("extended", models.PositiveSmallIntegerField(default=0)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("active", "active"),
                            ("done", "done"),
                            ("expired", "expired"),
                            ("withdrawn", "withdrawn"),
                            ("handed", "handed over"),
                            ("by_others", "done by others"),
                        ],
                        default="active",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("helped", "help was brought"),
                            ("referred", "sent on to a service"),
                            ("solved_itself", "it was solved without us"),
                            ("by_others", "others had done it already"),
                            ("not_found", "nobody was found there"),
                            ("refused", "the person did not want it"),
                            ("nobody_free", "nobody was free"),
                            ("nothing_left", "what was needed was not available"),
                            ("too_far", "too far away"),
                            ("unsafe", "it was not safe"),
                            ("unreachable", "the reporter could not be reached"),
                            ("not_a_need", "it is not a need"),
                            ("junk", "advertising, a joke or a test"),
                            ("about_a_person", "it is about a particular person"),
                            ("same_as", "it repeats another report"),
                            ("too_old", "nothing happened for a long time"),
                            ("still_needed", "it is still needed"),
                            ("mistake", "it was closed by mistake"),
                            ("other", "another reason"),
                        ],
                        max_length=20,
                        verbose_name="why",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "commitment",
                "verbose_name_plural": "commitments",
                "ordering": ("-made_at",),
            },
        ),
        migrations.CreateModel(
            name="CommitmentPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("food", "food"),
                            ("water", "water"),
                            ("clothes", "clothes"),
                            ("blanket", "blanket"),
                            ("tent", "tent"),
                            ("hygiene", "hygiene"),
                            ("health", "health care"),
                            ("shelter", "shelter"),
                            ("papers", "papers"),
                            ("transport", "transport"),
                            ("phone", "phone"),
                            ("pet", "pet"),
                            ("company", "company"),
                            ("other", "other"),
                        ],
                        max_length=10,
                    ),
                ),
                ("held", models.BooleanField(default=True)),
                ("met", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="Crisis",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(max_length=60, unique=True, verbose_name="short name")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("message", models.TextField(blank=True, max_length=1000, verbose_name="message to the public")),
                (
                    "area",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        geography=True, srid=4326, verbose_name="area"
                    ),
                ),
                ("starts_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="from")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "crisis",
                "verbose_name_plural": "crises",
                "ordering": ("-starts_at",),
            },
        ),
        migrations.CreateModel(
            name="CrisisCategory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.PositiveSmallIntegerField(default=0)),
                ("names", models.JSONField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("food", "food"),
                            ("water", "water"),
                            ("clothes", "clothes"),
                            ("blanket", "blanket"),
                            ("tent", "tent"),
                            ("hygiene", "hygiene"),
                            ("health", "health care"),
                            ("shelter", "shelter"),
                            ("papers", "papers"),
                            ("transport", "transport"),
                            ("phone", "phone"),
                            ("pet", "pet"),
                            ("company", "company"),
                            ("other", "other"),
                        ],
                        default="other",
                        max_length=10,
                        verbose_name="kind of need",
                    ),
                ),
            ],
            options={
                "ordering": ("order", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Encounter",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_hash", models.CharField(editable=False, max_length=64)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("filed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, geography=True, null=True, spatial_index=False, srid=4326, verbose_name="place"
                    ),
                ),
                ("fine_cell", models.BigIntegerField(blank=True, editable=False, null=True)),
                ("cell", models.BigIntegerField(editable=False, null=True)),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(models.F("cell")),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "web form"),
                            ("import", "import"),
                            ("event_log", "event log"),
                            ("demo", "demonstration"),
                            ("api", "API"),
                            ("open311", "Open311"),
                        ],
                        default="web",
                        max_length=10,
                    ),
                ),
                ("archive", models.BooleanField(default=False, verbose_name="archive, exempt from retention")),
                ("retracted_at", models.DateTimeField(blank=True, null=True)),
                ("persons", models.PositiveSmallIntegerField(default=1, verbose_name="people met")),
                ("contacts", models.PositiveSmallIntegerField(default=0, verbose_name="people helped")),
                ("minutes", models.FloatField(blank=True, null=True, verbose_name="minutes spent looking")),
                (
                    "asked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("food", "food"),
                                ("water", "water"),
                                ("clothes", "clothes"),
                                ("blanket", "blanket"),
                                ("tent", "tent"),
                                ("hygiene", "hygiene"),
                                ("health", "health care"),
                                ("shelter", "shelter"),
                                ("papers", "papers"),
                                ("transport", "transport"),
                                ("phone", "phone"),
                                ("pet", "pet"),
                                ("company", "company"),
                                ("other", "other"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=list,
                    ),
                ),
                (
                    "given",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("food", "food"),
                                ("water", "water"),
                                ("clothes", "clothes"),
                                ("blanket", "blanket"),
                                ("tent", "tent"),
                                ("hygiene", "hygiene"),
                                ("health", "health care"),
                                ("shelter", "shelter"),
                                ("papers", "papers"),
                                ("transport", "transport"),
                                ("phone", "phone"),
                                ("pet", "pet"),
                                ("company", "company"),
                                ("other", "other"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        default=list,
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=2000, verbose_name="note")),
                ("note_pinned", models.BooleanField(default=False, verbose_name="share the note as a field note")),
                ("consent", models.BooleanField(default=False, verbose_name="the people met agree that this is noted")),
                (
                    "place_text",
                    models.CharField(blank=True, db_default="", max_length=300, verbose_name="where, in words"),
                ),
                ("answers", models.JSONField(blank=True, db_default={}, default=dict, editable=False)),
                ("answers_in_words", models.JSONField(blank=True, db_default={}, default=dict, editable=False)),
            ],
            options={
                "verbose_name": "encounter",
                "verbose_name_plural": "encounters",
                "ordering": ("-at",),
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("kind", models.CharField(max_length=20)),
                ("digest", models.CharField(max_length=64)),
                ("by_owner", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "erasure",
                "verbose_name_plural": "erasures",
                "ordering": ("-at", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "side",
                    models.CharField(
                        choices=[("volunteer", "the volunteer"), ("reporter", "the reporter")], max_length=9
                    ),
                ),
                (
                    "went",
                    models.CharField(
                        choices=[("well", "it went well"), ("partly", "partly"), ("badly", "it did not go well")],
                        max_length=6,
                        verbose_name="how it went",
                    ),
                ),
                ("unsafe", models.BooleanField(default=False, verbose_name="I did not feel safe")),
                ("text", models.TextField(blank=True, max_length=1000, verbose_name="in your words")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("message", models.CharField(blank=True, max_length=300, verbose_name="message")),
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
            ],
            options={
                "ordering": ("-asked_at",),
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("profile", models.CharField(max_length=20)),
                ("file_name", models.CharField(max_length=200)),
                ("file_hash", models.CharField(max_length=64)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("dry_run", models.BooleanField(default=False)),
                (
                    "archive",
                    models.BooleanField(db_default=False, default=False, verbose_name="archive, exempt from retention"),
                ),
                ("rows", models.PositiveIntegerField(default=0)),
                ("accepted", models.PositiveIntegerField(default=0)),
                ("repaired", models.PositiveIntegerField(default=0)),
                ("refused", models.PositiveIntegerField(default=0)),
                ("known", models.PositiveIntegerField(default=0)),
                ("notes", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ("-started_at",),
            },
        ),
        migrations.CreateModel(
            name="LanguageReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                ("reviewer", models.CharField(max_length=120, verbose_name="reviewer")),
                ("reviewed_on", models.DateField(verbose_name="reviewed on")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("sentences", models.CharField(max_length=16)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "review of a language",
                "verbose_name_plural": "reviews of languages",
                "ordering": ("-reviewed_on", "-pk"),
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "before",
                    models.CharField(
                        choices=[
                            ("held", "waiting for a moderator"),
                            ("new", "new"),
                            ("verified", "verified"),
                            ("open", "open"),
                            ("committed", "somebody is on it"),
                            ("partly_met", "partly met"),
                            ("met", "met"),
                            ("unmet", "not met"),
                            ("duplicate", "duplicate"),
                            ("rejected", "rejected"),
                            ("expired", "expired"),
                            ("reopened", "reopened"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "added_kinds",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=10), default=list),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("-at",),
            },
        ),
        migrations.CreateModel(
            name="Need",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_hash", models.CharField(editable=False, max_length=64)),
                ("at", models.DateTimeField(verbose_name="when")),
                ("filed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, geography=True, null=True, spatial_index=False, srid=4326, verbose_name="place"
                    ),
                ),
                ("fine_cell", models.BigIntegerField(blank=True, editable=False, null=True)),
                ("cell", models.BigIntegerField(editable=False, null=True)),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(models.F("cell")),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "web form"),
                            ("import", "import"),
                            ("event_log", "event log"),
                            ("demo", "demonstration"),
                            ("api", "API"),
                            ("open311", "Open311"),
                        ],
                        default="web",
                        max_length=10,
                    ),
                ),
                ("archive", models.BooleanField(default=False, verbose_name="archive, exempt from retention")),
                ("retracted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("citizen", "someone who saw it"),
                            ("self", "the person concerned"),
                            ("encounter", "an association, from an encounter"),
                            ("import", "an imported archive"),
                        ],
                        default="citizen",
                        max_length=10,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=64)),
                ("with_account", models.BooleanField(default=False)),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("food", "food"),
                                ("water", "water"),
                                ("clothes", "clothes"),
                                ("blanket", "blanket"),
                                ("tent", "tent"),
                                ("hygiene", "hygiene"),
                                ("health", "health care"),
                                ("shelter", "shelter"),
                                ("papers", "papers"),
                                ("transport", "transport"),
                                ("phone", "phone"),
                                ("pet", "pet"),
                                ("company", "company"),
                                ("other", "other"),
                            ],
                            max_length=10,
                        ),
                        default=list,
                    ),
                ),
                (
                    "urgency",
                    models.CharField(
                        choices=[("now", "today"), ("soon", "in the next days"), ("later", "when possible")],
                        default="soon",
                        max_length=6,
                        verbose_name="how urgent",
                    ),
                ),
                ("persons", models.PositiveSmallIntegerField(default=1, verbose_name="for how many people")),
                ("title", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField(blank=True, max_length=20000, verbose_name="in your words")),
                ("place_text", models.CharField(blank=True, max_length=300, verbose_name="where, in words")),
                ("contact", models.BinaryField(blank=True, null=True)),
                ("follow_hash", models.CharField(blank=True, editable=False, max_length=64)),
                ("reference", models.CharField(blank=True, max_length=80, verbose_name="number in the imported file")),
                (
                    "met_kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("food", "food"),
                                ("water", "water"),
                                ("clothes", "clothes"),
                                ("blanket", "blanket"),
                                ("tent", "tent"),
                                ("hygiene", "hygiene"),
                                ("health", "health care"),
                                ("shelter", "shelter"),
                                ("papers", "papers"),
                                ("transport", "transport"),
                                ("phone", "phone"),
                                ("pet", "pet"),
                                ("company", "company"),
                                ("other", "other"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        db_default=[],
                        default=list,
                        editable=False,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "waiting for a moderator"),
                            ("new", "new"),
                            ("verified", "verified"),
                            ("open", "open"),
                            ("committed", "somebody is on it"),
                            ("partly_met", "partly met"),
                            ("met", "met"),
                            ("unmet", "not met"),
                            ("duplicate", "duplicate"),
                            ("rejected", "rejected"),
                            ("expired", "expired"),
                            ("reopened", "reopened"),
                        ],
                        default="new",
                        max_length=10,
                    ),
                ),
                ("state_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "verbose_name": "need",
                "verbose_name_plural": "needs",
                "ordering": ("-at",),
            },
        ),
        migrations.CreateModel(
            name="NeedPhoto",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("image", models.ImageField(upload_to="needs/%Y/%m/")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("made_at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="NeedStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("held", "waiting for a moderator"),
                            ("new", "new"),
                            ("verified", "verified"),
                            ("open", "open"),
                            ("committed", "somebody is on it"),
                            ("partly_met", "partly met"),
                            ("met", "met"),
                            ("unmet", "not met"),
                            ("duplicate", "duplicate"),
                            ("rejected", "rejected"),
                            ("expired", "expired"),
                            ("reopened", "reopened"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "waiting for a moderator"),
                            ("new", "new"),
                            ("verified", "verified"),
                            ("open", "open"),
                            ("committed", "somebody is on it"),
                            ("partly_met", "partly met"),
                            ("met", "met"),
                            ("unmet", "not met"),
                            ("duplicate", "duplicate"),
                            ("rejected", "rejected"),
                            ("expired", "expired"),
                            ("reopened", "reopened"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("by_reporter", models.BooleanField(default=False)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("helped", "help was brought"),
                            ("referred", "sent on to a service"),
                            ("solved_itself", "it was solved without us"),
                            ("by_others", "others had done it already"),
                            ("not_found", "nobody was found there"),
                            ("refused", "the person did not want it"),
                            ("nobody_free", "nobody was free"),
                            ("nothing_left", "what was needed was not available"),
                            ("too_far", "too far away"),
                            ("unsafe", "it was not safe"),
                            ("unreachable", "the reporter could not be reached"),
                            ("not_a_need", "it is not a need"),
                            ("junk", "advertising, a joke or a test"),
                            ("about_a_person", "it is about a particular person"),
                            ("same_as", "it repeats another report"),
                            ("too_old", "nothing happened for a long time"),
                            ("still_needed", "it is still needed"),
                            ("mistake", "it was closed by mistake"),
                            ("other", "another reason"),
                        ],
                        max_length=20,
                        verbose_name="why",
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=1000, verbose_name="in your words")),
            ],
            options={
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="NotDuplicate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="PlannedTour",
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
                ("seats", models.PositiveSmallIntegerField(default=0, verbose_name="places for volunteers")),
                ("repeats", models.BooleanField(default=False, verbose_name="every week")),
                ("series", models.UUIDField(default=uuid.uuid4)),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "planned tour",
                "verbose_name_plural": "planned tours",
                "ordering": ("start",),
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("batch", models.UUIDField(default=uuid.uuid4)),
                ("distance", models.FloatField(null=True)),
                ("reasons", models.JSONField(default=list)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("accepted", "accepted"), ("declined", "declined"), ("expired", "expired")],
                        max_length=8,
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "proposal",
                "verbose_name_plural": "proposals",
                "ordering": ("-made_at",),
            },
        ),
        migrations.CreateModel(
            name="Question",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=8)),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("yes_no", "yes or no"),
                            ("number", "a number"),
                            ("choice", "one of several"),
                            ("text", "a few words"),
                        ],
                        max_length=8,
                        verbose_name="kind of answer",
                    ),
                ),
                ("labels", models.JSONField()),
                ("choice_labels", models.JSONField(blank=True, default=needs.base.custom_questions.models.no_choices)),
            ],
            options={
                "ordering": ("position",),
            },
        ),
        migrations.CreateModel(
            name="QuestionSet",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("version", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("association", "-version"),
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("content_hash", models.CharField(editable=False, max_length=64)),
                ("filed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="RelayedMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "side",
                    models.CharField(
                        choices=[("volunteer", "the volunteer"), ("reporter", "the reporter")], max_length=9
                    ),
                ),
                ("text", models.CharField(max_length=500, verbose_name="message")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("by_phone", models.BooleanField(default=False, verbose_name="a dispatcher passes it on by telephone")),
                ("passed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "message about a commitment",
                "verbose_name_plural": "messages about commitments",
                "ordering": ("at", "pk"),
            },
        ),
        migrations.CreateModel(
            name="RetentionRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True)),
                ("dry_run", models.BooleanField(default=False)),
                ("after_restore", models.BooleanField(default=False)),
                ("counts", models.JSONField(default=dict)),
                ("again", models.JSONField(default=dict, help_text="erasures repeated after a restore")),
                ("failed", models.JSONField(default=list)),
            ],
            options={
                "verbose_name": "retention run",
                "verbose_name_plural": "retention runs",
                "ordering": ("-at", "-pk"),
                "get_latest_by": "at",
            },
        ),
        migrations.CreateModel(
            name="Retraction",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.PositiveSmallIntegerField()),
                ("report", models.UUIDField()),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "page",
                    models.CharField(
                        choices=[("triage", "needs to sort"), ("crisis", "crisis"), ("alerts", "alerts")], max_length=8
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("query", models.JSONField(default=dict)),
                (
                    "area",
                    django.contrib.gis.db.models.fields.PolygonField(
                        blank=True, geography=True, null=True, srid=4326, verbose_name="area"
                    ),
                ),
                ("alert", models.BooleanField(default=False, verbose_name="notify me of new ones")),
                ("alerted_until", models.DateTimeField(default=django.utils.timezone.now)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "saved search",
                "verbose_name_plural": "saved searches",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Seat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="SourceKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(unique=True)),
                ("secret", models.BinaryField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Tour",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("content_hash", models.CharField(editable=False, max_length=64)),
                ("walkers", models.PositiveSmallIntegerField(default=2, verbose_name="how many of you")),
                (
                    "mode",
                    models.CharField(
                        choices=[("foot", "on foot"), ("bicycle", "by bicycle"), ("vehicle", "by van or car")],
                        default="foot",
                        max_length=8,
                        verbose_name="how",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="start")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="end")),
                (
                    "line",
                    django.contrib.gis.db.models.fields.LineStringField(
                        blank=True, geography=True, null=True, spatial_index=False, srid=4326, verbose_name="line drawn"
                    ),
                ),
                ("filed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "web form"),
                            ("import", "import"),
                            ("event_log", "event log"),
                            ("demo", "demonstration"),
                            ("api", "API"),
                            ("open311", "Open311"),
                        ],
                        default="web",
                        max_length=10,
                    ),
                ),
                ("archive", models.BooleanField(default=False)),
                ("retracted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "tour",
                "verbose_name_plural": "tours",
                "ordering": ("-at",),
            },
        ),
        migrations.CreateModel(
            name="TourCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("cell", models.BigIntegerField()),
                (
                    "region",
                    models.GeneratedField(
                        db_persist=True,
                        expression=solidarity.lib.database.region._Region(models.F("cell")),
                        output_field=models.BigIntegerField(null=True),
                    ),
                ),
                ("minutes", models.FloatField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="VoiceNote",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("sound", models.FileField(upload_to="needs/voice/%Y/%m/")),
                ("seconds", models.PositiveSmallIntegerField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ("made_at", "pk"),
            },
        ),
    ]
