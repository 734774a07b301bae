"""The Why page in words, composed from numbers: right with none, one and many, in any language of the site."""
