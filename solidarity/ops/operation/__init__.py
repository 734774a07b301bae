"""The state of the running site: probes, a page for administrators, metrics, and a mail when a part stays red.

Start with probes.py.
"""
