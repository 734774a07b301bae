"""The automatic dialogue with people who write text messages or e-mails. Start with ``reading.read_waiting``."""
