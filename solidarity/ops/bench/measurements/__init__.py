"""What each part of the benchmark measures; parts.py names them."""
