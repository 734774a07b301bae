"""Crisis mode: events that anybody reports to without account.

``events``: opening and closing them. ``reporting``: what is filed to them. ``access``: who may look. ``reading``: what
the dispatchers' map and its list show.
"""
