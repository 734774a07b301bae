"""All changes since version 0.2.0."""

import uuid

import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.contrib.postgres.operations import CreateCollation, TrigramExtension, UnaccentExtension
from django.db import migrations, models

from solidarity.lib.database.migration_batch import Batch

ONE_LINE = [
    django.core.validators.RegexValidator(
        "[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]",
        "A name is one line of text, without control characters.",
        inverse_match=True,
    )
]


def give_roots(apps, _editor):
    """Give dispatchers of associations every root territory, so that everybody can still work after the upgrade.

    Until 0.2.0 each of them worked on every need of the site.
    """
    membership, territory = apps.get_model("volunteers", "Membership"), apps.get_model("volunteers", "Territory")
    assignment = apps.get_model("volunteers", "Assignment")
    roots = list(territory.objects.filter(parent=None).values_list("pk", flat=True))
    dispatchers = membership.objects.filter(role="dispatcher", left_at=None).values_list("user", flat=True)
    assignment.objects.bulk_create(
        [
            assignment(user_id=user, territory_id=root, duty="dispatcher")
            for user in sorted(set(dispatchers))
            for root in roots
        ],
        ignore_conflicts=True,
    )


def switch_on(apps, _editor):
    """Send the new topic by e-mail to people who chose their topics before it existed."""
    for own in apps.get_model("volunteers", "NotificationSettings").objects.all():
        if "moderation:email" not in own.wanted:
            own.wanted = sorted([*own.wanted, "moderation:email"])
            own.save(update_fields=["wanted"])


