"""Template tags about people and permissions, and tags that all pages use."""
