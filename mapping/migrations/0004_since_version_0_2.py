"""All changes since version 0.2.0."""

import uuid
from importlib import import_module

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import h3.api.basic_int as h3
from django.conf import settings
from django.contrib.gis.db.models.functions import PointOnSurface
from django.db import migrations, models

import mapping.coverage.cells.models
import mapping.enums
import solidarity.lib.database.region
from solidarity.lib.database.migration_batch import Batch

STATUSES = [
    (1, "covered"),
    (2, "under-covered"),
    (3, "uncovered"),
    (4, "to verify"),
    (5, "never searched, or searched too little"),
    (6, "contradictory"),
]


BEFORE = import_module("mapping.migrations.0003_default_parameters").VALUES
VALUES = {name: value for name, value in BEFORE.items() if name not in ("aid_half_life", "source_limit")} | {
    "account_trust": 0.5,
    "citizen_trust": 0.35,
    "citizen_search": 0.0,
    "citizen_silence": 0.9,
    "cell_day_limit": 0.5,
    "cell_limit": 0.45,
    "unlogged_hours": 1.0,
    "half_life": 6.5,
    "prior": 0.1,
    "neighbour_weight": 0.2,
    "neighbour_limit": 0.6,
    "evidence_weight": 1.2,
    "aid_factor": 1.3,
    "aid_spread": 0.5,
}
REASON = "Defaults chosen on the benchmark (docs/adr/0035)"


def add_parameters(apps, _editor):
    """Add a global version of the parameters with the defaults of docs/adr/0035, where those of docs/adr/0015 are in force.

    A version that people chose stays in force: with it, the silence of citizens does not count.
    """
    versions = apps.get_model("mapping", "Parameters").objects.filter(territory=None, proposed=False)
    newest = versions.order_by("-version").first()
    if newest is not None and newest.values == BEFORE:
        versions.create(territory=None, version=newest.version + 1, reason=REASON, values=VALUES)


def name_cells(apps, _editor):
    """Give each stored zone the cell that names it: one inside its outline."""
    zone = apps.get_model("mapping", "Zone")
    coverage = apps.get_model("mapping", "CoverageSettings")
    resolutions = dict(coverage.objects.values_list("territory_id", "resolution"))
    rows = list(zone.objects.annotate(inside=PointOnSurface("shape")).only("pk", "territory_id"))
    for row in rows:
        row.name_cell = h3.latlng_to_cell(row.inside.y, row.inside.x, resolutions.get(row.territory_id, 9))
    zone.objects.bulk_update(rows, ["name_cell"], batch_size=1000)


