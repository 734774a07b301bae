"""What every wing of needs builds on: records, lifecycle, who may see what, attachments, categories, undo, retention rules."""
