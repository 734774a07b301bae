"""API tokens: creating and revoking them, and their page.

Start with :mod:`tokens`.
"""
