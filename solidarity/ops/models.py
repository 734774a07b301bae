"""The models of ops, in the module where Django looks for them."""

from solidarity.ops.operation.models import RedPart

__all__ = ["RedPart"]
