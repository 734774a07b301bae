"""Names of territories sort naturally: “Paris 2e” comes before “Paris 10e”."""

from django.contrib.postgres.operations import CreateCollation
from django.db import migrations, models
from django.utils.translation import gettext_lazy as _


class Migration(migrations.Migration):
    dependencies = [("volunteers", "0007_kinds_of_help")]

    operations = [
        CreateCollation("natural_order", provider="icu", locale="und-u-kn-true"),
        migrations.AlterField(
            "territory", "name", models.CharField(_("name"), max_length=120, db_collation="natural_order")
        ),
        migrations.AlterField(
            "territory", "path",
            models.CharField(max_length=400, unique=True, editable=False, db_collation="natural_order"),
        ),
    ]  # fmt: skip
