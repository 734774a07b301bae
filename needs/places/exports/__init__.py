"""The guide of places as open data: HSDS, GeoJSON and CSV. Only what everybody may read; never a secret address.

Start in guide_exports.py."""