SCHEMA = [
    migrations.CreateModel(
        name="DutyShift",
        fields=[
            (
                "user",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="duty_shift",
                    serialize=False,
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("started_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("ends_at", models.DateTimeField()),
        ],
        options={"verbose_name": "time on duty", "verbose_name_plural": "times on duty"},
    ),
    migrations.CreateModel(
        name="DutyRequest",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "duty",
                models.CharField(
                    choices=[("volunteer", "volunteer"), ("dispatcher", "dispatcher"), ("coordinator", "coordinator")],
                    max_length=12,
                    verbose_name="duty",
                ),
            ),
            ("text", models.CharField(blank=True, max_length=300, verbose_name="in your words")),
            ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("accepted", models.BooleanField(blank=True, null=True)),
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
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="duty_requests", to="volunteers.territory"
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="duty_requests",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "verbose_name": "request for a duty",
            "verbose_name_plural": "requests for a duty",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("accepted", None)),
                    fields=("user", "territory", "duty"),
                    name="one_waiting_duty_request",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Vouch",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("text", models.CharField(blank=True, max_length=300, verbose_name="in your words")),
            ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("accepted", models.BooleanField(blank=True, null=True)),
            ("answered_at", models.DateTimeField(blank=True, null=True)),
            ("ended_at", models.DateTimeField(blank=True, null=True)),
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
                    on_delete=django.db.models.deletion.CASCADE, related_name="vouches", to="volunteers.association"
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="vouches", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
        options={
            "verbose_name": "vouch",
            "verbose_name_plural": "vouches",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(
                        ("ended_at", None), models.Q(("accepted", None), ("accepted", True), _connector="OR")
                    ),
                    fields=("association", "user"),
                    name="one_vouch_per_association_and_person",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="PlaceSource",
        fields=[
            ("source", models.CharField(max_length=40, primary_key=True, serialize=False)),
            ("digest", models.CharField(max_length=64)),
            ("rows", models.IntegerField()),
            ("imported_at", models.DateTimeField(auto_now=True)),
        ],
        options={"verbose_name": "source of place names", "verbose_name_plural": "sources of place names"},
    ),
    migrations.CreateModel(
        name="PlaceWord",
        fields=[("word", models.TextField(primary_key=True, serialize=False)), ("uses", models.IntegerField())],
        options={
            "verbose_name": "word in names of places",
            "verbose_name_plural": "words in names of places",
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(
                    django.contrib.postgres.indexes.OpClass("word", name="gin_trgm_ops"), name="place_word_trigrams"
                ),
                models.Index(
                    django.contrib.postgres.indexes.OpClass("word", name="text_pattern_ops"), name="place_word_prefix"
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PlaceName",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("source", models.CharField(max_length=40)),
            (
                "kind",
                models.CharField(
                    choices=[
                        ("house_number", "house number"),
                        ("street", "street"),
                        ("square", "square"),
                        ("station", "station"),
                        ("park", "park"),
                        ("bridge", "bridge"),
                        ("service", "service"),
                        ("landmark", "well-known place"),
                        ("area", "town or district"),
                        ("water", "river, canal or lake"),
                    ],
                    max_length=12,
                ),
            ),
            ("name", models.CharField(max_length=200)),
            ("house_number", models.CharField(blank=True, max_length=20)),
            ("number", models.IntegerField(blank=True, null=True)),
            ("context", models.CharField(blank=True, max_length=200)),
            ("words", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list)),
            ("importance", models.SmallIntegerField(default=0)),
            ("shape", django.contrib.gis.db.models.fields.GeometryField(srid=4326)),
            ("point", django.contrib.gis.db.models.fields.PointField(spatial_index=False, srid=4326)),
            ("cell", models.BigIntegerField()),
            (
                "street",
                models.ForeignKey(
                    blank=True,
                    db_constraint=False,
                    db_index=False,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="volunteers.placename",
                ),
            ),
        ],
        options={
            "verbose_name": "name of a place",
            "verbose_name_plural": "names of places",
            "indexes": [
                django.contrib.postgres.indexes.GinIndex(models.F("words"), name="place_name_words"),
                models.Index(fields=["source"], name="place_name_source"),
                models.Index(fields=["street", "number"], name="place_name_number"),
            ],
        },
    ),
    migrations.CreateModel(
        name="SignUpChoice",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
            ("closed", models.BooleanField(default=False)),
            ("ask", models.CharField(blank=True, max_length=200, verbose_name="whom to ask for an invitation")),
        ],
        options={"verbose_name": "sign-up", "verbose_name_plural": "sign-up"},
    ),
    migrations.CreateModel(
        name="Block",
        fields=[
            (
                "user",
                models.OneToOneField(
                    on_delete=django.db.models.deletion.CASCADE,
                    primary_key=True,
                    related_name="block",
                    serialize=False,
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ("by_administrator", models.BooleanField(default=False)),
            (
                "by",
                models.ForeignKey(
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={"verbose_name": "blocked account", "verbose_name_plural": "blocked accounts"},
    ),
    migrations.CreateModel(
        name="Application",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=120, verbose_name="name of the association")),
            ("website", models.URLField(blank=True, verbose_name="website")),
            ("about", models.TextField(max_length=1000, verbose_name="what you do")),
            ("person", models.CharField(max_length=80, verbose_name="your name")),
            ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
            ("language", models.CharField(blank=True, max_length=5)),
            ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("accepted", models.BooleanField(blank=True, null=True)),
            ("answered_at", models.DateTimeField(blank=True, null=True)),
            ("word", models.CharField(blank=True, max_length=300)),
            (
                "answered_by",
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
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="applications", to="volunteers.territory"
                ),
            ),
        ],
        options={
            "verbose_name": "application of an association",
            "verbose_name_plural": "applications of associations",
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("accepted", None)),
                    fields=("email",),
                    name="one_waiting_application_per_address",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="CommuneDownload",
        fields=[
            ("country", models.CharField(max_length=2, primary_key=True, serialize=False)),
            (
                "areas",
                django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=5), default=list),
            ),
            ("total", models.PositiveIntegerField(default=0)),
            ("running", models.BooleanField(default=False)),
            ("problem", models.CharField(blank=True, max_length=20)),
            ("details", models.JSONField(default=dict)),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
        ],
    ),
    migrations.CreateModel(
        name="Commune",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("country", models.CharField(max_length=2)),
            ("code", models.CharField(max_length=10)),
            ("area", models.CharField(max_length=5)),
            ("name", models.CharField(db_collation="natural_order", max_length=120)),
            ("polygon", django.contrib.gis.db.models.fields.MultiPolygonField(spatial_index=False, srid=4326)),
        ],
        options={"constraints": [models.UniqueConstraint(fields=("country", "code"), name="one_commune_per_number")]},
    ),
    migrations.CreateModel(
        name="FirstStart",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
            ("token", models.CharField(max_length=64)),
            ("claim", models.CharField(blank=True, max_length=64)),
            ("expires_at", models.DateTimeField()),
        ],
        options={"verbose_name": "link of the first start", "verbose_name_plural": "links of the first start"},
    ),
    migrations.CreateModel(
        name="SiteDetails",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
            (
                "name",
                models.CharField(blank=True, max_length=200, validators=ONE_LINE, verbose_name="name and legal form"),
            ),
            ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
            (
                "phone",
                models.CharField(blank=True, max_length=40, validators=ONE_LINE, verbose_name="telephone number"),
            ),
            (
                "address",
                models.CharField(blank=True, max_length=300, validators=ONE_LINE, verbose_name="postal address"),
            ),
            (
                "number",
                models.CharField(
                    blank=True, max_length=80, validators=ONE_LINE, verbose_name="number in the public register"
                ),
            ),
            (
                "director",
                models.CharField(
                    blank=True, max_length=120, validators=ONE_LINE, verbose_name="director of publication"
                ),
            ),
            (
                "host",
                models.CharField(blank=True, max_length=300, validators=ONE_LINE, verbose_name="host of the site"),
            ),
            ("country", models.CharField(blank=True, max_length=2, verbose_name="country")),
            ("numbers", models.JSONField(blank=True, default=dict, verbose_name="emergency numbers")),
            ("language", models.CharField(blank=True, max_length=8, verbose_name="main language")),
            ("public_languages", models.JSONField(blank=True, null=True, verbose_name="languages of the public pages")),
            ("later", models.JSONField(blank=True, default=list)),
            ("mail_tested_at", models.DateTimeField(blank=True, null=True)),
            ("text_received_at", models.DateTimeField(blank=True, null=True)),
        ],
        options={"verbose_name": "details of the site", "verbose_name_plural": "details of the site"},
    ),
    migrations.AddField(
        model_name="assignment",
        name="contact",
        field=models.CharField(blank=True, db_default="", max_length=200, verbose_name="how to reach you"),
    ),
    migrations.AddField(
        model_name="assignment",
        name="shown",
        field=models.BooleanField(db_default=False, default=False, verbose_name="shown as the person in charge"),
    ),
    migrations.AddField(
        model_name="assignment", name="until", field=models.DateTimeField(blank=True, null=True, verbose_name="until")
    ),
    migrations.AddField(
        model_name="association",
        name="about",
        field=models.TextField(blank=True, db_default="", max_length=500, verbose_name="what you do"),
    ),
    migrations.AddField(
        model_name="association",
        name="contact",
        field=models.CharField(blank=True, db_default="", max_length=200, verbose_name="how to reach you"),
    ),
    migrations.AddField(
        model_name="association",
        name="logo",
        field=models.FileField(blank=True, db_default="", upload_to="logos", verbose_name="logo"),
    ),
    migrations.AddField(
        model_name="notificationsettings",
        name="mail_refused_at",
        field=models.DateTimeField(blank=True, editable=False, null=True),
    ),
    migrations.AddField(
        model_name="notificationsettings",
        name="rhythm",
        field=models.CharField(choices=[("day", "every day"), ("week", "every week")], default="week", max_length=4),
    ),
    migrations.AddField(
        model_name="profile",
        name="kinds",
        field=django.contrib.postgres.fields.ArrayField(
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
    migrations.AlterField(
        model_name="assignment",
        name="duty",
        field=models.CharField(
            choices=[("volunteer", "volunteer"), ("dispatcher", "dispatcher"), ("coordinator", "coordinator")],
            max_length=12,
        ),
    ),
    migrations.AlterField(
        model_name="membership",
        name="association",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="memberships",
            to="volunteers.association",
            verbose_name="association",
        ),
    ),
    migrations.AlterField(
        model_name="membership", name="left_at", field=models.DateTimeField(blank=True, null=True, verbose_name="left")
    ),
    migrations.AlterField(
        model_name="membership",
        name="user",
        field=models.ForeignKey(
            on_delete=django.db.models.deletion.CASCADE,
            related_name="memberships",
            to=settings.AUTH_USER_MODEL,
            verbose_name="account",
        ),
    ),
    migrations.AlterField(
        model_name="notification",
        name="topic",
        field=models.CharField(
            choices=[
                ("proposal", "a need is proposed to me"),
                ("commitment", "my commitments: reminders, hand-overs, changes"),
                ("tour", "tours and events that I joined"),
                ("alert", "new reports in a search that I saved"),
                ("triage", "needs that have waited too long"),
                ("danger", "danger to life: alarms of my territories"),
                ("desk", "requests that I answer: offers of help, duties, exact places"),
                ("lending", "things to lend and to give: answers, reminders, what I look for"),
                ("digest", "the digest: what changed near me"),
                ("moderation", "what became of what I reported or wrote"),
            ],
            max_length=10,
        ),
    ),
    migrations.AlterField(
        model_name="profile",
        name="most",
        field=models.PositiveSmallIntegerField(default=3, verbose_name="how many needs at once"),
    ),
    migrations.AlterField(
        model_name="territory",
        name="name",
        field=models.CharField(db_collation="natural_order", max_length=120, verbose_name="name"),
    ),
    migrations.AlterField(
        model_name="territory",
        name="path",
        field=models.CharField(
            db_collation="natural_order",
            editable=False,
            max_length=400,
            unique=True,
            verbose_name="position in the tree",
        ),
    ),
    migrations.AlterField(
        model_name="user",
        name="display_name",
        field=models.CharField(blank=True, max_length=80, validators=ONE_LINE, verbose_name="name shown to your team"),
    ),
]


