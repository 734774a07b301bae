"""What comes out of the queue of a phone: many things at once, long after they happened, more than once (docs/offline.md)."""
