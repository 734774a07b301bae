"""“Find help now”: the nearest open places, for everybody. Also “signposting”: the record that a team told somebody
about a place.

Start in nearest_places.py; views.py has the pages.
"""
