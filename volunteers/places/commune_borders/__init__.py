"""The official borders of communes, downloaded once into a list from which territories are chosen.

Start with commune_download.py.
"""
