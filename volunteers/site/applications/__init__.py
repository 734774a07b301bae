"""Applications: an association asks to work on this site, and a coordinator answers.

Start with :mod:`applying`.
"""
