"""The base of the API (tokens, authentication, rate limits, errors), and the reader's own data.

Start with :mod:`base`.
"""
