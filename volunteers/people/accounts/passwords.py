"""The rules for passwords in our own words, so that they exist in every language of the sign-up page."""

from typing import Any

from django.contrib.auth.password_validation import (
    MinimumLengthValidator,
    get_default_password_validators,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from volunteers.models import User

_WORDS: dict[str, Any] = {
    "password_too_common": gettext_lazy("Many people use this password. Choose another one."),
    "password_too_similar": gettext_lazy("The password looks like your e-mail address. Choose another one."),
}


def least_characters() -> int:
    """Return the least length of a password."""
    every = [rule.min_length for rule in get_default_password_validators() if isinstance(rule, MinimumLengthValidator)]
    return max(every, default=1)


def _rules() -> str:
    words = _("At least %(number)d characters. A few words in a row are easy to remember.")
    return words % {"number": least_characters()}


password_help = lazy(_rules, str)
"""Return the rules as one sentence for the field, in the language in which it is shown."""


def check(password: str, user: User | None) -> None:
    """Raise ValidationError with our own words for a password that breaks a rule."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ValidationError([_own_words(each) for each in error.error_list]) from None


def _own_words(error: ValidationError) -> ValidationError:
    if error.code == "password_too_short":
        return ValidationError(_("Use at least %(number)d characters.") % {"number": least_characters()}, error.code)
    words = _WORDS.get(error.code or "")
    return ValidationError(words, error.code) if words else error
