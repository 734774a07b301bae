"""Pages of open needs for volunteers: the list, one need, taking it, its exact place. Start in ``views``."""
