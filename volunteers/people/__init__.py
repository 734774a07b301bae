"""Who has access: the list of people for coordinators, blocked accounts, open or closed sign-up.

Start with :mod:`people_list`.
"""
