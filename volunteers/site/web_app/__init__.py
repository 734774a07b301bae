"""The installable web app: service worker, manifest, cached files and the offline page.

Start with views.py; app_shell.py lists the cached files.
"""