# Search coverage of 0 used to mean "less than 25 %". It now means that no tour has entered the place, so stored places get
# the lower edge of the next bucket.
COVERAGE = "UPDATE mapping_publicplace SET coverage = 1 WHERE coverage = 0"
# Help is counted over exactly seven days (docs/adr/0032): daily buckets replace the decayed sum S.
# The buckets as mapping.coverage.cells.help_by_day defines them: position d mod 9 contains the contacts of the day d. The
# states stay as of their own day. Cells without help in these days keep the default.
_BUCKETS = ", ".join(f"COALESCE(sum(contacts) FILTER (WHERE place = {place}), 0)" for place in range(9))
HELP = f"""
    UPDATE mapping_cellstate c SET help = v.help
    FROM (
        SELECT cell, ARRAY[{_BUCKETS}]::float8[] AS help
        FROM (
            SELECT e.cell, e.contacts, mod(mod(LEAST(floor(e.day), floor(s.day) + 1)::int, 9) + 9, 9) AS place
            FROM mapping_evidence e JOIN mapping_cellstate s ON s.cell = e.cell
            WHERE e.contacts > 0 AND e.day >= floor(s.day) - 7
        ) d GROUP BY cell
    ) v WHERE v.cell = c.cell
"""
# In cell states, citizens have one plain sum: the decayed weight U of their reports. U replaces the sum after the limits, so
# it is computed from the evidence, with the parameters in force.
# U of each cell at the day of its state. One report counts per source, cell and day, with its highest trust; at most
# cell_day_limit counts per cell and day, at the time of the day's last report. Erased reports have retained sums. A version
# of the parameters that lacks a name has the published value.
WEIGHTS = """
    WITH model AS (
        SELECT g.territory_id AS territory,
               COALESCE((p.values->>'account_trust')::float8, 0.3) AS account,
               COALESCE((p.values->>'citizen_trust')::float8, 0.2) AS other,
               COALESCE((p.values->>'cell_day_limit')::float8, 1) AS most,
               COALESCE((p.values->>'half_life')::float8, 10) AS life
        FROM mapping_coveragesettings g JOIN mapping_parameters p ON p.id = g.model_id
    ), source AS (
        SELECT c.cell, c.day AS today, m.life, m.most, floor(e.day) AS whole_day, max(e.day) AS last,
               max(CASE e.source WHEN 2 THEN m.account ELSE m.other END) AS trust
        FROM mapping_cellstate c JOIN model m ON m.territory = c.territory
        JOIN mapping_evidence e ON e.cell = c.cell AND e.source >= 2 AND e.day <= c.day
        WHERE c.day - e.day < 48 * m.life
        GROUP BY c.cell, c.day, m.life, m.most, floor(e.day), e.origin
    ), daily AS (
        SELECT cell, least(sum(trust), most) * exp2(-(today - max(last)) / life) AS weight
        FROM source GROUP BY cell, today, life, most, whole_day
    ), retained AS (
        SELECT c.cell, r.persons[array_position(r.lives, m.life)] * exp2(-(c.day - r.day) / m.life) AS weight
        FROM mapping_cellstate c JOIN model m ON m.territory = c.territory
        JOIN mapping_retainedevidence r ON r.cell = c.cell AND r.source = 3 AND r.day <= c.day
        WHERE m.life = ANY(r.lives)
    ), total AS (
        SELECT cell, sum(weight) AS weight FROM (SELECT * FROM daily UNION ALL SELECT * FROM retained) w GROUP BY cell
    )
    UPDATE mapping_cellstate c SET ac = COALESCE(t.weight, 0)
    FROM mapping_cellstate o LEFT JOIN total t ON t.cell = o.cell WHERE o.cell = c.cell
    """.replace("exp2(", "power(2::float8, ")
