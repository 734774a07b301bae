"""The areas that the street map is offered for by name. Boxes are generous: a city with its surroundings."""

from dataclasses import dataclass

type Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees


@dataclass(frozen=True, slots=True)
class Area:
    """An area of the catalogue. key: the key of the area, as written after AREA=. name: the name of the area, as its
    inhabitants write it."""

    key: str
    name: str
    bounds: Bounds


AREAS = {
    area.key: area
    for area in (
        Area("paris", "Paris", (2.18, 48.79, 2.50, 48.93)),
        Area("ile-de-france", "Île-de-France", (1.44, 48.11, 3.57, 49.25)),
        Area("petite-couronne", "Paris, petite couronne", (2.14, 48.68, 2.62, 49.02)),
        Area("lyon", "Lyon", (4.70, 45.66, 5.02, 45.84)),
        Area("marseille", "Marseille", (5.22, 43.16, 5.55, 43.40)),
        Area("lille", "Lille, Roubaix, Tourcoing", (2.93, 50.55, 3.28, 50.80)),
        Area("toulouse", "Toulouse", (1.29, 43.50, 1.58, 43.70)),
        Area("bordeaux", "Bordeaux", (-0.72, 44.76, -0.45, 44.95)),
        Area("nantes", "Nantes", (-1.70, 47.13, -1.42, 47.30)),
        Area("strasbourg", "Strasbourg", (7.62, 48.48, 7.86, 48.66)),
        Area("rennes", "Rennes", (-1.78, 48.05, -1.58, 48.17)),
        Area("grenoble", "Grenoble", (5.64, 45.11, 5.82, 45.25)),
        Area("montpellier", "Montpellier", (3.78, 43.54, 3.99, 43.68)),
        Area("nice", "Nice", (7.15, 43.63, 7.34, 43.78)),
        Area("rouen", "Rouen", (0.97, 49.35, 1.20, 49.50)),
        Area("calais", "Calais, Dunkerque", (1.70, 50.85, 2.50, 51.10)),
        Area("brussels", "Bruxelles – Brussel", (4.23, 50.75, 4.50, 50.93)),
        Area("geneva", "Genève", (6.02, 46.12, 6.25, 46.28)),
        Area("london", "London", (-0.53, 51.28, 0.34, 51.70)),
        Area("dublin", "Dublin", (-6.48, 53.22, -6.02, 53.46)),
        Area("berlin", "Berlin", (13.08, 52.33, 13.77, 52.68)),
        Area("barcelona", "Barcelona", (2.04, 41.31, 2.28, 41.48)),
        Area("madrid", "Madrid", (-3.90, 40.30, -3.51, 40.57)),
        Area("montreal", "Montréal", (-73.99, 45.40, -73.47, 45.71)),
        Area("portland", "Portland, Oregon", (-122.84, 45.42, -122.46, 45.66)),
        Area("los-angeles", "Los Angeles", (-118.68, 33.69, -117.92, 34.35)),
    )
}


def bounds_of(text: str) -> Bounds:
    """Return the bounds "west,south,east,north" in degrees. Raise ValueError with the reason."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError("A box is four numbers: west,south,east,north in degrees, such as 2.2,48.8,2.5,48.9") from None
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise ValueError("A box goes from west to east (-180 to 180) and from south to north (-85 to 85).")
    return west, south, east, north
