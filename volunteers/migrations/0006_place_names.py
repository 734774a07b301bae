import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("volunteers", "0005_person_in_charge"),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.CreateModel(
            name="PlaceSource",
            fields=[
                ("source", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("rows", models.IntegerField()),
                ("imported_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "source of place names",
                "verbose_name_plural": "sources of place names",
            },
        ),
        migrations.CreateModel(
            name="PlaceWord",
            fields=[
                ("word", models.TextField(primary_key=True, serialize=False)),
                ("uses", models.IntegerField()),
            ],
            options={
                "verbose_name": "word in names of places",
                "verbose_name_plural": "words in names of places",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("word", name="gin_trgm_ops"), name="place_word_trigrams"
                    ),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass("word", name="text_pattern_ops"),
                        name="place_word_prefix",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaceName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("house_number", "house number"),
                            ("street", "street"),
                            ("square", "square"),
                            ("station", "station"),
                            ("park", "park"),
                            ("bridge", "bridge"),
                            ("service", "service"),
                            ("landmark", "well-known place"),
                            ("area", "town or district"),
                            ("water", "river, canal or lake"),
                        ],
                        max_length=12,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("house_number", models.CharField(blank=True, max_length=20)),
                ("number", models.IntegerField(blank=True, null=True)),
                ("context", models.CharField(blank=True, max_length=200)),
                ("words", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list)),
                ("importance", models.SmallIntegerField(default=0)),
                ("shape", django.contrib.gis.db.models.fields.GeometryField(srid=4326)),
                ("point", django.contrib.gis.db.models.fields.PointField(spatial_index=False, srid=4326)),
                ("cell", models.BigIntegerField()),
                (
                    "street",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="volunteers.placename",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a place",
                "verbose_name_plural": "names of places",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(models.F("words"), name="place_name_words"),
                    models.Index(fields=["source"], name="place_name_source"),
                    models.Index(fields=["street", "number"], name="place_name_number"),
                ],
            },
        ),
    ]
