"""Reports by e-mail: reads the mailbox, sorts out bounces and automatic mail, sends answers.

Start with ``fetching.fetch``. ``needs.messages.dialogue`` decides what to answer.
"""
