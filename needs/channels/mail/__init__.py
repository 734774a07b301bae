"""Reports by e-mail: reads the mailbox, sorts out bounces and automatic mail, sends answers.

Start with ``fetching.fetch``. What to answer is decided by ``needs.dialogue``.
"""
