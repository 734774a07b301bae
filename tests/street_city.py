"""A made city for pictures of maps: streets with names, a river, a park, houses and services around a place."""

from tests.street_maps import Feature, area, point, street, street_map

NAMES = ("Rue de Crimée", "Rue de Belleville", "Rue des Pyrénées", "Rue Oberkampf", "Rue de Flandre", "Rue Manin")


def features(latitude: float, longitude: float) -> list[Feature]:
    """Features within 2 km of a place."""
    found: list[Feature] = [
        area("earth", longitude - 0.1, latitude - 0.1, longitude + 0.1, latitude + 0.1, kind="earth"),
        area("water", longitude - 0.05, latitude - 0.006, longitude + 0.05, latitude - 0.004, kind="water"),
        area("landuse", longitude + 0.004, latitude + 0.004, longitude + 0.012, latitude + 0.009, kind="park"),
        point("pois", latitude + 0.0065, longitude + 0.008, kind="park", name="Parc des Buttes", min_zoom=13),
        point("pois", latitude + 0.001, longitude - 0.002, kind="toilets", min_zoom=15),
        point("pois", latitude - 0.001, longitude + 0.002, kind="drinking_water", min_zoom=15),
        point("pois", latitude + 0.003, longitude - 0.006, kind="station", name="Gare du Nord", min_zoom=12),
        point("pois", latitude + 0.002, longitude + 0.003, kind="social_facility", name="Halte de jour", min_zoom=15),
        point("places", latitude, longitude, kind="locality", kind_detail="city", name="Paris", min_zoom=5,
              population_rank=12, sort_key=1, **{"name:uk": "Париж"}),
        point("places", latitude + 0.008, longitude - 0.01, kind="neighbourhood", name="La Villette", min_zoom=12),
    ]  # fmt: skip
    for step in range(-12, 13):
        away = step * 0.0016
        name = NAMES[step % len(NAMES)]
        major = step % 5 == 0
        kind = {"kind": "major_road", "kind_detail": "primary", "min_zoom": 8} if major else {}
        east = [(latitude + away, longitude + each * 0.005) for each in range(-8, 9)]
        north = [(latitude + each * 0.004, longitude + 1.5 * away) for each in range(-8, 9)]
        found += [street(name, *east, **kind), street(name.replace("Rue", "Avenue"), *north, **kind)]
    for step in range(24):
        west, south = longitude - 0.002 + step % 6 * 0.0007, latitude + 0.0001 + step // 6 * 0.0004
        found.append(area("buildings", west, south, west + 0.0004, south + 0.0002, kind="building"))
        found.append(point("buildings", south + 0.0001, west + 0.0002, kind="address", addr_housenumber=str(step + 1),
                           min_zoom=16))  # fmt: skip
    return found


def city(latitude: float, longitude: float) -> bytes:
    """An archive of the city."""
    return street_map(features(latitude, longitude), zooms=(9, 15))
