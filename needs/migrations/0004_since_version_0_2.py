"""All changes since version 0.2.0."""

import uuid

import django.contrib.gis.db.models.fields
import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.lookups
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

import solidarity.lib.database.region
from solidarity.lib.database.migration_batch import Batch

CHANNELS = [
    ("web", "web form"),
    ("phone", "telephone"),
    ("import", "import"),
    ("event_log", "event log"),
    ("demo", "demonstration"),
    ("api", "API"),
    ("open311", "Open311"),
    ("sms", "text message"),
    ("email", "e-mail"),
]
KINDS = [
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
]
REASONS = [
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
    ("lapsed", "the time of the person who took it is over"),
    ("postponed", "the tour had no time left for it"),
    ("other", "another reason"),
]


PLACES = (
    "shelter", "day_centre", "food", "shower", "laundry", "health", "clothes", "luggage", "charging", "animals", "legal",
    "fountain", "toilets",
)  # fmt: skip


def near(kind):
    """An index of the points of one kind, so that the nearest laundry is not looked for among all fountains.

    Django leaves out the condition of a GiST index of a point, so this is SQL.
    """
    return migrations.RunSQL(
        f"""CREATE INDEX place_near_{kind} ON needs_place USING gist (point)
        WHERE closed_at IS NULL AND NOT address_hidden AND kinds @> ARRAY['{kind}']::varchar(12)[]"""
    )


# The ids are derived from the old ones, so that a second run stores nothing twice.
_CONVERSATIONS = """
INSERT INTO needs_conversation (id, commitment_id, made_at)
SELECT md5('conversation:commitment:' || commitment_id)::uuid, commitment_id, min(at)
FROM needs_relayedmessage GROUP BY commitment_id
ON CONFLICT DO NOTHING
"""
_MESSAGES = """
INSERT INTO needs_message (id, conversation_id, speaker, author_id, text, at, by_phone, passed_at, passed_by_id)
SELECT md5('relayed:' || old.id)::uuid, c.id, old.side,
       CASE old.side WHEN 'volunteer' THEN held.volunteer_id END,
       old.text, old.at, old.by_phone, old.passed_at, old.passed_by_id
FROM needs_relayedmessage old
JOIN needs_commitment held ON held.id = old.commitment_id
JOIN needs_conversation c ON c.commitment_id = old.commitment_id
ON CONFLICT DO NOTHING
"""


def move_messages(_apps, schema_editor):
    """Move the messages of commitments into conversations, each with its time, author and side."""
    with schema_editor.connection.cursor() as cursor:
        for statement in (_CONVERSATIONS, _MESSAGES):
            cursor.execute(statement)
        cursor.execute("SELECT (SELECT count(*) FROM needs_relayedmessage), (SELECT count(*) FROM needs_message)")
        before, after = cursor.fetchone()
    if after < before:
        raise RuntimeError(f"{before - after} messages would be lost; nothing was changed")


def put_authors_in_charge(apps, _editor):
    """Put the author of each event in charge of it."""
    crises = apps.get_model("needs", "Crisis").objects.exclude(author=None)
    crises.update(in_charge=models.F("author"), in_charge_since=models.F("made_at"))


