"""Proposals of needs to volunteers who could help (docs/matching.md). Matching assigns nobody and gives nobody a score.

Start with ``constraints`` (pure rules and order), then ``proposals`` (the actions).
"""
