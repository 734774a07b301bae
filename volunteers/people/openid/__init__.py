"""Sign-in with the accounts of another organisation, through OpenID Connect and django-allauth.

Start with provider.py.
"""
