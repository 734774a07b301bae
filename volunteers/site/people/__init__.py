"""The people who have access: their list for coordinators, blocked accounts, open or closed sign-up.

Start with :mod:`people_list`.
"""
