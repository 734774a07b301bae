"""Field notes that an external report quotes, with the agreement of the association that wrote them.

Start with quoting.py; exactness.py finds texts that say too much.
"""
