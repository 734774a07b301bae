"""The guide of places as open data: HSDS, GeoJSON and CSV. The exports contain only what everybody may read, and never
a secret address.

Start in guide_exports.py."""
