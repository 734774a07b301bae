"""The HTTP API of needs: /api/v1/ as JSON (docs/api.md), and Open311 GeoReport v2.

Start with ``urls``; the API views of each room are in its own ``api`` module.
"""
