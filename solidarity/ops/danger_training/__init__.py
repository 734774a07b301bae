"""Training of the model that judges sentences for danger, from the corpus in tests/needs/danger. Start in ``word_training``."""
