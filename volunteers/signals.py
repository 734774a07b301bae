"""Signals about people, for the apps that build on this one."""

from django.dispatch import Signal

membership_ended = Signal()
"""Sent in the transaction that ends a membership or its dispatcher role.

membership: the changed row. gone: False if only the role ended.
"""

account_blocked = Signal()
"""Sent in the transaction that blocks an account, before the account becomes inactive. user: the person."""

vouch_ended = Signal()
"""Sent in the transaction that ends an association's vouch. user: the person for whom it vouched."""

work_area_ended = Signal()
"""Sent in the transaction that ends an association's invitation to work in a territory. association: the association."""

became_dispatcher = Signal()
"""Sent in the transaction in which somebody becomes a dispatcher of an association. user: the person. by: who decided."""

dispatching_ended = Signal()
"""Sent in the transaction in which somebody stops dispatching for an association, or leaves their last association.
user: the person. by: who decided."""
