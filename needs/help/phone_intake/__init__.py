"""A dispatcher's page for a telephone call: one screen from the first question to the end of the call.

Start with ``phone_calls``, which stores a call; ``similar_needs`` looks for duplicates while the dispatcher types.
"""
