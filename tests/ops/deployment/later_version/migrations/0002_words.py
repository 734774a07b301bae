from django.db import migrations

FAULTS: list[str] = []
"""Faults to raise after the row is written; a test adds them."""


def write(apps, _editor):
    apps.get_model("later_version", "Register").objects.create(word="one")
    if FAULTS:
        raise ValueError(FAULTS[0])


class Migration(migrations.Migration):
    dependencies = [("later_version", "0001_register")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
