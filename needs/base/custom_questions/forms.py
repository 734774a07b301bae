"""Forms of custom questions: answering them with an encounter, and editing them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from needs.base.custom_questions.question_sets import QuestionDraft
from needs.base.records import answers
from needs.base.records.answers import NO_ANSWERS, Answers
from needs.enums import QuestionKind
from needs.models import Question, QuestionSet
from solidarity.lib.labels import LABEL_LANGUAGES
from solidarity.lib.number_fields import Whole
from solidarity.lib.pii_check.detection import Kind
from solidarity.lib.pii_check.messages import EVERYTHING
from volunteers.models import Association

_NAME = re.compile(r"q_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})_[0-9a-f]{8}")


def versions_named(names: Any) -> set[str]:
    """Return the ids of the question versions that a submitted form answers."""
    return {found.group(1) for name in names if (found := _NAME.fullmatch(name))}


class AnswersForm(forms.BaseForm):
    """A form with the custom questions of all its associations; only the chosen association's answers count.

    question_sets: the current versions, and older ones that a phone still shows (question_sets.sets_for).
    """

    pii_checked: ClassVar[Mapping[str, tuple[Kind, ...]]] = {}

    def __init__(self, *args: Any, question_sets: Sequence[QuestionSet] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        sent = versions_named(self.data)
        self.question_sets = {each.association_id: each for each in question_sets}
        self.question_sets |= {each.association_id: each for each in question_sets if str(each.pk) in sent}
        for asked in self.question_sets.values():
            for question in asked.questions.all():
                name = _name(asked, question)
                self.fields[name] = _field(question)
                if question.kind == QuestionKind.TEXT:
                    self.pii_checked = {**self.pii_checked, name: EVERYTHING}  # type: ignore[misc]

    def questions(self) -> list[tuple[Association, list[tuple[str, BoundField]]]]:
        """Return (kind, field) of the questions of each association that has any."""
        associations: dict[str, Association] = getattr(self, "associations", {})
        found = []
        for own in associations.values():
            asked = self.question_sets.get(own.pk)
            if asked is not None and (rows := asked.questions.all()):
                found.append((own, [(each.kind, self[_name(asked, each)]) for each in rows]))
        return found

    def answers_of(self, own: Association) -> Answers:
        """Return the answers to an association's questions. Call this only on a valid form."""
        asked = self.question_sets.get(own.pk)
        if asked is None:
            return NO_ANSWERS
        rows = list(asked.questions.all())
        data: dict[str, Any] = self.cleaned_data  # type: ignore[attr-defined]
        return answers.check(asked.pk, rows, {each.key: data.get(_name(asked, each)) for each in rows})


def _name(asked: QuestionSet, question: Question) -> str:
    return f"q_{asked.pk}_{question.key}"


def _field(question: Question) -> forms.Field:
    label = question.label
    if question.kind == QuestionKind.YES_NO:
        return _chosen(label, [("1", _("yes")), ("0", _("no"))], lambda value: value == "1")
    if question.kind == QuestionKind.CHOICE:
        return _chosen(label, [(str(index), words) for index, words in enumerate(question.choices)], int)
    if question.kind == QuestionKind.NUMBER:
        return Whole(label=label, most=answers.LARGEST, required=False)
    return forms.CharField(
        label=label,
        max_length=answers.MOST_WORDS,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _chosen(label: str, choices: list[tuple[str, Any]], coerce: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=choices, coerce=coerce, required=False, empty_value=None, widget=forms.RadioSelect
    )


# --- editing -------------------------------------------------------------------------------------------------------


class Lines(forms.CharField):
    """Short texts, one per line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), **options)

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        if any(len(line) > answers.LONGEST_CHOICE for line in value):
            raise forms.ValidationError(_("A choice has at most 60 characters."))
        if len(set(value)) < len(value):
            raise forms.ValidationError(_("Each choice may appear only once."))

    def run_validators(self, value: Any) -> None:
        """Do nothing: validate() checks each line."""

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value


class QuestionForm(forms.Form):
    """One question. An empty row is ignored."""

    key = forms.CharField(required=False, max_length=8, widget=forms.HiddenInput)
    label_en = forms.CharField(label=_("The question in English"), max_length=answers.LONGEST_LABEL, required=False)
    label_fr = forms.CharField(label=_("The question in French"), max_length=answers.LONGEST_LABEL, required=False)
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=QuestionKind.choices, initial=QuestionKind.YES_NO)
    choices_en = Lines(label=_("Choices in English, one a line"))
    choices_fr = Lines(label=_("Choices in French, in the same order"))
    order = forms.IntegerField(
        label=_("Position"), required=False, min_value=1, max_value=99,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    drop = forms.BooleanField(label=_("Stop asking this question"), required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_none:
            return data
        for name in ("label_en", "label_fr"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("Write the question in both languages."))
        if data.get("kind") == QuestionKind.CHOICE and not {"choices_en", "choices_fr"} & self.errors.keys():
            self._check_choices(len(data["choices_en"]), len(data["choices_fr"]))
        return data

    def _check_choices(self, english: int, french: int) -> None:
        if not answers.LEAST_CHOICES <= english <= answers.MOST_CHOICES:
            self.add_error("choices_en", _("Give two to eight choices."))
        elif english != french:
            self.add_error("choices_fr", _("Give as many choices in French as in English, in the same order."))

    @property
    def is_none(self) -> bool:
        data = self.cleaned_data
        return bool(data.get("drop")) or not (data.get("label_en") or data.get("label_fr"))

    def draft(self) -> QuestionDraft:
        data = self.cleaned_data
        chosen = data["kind"] == QuestionKind.CHOICE
        labels = {language: data[f"label_{language}"] for language in LABEL_LANGUAGES}
        choices = {language: data[f"choices_{language}"] if chosen else [] for language in LABEL_LANGUAGES}
        return QuestionDraft(data["kind"], labels, choices, data["key"])


class EditorForm(forms.Form):
    """The number of the version that the editor saw."""

    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class QuestionRows(forms.BaseFormSet):  # type: ignore[type-arg]
    """All questions of an association, at most ten."""

    def drafts(self) -> list[QuestionDraft]:
        """Return the questions in their order. All rows must be valid."""
        rows = [(row.cleaned_data.get("order") or 99, at, row) for at, row in enumerate(self.forms) if not row.is_none]
        return [row.draft() for _order, _at, row in sorted(rows, key=lambda each: each[:2])]

    def clean(self) -> None:
        keys = [key for row in self.forms if (key := getattr(row, "cleaned_data", {}).get("key"))]
        if len(set(keys)) < len(keys):
            raise forms.ValidationError(_("The page was not sent completely. Please open it again."))


_Rows = forms.formset_factory(
    QuestionForm, formset=QuestionRows, extra=2, max_num=answers.MOST_QUESTIONS, validate_max=True,
    absolute_max=answers.MOST_QUESTIONS + 2,
)  # fmt: skip


def rows_for(asked: QuestionSet | None, data: Any = None) -> Any:
    """Return the rows of the editor: the questions of a version, and two empty rows."""
    initial = [
        {
            "key": each.key,
            "kind": each.kind,
            "order": each.position + 1,
            **{f"label_{language}": each.labels[language] for language in LABEL_LANGUAGES},
            **{f"choices_{language}": each.choice_labels[language] for language in LABEL_LANGUAGES},
        }
        for each in (asked.questions.all() if asked else ())
    ]
    return _Rows(data, initial=initial, prefix="questions")
