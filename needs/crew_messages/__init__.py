"""The thread of a planned or running tour: its crew, volunteers with a seat, and the coordinators of its territory.

Start with crews.py.
"""
