"""What runs: probes of the site's processes, a page for administrators, metrics, and a mail when something stays red.

Start with probes.py.
"""
