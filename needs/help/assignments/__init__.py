"""Relief groups of an event, and needs that the desk assigns to them or to an association.

Start with ``assigning`` (the desk) and ``answering`` (the group). An accepted assignment is an ordinary commitment.
"""
