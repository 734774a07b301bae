"""The automatic dialogue with people who write text messages or e-mails. Start with ``message_reading.read_waiting``."""
