"""What the wing of help stores: commitments, assignments, opened exact places, proposals, saved searches.

Start with ``commitment_models``; ``refusals`` says why an action is refused.
"""
