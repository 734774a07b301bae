"""Sign-up, sign-in, the page of one's own account, and the audience that a coordinator chose for “view as”.

Start with :mod:`account_mail` and :mod:`view_as`.
"""
