"""Open needs for volunteers: the list, the page of one need, the form to take it. Start in ``nearby``."""
