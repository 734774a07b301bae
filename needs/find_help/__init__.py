"""“Find help now”: the nearest places that are open, for everybody; and “signposted”, when a team told somebody of one.

Start in nearest_places.py; views.py has the pages.
"""
