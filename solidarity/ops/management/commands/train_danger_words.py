"""manage.py train_danger_words: train the model beside the danger-word rules, and write its weights."""

from typing import Any

from django.core.management import BaseCommand

from solidarity.lib.danger_words.word_model import WEIGHTS
from solidarity.ops.danger_training import word_training


class Command(BaseCommand):
    help = "Train the model beside the danger-word rules with the corpus, and write its weights (needs scikit-learn)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = word_training.sentences()
        WEIGHTS.write_text(word_training.as_script(word_training.trained(corpus)), encoding="utf-8")
        self.stdout.write(f"{len(corpus)} sentences, {WEIGHTS.stat().st_size} bytes")
