"""Reports by text message and e-mail, and the answers that go back the same way. Start with ``inbox.receive``.

``needs.messages.dialogue`` decides what to answer; ``needs.messages.message_desk`` shows dispatchers the messages that the
dialogue could not understand.
"""