# Zones get the regions of their cells. A row of the outbox now names only the regions of its cells, so the waiting rows of
# a tour become one row for each region of the tour.
REGIONS = """
UPDATE mapping_zone z SET regions = q.regions
  FROM (SELECT zone, array_agg(DISTINCT region ORDER BY region) AS regions FROM mapping_cellstate GROUP BY zone) q
 WHERE z.release_id IS NULL AND z.key = q.zone;
INSERT INTO mapping_celltouch (kind, report, old_cell, new_cell, at)
SELECT 1, c.tour_id, min(c.cell), min(c.cell), min(t.at)
  FROM mapping_celltouch t JOIN needs_tourcell c ON c.tour_id = t.report WHERE t.kind = 1 GROUP BY c.tour_id, c.region;
"""
# mapping_mark gives scopes a new version, also within one transaction, because the versions come from a sequence. Scope -1 is
# the tree of territories (mapping.map.live.map_versions): their short names, and which lies in which. Low-zoom cells have
# a version of their own: one of them can lie in several territories whose zones stay as they are.
# PL/pgSQL plans a statement once per connection; an SQL function plans it at each call (docs/adr/0052).
MAP_VERSIONS = """
CREATE SEQUENCE mapping_mapversion_numbers;

CREATE FUNCTION mapping_mark(scopes integer[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO mapping_mapversion (scope, version)
    SELECT s, nextval('mapping_mapversion_numbers') FROM (SELECT DISTINCT unnest(scopes) AS s ORDER BY 1) each
    ON CONFLICT (scope) DO UPDATE SET version = EXCLUDED.version;
END $$;

CREATE FUNCTION mapping_mark_low_zooms(scopes integer[]) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO mapping_mapversion (scope, version, low_zoom)
    SELECT s, 0, nextval('mapping_mapversion_numbers') FROM (SELECT DISTINCT unnest(scopes) AS s ORDER BY 1) each
    ON CONFLICT (scope) DO UPDATE SET low_zoom = EXCLUDED.low_zoom;
END $$;

CREATE FUNCTION mapping_mark_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE scopes integer[];
BEGIN
    scopes := ARRAY(SELECT DISTINCT territory_id::int FROM changed);
    PERFORM mapping_mark(scopes);
    PERFORM mapping_mark_low_zooms(scopes);
    RETURN NULL;
END $$;

CREATE FUNCTION mapping_mark_live_zones() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE scopes integer[];
BEGIN
    scopes := ARRAY(SELECT DISTINCT territory_id::int FROM changed WHERE release_id IS NULL);
    IF scopes <> '{}' THEN PERFORM mapping_mark(scopes); END IF;
    RETURN NULL;
END $$;

-- Figures change with nearly every report; a tile shows none of them. enable_nestloop: one plan for few and many rows.
CREATE FUNCTION mapping_mark_redrawn_zones() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
DECLARE scopes integer[];
BEGIN
    scopes := ARRAY(
        SELECT DISTINCT unnest(ARRAY[n.territory_id, o.territory_id])::int FROM changed n JOIN before o ON o.id = n.id
        WHERE n.release_id IS NULL
          AND ((n.key, n.status, n.computed, n.overridden, n.territory_id)
               IS DISTINCT FROM (o.key, o.status, o.computed, o.overridden, o.territory_id)
               OR n.shape IS DISTINCT FROM o.shape));
    IF scopes <> '{}' THEN PERFORM mapping_mark(scopes); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION mapping_mark_low_zoom() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE parents bigint[]; scopes integer[];
BEGIN
    parents := ARRAY(SELECT cell FROM changed WHERE release_id IS NULL);
    IF parents = '{}' THEN RETURN NULL; END IF;
    scopes := ARRAY(SELECT territory_id::int FROM volunteers_cell WHERE parent8 = ANY(parents)
                    UNION SELECT territory_id::int FROM volunteers_cell WHERE parent7 = ANY(parents));
    IF scopes <> '{}' THEN PERFORM mapping_mark_low_zooms(scopes); END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION mapping_mark_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mapping_mark('{0}');
    RETURN NULL;
END $$;

CREATE TRIGGER map_version_new AFTER INSERT ON mapping_zone REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_live_zones();
CREATE TRIGGER map_version_gone AFTER DELETE ON mapping_zone REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_live_zones();
CREATE TRIGGER map_version_redrawn AFTER UPDATE ON mapping_zone REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_redrawn_zones();
CREATE TRIGGER map_version_new AFTER INSERT ON mapping_lowzoomcell REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_low_zoom();
CREATE TRIGGER map_version_changed AFTER UPDATE ON mapping_lowzoomcell REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_low_zoom();
CREATE TRIGGER map_version_new AFTER INSERT ON volunteers_cell REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_rows();
CREATE TRIGGER map_version_before AFTER UPDATE ON volunteers_cell REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_rows();
CREATE TRIGGER map_version_changed AFTER UPDATE ON volunteers_cell REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_rows();
CREATE TRIGGER map_version_gone AFTER DELETE ON volunteers_cell REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_rows();

CREATE TRIGGER map_access AFTER UPDATE OR DELETE ON volunteers_assignment
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_access();
CREATE TRIGGER map_access AFTER UPDATE OR DELETE ON volunteers_membership
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_access();
CREATE TRIGGER map_access AFTER UPDATE OF is_active, is_superuser, is_staff ON volunteers_user FOR EACH ROW
    WHEN ((OLD.is_active, OLD.is_superuser, OLD.is_staff) IS DISTINCT FROM (NEW.is_active, NEW.is_superuser, NEW.is_staff))
    EXECUTE FUNCTION mapping_mark_access();
CREATE TRIGGER map_access_gone AFTER DELETE ON volunteers_user
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_access();
CREATE TRIGGER map_access AFTER UPDATE OF path ON volunteers_territory FOR EACH ROW
    WHEN (OLD.path IS DISTINCT FROM NEW.path) EXECUTE FUNCTION mapping_mark_access();

CREATE FUNCTION mapping_mark_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mapping_mark('{-1}');
    RETURN NULL;
END $$;

CREATE TRIGGER map_tree AFTER INSERT OR DELETE ON volunteers_territory
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_tree();
CREATE TRIGGER map_tree_moved AFTER UPDATE OF slug, path ON volunteers_territory FOR EACH ROW
    WHEN ((OLD.slug, OLD.path) IS DISTINCT FROM (NEW.slug, NEW.path)) EXECUTE FUNCTION mapping_mark_tree();

SELECT mapping_mark(ARRAY(SELECT DISTINCT territory_id::int FROM volunteers_cell));
SELECT mapping_mark('{-1}');
SELECT mapping_mark_low_zooms(ARRAY(SELECT DISTINCT territory_id::int FROM volunteers_cell));
"""
# Every recompute updates all rows. With room in each page, PostgreSQL writes the new version of a row beside the old one
# and adds no index entries (docs/adr/0042-fewer-round-trips.md).
ROOM = """
ALTER TABLE mapping_cellstate SET (fillfactor = 45);
ALTER TABLE mapping_zone SET (fillfactor = 45);
"""
# Note the days and regions whose evidence changes, while the lake is in use (mapping.coverage.lake).
LAKE = """
CREATE FUNCTION mapping_note_lake_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM mapping_lakemark) THEN
        INSERT INTO mapping_lakechange (day, region)
        SELECT DISTINCT floor(day)::int, region FROM changed WHERE region IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lake_added AFTER INSERT ON mapping_evidence REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_note_lake_change();
CREATE TRIGGER lake_deleted AFTER DELETE ON mapping_evidence REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_note_lake_change();
CREATE TRIGGER lake_changed_from AFTER UPDATE ON mapping_evidence REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_note_lake_change();
CREATE TRIGGER lake_changed_to AFTER UPDATE ON mapping_evidence REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_note_lake_change();
"""


