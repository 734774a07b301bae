"""The monthly figures of an association, which only its members see.

The figures stay when the association's reports are erased. Start with :mod:`monthly_figures`.
"""
