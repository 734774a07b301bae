"""Numbers of senders of text messages in E.164, and which senders are never answered."""

import re

from solidarity.lib.site import site_choices


def e164_of(sender: str) -> str | None:
    """Return a sender in E.164. Return None for senders that are never answered: words such as "Bank", short codes, and
    premium or shared-cost numbers, whose owners would earn money with each answer."""
    import phonenumbers  # imported here, because the import takes 30 ms
    from phonenumbers import PhoneNumberType

    bare = sender.strip()
    if not re.fullmatch(r"\+?[0-9][0-9 ().\-/]{4,24}", bare):
        return None
    for text, region in ((bare, site_choices.country()), ("+" + bare.lstrip("+"), None)):
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            break
    else:
        return None
    if phonenumbers.number_type(number) in (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
