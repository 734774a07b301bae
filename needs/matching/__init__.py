"""Who could help with a need, and which needs somebody could help with (docs/matching.md). Nobody is assigned or scored.

Start in ``constraints`` (pure rules and order), then ``proposals`` (the verbs).
"""
