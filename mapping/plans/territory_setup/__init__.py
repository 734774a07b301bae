"""Creation of territories on the site from a file of borders, with a preview; later changes of their border, parent and
expected people.

Start with new_territories.py.
"""
