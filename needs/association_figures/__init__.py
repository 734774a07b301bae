"""The monthly figures of an association, for itself alone. They stay when its reports are erased.

Start with :mod:`monthly_figures`.
"""
