"""Imports of places from other guides: HSDS, data·inclusion, Soliguide, OpenStreetMap, the open data of Paris.

Start in place_import.py; place_merge.py decides which values of a source replace the values of a known place.
"""
