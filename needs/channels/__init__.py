"""Reports by text message and e-mail, and the answers that go back the same way. Start with ``inbox.receive``.

``needs.dialogue`` decides what to answer; ``needs.message_desk`` shows dispatchers the messages that ``needs.dialogue``
could not understand.
"""
