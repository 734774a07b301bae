"""In a report of danger to life, health details need no confirmation; names, telephone numbers and e-mails still do."""

import pytest

from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.danger_words.matcher import flags_in
from solidarity.lib.pii_check.detection import Kind, find
from solidarity.lib.pii_check.messages import look

DANGERS = {
    DangerFlag.NOT_BREATHING: ("asthmatique, il ne respire plus", "she is asthmatic and not breathing"),
    DangerFlag.UNCONSCIOUS: ("un diabétique inconscient", "a diabetic man is unconscious"),
    DangerFlag.BLUE_LIPS: ("asthmatique, ses lèvres sont bleues", "asthmatic, her lips are blue"),
    DangerFlag.BLEEDING: (
        "blessé, il perd beaucoup de sang",
        "he is bleeding badly, he is on blood thinners, diabetic",
    ),
    DangerFlag.OVERDOSE: ("un toxicomane, overdose", "an addict, overdose"),
    DangerFlag.LABOUR: ("femme enceinte, elle a des contractions", "pregnant woman, contractions"),
    DangerFlag.CHEST_PAIN: ("douleur dans la poitrine, diabétique", "chest pain, he is diabetic"),
    DangerFlag.HYPOTHERMIA: ("hypothermie, un alcoolique", "hypothermia, an alcoholic"),
    DangerFlag.VIOLENCE: ("on frappe une femme enceinte", "a man is beating a pregnant woman"),
    DangerFlag.SUICIDE: ("dépressive, elle veut mourir", "bipolar, she wants to die"),
    DangerFlag.FIRE: ("la tente est en feu, il est aveugle", "the tent is on fire, he is blind"),
    DangerFlag.CHILD_ALONE: ("un enfant diabétique tout seul dehors", "a diabetic child all alone outside"),
}


@pytest.mark.parametrize("flag", DangerFlag)
@pytest.mark.parametrize("language", [0, 1], ids=["fr", "en"])
def test_health_is_no_finding_in_a_text_that_tells_of_danger(flag: DangerFlag, language: int) -> None:
    text = DANGERS[flag][language]
    assert flag in flags_in(text)
    assert Kind.HEALTH in {each.kind for each in find(text)}
    assert Kind.HEALTH not in {each.kind for each in look(text)}


@pytest.mark.parametrize("flag", DangerFlag)
def test_names_phones_and_emails_still_count(flag: DangerFlag) -> None:
    text = f"{DANGERS[flag][0]}. Il s'appelle Karim, 06 12 34 56 78, karim@example.org"
    assert {each.kind for each in look(text)} >= {Kind.NAME, Kind.PHONE, Kind.EMAIL}
    assert Kind.HEALTH not in {each.kind for each in look(text)}


@pytest.mark.parametrize("text", ["un homme diabétique demande une soupe", "a diabetic man wants soup"])
def test_health_without_danger_still_counts(text: str) -> None:
    assert Kind.HEALTH in {each.kind for each in look(text)}
