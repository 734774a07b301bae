"""Serializers of needs that several rooms share."""
