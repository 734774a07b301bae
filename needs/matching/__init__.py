"""Proposals of needs to volunteers who could help (docs/matching.md). Nobody is assigned or scored.

Start with ``constraints`` (pure rules and order), then ``proposals`` (the actions).
"""
