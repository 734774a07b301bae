"""Who belongs to an association: invitations, roles, leaving."""
