"""A trigger that keeps the list of erasures append-only."""

from django.db import migrations

# Rows may only be added. TRUNCATE (tests, a new deployment) and a restore stay possible.
REFUSE = """
CREATE FUNCTION needs_erasure_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the list of erasures only grows'; END $$;
CREATE TRIGGER needs_erasure_only_grows BEFORE UPDATE OR DELETE ON needs_erasure
FOR EACH ROW EXECUTE FUNCTION needs_erasure_only_grows();
"""
ALLOW = """
DROP TRIGGER needs_erasure_only_grows ON needs_erasure;
DROP FUNCTION needs_erasure_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("needs", "0002_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
