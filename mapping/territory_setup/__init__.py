"""Creation of territories on the site, from a file of borders with a preview, and later changes of border, parent and
count.

Start with new_territories.py.
"""
