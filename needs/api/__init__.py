"""The API of needs: /api/v1/ as JSON (docs/api.md), and Open311 GeoReport v2.

Views are thin: who may is the lookup (404), one verb of the module that the pages use, one serializer.
"""
