from django.db import migrations, models

# mapping_mark gives scopes a new version. A sequence makes each version new, also within one transaction.
FORWARDS = """
CREATE SEQUENCE mapping_mapversion_numbers;

CREATE FUNCTION mapping_mark(scopes integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO mapping_mapversion (scope, version)
    SELECT s, nextval('mapping_mapversion_numbers') FROM (SELECT DISTINCT unnest(scopes) AS s ORDER BY 1) each
    ON CONFLICT (scope) DO UPDATE SET version = EXCLUDED.version
$$;

CREATE FUNCTION mapping_mark_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mapping_mark(ARRAY(SELECT DISTINCT territory_id::int FROM changed));
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
    IF scopes <> '{}' THEN PERFORM mapping_mark(scopes); END IF;
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

SELECT mapping_mark(ARRAY(SELECT DISTINCT territory_id::int FROM volunteers_cell));
"""

TRIGGERS = {
    "mapping_zone": ("map_version_new", "map_version_gone", "map_version_redrawn"),
    "mapping_lowzoomcell": ("map_version_new", "map_version_changed"),
    "volunteers_cell": ("map_version_new", "map_version_before", "map_version_changed", "map_version_gone"),
    "volunteers_assignment": ("map_access",),
    "volunteers_membership": ("map_access",),
    "volunteers_user": ("map_access", "map_access_gone"),
    "volunteers_territory": ("map_access",),
}
FUNCTIONS = (
    "mapping_mark_access()", "mapping_mark_low_zoom()", "mapping_mark_redrawn_zones()", "mapping_mark_live_zones()",
    "mapping_mark_rows()", "mapping_mark(integer[])",
)  # fmt: skip
BACKWARDS = "\n".join(
    [
        *(f"DROP TRIGGER {name} ON {table};" for table, names in TRIGGERS.items() for name in names),
        *(f"DROP FUNCTION {name};" for name in FUNCTIONS),
        "DROP SEQUENCE mapping_mapversion_numbers;",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("mapping", "0016_default_parameters"), ("volunteers", "0019_moderation")]

    operations = [
        migrations.CreateModel(
            name="MapVersion",
            fields=[
                ("scope", models.IntegerField(primary_key=True, serialize=False)),
                ("version", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
