"""The weekly public release: coarse places, blurred figures, files.

Start in publishing."""
