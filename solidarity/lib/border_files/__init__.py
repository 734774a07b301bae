"""Files of borders (GeoJSON, GeoPackage, zipped Shapefile, KML): a limited process decodes them, because they may attack.

Start with border_reader.py.
"""
