from django.db import migrations, models

# Scope -1 is the tree of territories (mapping.map.live.map_versions): their short names, and which lies in which.
# Low-zoom cells get a version of their own: one of them can lie in several territories whose zones stay as they are.
FORWARDS = """
CREATE FUNCTION mapping_mark_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mapping_mark('{-1}');
    RETURN NULL;
END $$;

CREATE TRIGGER map_tree AFTER INSERT OR DELETE ON volunteers_territory
    FOR EACH STATEMENT EXECUTE FUNCTION mapping_mark_tree();
CREATE TRIGGER map_tree_moved AFTER UPDATE OF slug, path ON volunteers_territory FOR EACH ROW
    WHEN ((OLD.slug, OLD.path) IS DISTINCT FROM (NEW.slug, NEW.path)) EXECUTE FUNCTION mapping_mark_tree();

CREATE FUNCTION mapping_mark_low_zooms(scopes integer[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO mapping_mapversion (scope, version, low_zoom)
    SELECT s, 0, nextval('mapping_mapversion_numbers') FROM (SELECT DISTINCT unnest(scopes) AS s ORDER BY 1) each
    ON CONFLICT (scope) DO UPDATE SET low_zoom = EXCLUDED.low_zoom
$$;

CREATE OR REPLACE FUNCTION mapping_mark_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE scopes integer[];
BEGIN
    scopes := ARRAY(SELECT DISTINCT territory_id::int FROM changed);
    PERFORM mapping_mark(scopes);
    PERFORM mapping_mark_low_zooms(scopes);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION mapping_mark_low_zoom() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE parents bigint[]; scopes integer[];
BEGIN
    parents := ARRAY(SELECT cell FROM changed WHERE release_id IS NULL);
    IF parents = '{}' THEN RETURN NULL; END IF;
    scopes := ARRAY(SELECT territory_id::int FROM volunteers_cell WHERE parent8 = ANY(parents)
                    UNION SELECT territory_id::int FROM volunteers_cell WHERE parent7 = ANY(parents));
    IF scopes <> '{}' THEN PERFORM mapping_mark_low_zooms(scopes); END IF;
    RETURN NULL;
END $$;

SELECT mapping_mark('{-1}');
SELECT mapping_mark_low_zooms(ARRAY(SELECT DISTINCT territory_id::int FROM volunteers_cell));
"""
# As in migration 0017.
BACKWARDS = """
CREATE OR REPLACE FUNCTION mapping_mark_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mapping_mark(ARRAY(SELECT DISTINCT territory_id::int FROM changed));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION mapping_mark_low_zoom() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE parents bigint[]; scopes integer[];
BEGIN
    parents := ARRAY(SELECT cell FROM changed WHERE release_id IS NULL);
    IF parents = '{}' THEN RETURN NULL; END IF;
    scopes := ARRAY(SELECT territory_id::int FROM volunteers_cell WHERE parent8 = ANY(parents)
                    UNION SELECT territory_id::int FROM volunteers_cell WHERE parent7 = ANY(parents));
    IF scopes <> '{}' THEN PERFORM mapping_mark(scopes); END IF;
    RETURN NULL;
END $$;

DROP FUNCTION mapping_mark_low_zooms(integer[]);
DROP TRIGGER map_tree ON volunteers_territory;
DROP TRIGGER map_tree_moved ON volunteers_territory;
DROP FUNCTION mapping_mark_tree();
DELETE FROM mapping_mapversion WHERE scope = -1;
"""


class Migration(migrations.Migration):
    dependencies = [("mapping", "0020_lake")]

    operations = [
        migrations.AddField("mapversion", "low_zoom", models.BigIntegerField(db_default=0)),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
