"""Triggers that keep the audit log append-only."""

from django.db import migrations

# An entry is written once. The owner of the table can still remove the triggers; the hash chain detects that.
# Emptying tables is allowed in test databases, which are emptied between tests.
REFUSE = """
CREATE FUNCTION solidarity_audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' AND current_database() LIKE 'test\\_%' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'entries of the audit log are neither changed nor deleted' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_rows_are_kept BEFORE UPDATE OR DELETE ON volunteers_auditentry
    FOR EACH ROW EXECUTE FUNCTION solidarity_audit_is_kept();
CREATE TRIGGER audit_table_is_kept BEFORE TRUNCATE ON volunteers_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION solidarity_audit_is_kept();
"""
ALLOW = """
DROP TRIGGER audit_rows_are_kept ON volunteers_auditentry;
DROP TRIGGER audit_table_is_kept ON volunteers_auditentry;
DROP FUNCTION solidarity_audit_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
