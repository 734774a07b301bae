"""Files of borders (GeoJSON, GeoPackage, zipped Shapefile, KML): a process with few rights decodes them, because a file
may contain an attack.

Start with border_reader.py.
"""