SCHEMA = [
    migrations.CreateModel(
        name="BudgetRaise",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("extra", models.PositiveSmallIntegerField(verbose_name="how many more")),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
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
        name="DangerAlarm",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "flags",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("not_breathing", "someone does not breathe"),
                            ("unconscious", "someone does not answer"),
                            ("blue_lips", "blue lips"),
                            ("bleeding", "heavy bleeding"),
                            ("overdose", "overdose"),
                            ("labour", "a birth has begun"),
                            ("chest_pain", "chest pain"),
                            ("hypothermia", "signs of hypothermia"),
                            ("violence", "violence now"),
                            ("suicide", "danger of suicide"),
                            ("fire", "fire"),
                            ("child_alone", "a child alone"),
                        ],
                        max_length=13,
                    ),
                    blank=True,
                    default=list,
                ),
            ),
            (
                "source",
                models.CharField(
                    choices=[
                        ("words", "danger words in the text"),
                        ("gate", "the questions before the form"),
                        ("desk", "a dispatcher"),
                    ],
                    max_length=6,
                ),
            ),
            ("raised_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "reporter_answer",
                models.CharField(
                    blank=True,
                    choices=[
                        ("called", "I have called"),
                        ("cannot_call", "I cannot call"),
                        ("not_emergency", "this is not an emergency"),
                    ],
                    max_length=13,
                ),
            ),
            ("reporter_answered_at", models.DateTimeField(blank=True, null=True)),
            (
                "step",
                models.CharField(
                    blank=True,
                    choices=[
                        ("called", "emergency services called"),
                        ("informed", "emergency services already informed"),
                        ("not_emergency", "not an emergency"),
                    ],
                    max_length=13,
                    verbose_name="what was done",
                ),
            ),
            ("acknowledged_at", models.DateTimeField(blank=True, null=True)),
            ("notified_level", models.SmallIntegerField(default=0)),
            ("notified_at", models.DateTimeField(blank=True, null=True)),
            (
                "acknowledged_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "encounter",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="danger_alarm",
                    to="needs.encounter",
                ),
            ),
            (
                "need",
                models.OneToOneField(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="danger_alarm",
                    to="needs.need",
                ),
            ),
        ],
        options={
            "verbose_name": "danger alarm",
            "verbose_name_plural": "danger alarms",
            "ordering": ("-raised_at",),
            "indexes": [
                models.Index(condition=models.Q(("acknowledged_at", None)), fields=["raised_at"], name="alarm_waiting")
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("encounter__isnull", False), ("need", None)),
                        models.Q(("encounter", None), ("need__isnull", False)),
                        _connector="OR",
                    ),
                    name="an_alarm_has_one_report",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="AlarmStepTaken",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "step",
                models.CharField(
                    choices=[
                        ("called", "emergency services called"),
                        ("informed", "emergency services already informed"),
                        ("not_emergency", "not an emergency"),
                    ],
                    max_length=13,
                ),
            ),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "alarm",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="needs.dangeralarm"
                ),
            ),
        ],
        options={"ordering": ("at", "pk")},
    ),
    migrations.CreateModel(
        name="HelpOffer",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("text", models.CharField(blank=True, max_length=300, verbose_name="in your words")),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "answer",
                models.CharField(blank=True, choices=[("allowed", "allowed"), ("declined", "declined")], max_length=8),
            ),
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
                "need",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="help_offers", to="needs.need"
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="help_offers", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
        options={
            "ordering": ("made_at",),
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("answer", "declined"), _negated=True),
                    fields=("need", "user"),
                    name="one_offer_per_need_and_person",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="NeedSharing",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ("expires_at", models.DateTimeField(verbose_name="until")),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            (
                "by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "need",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="sharings", to="needs.need"
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                ),
            ),
            (
                "ended_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={"verbose_name": "shared need", "verbose_name_plural": "shared needs", "ordering": ("-at",)},
    ),
    migrations.CreateModel(
        name="PlaceView",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "need",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="place_views", to="needs.need"
                ),
            ),
            (
                "tour",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="place_views",
                    to="needs.tour",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="place_views", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("user", "need", "day"), name="a_place_counts_once_a_day")]
        },
    ),
    migrations.CreateModel(
        name="ReporterAddress",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "medium",
                models.CharField(
                    choices=[("email", "e-mail"), ("push", "this browser"), ("sms", "text message")], max_length=5
                ),
            ),
            ("address", models.BinaryField()),
            ("digest", models.CharField(editable=False, max_length=64)),
            ("language", models.CharField(max_length=5)),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "need",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="reporter_addresses", to="needs.need"
                ),
            ),
        ],
        options={
            "ordering": ("made_at", "pk"),
            "constraints": [models.UniqueConstraint(fields=("need", "digest"), name="one_reporter_address_per_need")],
        },
    ),
    migrations.CreateModel(
        name="ReporterNews",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "news",
                models.CharField(
                    choices=[
                        ("step", "a step of the need"),
                        ("message", "a relayed message"),
                        ("lapsed", "the end of a commitment"),
                    ],
                    max_length=7,
                ),
            ),
            ("of", models.CharField(max_length=36)),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("sent_at", models.DateTimeField(blank=True, null=True)),
            ("failed_at", models.DateTimeField(blank=True, null=True)),
            ("failure", models.CharField(blank=True, max_length=120)),
            (
                "address",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="news", to="needs.reporteraddress"
                ),
            ),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("failed_at", None), ("sent_at", None)),
                    fields=["not_before"],
                    name="reporter_news_waiting",
                )
            ],
            "constraints": [
                models.UniqueConstraint(fields=("address", "news", "of"), name="one_reporter_news_per_event")
            ],
        },
    ),
    migrations.CreateModel(
        name="Correction",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.PositiveSmallIntegerField(
                    choices=[
                        (1, "tour"),
                        (2, "encounter"),
                        (3, "citizen report"),
                        (4, "need"),
                        (5, "aid"),
                        (6, "override"),
                    ]
                ),
            ),
            ("report", models.UUIDField()),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ("reason", models.CharField(blank=True, max_length=300, verbose_name="why")),
            ("before", models.JSONField(default=dict)),
            ("after", models.JSONField(default=dict)),
            ("words_before", models.JSONField(blank=True, default=dict)),
            ("words_after", models.JSONField(blank=True, default=dict)),
            (
                "author",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="corrections",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "correction",
            "verbose_name_plural": "corrections",
            "ordering": ("-at",),
            "indexes": [
                models.Index(fields=["kind", "report", "at"], name="correction_report"),
                models.Index(fields=["at"], name="correction_at"),
            ],
        },
    ),
    migrations.CreateModel(
        name="AssociationMonth",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("month", models.DateField()),
            ("tours", models.PositiveIntegerField(default=0)),
            ("minutes", models.FloatField(default=0)),
            ("encounters", models.PositiveIntegerField(default=0)),
            ("nobody_met", models.PositiveIntegerField(default=0)),
            ("people_met", models.PositiveIntegerField(default=0)),
            ("people_helped", models.PositiveIntegerField(default=0)),
            ("asked", models.JSONField(default=dict)),
            ("given", models.JSONField(default=dict)),
            ("answers", models.JSONField(default=dict)),
            (
                "association",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="monthly_figures",
                    to="volunteers.association",
                ),
            ),
        ],
        options={
            "ordering": ("month",),
            "constraints": [
                models.UniqueConstraint(fields=("association", "month"), name="figures_once_per_association_and_month")
            ],
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
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("answer", "")), fields=("crisis",), name="one_waiting_hand_over_per_crisis"
                )
            ],
        },
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
                    on_delete=django.db.models.deletion.CASCADE, related_name="tour_requests", to="volunteers.territory"
                ),
            ),
        ],
        options={
            "verbose_name": "suggested tour",
            "verbose_name_plural": "suggested tours",
            "ordering": ("start", "pk"),
            "indexes": [models.Index(fields=["association", "author", "asked_at"], name="tour_request_sent")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("answer", ""), ("answered_at", None)),
                        models.Q(models.Q(("answer", ""), _negated=True), ("answered_at__isnull", False)),
                        _connector="OR",
                    ),
                    name="an_answer_has_a_time",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Item",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "category",
                models.CharField(
                    choices=[
                        ("sleeping_bag", "sleeping bag"),
                        ("tent", "tent"),
                        ("blanket", "blanket"),
                        ("mat", "sleeping mat"),
                        ("crutches", "crutches"),
                        ("wheelchair", "wheelchair"),
                        ("stroller", "stroller"),
                        ("cot", "cot"),
                        ("heater", "heater"),
                        ("stove", "cooking stove"),
                        ("phone", "telephone"),
                        ("power_bank", "power bank"),
                        ("bicycle", "bicycle"),
                        ("trolley", "trolley"),
                        ("backpack", "backpack"),
                        ("tools", "tools"),
                        ("other", "another thing"),
                    ],
                    max_length=12,
                    verbose_name="what",
                ),
            ),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("about", models.CharField(blank=True, max_length=500, verbose_name="description")),
            (
                "condition",
                models.CharField(
                    choices=[("new", "new"), ("good", "good"), ("worn", "worn"), ("damaged", "damaged")],
                    default="good",
                    max_length=8,
                    verbose_name="condition",
                ),
            ),
            ("quantity", models.PositiveSmallIntegerField(default=1, verbose_name="how many")),
            ("cell", models.BigIntegerField()),
            (
                "region",
                models.GeneratedField(
                    db_persist=True,
                    expression=solidarity.lib.database.region._Region(models.F("cell")),
                    output_field=models.BigIntegerField(null=True),
                ),
            ),
            ("listed", models.BooleanField(default=True, verbose_name="others find it in the catalogue")),
            (
                "minimum",
                models.PositiveSmallIntegerField(
                    blank=True, null=True, verbose_name="tell us when fewer are left than"
                ),
            ),
            ("label", models.CharField(blank=True, editable=False, max_length=32, null=True, unique=True)),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ("updated_at", models.DateTimeField(auto_now=True)),
            ("removed_at", models.DateTimeField(blank=True, null=True)),
            (
                "association",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="items",
                    to="volunteers.association",
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="items",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("listed_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ("words", models.CharField(db_default="", default="", editable=False, max_length=400)),
        ],
        options={
            "verbose_name": "item",
            "verbose_name_plural": "items",
            "indexes": [
                models.Index(
                    condition=models.Q(("removed_at", None)), fields=["category", "cell"], name="item_category_cell"
                ),
                models.Index(
                    condition=models.Q(("listed", True), ("removed_at", None)),
                    fields=["cell", "-made_at"],
                    name="item_cell_made",
                ),
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass("words", name="gin_trgm_ops"), name="item_words"
                ),
            ],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("association__isnull", False), ("owner", None)),
                        models.Q(("association", None), ("owner__isnull", False)),
                        _connector="OR",
                    ),
                    name="an_item_has_one_owner",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ItemPhoto",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("image", models.ImageField(upload_to="items/%Y/%m/")),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "item",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="photos", to="needs.item"),
            ),
        ],
        options={"ordering": ("made_at", "pk")},
    ),
    migrations.CreateModel(
        name="Place",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=120, verbose_name="name")),
            (
                "kinds",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("shelter", "a bed for the night"),
                            ("day_centre", "day centre"),
                            ("food", "meals"),
                            ("shower", "showers"),
                            ("laundry", "laundry"),
                            ("health", "health care"),
                            ("clothes", "clothes"),
                            ("luggage", "luggage store"),
                            ("charging", "charging a phone"),
                            ("animals", "animals"),
                            ("legal", "legal help"),
                            ("fountain", "drinking water"),
                            ("toilets", "toilets"),
                        ],
                        max_length=12,
                    ),
                    verbose_name="what there is",
                ),
            ),
            ("point", django.contrib.gis.db.models.fields.PointField(geography=True, srid=4326, verbose_name="where")),
            ("cell", models.BigIntegerField(editable=False)),
            (
                "region",
                models.GeneratedField(
                    db_persist=True,
                    expression=solidarity.lib.database.region._Region(models.F("cell")),
                    output_field=models.BigIntegerField(null=True),
                ),
            ),
            ("address", models.CharField(blank=True, max_length=200, verbose_name="address")),
            ("address_hidden", models.BooleanField(default=False, verbose_name="keep the address secret")),
            ("hours", models.CharField(blank=True, max_length=500, verbose_name="opening hours")),
            (
                "audience",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("women", "women"),
                            ("men", "men"),
                            ("families", "families"),
                            ("minors", "under 18"),
                            ("young", "18 to 25"),
                            ("animals", "people with animals"),
                        ],
                        max_length=12,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="who may come",
                ),
            ),
            (
                "conditions",
                models.CharField(blank=True, max_length=300, verbose_name="good to know before one goes there"),
            ),
            (
                "languages",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("fr", "French"),
                            ("en", "English"),
                            ("ar", "Arabic"),
                            ("es", "Spanish"),
                            ("ro", "Romanian"),
                            ("uk", "Ukrainian"),
                            ("ru", "Russian"),
                            ("ps", "Pashto"),
                            ("prs", "Dari"),
                            ("ti", "Tigrinya"),
                            ("pt", "Portuguese"),
                            ("it", "Italian"),
                            ("pl", "Polish"),
                            ("bg", "Bulgarian"),
                            ("rom", "Romani"),
                            ("bn", "Bengali"),
                            ("ln", "Lingala"),
                            ("fsl", "French sign language"),
                        ],
                        max_length=3,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="languages spoken",
                ),
            ),
            ("step_free", models.BooleanField(blank=True, null=True, verbose_name="access without steps")),
            ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
            ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
            ("website", models.URLField(blank=True, verbose_name="website")),
            ("about", models.TextField(blank=True, max_length=500, verbose_name="description")),
            ("checked_at", models.DateTimeField(blank=True, null=True, verbose_name="last checked")),
            ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed for good")),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ("updated_at", models.DateTimeField(auto_now=True)),
            (
                "association",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="places",
                    to="volunteers.association",
                    verbose_name="kept up to date by",
                ),
            ),
            (
                "checked_as",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="volunteers.association",
                ),
            ),
            (
                "checked_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "place",
            "verbose_name_plural": "places",
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(fields=["kinds"], name="place_kinds"),
                models.Index(fields=["cell"], name="place_cell"),
                models.Index(
                    condition=models.Q(("address_hidden", True), ("closed_at", None)),
                    fields=["name"],
                    name="place_secret",
                ),
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("kinds", []), _negated=True), name="a_place_has_a_kind")
            ],
        },
    ),
    migrations.CreateModel(
        name="Loan",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("quantity", models.PositiveSmallIntegerField(default=1, verbose_name="how many")),
            ("period", django.contrib.postgres.fields.ranges.DateRangeField(verbose_name="days")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("asked", "asked for"),
                        ("waiting", "on the waiting list"),
                        ("agreed", "agreed"),
                        ("handed_over", "handed over"),
                        ("late", "late"),
                        ("returned", "returned"),
                        ("declined", "declined"),
                        ("cancelled", "cancelled"),
                        ("lost", "lost"),
                        ("broken", "broken"),
                        ("kept", "kept as a gift"),
                    ],
                    default="asked",
                    max_length=12,
                ),
            ),
            ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            (
                "association",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="loans",
                    to="volunteers.association",
                ),
            ),
            (
                "borrower",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="loans", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "item",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="loans", to="needs.item"),
            ),
            (
                "need",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="loans",
                    to="needs.need",
                ),
            ),
            (
                "place",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="needs.place",
                ),
            ),
        ],
        options={
            "verbose_name": "loan",
            "verbose_name_plural": "loans",
            "ordering": ("-asked_at",),
            "indexes": [models.Index(fields=["item", "state"], name="loan_item_state")],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="a_loan_of_at_least_one")
            ],
        },
    ),
    migrations.CreateModel(
        name="ConditionNote",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "moment",
                models.CharField(choices=[("out", "to the borrower"), ("back", "back to the owner")], max_length=8),
            ),
            (
                "condition",
                models.CharField(
                    choices=[("new", "new"), ("good", "good"), ("worn", "worn"), ("damaged", "damaged")],
                    max_length=8,
                    verbose_name="condition",
                ),
            ),
            ("text", models.CharField(blank=True, max_length=300, verbose_name="note")),
            ("photo", models.ImageField(blank=True, upload_to="loans/%Y/%m/", verbose_name="photo")),
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
                "loan",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="condition_notes", to="needs.loan"
                ),
            ),
        ],
        options={"ordering": ("at", "pk")},
    ),
    migrations.CreateModel(
        name="LoanedPiece",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("piece", models.PositiveSmallIntegerField()),
            ("period", django.contrib.postgres.fields.ranges.DateRangeField()),
            ("item", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.item")),
            (
                "loan",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="pieces", to="needs.loan"),
            ),
        ],
        options={
            "constraints": [
                django.contrib.postgres.constraints.ExclusionConstraint(
                    expressions=[("item", "="), ("piece", "="), ("period", "&&")], name="no_piece_is_lent_twice"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="LoanStep",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("asked", "asked for"),
                        ("waiting", "on the waiting list"),
                        ("agreed", "agreed"),
                        ("handed_over", "handed over"),
                        ("late", "late"),
                        ("returned", "returned"),
                        ("declined", "declined"),
                        ("cancelled", "cancelled"),
                        ("lost", "lost"),
                        ("broken", "broken"),
                        ("kept", "kept as a gift"),
                    ],
                    max_length=12,
                ),
            ),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "loan",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="steps", to="needs.loan"),
            ),
        ],
        options={"ordering": ("at", "pk")},
    ),
    migrations.CreateModel(
        name="Offer",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[("thing", "a thing"), ("meal", "a meal"), ("time", "time")],
                    max_length=6,
                    verbose_name="what you give",
                ),
            ),
            ("category", models.CharField(choices=KINDS, max_length=10, verbose_name="category")),
            ("title", models.CharField(max_length=80, verbose_name="in a few words")),
            ("about", models.CharField(blank=True, max_length=300, verbose_name="details")),
            ("quantity", models.PositiveSmallIntegerField(default=1, verbose_name="how many")),
            ("starts_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="from")),
            ("expires_at", models.DateTimeField(verbose_name="until")),
            ("cell", models.BigIntegerField()),
            (
                "region",
                models.GeneratedField(
                    db_persist=True,
                    expression=solidarity.lib.database.region._Region(models.F("cell")),
                    output_field=models.BigIntegerField(null=True),
                ),
            ),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ("closed_at", models.DateTimeField(blank=True, null=True)),
            (
                "association",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="offers",
                    to="volunteers.association",
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="offers",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "offer",
            "verbose_name_plural": "offers",
            "indexes": [models.Index(fields=["expires_at", "category"], name="offer_expires_category")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("association__isnull", False), ("owner", None)),
                        models.Q(("association", None), ("owner__isnull", False)),
                        _connector="OR",
                    ),
                    name="an_offer_has_one_owner",
                ),
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="an_offer_of_at_least_one"),
            ],
        },
    ),
    migrations.CreateModel(
        name="OfferRequest",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("quantity", models.PositiveSmallIntegerField(default=1, verbose_name="how many")),
            ("message", models.CharField(blank=True, max_length=300, verbose_name="message")),
            (
                "state",
                models.CharField(
                    choices=[
                        ("asked", "asked for"),
                        ("agreed", "agreed"),
                        ("given", "given"),
                        ("declined", "declined"),
                        ("cancelled", "cancelled"),
                    ],
                    default="asked",
                    max_length=12,
                ),
            ),
            ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "asker",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="offer_requests",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "association",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="volunteers.association",
                ),
            ),
            (
                "need",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="offer_requests",
                    to="needs.need",
                ),
            ),
            (
                "offer",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="requests", to="needs.offer"
                ),
            ),
            ("reply", models.CharField(blank=True, max_length=300, verbose_name="where and when")),
        ],
        options={
            "ordering": ("-asked_at",),
            "indexes": [models.Index(fields=["asker", "state"], name="offerrequest_asker_state")],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("quantity__gte", 1)), name="a_request_for_at_least_one")
            ],
        },
    ),
    migrations.CreateModel(
        name="PlaceCapacity",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("beds", "beds"),
                        ("rooms", "rooms for families"),
                        ("meals", "meals"),
                        ("showers", "showers"),
                        ("lockers", "lockers"),
                    ],
                    max_length=10,
                    verbose_name="what",
                ),
            ),
            ("total", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="in all")),
            ("free", models.PositiveSmallIntegerField(default=0, verbose_name="free")),
            ("set_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("reservable", models.BooleanField(default=False, verbose_name="tours and dispatchers may reserve")),
            (
                "place",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="capacities", to="needs.place"
                ),
            ),
            (
                "set_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("place", "kind"), name="one_capacity_per_place_and_kind"),
                models.CheckConstraint(
                    condition=models.Q(("total", None), ("free__lte", models.F("total")), _connector="OR"),
                    name="no_more_free_than_in_all",
                ),
            ]
        },
    ),
    migrations.CreateModel(
        name="PlaceConflict",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("source", models.CharField(max_length=60)),
            ("field", models.CharField(max_length=30)),
            ("ours", models.JSONField()),
            ("theirs", models.JSONField()),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ("decided_at", models.DateTimeField(blank=True, null=True)),
            ("taken", models.BooleanField(null=True)),
            (
                "decided_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "place",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="conflicts", to="needs.place"
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("decided_at", None)),
                    fields=("place", "source", "field"),
                    name="one_open_conflict_per_field",
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="PlaceMistake",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("text", models.CharField(max_length=300, verbose_name="what is wrong")),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ("handled_at", models.DateTimeField(blank=True, null=True)),
            (
                "handled_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "place",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="mistakes", to="needs.place"
                ),
            ),
        ],
        options={"ordering": ("at",)},
    ),
    migrations.CreateModel(
        name="PlaceNotice",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "kind",
                models.CharField(
                    choices=[("closed", "closed"), ("full", "full"), ("other", "something else")],
                    max_length=10,
                    verbose_name="what",
                ),
            ),
            ("text", models.CharField(blank=True, max_length=200, verbose_name="details")),
            ("start", models.DateTimeField(default=django.utils.timezone.now, verbose_name="from")),
            ("end", models.DateTimeField(verbose_name="until")),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("taken_back_at", models.DateTimeField(blank=True, null=True)),
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
                "place",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="notices", to="needs.place"
                ),
            ),
        ],
        options={
            "indexes": [models.Index(fields=["place", "end"], name="placenotice_end")],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("end__gt", models.F("start"))), name="a_notice_has_a_length")
            ],
        },
    ),
    migrations.CreateModel(
        name="PlaceSource",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("source", models.CharField(max_length=60)),
            ("key", models.CharField(max_length=120)),
            ("values", models.JSONField(default=dict)),
            ("read_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "place",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="sources", to="needs.place"
                ),
            ),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("source", "key"), name="a_source_record_once")]},
    ),
    migrations.CreateModel(
        name="Reservation",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("until", models.DateTimeField()),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
            (
                "end",
                models.CharField(
                    blank=True,
                    choices=[
                        ("arrived", "somebody arrived"),
                        ("given_back", "given back"),
                        ("refused", "refused by the place"),
                    ],
                    max_length=10,
                ),
            ),
            (
                "association",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
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
                "capacity",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="reservations", to="needs.placecapacity"
                ),
            ),
            (
                "need",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="needs.need",
                ),
            ),
            (
                "tour",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="needs.tour",
                ),
            ),
        ],
        options={"indexes": [models.Index(fields=["capacity", "until"], name="reservation_until")]},
    ),
    migrations.CreateModel(
        name="Signposting",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("shelter", "a bed for the night"),
                        ("day_centre", "day centre"),
                        ("food", "meals"),
                        ("shower", "showers"),
                        ("laundry", "laundry"),
                        ("health", "health care"),
                        ("clothes", "clothes"),
                        ("luggage", "luggage store"),
                        ("charging", "charging a phone"),
                        ("animals", "animals"),
                        ("legal", "legal help"),
                        ("fountain", "drinking water"),
                        ("toilets", "toilets"),
                    ],
                    max_length=12,
                ),
            ),
            ("cell", models.BigIntegerField(blank=True, null=True)),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "association",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
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
                "encounter",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="signpostings",
                    to="needs.encounter",
                ),
            ),
            (
                "place",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="signpostings", to="needs.place"
                ),
            ),
            (
                "tour",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="signpostings",
                    to="needs.tour",
                ),
            ),
        ],
        options={"indexes": [models.Index(fields=["at"], name="signposting_at")]},
    ),
    migrations.CreateModel(
        name="StockMove",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("quantity", models.SmallIntegerField()),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("added", "added"),
                        ("out", "taken on a tour"),
                        ("back", "brought back"),
                        ("given", "given away"),
                        ("lost", "lost or broken"),
                        ("counted", "corrected after counting"),
                    ],
                    max_length=8,
                ),
            ),
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
                "item",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="moves", to="needs.item"),
            ),
            (
                "tour",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="stock_moves",
                    to="needs.tour",
                ),
            ),
            ("from_tour", models.BooleanField(default=False)),
        ],
        options={
            "indexes": [models.Index(fields=["item", "at"], name="stockmove_item_at")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("quantity", 0), _negated=True), name="a_stock_move_moves_something"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Wish",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "category",
                models.CharField(
                    choices=[
                        ("sleeping_bag", "sleeping bag"),
                        ("tent", "tent"),
                        ("blanket", "blanket"),
                        ("mat", "sleeping mat"),
                        ("crutches", "crutches"),
                        ("wheelchair", "wheelchair"),
                        ("stroller", "stroller"),
                        ("cot", "cot"),
                        ("heater", "heater"),
                        ("stove", "cooking stove"),
                        ("phone", "telephone"),
                        ("power_bank", "power bank"),
                        ("bicycle", "bicycle"),
                        ("trolley", "trolley"),
                        ("backpack", "backpack"),
                        ("tools", "tools"),
                        ("other", "another thing"),
                    ],
                    max_length=12,
                    verbose_name="what",
                ),
            ),
            ("text", models.CharField(blank=True, max_length=200, verbose_name="details")),
            ("cell", models.BigIntegerField()),
            ("alert", models.BooleanField(default=True, verbose_name="tell me when there is one")),
            ("until", models.DateTimeField(verbose_name="until")),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("closed_at", models.DateTimeField(blank=True, null=True)),
            (
                "association",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="wishes",
                    to="volunteers.association",
                ),
            ),
            (
                "owner",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="wishes",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("alerted_until", models.DateTimeField(default=django.utils.timezone.now)),
        ],
        options={
            "verbose_name": "wish",
            "verbose_name_plural": "wishes",
            "indexes": [models.Index(fields=["category", "until"], name="wish_category_until")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("association__isnull", False), ("owner", None)),
                        models.Q(("association", None), ("owner__isnull", False)),
                        _connector="OR",
                    ),
                    name="a_wish_has_one_owner",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PlaceEdit",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "step",
                models.CharField(
                    choices=[
                        ("added", "added"),
                        ("changed", "changed"),
                        ("closed", "closed for good"),
                        ("reopened", "open again"),
                    ],
                    max_length=10,
                ),
            ),
            ("before", models.JSONField(default=dict)),
            ("after", models.JSONField(default=dict)),
            (
                "association",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
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
                "place",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="edits", to="needs.place"),
            ),
        ],
        options={
            "ordering": ("-at", "-pk"),
            "indexes": [models.Index(fields=["place", "-at"], name="placeedit_place")],
        },
    ),
    migrations.CreateModel(
        name="TourStop",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("position", models.PositiveSmallIntegerField()),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("need", "a need"),
                        ("cell", "a cell to search"),
                        ("place", "a place to visit"),
                        ("note", "a note"),
                    ],
                    max_length=6,
                ),
            ),
            ("cell", models.BigIntegerField()),
            ("text", models.CharField(blank=True, max_length=200, verbose_name="note")),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "outcome",
                models.CharField(
                    blank=True,
                    choices=[
                        ("helped", "helped"),
                        ("not_found", "not found"),
                        ("refused", "refused"),
                        ("postponed", "postponed"),
                        ("visited", "visited"),
                    ],
                    max_length=10,
                    verbose_name="outcome",
                ),
            ),
            ("outcome_at", models.DateTimeField(blank=True, null=True)),
            (
                "seen",
                models.CharField(
                    blank=True,
                    choices=[
                        ("nobody", "nobody"),
                        ("traces", "belongings or a place to sleep"),
                        ("others", "other people"),
                    ],
                    max_length=8,
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
                "commitment",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="tour_stops",
                    to="needs.commitment",
                ),
            ),
            (
                "encounter",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="tour_stops",
                    to="needs.encounter",
                ),
            ),
            (
                "need",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="tour_stops",
                    to="needs.need",
                ),
            ),
            (
                "outcome_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "place",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="tour_stops",
                    to="needs.place",
                ),
            ),
            (
                "plan",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="stops",
                    to="needs.plannedtour",
                ),
            ),
            (
                "tour",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="stops",
                    to="needs.tour",
                ),
            ),
        ],
        options={
            "verbose_name": "stop of a tour",
            "verbose_name_plural": "stops of tours",
            "ordering": ("position", "made_at"),
            "indexes": [models.Index(fields=["outcome", "outcome_at"], name="tourstop_outcome")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("plan", None), ("tour", None), _connector="XOR"),
                    name="a_stop_has_a_plan_or_a_tour",
                ),
                models.UniqueConstraint(fields=("plan", "need"), name="a_need_once_per_plan"),
                models.UniqueConstraint(fields=("tour", "need"), name="a_need_once_per_tour"),
            ],
        },
    ),
    migrations.CreateModel(
        name="NextCrewWord",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("text", models.CharField(max_length=300, verbose_name="word to the next crew")),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ("expires_at", models.DateTimeField()),
            ("taken_back_at", models.DateTimeField(blank=True, null=True)),
            (
                "association",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
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
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                ),
            ),
        ],
        options={
            "verbose_name": "word to the next crew",
            "verbose_name_plural": "words to the next crew",
            "ordering": ("-at", "pk"),
            "indexes": [models.Index(fields=["territory", "expires_at"], name="nextcrewword_current")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(("expires_at__gt", models.F("at"))), name="a_word_expires_after_it_is_written"
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="SeatWish",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "plan",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="waiting", to="needs.plannedtour"
                ),
            ),
            (
                "volunteer",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="seat_wishes", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
        options={
            "verbose_name": "place on a waiting list",
            "verbose_name_plural": "places on waiting lists",
            "ordering": ("at", "pk"),
            "constraints": [models.UniqueConstraint(fields=("plan", "volunteer"), name="one_seat_wish_per_volunteer")],
        },
    ),
    migrations.CreateModel(
        name="WordSeen",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "word",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="seen", to="needs.nextcrewword"
                ),
            ),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("word", "user"), name="a_word_seen_once")]},
    ),
    migrations.CreateModel(
        name="PlaceImportChange",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("made", models.BooleanField(default=False)),
            ("before", models.JSONField(default=dict)),
            ("after", models.JSONField(default=dict)),
            ("source_before", models.JSONField(null=True)),
            ("notices", models.JSONField(default=list)),
            (
                "place",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.place"),
            ),
            (
                "run",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="place_changes", to="needs.importrun"
                ),
            ),
            (
                "source",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.placesource"
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="WaitingScan",
        fields=[
            ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
            ("quantity", models.SmallIntegerField()),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("added", "added"),
                        ("out", "taken on a tour"),
                        ("back", "brought back"),
                        ("given", "given away"),
                        ("lost", "lost or broken"),
                        ("counted", "corrected after counting"),
                    ],
                    max_length=8,
                ),
            ),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "author",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "item",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="waiting_scans", to="needs.item"
                ),
            ),
            (
                "tour",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.tour"
                ),
            ),
        ],
        options={"ordering": ("at", "pk")},
    ),
    migrations.CreateModel(
        name="Correspondent",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "medium",
                models.CharField(
                    choices=[("email", "e-mail"), ("push", "this browser"), ("sms", "text message")], max_length=5
                ),
            ),
            ("digest", models.CharField(editable=False, max_length=64)),
            ("address", models.BinaryField()),
            ("language", models.CharField(blank=True, max_length=5)),
            ("first_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("last_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("stopped_at", models.DateTimeField(blank=True, null=True)),
        ],
        options={
            "constraints": [models.UniqueConstraint(fields=("medium", "digest"), name="one_correspondent_per_address")]
        },
    ),
    migrations.CreateModel(
        name="Dialogue",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "step",
                models.CharField(
                    choices=[
                        ("place", "the place"),
                        ("kind", "what is needed"),
                        ("persons", "how many people"),
                        ("desk", "a dispatcher"),
                        ("done", "nothing"),
                    ],
                    default="place",
                    max_length=7,
                ),
            ),
            (
                "asked",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("place", "the place"),
                            ("kind", "what is needed"),
                            ("persons", "how many people"),
                            ("desk", "a dispatcher"),
                            ("done", "nothing"),
                        ],
                        max_length=7,
                    ),
                    blank=True,
                    default=list,
                ),
            ),
            ("draft", models.JSONField(blank=True, default=dict)),
            ("guess", models.JSONField(blank=True, default=dict)),
            ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("to_desk_at", models.DateTimeField(blank=True, null=True)),
            ("taken_at", models.DateTimeField(blank=True, null=True)),
            ("closed_at", models.DateTimeField(blank=True, null=True)),
            (
                "correspondent",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="dialogues", to="needs.correspondent"
                ),
            ),
            (
                "need",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="dialogues",
                    to="needs.need",
                ),
            ),
            (
                "taken_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="volunteers.territory",
                ),
            ),
        ],
        options={
            "ordering": ("opened_at", "pk"),
            "indexes": [
                models.Index(
                    condition=models.Q(("closed_at", None), ("step", "desk")),
                    fields=["to_desk_at"],
                    name="dialogue_for_the_desk",
                )
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("closed_at", None)),
                    fields=("correspondent",),
                    name="one_open_dialogue_per_correspondent",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Group",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("about", models.TextField(blank=True, max_length=1000, verbose_name="what the group does")),
            ("welcome", models.TextField(blank=True, max_length=500, verbose_name="welcome message")),
            ("asks_first", models.BooleanField(default=True, verbose_name="people ask before they join")),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("closed_at", models.DateTimeField(blank=True, null=True)),
            (
                "made_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="groups", to="volunteers.territory"
                ),
            ),
        ],
        options={
            "verbose_name": "neighbourhood group",
            "verbose_name_plural": "neighbourhood groups",
            "ordering": ("name",),
        },
    ),
    migrations.CreateModel(
        name="GroupMember",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "role",
                models.CharField(choices=[("member", "member"), ("host", "host")], default="member", max_length=6),
            ),
            ("joined_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "group",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="members", to="needs.group"
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="group_memberships",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("group", "user"), name="one_membership_per_group")]},
    ),
    migrations.CreateModel(
        name="InboundMessage",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("gateway", models.CharField(max_length=12)),
            ("provider_id", models.CharField(max_length=200)),
            ("text", models.TextField(blank=True, max_length=4000)),
            ("received_at", models.DateTimeField()),
            ("stored_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "danger",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(max_length=20), blank=True, default=list
                ),
            ),
            ("read_at", models.DateTimeField(blank=True, null=True)),
            ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("failed_at", models.DateTimeField(blank=True, null=True)),
            ("failure", models.CharField(blank=True, max_length=120)),
            (
                "correspondent",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="received", to="needs.correspondent"
                ),
            ),
            (
                "dialogue",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="received",
                    to="needs.dialogue",
                ),
            ),
            ("reference", models.CharField(blank=True, max_length=200)),
            ("part", models.PositiveSmallIntegerField(default=1)),
            ("parts", models.PositiveSmallIntegerField(default=1)),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("failed_at", None), ("read_at", None)),
                    fields=["not_before"],
                    name="inbound_waiting",
                ),
                models.Index(fields=["correspondent", "stored_at"], name="inbound_by_correspondent"),
            ],
            "constraints": [
                models.UniqueConstraint(fields=("gateway", "provider_id"), name="one_inbound_message_per_provider_id")
            ],
        },
    ),
    migrations.CreateModel(
        name="JoinRequest",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("word", models.CharField(blank=True, max_length=300, verbose_name="a few words about you")),
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
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="join_requests",
                    to="volunteers.association",
                ),
            ),
            (
                "group",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="requests",
                    to="needs.group",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="join_requests",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("full", "there is no room at the moment"),
                        ("elsewhere", "it is for people who help in another area"),
                        ("unknown", "nobody there knows you yet: come to an event or a tour first"),
                        ("quiet", "you have not taken part for a long time"),
                        ("rules", "what was agreed was not respected"),
                        ("unsafe", "somebody did not feel safe"),
                        ("other", "another reason: you can ask a coordinator"),
                    ],
                    db_default="",
                    max_length=9,
                ),
            ),
        ],
        options={
            "ordering": ("asked_at",),
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("association__isnull", False), ("group", None)),
                        models.Q(("association", None), ("group__isnull", False)),
                        _connector="OR",
                    ),
                    name="a_join_request_has_one_goal",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("answer", "")),
                    fields=("user", "group", "association"),
                    name="one_waiting_join_request",
                    nulls_distinct=False,
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="LocalEvent",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("meal", "meal"),
                        ("drinks", "hot drinks"),
                        ("clothes", "clothes"),
                        ("wash", "showers and laundry"),
                        ("care", "health care"),
                        ("advice", "advice on papers and rights"),
                        ("company", "company, games, culture"),
                        ("round", "mobile round with stops"),
                        ("meeting", "meeting of volunteers"),
                    ],
                    max_length=8,
                    verbose_name="what it is",
                ),
            ),
            ("title", models.CharField(max_length=80, verbose_name="title")),
            ("about", models.TextField(blank=True, max_length=1000, verbose_name="what people should know")),
            (
                "point",
                django.contrib.gis.db.models.fields.PointField(
                    blank=True, geography=True, null=True, srid=4326, verbose_name="where"
                ),
            ),
            ("cell", models.BigIntegerField(editable=False, null=True)),
            (
                "region",
                models.GeneratedField(
                    db_persist=True,
                    expression=solidarity.lib.database.region._Region(models.F("cell")),
                    output_field=models.BigIntegerField(null=True),
                ),
            ),
            ("address", models.CharField(blank=True, max_length=200, verbose_name="address")),
            ("starts_at", models.DateTimeField(verbose_name="from")),
            ("ends_at", models.DateTimeField(verbose_name="until")),
            ("repeats", models.CharField(blank=True, max_length=200, verbose_name="repeats")),
            ("walk_in", models.BooleanField(default=False, verbose_name="people may just come")),
            (
                "seats",
                models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="places for people who join"),
            ),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("cancelled_at", models.DateTimeField(blank=True, null=True)),
            ("word", models.CharField(blank=True, max_length=200, verbose_name="why it is cancelled")),
            (
                "association",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="local_events",
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
                "group",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="local_events",
                    to="needs.group",
                ),
            ),
            (
                "place",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="needs.place",
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="local_events",
                    to="volunteers.territory",
                ),
            ),
            (
                "brings",
                django.contrib.postgres.fields.ArrayField(
                    base_field=models.CharField(
                        choices=[
                            ("meal", "meal"),
                            ("drinks", "hot drinks"),
                            ("clothes", "clothes"),
                            ("wash", "showers and laundry"),
                            ("care", "health care"),
                            ("advice", "advice on papers and rights"),
                            ("company", "company, games, culture"),
                        ],
                        max_length=8,
                    ),
                    blank=True,
                    default=list,
                    verbose_name="what the round brings",
                ),
            ),
            ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("over_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ("public", models.BooleanField(default=False, verbose_name="people without an account see it")),
        ],
        options={
            "verbose_name": "event",
            "verbose_name_plural": "events",
            "ordering": ("starts_at", "pk"),
            "indexes": [
                models.Index(fields=["territory", "starts_at"], name="local_event_territory"),
                models.Index(fields=["over_at"], name="local_event_over"),
            ],
        },
    ),
    migrations.CreateModel(
        name="EventSeat",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("occurrence", models.DateTimeField()),
            ("waiting", models.BooleanField(default=False)),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ("reminded_at", models.DateTimeField(blank=True, null=True)),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="event_seats", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "event",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="taken", to="needs.localevent"
                ),
            ),
        ],
        options={
            "indexes": [models.Index(fields=["event", "occurrence", "at"], name="event_seats")],
            "constraints": [
                models.UniqueConstraint(fields=("event", "occurrence", "user"), name="one_event_seat_per_person")
            ],
        },
    ),
    migrations.CreateModel(
        name="EventException",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("occurrence", models.DateTimeField()),
            ("cancelled", models.BooleanField(default=False)),
            ("starts_at", models.DateTimeField(blank=True, null=True)),
            ("ends_at", models.DateTimeField(blank=True, null=True)),
            ("word", models.CharField(blank=True, max_length=200, verbose_name="what people should know")),
            (
                "event",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="exceptions", to="needs.localevent"
                ),
            ),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("event", "occurrence"), name="one_exception_per_occurrence")
            ]
        },
    ),
    migrations.CreateModel(
        name="Conversation",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("occurrence", models.DateTimeField(blank=True, null=True)),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "commitment",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.commitment"
                ),
            ),
            (
                "loan",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.loan"
                ),
            ),
            (
                "need",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.need"
                ),
            ),
            (
                "plan",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.plannedtour"
                ),
            ),
            (
                "tour",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.tour"
                ),
            ),
            (
                "group",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.group"
                ),
            ),
            (
                "event",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="needs.localevent"
                ),
            ),
        ],
        options={
            "constraints": [
                models.CheckConstraint(
                    condition=django.db.models.lookups.Exact(
                        models.Func(
                            "commitment",
                            "need",
                            "plan",
                            "tour",
                            "loan",
                            "event",
                            "group",
                            function="num_nonnulls",
                            output_field=models.IntegerField(),
                        ),
                        1,
                    ),
                    name="a_conversation_has_one_subject",
                ),
                models.UniqueConstraint(
                    fields=("commitment", "need", "plan", "tour", "loan", "event", "group", "occurrence"),
                    name="one_conversation_per_subject",
                    nulls_distinct=False,
                ),
            ]
        },
    ),
    migrations.CreateModel(
        name="Message",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "speaker",
                models.CharField(
                    choices=[
                        ("reporter", "the reporter"),
                        ("volunteer", "a volunteer"),
                        ("desk", "dispatch"),
                        ("coordination", "coordination"),
                        ("crew", "the crew"),
                        ("owner", "the owner"),
                        ("borrower", "the borrower"),
                        ("organiser", "the organisers"),
                        ("member", "a member"),
                    ],
                    max_length=12,
                ),
            ),
            ("text", models.CharField(max_length=500, verbose_name="message")),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ("held_at", models.DateTimeField(blank=True, null=True)),
            ("hidden_at", models.DateTimeField(blank=True, null=True)),
            ("by_phone", models.BooleanField(default=False, verbose_name="a dispatcher passes it on by telephone")),
            ("passed_at", models.DateTimeField(blank=True, null=True)),
            (
                "author",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "conversation",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="messages", to="needs.conversation"
                ),
            ),
            (
                "passed_by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "message",
            "verbose_name_plural": "messages",
            "ordering": ("at", "pk"),
            "indexes": [models.Index(fields=["conversation", "at"], name="message_of_conversation")],
        },
    ),
    migrations.CreateModel(
        name="MessageRead",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "message",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="read", to="needs.message"),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("message", "user"), name="a_message_read_once")]},
    ),
    migrations.CreateModel(
        name="OutboundMessage",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("text", models.CharField(max_length=480)),
            ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("sent_at", models.DateTimeField(blank=True, null=True)),
            ("failed_at", models.DateTimeField(blank=True, null=True)),
            ("failure", models.CharField(blank=True, max_length=120)),
            ("gateway", models.CharField(blank=True, max_length=12)),
            ("provider_id", models.CharField(blank=True, max_length=200)),
            ("delivered_at", models.DateTimeField(blank=True, null=True)),
            ("undelivered", models.BooleanField(default=False)),
            (
                "answers",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="answered_by",
                    to="needs.inboundmessage",
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "correspondent",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="sent", to="needs.correspondent"
                ),
            ),
            (
                "dialogue",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="sent", to="needs.dialogue"
                ),
            ),
        ],
        options={
            "ordering": ("written_at", "pk"),
            "indexes": [
                models.Index(
                    condition=models.Q(("failed_at", None), ("sent_at", None)),
                    fields=["not_before"],
                    name="outbound_waiting",
                ),
                models.Index(fields=["gateway", "provider_id"], name="outbound_by_provider_id"),
                models.Index(
                    condition=models.Q(("sent_at", None), _negated=True), fields=["sent_at"], name="outbound_by_sending"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="RoundStop",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("order", models.PositiveSmallIntegerField(default=0)),
            ("name", models.CharField(max_length=120, verbose_name="place")),
            ("point", django.contrib.gis.db.models.fields.PointField(geography=True, srid=4326, verbose_name="where")),
            ("cell", models.BigIntegerField(editable=False)),
            ("minutes", models.PositiveSmallIntegerField(default=0, verbose_name="minutes after the start")),
            ("stays", models.PositiveSmallIntegerField(default=15, verbose_name="minutes there")),
            (
                "event",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="stops", to="needs.localevent"
                ),
            ),
        ],
        options={"ordering": ("order", "pk")},
    ),
    migrations.CreateModel(
        name="ReliefGroup",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=80, verbose_name="name of the group")),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("closed_at", models.DateTimeField(blank=True, null=True)),
            (
                "association",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="volunteers.association",
                ),
            ),
            (
                "crisis",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="relief_groups", to="needs.crisis"
                ),
            ),
            (
                "made_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "relief group",
            "verbose_name_plural": "relief groups",
            "ordering": ("name",),
            "constraints": [models.UniqueConstraint(fields=("crisis", "name"), name="a_relief_group_once_per_event")],
        },
    ),
    migrations.CreateModel(
        name="NeedAssignment",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "waits for an answer"),
                        ("accepted", "accepted"),
                        ("done", "done"),
                        ("returned", "given back"),
                        ("declined", "declined"),
                        ("withdrawn", "withdrawn"),
                        ("expired", "nobody answered"),
                    ],
                    default="waiting",
                    max_length=9,
                ),
            ),
            ("reason", models.CharField(blank=True, choices=REASONS, max_length=20, verbose_name="why")),
            ("word", models.CharField(blank=True, max_length=300, verbose_name="a word for the desk")),
            ("reminded_at", models.DateTimeField(blank=True, null=True)),
            ("answered_at", models.DateTimeField(blank=True, null=True)),
            ("settled_at", models.DateTimeField(blank=True, null=True)),
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
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="volunteers.association",
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "commitment",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="needs.commitment"
                ),
            ),
            (
                "need",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="assignments", to="needs.need"
                ),
            ),
            (
                "group",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="assignments",
                    to="needs.reliefgroup",
                ),
            ),
        ],
        options={
            "verbose_name": "assignment of a need",
            "verbose_name_plural": "assignments of needs",
            "ordering": ("-at",),
            "indexes": [models.Index(fields=["state", "at"], name="assignment_state")],
            "constraints": [
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("association", None), ("group__isnull", False)),
                        models.Q(("association__isnull", False), ("group", None)),
                        _connector="OR",
                    ),
                    name="an_assignment_has_one_group",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ["waiting", "accepted"])),
                    fields=("need",),
                    name="one_live_assignment_per_need",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ReliefMember",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("lead", models.BooleanField(default=False)),
            ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "group",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="members", to="needs.reliefgroup"
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="relief_memberships",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "ordering": ("-lead", "added_at"),
            "constraints": [
                models.UniqueConstraint(fields=("group", "user"), name="one_place_per_relief_group"),
                models.UniqueConstraint(
                    condition=models.Q(("lead", True)), fields=("group",), name="one_lead_per_relief_group"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="SiteCategory",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("names", models.JSONField()),
            ("kind", models.CharField(choices=KINDS, default="other", max_length=10, verbose_name="kind of need")),
            ("order", models.PositiveSmallIntegerField(default=0)),
            ("shown", models.BooleanField(default=True, verbose_name="shown in forms")),
            ("deleted_at", models.DateTimeField(blank=True, null=True)),
        ],
        options={
            "verbose_name": "category of the site",
            "verbose_name_plural": "categories of the site",
            "ordering": ("order", "pk"),
        },
    ),
    migrations.CreateModel(
        name="MailDetails",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("number", models.CharField(blank=True, max_length=250)),
            ("attachments", models.PositiveSmallIntegerField(default=0)),
            (
                "message",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE, related_name="mail", to="needs.inboundmessage"
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="PersonBlock",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "association",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="volunteers.association",
                ),
            ),
            (
                "blocked",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "by",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="blocks", to=settings.AUTH_USER_MODEL
                ),
            ),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("message", "a message"),
                        ("event", "an event"),
                        ("group", "a neighbourhood group"),
                        ("item", "a thing to borrow"),
                        ("wish", "something that is looked for"),
                        ("offer", "an offer to give"),
                        ("notice", "a notice about a place"),
                        ("place", "the text about a place"),
                        ("crisis", "the text of a crisis event"),
                        ("word", "a word to the next crew"),
                        ("need", "the text of a need"),
                        ("loan", "the other side of a loan"),
                    ],
                    default="loan",
                    max_length=8,
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(
                    fields=("by", "association", "blocked"), name="a_person_blocked_once", nulls_distinct=False
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="ModerationCase",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("message", "a message"),
                        ("event", "an event"),
                        ("group", "a neighbourhood group"),
                        ("item", "a thing to borrow"),
                        ("wish", "something that is looked for"),
                        ("offer", "an offer to give"),
                        ("notice", "a notice about a place"),
                        ("place", "the text about a place"),
                        ("crisis", "the text of a crisis event"),
                        ("word", "a word to the next crew"),
                        ("need", "the text of a need"),
                        ("loan", "the other side of a loan"),
                    ],
                    max_length=8,
                ),
            ),
            ("key", models.CharField(max_length=60)),
            ("digest", models.CharField(max_length=64)),
            ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("held_at", models.DateTimeField(null=True)),
            ("withheld", models.BooleanField(default=False)),
            ("holder_since", models.DateTimeField(null=True)),
            ("holder_until", models.DateTimeField(null=True)),
            ("passed_on_at", models.DateTimeField(null=True)),
            (
                "outcome",
                models.CharField(
                    blank=True,
                    choices=[
                        ("kept", "It stays visible"),
                        ("hidden", "Hidden"),
                        ("warned", "Hidden, and the author is warned"),
                        ("paused", "Hidden, and the author may not write for some days"),
                        ("passed_on", "Passed on to the administrators"),
                    ],
                    max_length=9,
                ),
            ),
            (
                "reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("insult", "Insult or harassment"),
                        ("threat", "Threat, or I do not feel safe"),
                        ("discrimination", "Racism or other discrimination"),
                        ("sexual", "Sexual content or advances"),
                        ("private", "Private information about a person"),
                        ("wrong", "Wrong or dangerous information"),
                        ("selling", "Asks to be paid"),
                        ("advertising", "Advertising"),
                        ("other", "Something else"),
                    ],
                    max_length=14,
                ),
            ),
            ("words", models.CharField(blank=True, max_length=300, verbose_name="a few words to the author")),
            ("days", models.PositiveSmallIntegerField(null=True)),
            ("decided_at", models.DateTimeField(null=True)),
            ("appeal", models.CharField(blank=True, max_length=500, verbose_name="why the decision is wrong")),
            ("appealed_at", models.DateTimeField(null=True)),
            (
                "appeal_outcome",
                models.CharField(
                    blank=True,
                    choices=[
                        ("confirmed", "The decision stays"),
                        ("overturned", "The decision was wrong: it is visible again"),
                    ],
                    max_length=10,
                ),
            ),
            ("appeal_decided_at", models.DateTimeField(null=True)),
            (
                "appeal_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "association",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
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
                "decided_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "holder",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="volunteers.territory"
                ),
            ),
        ],
        options={
            "ordering": ("opened_at", "pk"),
            "indexes": [
                models.Index(
                    condition=models.Q(("withheld", True)), fields=["kind", "key"], name="moderation_withheld"
                ),
                models.Index(fields=["kind", "key", "-opened_at"], name="moderation_of_text"),
            ],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("outcome", "")),
                    fields=("kind", "key", "author"),
                    name="one_open_case_per_text",
                    nulls_distinct=False,
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="ContentReport",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "reason",
                models.CharField(
                    choices=[
                        ("insult", "Insult or harassment"),
                        ("threat", "Threat, or I do not feel safe"),
                        ("discrimination", "Racism or other discrimination"),
                        ("sexual", "Sexual content or advances"),
                        ("private", "Private information about a person"),
                        ("wrong", "Wrong or dangerous information"),
                        ("selling", "Asks to be paid"),
                        ("advertising", "Advertising"),
                        ("other", "Something else"),
                    ],
                    max_length=14,
                ),
            ),
            ("words", models.CharField(blank=True, max_length=300, verbose_name="in your words")),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            (
                "case",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="needs.moderationcase"
                ),
            ),
        ],
        options={
            "ordering": ("at", "pk"),
            "constraints": [models.UniqueConstraint(fields=("case", "by"), name="a_case_reported_once_per_person")],
        },
    ),
    migrations.CreateModel(
        name="HeldWord",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("word", models.CharField(max_length=60, verbose_name="word")),
            ("folded", models.CharField(editable=False, max_length=80)),
            ("language", models.CharField(blank=True, max_length=8, verbose_name="language")),
            ("whole", models.BooleanField(default=True, verbose_name="only as a whole word")),
            ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "added_by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "ordering": ("language", "folded"),
            "constraints": [models.UniqueConstraint(fields=("folded", "language"), name="a_held_word_once")],
        },
    ),
    migrations.CreateModel(
        name="ModerationMonth",
        fields=[
            ("month", models.DateField(primary_key=True, serialize=False)),
            ("reported", models.PositiveIntegerField(default=0)),
            ("held", models.PositiveIntegerField(default=0)),
            ("outcomes", models.JSONField(default=dict)),
            ("passed_on", models.PositiveIntegerField(default=0)),
            ("appeals", models.PositiveIntegerField(default=0)),
            ("overturned", models.PositiveIntegerField(default=0)),
            ("median_hours", models.FloatField(null=True)),
        ],
        options={"ordering": ("-month",)},
    ),
    migrations.CreateModel(
        name="WritingPause",
        fields=[
            (
                "case",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="pause",
                    serialize=False,
                    to="needs.moderationcase",
                ),
            ),
            ("until", models.DateTimeField()),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="writing_pauses",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
    ),
    migrations.AddField(
        model_name="commitment", name="link", field=models.UUIDField(blank=True, editable=False, null=True, unique=True)
    ),
    migrations.AddField(
        model_name="crisis",
        name="closed_by",
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
        model_name="crisis", name="in_charge_since", field=models.DateTimeField(blank=True, editable=False, null=True)
    ),
    migrations.AddField(
        model_name="crisis",
        name="language",
        field=models.CharField(
            blank=True, db_default="", default="", max_length=8, verbose_name="language of these texts"
        ),
    ),
    migrations.AddField(
        model_name="crisis",
        name="phone_is_enough",
        field=models.BooleanField(
            db_default=False,
            default=False,
            verbose_name="a confirmed telephone number is enough to see exact places of this event",
        ),
    ),
    migrations.AddField(
        model_name="crisis",
        name="texts",
        field=models.JSONField(blank=True, db_default={}, default=dict, editable=False),
    ),
    migrations.AddField(
        model_name="merge",
        name="undone_by",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="+",
            to=settings.AUTH_USER_MODEL,
        ),
    ),
    migrations.AddField(
        model_name="need",
        name="district",
        field=models.ForeignKey(
            blank=True,
            editable=False,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            related_name="+",
            to="volunteers.territory",
        ),
    ),
    migrations.AddField(
        model_name="need", name="escalated_at", field=models.DateTimeField(blank=True, editable=False, null=True)
    ),
    migrations.AddField(
        model_name="need", name="first_opened_at", field=models.DateTimeField(blank=True, editable=False, null=True)
    ),
    migrations.AddField(
        model_name="need",
        name="place_unknown",
        field=models.BooleanField(db_default=False, default=False, editable=False),
    ),
    migrations.AddField(
        model_name="need",
        name="site_categories",
        field=django.contrib.postgres.fields.ArrayField(
            base_field=models.IntegerField(), blank=True, db_default=[], default=list, editable=False
        ),
    ),
    migrations.AddField(
        model_name="needstep",
        name="actor",
        field=models.CharField(
            blank=True,
            choices=[
                ("dispatcher", "a dispatcher"),
                ("helper", "a person who took the need"),
                ("reporter", "the reporter"),
                ("clock", "automatic"),
            ],
            db_default="",
            max_length=10,
        ),
    ),
    migrations.AddField(model_name="seat", name="reminded_at", field=models.DateTimeField(blank=True, null=True)),
    migrations.AddField(
        model_name="tourcell", name="met_only", field=models.BooleanField(db_default=False, default=False)
    ),
    migrations.AddField(
        model_name="tourcell", name="need_not_found", field=models.BooleanField(db_default=False, default=False)
    ),
    migrations.AddField(
        model_name="tourcell",
        name="pass_minutes",
        field=django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), blank=True, null=True),
    ),
    migrations.AlterModelOptions(
        name="retraction", options={"verbose_name": "retraction", "verbose_name_plural": "retractions"}
    ),
    migrations.AlterField(
        model_name="aid",
        name="association",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="aid",
            to="volunteers.association",
            verbose_name="association",
        ),
    ),
    migrations.AlterField(
        model_name="aid",
        name="channel",
        field=models.CharField(choices=CHANNELS, default="web", max_length=10, verbose_name="channel"),
    ),
    migrations.AlterField(
        model_name="aid",
        name="contacts",
        field=models.PositiveSmallIntegerField(default=1, verbose_name="people helped"),
    ),
    migrations.AlterField(
        model_name="aid",
        name="filed_at",
        field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="filed"),
    ),
    migrations.AlterField(
        model_name="aid",
        name="given",
        field=django.contrib.postgres.fields.ArrayField(
            base_field=models.CharField(choices=KINDS, max_length=10), blank=True, default=list, verbose_name="given"
        ),
    ),
    migrations.AlterField(
        model_name="aid",
        name="retracted_at",
        field=models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
    ),
    migrations.AlterField(
        model_name="callattempt",
        name="result",
        field=models.CharField(
            choices=[
                ("reached", "reached"),
                ("no_answer", "no answer"),
                ("voicemail", "left a message"),
                ("wrong_number", "wrong number"),
                ("language", "no common language"),
                ("call_later", "asked to call later"),
                ("called_in", "the reporter called us"),
            ],
            max_length=12,
            verbose_name="what came of it",
        ),
    ),
    migrations.AlterField(
        model_name="citizenreport",
        name="channel",
        field=models.CharField(choices=CHANNELS, default="web", max_length=10, verbose_name="channel"),
    ),
    migrations.AlterField(
        model_name="citizenreport",
        name="filed_at",
        field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="filed"),
    ),
    migrations.AlterField(
        model_name="citizenreport",
        name="persons",
        field=models.PositiveSmallIntegerField(default=1, verbose_name="people seen"),
    ),
    migrations.AlterField(
        model_name="citizenreport",
        name="retracted_at",
        field=models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
    ),
    migrations.AlterField(
        model_name="citizenreport",
        name="with_account",
        field=models.BooleanField(default=False, verbose_name="with an account"),
    ),
    migrations.AlterField(
        model_name="commitment",
        name="reason",
        field=models.CharField(blank=True, choices=REASONS, max_length=20, verbose_name="why"),
    ),
    migrations.AlterField(
        model_name="encounter",
        name="asked",
        field=django.contrib.postgres.fields.ArrayField(
            base_field=models.CharField(choices=KINDS, max_length=10),
            blank=True,
            default=list,
            verbose_name="asked for",
        ),
    ),
    migrations.AlterField(
        model_name="encounter",
        name="association",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT,
            related_name="encounters",
            to="volunteers.association",
            verbose_name="association",
        ),
    ),
    migrations.AlterField(
        model_name="encounter",
        name="channel",
        field=models.CharField(choices=CHANNELS, default="web", max_length=10, verbose_name="channel"),
    ),
    migrations.AlterField(
        model_name="encounter",
        name="filed_at",
        field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="filed"),
    ),
    migrations.AlterField(
        model_name="encounter",
        name="given",
        field=django.contrib.postgres.fields.ArrayField(
            base_field=models.CharField(choices=KINDS, max_length=10), blank=True, default=list, verbose_name="given"
        ),
    ),
    migrations.AlterField(
        model_name="encounter",
        name="retracted_at",
        field=models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
    ),
    migrations.AlterField(
        model_name="importrun",
        name="accepted",
        field=models.PositiveIntegerField(default=0, verbose_name="accepted rows"),
    ),
    migrations.AlterField(
        model_name="importrun",
        name="association",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.PROTECT,
            to="volunteers.association",
            verbose_name="association",
        ),
    ),
    migrations.AlterField(
        model_name="importrun", name="dry_run", field=models.BooleanField(default=False, verbose_name="dry run")
    ),
    migrations.AlterField(
        model_name="importrun",
        name="file_hash",
        field=models.CharField(max_length=64, verbose_name="fingerprint of the file"),
    ),
    migrations.AlterField(
        model_name="importrun", name="file_name", field=models.CharField(max_length=200, verbose_name="file")
    ),
    migrations.AlterField(
        model_name="importrun",
        name="finished_at",
        field=models.DateTimeField(blank=True, null=True, verbose_name="finished"),
    ),
    migrations.AlterField(
        model_name="importrun", name="known", field=models.PositiveIntegerField(default=0, verbose_name="known rows")
    ),
    migrations.AlterField(
        model_name="importrun", name="notes", field=models.JSONField(default=dict, verbose_name="notes")
    ),
    migrations.AlterField(
        model_name="importrun", name="profile", field=models.CharField(max_length=20, verbose_name="profile")
    ),
    migrations.AlterField(
        model_name="importrun",
        name="refused",
        field=models.PositiveIntegerField(default=0, verbose_name="refused rows"),
    ),
    migrations.AlterField(
        model_name="importrun",
        name="repaired",
        field=models.PositiveIntegerField(default=0, verbose_name="repaired rows"),
    ),
    migrations.AlterField(
        model_name="importrun", name="rows", field=models.PositiveIntegerField(default=0, verbose_name="rows")
    ),
    migrations.AlterField(
        model_name="importrun",
        name="started_at",
        field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="started"),
    ),
    migrations.AlterField(
        model_name="need",
        name="channel",
        field=models.CharField(choices=CHANNELS, default="web", max_length=10, verbose_name="channel"),
    ),
    migrations.AlterField(
        model_name="need",
        name="filed_at",
        field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="filed"),
    ),
    migrations.AlterField(
        model_name="need",
        name="kinds",
        field=django.contrib.postgres.fields.ArrayField(
            base_field=models.CharField(choices=KINDS, max_length=10), default=list, verbose_name="kinds of help"
        ),
    ),
    migrations.AlterField(
        model_name="need",
        name="origin",
        field=models.CharField(
            choices=[
                ("citizen", "someone who saw it"),
                ("self", "the person concerned"),
                ("encounter", "an association, from an encounter"),
                ("import", "an imported archive"),
            ],
            default="citizen",
            max_length=10,
            verbose_name="who reports",
        ),
    ),
    migrations.AlterField(
        model_name="need",
        name="retracted_at",
        field=models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
    ),
    migrations.AlterField(
        model_name="need",
        name="state",
        field=models.CharField(
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
            verbose_name="state",
        ),
    ),
    migrations.AlterField(
        model_name="need",
        name="state_at",
        field=models.DateTimeField(
            default=django.utils.timezone.now, editable=False, verbose_name="in this state since"
        ),
    ),
    migrations.AlterField(
        model_name="needstep",
        name="reason",
        field=models.CharField(blank=True, choices=REASONS, max_length=20, verbose_name="why"),
    ),
    migrations.AlterField(
        model_name="retraction",
        name="at",
        field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="when"),
    ),
    migrations.AlterField(
        model_name="retraction",
        name="author",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.SET_NULL,
            to=settings.AUTH_USER_MODEL,
            verbose_name="author",
        ),
    ),
    migrations.AlterField(
        model_name="retraction", name="kind", field=models.PositiveSmallIntegerField(verbose_name="kind of report")
    ),
    migrations.AlterField(
        model_name="retraction",
        name="reason",
        field=models.CharField(blank=True, max_length=300, verbose_name="reason"),
    ),
    migrations.AlterField(model_name="retraction", name="report", field=models.UUIDField(verbose_name="report")),
    migrations.AlterField(
        model_name="tour",
        name="archive",
        field=models.BooleanField(default=False, verbose_name="archive, exempt from retention"),
    ),
    migrations.AlterField(
        model_name="tour",
        name="association",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT,
            related_name="tours",
            to="volunteers.association",
            verbose_name="association",
        ),
    ),
    migrations.AlterField(
        model_name="tour",
        name="channel",
        field=models.CharField(choices=CHANNELS, default="web", max_length=10, verbose_name="channel"),
    ),
    migrations.AlterField(
        model_name="tour",
        name="filed_at",
        field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="filed"),
    ),
    migrations.AlterField(
        model_name="tour",
        name="retracted_at",
        field=models.DateTimeField(blank=True, null=True, verbose_name="taken back"),
    ),
    migrations.AddConstraint(
        model_name="tourcell",
        constraint=models.CheckConstraint(
            condition=models.Q(
                ("pass_minutes", None),
                models.Q(("minutes__isnull", False), ("pass_minutes__len__gte", 2)),
                _connector="OR",
            ),
            name="several_passes_with_minutes",
        ),
    ),
]
GONE = [migrations.DeleteModel(name="RelayedMessage")]


