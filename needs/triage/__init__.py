"""What dispatchers and reporters do with needs: the queue, steps for many, calls, duplicates, locks, ageing.

Every verb is one transaction: state, step, evidence (reliability.md). All changes of state go through needs.lifecycle.
"""

from needs.triage.reporter import goes_on_as, note_place_shown, reveal_contact, say_solved, say_still_needed

__all__ = ["goes_on_as", "note_place_shown", "reveal_contact", "say_solved", "say_still_needed"]
