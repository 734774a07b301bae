from django.db import migrations


class Migration(migrations.Migration):
    """Django makes the same index for a primary key of text."""

    dependencies = [("volunteers", "0003_since_version_0_2")]
    operations = [migrations.RemoveIndex(model_name="placeword", name="place_word_prefix")]
