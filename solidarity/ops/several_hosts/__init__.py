"""A drill on several hosts: one is cut off or killed while reports are filed, and no report may be lost
(docs/several-hosts.md).

network.py has the hosts, machines.py what runs on each, replicated.py PostgreSQL's pair, far_links.py slow lines,
incidents.py what goes wrong.
"""