class Migration(migrations.Migration):
    replaces = [
        ("needs", "0004_danger_and_exact_places"),
        ("needs", "0005_following"),
        ("needs", "0006_undo"),
        ("needs", "0007_corrections"),
        ("needs", "0008_phone_intake"),
        ("needs", "0009_hand_over_link"),
        ("needs", "0010_crisis_texts"),
        ("needs", "0011_association_months"),
        ("needs", "0012_labels_of_the_administration"),
        ("needs", "0013_coordinators_act"),
        ("needs", "0014_places_and_lending"),
        ("needs", "0015_place_edits"),
        ("needs", "0016_tour_stops"),
        ("needs", "0017_tour_seats_and_next_crew_words"),
        ("needs", "0018_place_imports"),
        ("needs", "0019_place_nearest"),
        ("needs", "0020_lending_and_offers"),
        ("needs", "0021_loans"),
        ("needs", "0022_two_way"),
        ("needs", "0023_sms"),
        ("needs", "0024_desk_join_requests"),
        ("needs", "0025_local_events"),
        ("needs", "0026_relief_groups"),
        ("needs", "0027_site_categories"),
        ("needs", "0028_conversations_move"),
        ("needs", "0029_conversations_old_tables_gone"),
        ("needs", "0030_mail_details"),
        ("needs", "0031_moderation"),
        ("needs", "0032_tour_passes"),
    ]
    dependencies = [
        ("needs", "0003_erasure_trigger"),
        ("volunteers", "0003_since_version_0_2"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        BtreeGistExtension(),
        Batch(SCHEMA),
        *(near(kind) for kind in PLACES),
        migrations.RunPython(put_authors_in_charge, elidable=True),
        migrations.RunPython(move_messages, elidable=True),
        Batch(GONE),
    ]
