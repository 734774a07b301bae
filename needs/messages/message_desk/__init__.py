"""The dispatchers' queue of messages that the rules of the dialogue could not understand.

Start with ``unclear_messages``, which says who sees which dialogue; ``sorting_out`` contains the actions of a
dispatcher.
"""