SCHEMA = [
    migrations.CreateModel(
        name="FileImport",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("file_name", models.CharField(max_length=200)),
            ("size", models.PositiveBigIntegerField()),
            ("language", models.CharField(default="en", max_length=5)),
            (
                "state",
                models.CharField(
                    choices=[
                        ("reading", "the file is being read"),
                        ("checking", "dry run"),
                        ("running", "import in progress"),
                        ("undoing", "being undone"),
                        ("mapping", "waits for the columns"),
                        ("checked", "dry run finished"),
                        ("done", "imported"),
                        ("undone", "undone"),
                        ("failed", "failed"),
                    ],
                    default="reading",
                    max_length=8,
                ),
            ),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("state_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("encoding", models.CharField(blank=True, max_length=20)),
            ("separator", models.CharField(blank=True, max_length=1)),
            ("columns", models.JSONField(default=list)),
            ("rows", models.PositiveIntegerField(default=0)),
            ("done", models.PositiveIntegerField(default=0)),
            ("mapping", models.JSONField(default=dict)),
            ("totals", models.JSONField(default=dict)),
            ("problem", models.CharField(blank=True, max_length=20)),
            (
                "association",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.association"
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
                "run",
                models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="needs.importrun"
                ),
            ),
            (
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                ),
            ),
            (
                "subject",
                models.CharField(
                    choices=[("reports", "needs, encounters or help"), ("places", "places of the guide")],
                    default="reports",
                    max_length=8,
                ),
            ),
        ],
        options={
            "ordering": ("-made_at",),
            "indexes": [models.Index(fields=["association", "-made_at"], name="fileimport_association")],
        },
    ),
    migrations.CreateModel(
        name="SavedMapping",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("name", models.CharField(max_length=80, verbose_name="name")),
            ("mapping", models.JSONField(default=dict)),
            ("saved_at", models.DateTimeField(default=django.utils.timezone.now)),
            (
                "association",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.association"
                ),
            ),
        ],
        options={
            "ordering": ("name",),
            "constraints": [models.UniqueConstraint(fields=("association", "name"), name="one_mapping_per_name")],
        },
    ),
    migrations.CreateModel(
        name="StoppedMailbox",
        fields=[
            ("digest", models.CharField(editable=False, max_length=64, primary_key=True, serialize=False)),
            ("at", models.DateTimeField(default=django.utils.timezone.now)),
        ],
    ),
    migrations.CreateModel(
        name="ReportSchedule",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "content",
                models.CharField(
                    choices=[
                        ("external", "external report, PDF in the mail"),
                        ("internal", "full report, by link"),
                        ("rows", "file of reports, by link"),
                    ],
                    max_length=8,
                ),
            ),
            ("format", models.CharField(blank=True, max_length=8)),
            ("rhythm", models.CharField(choices=[("week", "every week"), ("month", "every month")], max_length=5)),
            ("day", models.PositiveSmallIntegerField()),
            ("hour", models.PositiveSmallIntegerField()),
            ("language", models.CharField(max_length=5)),
            ("addressee", models.CharField(blank=True, max_length=120)),
            ("ends_on", models.DateField()),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("next_at", models.DateTimeField(blank=True, null=True)),
            ("paused_at", models.DateTimeField(blank=True, null=True)),
            ("over_at", models.DateTimeField(blank=True, null=True)),
            (
                "over_reason",
                models.CharField(
                    blank=True,
                    choices=[
                        ("end", "its last day has passed"),
                        ("person", "somebody stopped it"),
                        ("duty", "the person who set it no longer coordinates the territory"),
                    ],
                    max_length=6,
                ),
            ),
            (
                "author",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="report_schedules",
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
            "ordering": ("territory__path", "made_at"),
            "indexes": [
                models.Index(
                    condition=models.Q(("next_at", None), _negated=True),
                    fields=["next_at"],
                    name="report_schedule_next",
                )
            ],
            "constraints": [
                models.CheckConstraint(condition=models.Q(("hour__lte", 23)), name="report_schedule_hour"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("day__lte", 6), ("rhythm", "week")),
                        models.Q(("day__gte", 1), ("day__lte", 31), ("rhythm", "month")),
                        _connector="OR",
                    ),
                    name="report_schedule_day",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="ReportRun",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("due_at", models.DateTimeField()),
            ("by_hand", models.BooleanField(default=False)),
            ("start", models.DateField()),
            ("end", models.DateField()),
            ("pdf", models.BinaryField(null=True)),
            ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("sent_at", models.DateTimeField(blank=True, null=True)),
            ("failed_at", models.DateTimeField(blank=True, null=True)),
            ("failure", models.CharField(blank=True, max_length=120)),
            (
                "report",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="mapping.zonereport",
                ),
            ),
            (
                "schedule",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="mapping.reportschedule"
                ),
            ),
        ],
        options={
            "ordering": ("-due_at",),
            "indexes": [
                models.Index(
                    condition=models.Q(("failed_at", None), ("sent_at", None)),
                    fields=["not_before"],
                    name="report_run_waiting",
                )
            ],
            "constraints": [models.UniqueConstraint(fields=("schedule", "due_at"), name="one_report_run_per_due_date")],
        },
    ),
    migrations.CreateModel(
        name="ScheduleRecipient",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("name", models.CharField(max_length=80)),
            ("address", models.BinaryField(null=True)),
            ("digest", models.CharField(editable=False, max_length=64)),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("stopped_at", models.DateTimeField(blank=True, null=True)),
            (
                "schedule",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="recipients", to="mapping.reportschedule"
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "ordering": ("made_at", "pk"),
            "constraints": [models.UniqueConstraint(fields=("schedule", "digest"), name="one_recipient_per_schedule")],
        },
    ),
    migrations.CreateModel(
        name="ReportMail",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("sent_at", models.DateTimeField(blank=True, null=True)),
            ("failed_at", models.DateTimeField(blank=True, null=True)),
            ("failure", models.CharField(blank=True, max_length=120)),
            (
                "export",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.SET_NULL,
                    related_name="+",
                    to="mapping.export",
                ),
            ),
            (
                "run",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="mails", to="mapping.reportrun"
                ),
            ),
            (
                "recipient",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="mails", to="mapping.schedulerecipient"
                ),
            ),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("failed_at", None), ("sent_at", None)),
                    fields=["not_before"],
                    name="report_mail_waiting",
                )
            ],
            "constraints": [models.UniqueConstraint(fields=("run", "recipient"), name="one_report_mail_per_recipient")],
        },
    ),
    migrations.CreateModel(
        name="CalendarFeed",
        fields=[
            ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
            (
                "scope",
                models.CharField(
                    choices=[
                        ("own", "my tours"),
                        ("association", "tours of an association"),
                        ("territory", "tours in a territory"),
                    ],
                    max_length=11,
                ),
            ),
            ("digest", models.CharField(editable=False, max_length=64, unique=True)),
            ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
            ("used_on", models.DateField(blank=True, null=True)),
            ("revoked_at", models.DateTimeField(blank=True, null=True)),
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
                "territory",
                models.ForeignKey(
                    blank=True,
                    null=True,
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="+",
                    to="volunteers.territory",
                ),
            ),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="calendar_feeds",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "ordering": ("scope", "made_at"),
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("revoked_at", None), ("scope", "own")),
                    fields=("user",),
                    name="one_calendar_feed_of_own_tours",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("revoked_at", None), ("scope", "association")),
                    fields=("user", "association"),
                    name="one_calendar_feed_per_association",
                ),
                models.UniqueConstraint(
                    condition=models.Q(("revoked_at", None), ("scope", "territory")),
                    fields=("user", "territory"),
                    name="one_calendar_feed_per_territory",
                ),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("association", None), ("scope", "own"), ("territory", None)),
                        models.Q(("association__isnull", False), ("scope", "association"), ("territory", None)),
                        models.Q(("association", None), ("scope", "territory"), ("territory__isnull", False)),
                        _connector="OR",
                    ),
                    name="calendar_feed_scope",
                ),
            ],
        },
    ),
    migrations.CreateModel(
        name="PublicWeek",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("monday", models.DateField(unique=True)),
            ("figures", models.JSONField(default=dict)),
        ],
    ),
    migrations.CreateModel(
        name="Digest",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("rhythm", models.CharField(choices=[("day", "every day"), ("week", "every week")], max_length=4)),
            ("period", models.DateField()),
            ("under_way", models.BooleanField(default=False)),
            ("not_before", models.DateTimeField(default=django.utils.timezone.now)),
            ("attempts", models.PositiveSmallIntegerField(default=0)),
            ("sent_at", models.DateTimeField(blank=True, null=True)),
            ("failed_at", models.DateTimeField(blank=True, null=True)),
            ("failure", models.CharField(blank=True, max_length=120)),
            (
                "user",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="digests", to=settings.AUTH_USER_MODEL
                ),
            ),
        ],
        options={
            "indexes": [
                models.Index(
                    condition=models.Q(("failed_at", None), ("sent_at", None)),
                    fields=["not_before"],
                    name="digest_waiting",
                )
            ],
            "constraints": [models.UniqueConstraint(fields=("user", "period"), name="one_digest_per_person_and_day")],
        },
    ),
    migrations.CreateModel(
        name="CitizenRates",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("made_at", models.DateTimeField()),
            ("day", models.FloatField()),
            ("rate", models.FloatField()),
            ("quarters", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField())),
            ("rates", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
            ("days", models.FloatField()),
            ("reports", models.PositiveIntegerField()),
            ("weight", models.FloatField()),
            ("person_days", models.FloatField()),
            (
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                ),
            ),
        ],
        options={"indexes": [models.Index(fields=["territory", "-made_at"], name="citizenrates_in_force")]},
    ),
    migrations.CreateModel(
        name="CheckedAssociation",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("tours", models.PositiveIntegerField()),
            ("unlogged", models.PositiveIntegerField()),
            ("visits", models.PositiveIntegerField()),
            ("expected", models.FloatField()),
            ("met", models.FloatField()),
            ("variance", models.FloatField()),
            (
                "association",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.association"
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
            "constraints": [
                models.UniqueConstraint(
                    fields=("territory", "day", "association"), name="one_checked_day_per_association_and_territory"
                )
            ]
        },
    ),
    migrations.CreateModel(
        name="CheckedDay",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("bands", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
            ("likelihoods", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
            ("meetings", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
            ("reported", django.contrib.postgres.fields.ArrayField(base_field=models.FloatField())),
            (
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("territory", "day"), name="one_checked_day_per_territory_and_day")
            ]
        },
    ),
    migrations.CreateModel(
        name="Prediction",
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            ("day", models.DateField()),
            ("made_at", models.DateTimeField()),
            ("m0", models.FloatField()),
            ("values", models.JSONField()),
            ("table", models.BinaryField()),
            (
                "territory",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="+", to="volunteers.territory"
                ),
            ),
        ],
        options={
            "constraints": [
                models.UniqueConstraint(fields=("territory", "day"), name="one_prediction_per_territory_and_day")
            ]
        },
    ),
    migrations.CreateModel(
        name="MapVersion",
        fields=[
            ("scope", models.IntegerField(primary_key=True, serialize=False)),
            ("version", models.BigIntegerField()),
            ("low_zoom", models.BigIntegerField(db_default=0)),
        ],
    ),
    migrations.CreateModel(
        name="LakeMark",
        fields=[
            ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
            ("mark", models.UUIDField()),
        ],
    ),
    migrations.CreateModel(
        name="LakeChange",
        fields=[
            ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ("day", models.IntegerField()),
            ("region", models.BigIntegerField()),
        ],
    ),
    migrations.CreateModel(
        name="UnfoldedReport",
        fields=[
            ("id", models.BigIntegerField(primary_key=True, serialize=False)),
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
            ("old_cell", models.BigIntegerField(null=True)),
            ("new_cell", models.BigIntegerField(null=True)),
            (
                "region",
                models.GeneratedField(
                    db_persist=True,
                    expression=solidarity.lib.database.region._Region(
                        django.db.models.functions.comparison.Coalesce(models.F("new_cell"), models.F("old_cell"))
                    ),
                    output_field=models.BigIntegerField(null=True),
                ),
            ),
            ("at", models.DateTimeField()),
            ("attempts", models.PositiveSmallIntegerField()),
            ("error", models.CharField(max_length=40)),
            ("retry_at", models.DateTimeField()),
        ],
        options={"ordering": ("at", "id")},
    ),
    migrations.RenameField(model_name="retainedevidence", old_name="passes", new_name="unlogged"),
    migrations.AddField(model_name="cellstate", name="citizen_rate", field=models.FloatField(default=0)),
    migrations.AddField(
        model_name="cellstate",
        name="help",
        field=django.contrib.postgres.fields.ArrayField(
            base_field=models.FloatField(), default=mapping.coverage.cells.models.no_help
        ),
    ),
    migrations.AddField(model_name="release", name="recent_days", field=models.PositiveSmallIntegerField(default=14)),
    migrations.AddField(model_name="release", name="unseen", field=models.JSONField(default=dict, editable=False)),
    migrations.AddField(model_name="unseenfigure", name="expected", field=models.FloatField(null=True)),
    migrations.AddField(model_name="unseenfigure", name="in_both", field=models.FloatField(null=True)),
    migrations.AddField(model_name="unseenfigure", name="to_verify", field=models.FloatField(null=True)),
    migrations.AddField(model_name="zone", name="name_cell", field=models.BigIntegerField(null=True)),
    migrations.AddField(
        model_name="zone",
        name="regions",
        field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list),
    ),
    migrations.AddField(
        model_name="zonereport",
        name="edition",
        field=models.CharField(
            choices=[("internal", "internal edition"), ("external", "external edition")],
            db_default="internal",
            default="internal",
            max_length=8,
        ),
    ),
    migrations.AddField(
        model_name="zonereport",
        name="issuer",
        field=models.ForeignKey(
            null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="volunteers.association"
        ),
    ),
    migrations.AddField(
        model_name="zonereport", name="recipient", field=models.CharField(blank=True, db_default="", max_length=120)
    ),
    migrations.AlterModelOptions(
        name="recompute",
        options={
            "get_latest_by": "started_at",
            "verbose_name": "computation of all cells",
            "verbose_name_plural": "computations of all cells",
        },
    ),
    migrations.AlterModelOptions(
        name="release",
        options={"get_latest_by": "published_at", "verbose_name": "release", "verbose_name_plural": "releases"},
    ),
    migrations.AlterField(
        model_name="cellstate", name="computed", field=models.PositiveSmallIntegerField(choices=STATUSES, default=5)
    ),
    migrations.AlterField(
        model_name="cellstate", name="status", field=models.PositiveSmallIntegerField(choices=STATUSES, default=5)
    ),
    migrations.AlterField(
        model_name="coveragesettings",
        name="m0",
        field=models.FloatField(default=1.0, editable=False, verbose_name="prior mean per cell"),
    ),
    migrations.AlterField(
        model_name="coveragesettings",
        name="model",
        field=models.ForeignKey(
            editable=False,
            null=True,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to="mapping.parameters",
            verbose_name="model of the zones",
        ),
    ),
    migrations.AlterField(
        model_name="coveragesettings",
        name="resolution",
        field=models.PositiveSmallIntegerField(default=9, verbose_name="resolution of the cells"),
    ),
    migrations.AlterField(
        model_name="export", name="format", field=models.CharField(choices=mapping.enums.export_formats, max_length=8)
    ),
    migrations.AlterField(
        model_name="lowzoomcell", name="status", field=models.PositiveSmallIntegerField(choices=STATUSES)
    ),
    migrations.AlterField(
        model_name="override", name="model_status", field=models.PositiveSmallIntegerField(choices=STATUSES, null=True)
    ),
    migrations.AlterField(
        model_name="override", name="status", field=models.PositiveSmallIntegerField(choices=STATUSES)
    ),
    migrations.AlterField(
        model_name="parameters",
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
        model_name="parameters",
        name="made_at",
        field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="made"),
    ),
    migrations.AlterField(
        model_name="parameters",
        name="reason",
        field=models.CharField(blank=True, max_length=300, verbose_name="reason"),
    ),
    migrations.AlterField(
        model_name="parameters",
        name="territory",
        field=models.ForeignKey(
            blank=True,
            null=True,
            on_delete=django.db.models.deletion.CASCADE,
            related_name="parameters",
            to="volunteers.territory",
            verbose_name="territory",
        ),
    ),
    migrations.AlterField(
        model_name="parameters",
        name="values",
        field=models.JSONField(
            help_text="names and values as in mapping.coverage.cells.coverage_model.Model", verbose_name="values"
        ),
    ),
    migrations.AlterField(
        model_name="publicplace", name="status", field=models.PositiveSmallIntegerField(choices=STATUSES)
    ),
    migrations.AlterField(
        model_name="recompute", name="cells", field=models.PositiveIntegerField(default=0, verbose_name="cells")
    ),
    migrations.AlterField(
        model_name="recompute", name="difference", field=models.FloatField(null=True, verbose_name="largest difference")
    ),
    migrations.AlterField(
        model_name="recompute", name="finished_at", field=models.DateTimeField(null=True, verbose_name="finished")
    ),
    migrations.AlterField(
        model_name="recompute", name="job", field=models.CharField(max_length=12, verbose_name="job")
    ),
    migrations.AlterField(
        model_name="recompute",
        name="started_at",
        field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="started"),
    ),
    migrations.AlterField(
        model_name="recompute", name="zones", field=models.PositiveIntegerField(default=0, verbose_name="zones")
    ),
    migrations.AlterField(model_name="release", name="as_of", field=models.DateTimeField(verbose_name="reports until")),
    migrations.AlterField(
        model_name="release",
        name="audience",
        field=models.CharField(
            choices=[("public", "the public"), ("volunteer", "volunteers"), ("association", "associations")],
            max_length=12,
            verbose_name="audience",
        ),
    ),
    migrations.AlterField(
        model_name="release",
        name="published_at",
        field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="published"),
    ),
    migrations.AlterField(
        model_name="zone", name="computed", field=models.PositiveSmallIntegerField(choices=STATUSES, default=5)
    ),
    migrations.AlterField(model_name="zone", name="status", field=models.PositiveSmallIntegerField(choices=STATUSES)),
    migrations.AlterField(
        model_name="zonechange", name="before", field=models.PositiveSmallIntegerField(choices=STATUSES, null=True)
    ),
    migrations.AlterField(
        model_name="zonechange", name="status", field=models.PositiveSmallIntegerField(choices=STATUSES, null=True)
    ),
    migrations.AddIndex(model_name="celltouch", index=models.Index(fields=["region", "id"], name="celltouch_region")),
    migrations.AddIndex(
        model_name="evidence",
        index=models.Index(condition=models.Q(("contacts__gt", 0)), fields=["day"], name="evidence_help"),
    ),
]
GONE = [
    migrations.DeleteModel(name="RetainedSource"),
    migrations.RemoveField(model_name="cellstate", name="s"),
    migrations.RemoveField(model_name="cellstate", name="xc"),
    migrations.RemoveField(model_name="retainedevidence", name="contacts"),
]


