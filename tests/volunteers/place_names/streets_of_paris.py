"""A few streets and places in the small city of the tests, for the tests of place names."""

from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow

CRIMEE = ((2.3500, 48.8640), (2.3540, 48.8640))
"""A street of 290 m."""


def rows() -> list[NameRow]:
    """Return rue de Crimée with the house numbers 10, 12, 12 bis and 14, other streets, a station and a park."""
    context = "75019 Paris"
    numbers = [("10", 2.3510), ("12", 2.3515), ("12 bis", 2.3518), ("14", 2.3522)]
    return [
        NameRow("s1", PlaceKind.STREET, "Rue de Crimée", 48.8640, 2.3520, context, importance=20, lines=(CRIMEE,)),
        *(
            NameRow(f"h{number}", PlaceKind.HOUSE_NUMBER, "Rue de Crimée", 48.8641, lng, context, number, "s1")
            for number, lng in numbers
        ),
        NameRow("s2", PlaceKind.STREET, "Avenue du Général Leclerc", 48.8550, 2.3400, "75014 Paris", importance=30),
        NameRow("s3", PlaceKind.STREET, "Rue du Faubourg Saint-Denis", 48.8715, 2.3560, "75010 Paris", importance=25),
        NameRow("p1", PlaceKind.STATION, "Gare du Nord", 48.8700, 2.3450, "Paris 10e", importance=90),
        NameRow("p2", PlaceKind.PARK, "Square Sans-Nom", 48.8702, 2.3452, "Paris 10e", importance=10),
        NameRow("p3", PlaceKind.SQUARE, "Place de la République", 48.8674, 2.3636, "75003 Paris", importance=80),
    ]
