"""Contacts of reporters: encrypted at rest, in clear only for whoever calls them back."""

from solidarity.lib.field_encryption import decrypt, encrypt

__all__ = ["decrypt", "encrypt"]
