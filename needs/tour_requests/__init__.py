"""Suggested tours: a coordinator asks an association, which accepts, changes or declines.

Start with requesting.py, then request_answers.py.
"""
