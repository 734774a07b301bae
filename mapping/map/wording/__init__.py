"""Zone figures in words and how they are rounded.

Start with sentences.py.
"""
