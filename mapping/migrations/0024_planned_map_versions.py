from django.db import migrations

# PostgreSQL plans the statement of an SQL function at each call, which took six times as long as the statement. PL/pgSQL
# plans it once per connection.
HEAD = """
CREATE OR REPLACE FUNCTION mapping_mark(scopes integer[]) RETURNS void LANGUAGE {language} AS $$ {begin}
    INSERT INTO mapping_mapversion (scope, version)
    SELECT s, nextval('mapping_mapversion_numbers') FROM (SELECT DISTINCT unnest(scopes) AS s ORDER BY 1) each
    ON CONFLICT (scope) DO UPDATE SET version = EXCLUDED.version;
{end} $$;

CREATE OR REPLACE FUNCTION mapping_mark_low_zooms(scopes integer[]) RETURNS void LANGUAGE {language} AS $$ {begin}
    INSERT INTO mapping_mapversion (scope, version, low_zoom)
    SELECT s, 0, nextval('mapping_mapversion_numbers') FROM (SELECT DISTINCT unnest(scopes) AS s ORDER BY 1) each
    ON CONFLICT (scope) DO UPDATE SET low_zoom = EXCLUDED.low_zoom;
{end} $$;
"""


class Migration(migrations.Migration):
    dependencies = [("mapping", "0023_export_formats_by_function")]

    operations = [
        migrations.RunSQL(
            HEAD.format(language="plpgsql", begin="BEGIN", end="END"), HEAD.format(language="sql", begin="", end="")
        )
    ]
