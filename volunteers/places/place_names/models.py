"""Names of places and the words in them."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.utils.translation import gettext_lazy as _


class PlaceKind(models.TextChoices):
    """The kind of thing to which a name belongs."""

    HOUSE_NUMBER = "house_number", _("house number")
    STREET = "street", _("street")
    SQUARE = "square", _("square")
    STATION = "station", _("station")
    PARK = "park", _("park")
    BRIDGE = "bridge", _("bridge")
    SERVICE = "service", _("service")
    LANDMARK = "landmark", _("well-known place")
    AREA = "area", _("town or district")
    WATER = "water", _("river, canal or lake")


LANDMARKS = (
    PlaceKind.SQUARE, PlaceKind.STATION, PlaceKind.PARK, PlaceKind.BRIDGE, PlaceKind.SERVICE, PlaceKind.LANDMARK,
)  # fmt: skip
"""Kinds of places by which people find their way."""


class PlaceName(models.Model):
    """A named place, or a house number of a street.

    source: the source of the import; an import replaces all rows of its source. name: the name as people write it; for
    a house number, the name of its street. house_number: the house number as written, "12 bis", or "". number: the
    digits of the house number, such as 12. street: the street of a house number. context: a text that distinguishes
    places of the same name, such as "75019 Paris". words: the words of name and context without accents and capitals;
    empty for house numbers, which are found through their street. importance: a number from 0 to 100 that says how well
    known the place is. shape: point or line, degrees. point: the point where a map shows the pin. cell: the H3 cell of
    the point, of resolution 9.
    """

    source = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=PlaceKind.choices)
    name = models.CharField(max_length=200)
    house_number = models.CharField(max_length=20, blank=True)
    number = models.IntegerField(null=True, blank=True)
    # An import replaces streets and house numbers together, so the database need not check each row.
    street = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, db_index=False, db_constraint=False, related_name="+"
    )
    context = models.CharField(max_length=200, blank=True)
    words = ArrayField(models.TextField(), default=list)
    importance = models.SmallIntegerField(default=0)
    shape = models.GeometryField(srid=4326)
    point = models.PointField(srid=4326, spatial_index=False)
    cell = models.BigIntegerField()

    class Meta:
        verbose_name = _("name of a place")
        verbose_name_plural = _("names of places")
        indexes = [
            GinIndex("words", name="place_name_words"),
            models.Index(fields=["source"], name="place_name_source"),
            models.Index(fields=["street", "number"], name="place_name_number"),
        ]

    def __str__(self) -> str:
        return f"{self.house_number} {self.name}".strip()


class PlaceSource(models.Model):
    """A source from which names were imported. digest: SHA-256 of its rows, so that the same rows are not stored
    again."""

    source = models.CharField(max_length=40, primary_key=True)
    digest = models.CharField(max_length=64)
    rows = models.IntegerField()
    imported_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("source of place names")
        verbose_name_plural = _("sources of place names")

    def __str__(self) -> str:
        return self.source


class PlaceWord(models.Model):
    """A word that occurs in names of places. uses: the number of names."""

    word = models.TextField(primary_key=True)
    uses = models.IntegerField()

    class Meta:
        verbose_name = _("word in names of places")
        verbose_name_plural = _("words in names of places")
        indexes = [GinIndex(OpClass("word", name="gin_trgm_ops"), name="place_word_trigrams")]

    def __str__(self) -> str:
        return self.word
