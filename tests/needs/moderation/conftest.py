"""Each process keeps the list of held words in memory; each test begins without a list."""

from collections.abc import Iterator

import pytest

from needs.conversations.moderation import held_words


@pytest.fixture(autouse=True)
def _no_kept_words() -> Iterator[None]:
    held_words.forget()
    yield
    held_words.forget()