class Migration(migrations.Migration):
    replaces = [
        ("volunteers", "0003_danger_and_exact_places"),
        ("volunteers", "0004_dispatchers_get_the_root"),
        ("volunteers", "0005_person_in_charge"),
        ("volunteers", "0006_place_names"),
        ("volunteers", "0007_kinds_of_help"),
        ("volunteers", "0008_natural_order"),
        ("volunteers", "0009_blocked_accounts_and_sign_up"),
        ("volunteers", "0010_applications_and_profiles"),
        ("volunteers", "0011_labels_of_the_administration"),
        ("volunteers", "0012_end_of_duties"),
        ("volunteers", "0013_communes"),
        ("volunteers", "0014_first_start_and_site_details"),
        ("volunteers", "0015_lending_and_offers"),
        ("volunteers", "0016_text_received"),
        ("volunteers", "0017_events_topic"),
        ("volunteers", "0018_digest"),
        ("volunteers", "0019_moderation"),
    ]
    dependencies = [("volunteers", "0002_audit_triggers")]
    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        CreateCollation("natural_order", provider="icu", locale="und-u-kn-true"),  # "Paris 2e" comes before "Paris 10e"
        Batch(SCHEMA),
        migrations.RunPython(give_roots, elidable=True),
        migrations.RunPython(switch_on, elidable=True),
    ]
