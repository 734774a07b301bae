"""Text messages, e-mails, conversations and moderation."""
