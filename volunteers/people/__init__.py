"""People and what they may do: accounts, associations, roles, notifications, the base of the API.

The lowest wing: it knows no territory by its border, only by the duties in it.
"""
