"""Suggested tours: a coordinator asks an association for a tour, and the association accepts, changes or declines it.

Start with requesting.py, then request_answers.py.
"""
