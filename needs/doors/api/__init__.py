"""The HTTP API of needs: /api/v1/ as JSON (docs/api.md), and Open311 GeoReport v2.

Start with ``urls``. The API views of each subpackage of ``needs`` are in that subpackage's ``api`` module.
"""
