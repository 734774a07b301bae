from django.db import migrations, models

# Note the days and regions whose evidence changes, while the lake is in use (mapping.coverage.lake).
FORWARDS = """
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
BACKWARDS = """
DROP TRIGGER lake_added ON mapping_evidence;
DROP TRIGGER lake_deleted ON mapping_evidence;
DROP TRIGGER lake_changed_from ON mapping_evidence;
DROP TRIGGER lake_changed_to ON mapping_evidence;
DROP FUNCTION mapping_note_lake_change();
"""


class Migration(migrations.Migration):
    dependencies = [("mapping", "0019_room_for_updates")]

    operations = [
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
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
