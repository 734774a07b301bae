"""Reviews of the public languages by their speakers. Start with ``reviews``."""
