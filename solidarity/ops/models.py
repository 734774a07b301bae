"""Every model of the room that has one, for Django."""

from solidarity.ops.operation.models import RedPart

__all__ = ["RedPart"]
