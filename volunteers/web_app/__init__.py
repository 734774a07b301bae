"""The web app: service worker, manifest, offline page, and pages about the site.

Start with :mod:`app_shell`.
"""
