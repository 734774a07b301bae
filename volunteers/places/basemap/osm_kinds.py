"""Which OpenStreetMap tags become which kinds of the Protomaps schema, and from which zoom they are drawn."""

LAST_ZOOM = 15  # of the tiles; the browser enlarges them at higher zooms

# Filter expressions of osmium: the objects of an extract that it keeps.
FILTERS = (
    "w/highway", "w/railway", "w/aeroway", "w/route=ferry", "w/waterway", "wr/natural", "wr/water", "wr/landuse",
    "wr/building", "wr/building:part", "a/highway=pedestrian,footway", "wr/man_made=pier,bridge",
    "r/boundary=administrative", "nwr/leisure", "nwr/amenity", "nwr/tourism", "nwr/shop=supermarket,convenience",
    "nwr/healthcare", "nwr/emergency=phone,defibrillator", "n/highway=bus_stop", "n/railway", "nwr/place",
    "nwr/addr:housenumber", "nwr/aeroway=aerodrome",
)  # fmt: skip

# value of highway → kind, first zoom
ROADS = {
    "motorway": ("highway", 5), "motorway_link": ("highway", 10),
    "trunk": ("major_road", 6), "trunk_link": ("major_road", 10),
    "primary": ("major_road", 7), "primary_link": ("major_road", 11),
    "secondary": ("major_road", 9), "secondary_link": ("major_road", 12),
    "tertiary": ("major_road", 10), "tertiary_link": ("major_road", 12),
    "residential": ("minor_road", 12), "unclassified": ("minor_road", 12), "road": ("minor_road", 12),
    "living_street": ("minor_road", 12), "raceway": ("minor_road", 13), "service": ("minor_road", 13),
    "pedestrian": ("path", 12), "track": ("path", 13), "path": ("path", 13), "cycleway": ("path", 13),
    "bridleway": ("path", 13), "footway": ("path", 13), "steps": ("path", 13), "corridor": ("path", 14),
}  # fmt: skip
RAILWAYS = {
    "rail": 10, "light_rail": 12, "narrow_gauge": 12, "tram": 13, "subway": 13, "monorail": 13, "funicular": 13,
    "preserved": 13,
}  # fmt: skip
WATERWAYS = {"river": 8, "canal": 10, "stream": 13, "ditch": 14, "drain": 14}

# Areas: key → values. The first key that fits counts.
LANDUSE = {
    "aeroway": {"aerodrome", "runway", "taxiway"},
    "amenity": {"hospital", "school", "kindergarten", "university", "college"},
    "leisure": {"park", "garden", "golf_course", "dog_park", "playground", "pitch", "nature_reserve", "stadium"},
    "tourism": {"zoo", "camp_site"},
    "natural": {"beach", "wood", "glacier", "grassland", "scrub", "sand", "wetland", "bare_rock"},
    "landuse": {
        "cemetery", "forest", "grass", "meadow", "recreation_ground", "industrial", "brownfield", "railway",
        "commercial", "residential", "orchard", "farmland", "farmyard", "military", "village_green", "allotments",
    },
    "man_made": {"pier"},
    "railway": {"platform"},
    "boundary": {"national_park", "protected_area"},
}  # fmt: skip
SAME_GROUND = {"orchard": "farmland", "farmyard": "farmland", "brownfield": "industrial"}
GROUND_ZOOMS = {
    "park": 9, "forest": 8, "wood": 8, "nature_reserve": 8, "national_park": 7, "protected_area": 8, "farmland": 9,
    "residential": 10, "industrial": 10, "aerodrome": 9, "cemetery": 10, "garden": 13, "pitch": 14, "playground": 14,
    "dog_park": 14, "platform": 14, "pier": 13, "grass": 12, "kindergarten": 14, "taxiway": 13,
}  # fmt: skip

# admin_level → kind, first zoom
BORDERS = {"2": ("country", 2), "4": ("region", 4), "6": ("county", 8), "8": ("locality", 10)}

# value of place → kind, first zoom, usual population, rank among places of this zoom
PLACES = {
    "city": ("locality", 5, 100_000, 2), "town": ("locality", 8, 10_000, 2), "village": ("locality", 10, 2_000, 3),
    "hamlet": ("locality", 12, 200, 5), "isolated_dwelling": ("locality", 14, 100, 6), "borough": ("macrohood", 10, 50_000, 8),
    "quarter": ("macrohood", 11, 10_000, 10), "suburb": ("neighbourhood", 11, 20_000, 9),
    "neighbourhood": ("neighbourhood", 13, 5_000, 11), "locality": ("locality", 14, 100, 7),
}  # fmt: skip
POPULATION_STEPS = (
    0, 200, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000, 10_000_000,
    20_000_000, 50_000_000, 100_000_000, 1_000_000_000,
)  # fmt: skip

# Points and centres of areas: key → value → first zoom. The first key that fits counts.
POIS = {
    "railway": {"station": 13, "halt": 14, "tram_stop": 16, "subway_entrance": 17},
    "aeroway": {"aerodrome": 11},
    "amenity": {
        "hospital": 12, "clinic": 15, "doctors": 16, "pharmacy": 15, "police": 14, "fire_station": 15,
        "social_facility": 15, "social_centre": 15, "community_centre": 15, "shelter": 15, "refugee_site": 15,
        "toilets": 15, "shower": 15, "drinking_water": 16, "water_point": 16, "public_bath": 15, "food_sharing": 15,
        "townhall": 13, "library": 13, "post_office": 14, "courthouse": 15, "school": 15, "kindergarten": 16,
        "university": 13, "college": 14, "place_of_worship": 15, "marketplace": 15, "bus_station": 14,
        "ferry_terminal": 13, "theatre": 15, "cinema": 15, "fountain": 17, "parking": 17, "cafe": 16,
        "restaurant": 17, "bench": 18,
    },
    "healthcare": {"hospital": 12, "clinic": 15, "centre": 15},
    "emergency": {"defibrillator": 17, "phone": 16},
    "leisure": {"park": 13, "garden": 15, "stadium": 13, "sports_centre": 15, "playground": 16, "golf_course": 13, "marina": 13},
    "tourism": {"museum": 14, "attraction": 15, "zoo": 13, "hostel": 16, "hotel": 17, "camp_site": 15, "viewpoint": 16},
    "landuse": {"cemetery": 14, "forest": 13},
    "natural": {"peak": 13, "beach": 13},
    "shop": {"supermarket": 14, "convenience": 16},
    "highway": {"bus_stop": 17},
    "place": {"square": 15},
    "man_made": {"bridge": 14},
}  # fmt: skip
SAME_POI = {"phone": "emergency_phone", "centre": "clinic", "social_centre": "community_centre"}
USEFUL_WITHOUT_NAME = {
    "toilets", "shower", "drinking_water", "water_point", "shelter", "social_facility", "hospital", "clinic",
    "pharmacy", "police", "station", "subway_entrance", "bus_stop", "defibrillator", "phone", "library", "bench",
}  # fmt: skip