class Migration(migrations.Migration):
    replaces = [
        ("mapping", "0004_status_words"),
        ("mapping", "0005_zone_name_cell"),
        ("mapping", "0006_unseen_expected"),
        ("mapping", "0007_labels_of_the_administration"),
        ("mapping", "0008_file_imports"),
        ("mapping", "0009_scheduled_reports_and_calendar_feeds"),
        ("mapping", "0010_external_reports"),
        ("mapping", "0011_file_subject"),
        ("mapping", "0012_digests"),
        ("mapping", "0013_help_by_day"),
        ("mapping", "0014_citizen_rates"),
        ("mapping", "0015_self_checks"),
        ("mapping", "0016_default_parameters"),
        ("mapping", "0017_map_versions"),
        ("mapping", "0018_retained_unlogged"),
        ("mapping", "0019_room_for_updates"),
        ("mapping", "0020_lake"),
        ("mapping", "0021_map_tree"),
        ("mapping", "0022_regions"),
        ("mapping", "0023_export_formats_by_function"),
        ("mapping", "0024_planned_map_versions"),
    ]
    dependencies = [
        ("mapping", "0003_default_parameters"),
        ("needs", "0004_since_version_0_2"),
        ("volunteers", "0003_since_version_0_2"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        Batch(SCHEMA),
        *(migrations.RunSQL(rows, elidable=True) for rows in (COVERAGE, HELP, WEIGHTS, REGIONS)),
        migrations.RunPython(name_cells, elidable=True),
        *(migrations.RunSQL(sql) for sql in (MAP_VERSIONS, ROOM, LAKE)),
        Batch(GONE),
        migrations.RunPython(add_parameters),
    ]
