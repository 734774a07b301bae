"""The dispatchers' queue of messages that the rules of needs.dialogue could not understand.

Start with ``unclear_messages``, which says who sees which dialogue; ``sorting_out`` contains the actions of a
dispatcher.
"""
