"""Commitments: taking a need, wholly or in part, until a visible expiry, and everything that can happen to that promise.

Every verb is one transaction. It locks the need's row first, so that what its parts say and where it stands agree.
"""
