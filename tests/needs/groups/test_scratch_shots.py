import pytest
from django.utils import timezone
from tests.needs.message_desk.message_cases import waiting, wrote, GUESS
from needs.models import *
from needs.groups import group_changes, join_requests
from volunteers.accounts.viewer import Viewer
from tests.support import dispatches
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

def test_shots(browser, live_server, cast, city, enter):
    dispatches(cast.carol, city.nord)
    d = waiting(city.nord, "slt on est 2 sous le vieux pont", "on a tres froid svp une couverture", minutes_ago=42)
    OutboundMessage.objects.create(correspondent=d.correspondent, dialogue=d, text="Merci. Une personne lit votre message et vous répondra.", delivered_at=timezone.now())
    OutboundMessage.objects.create(correspondent=d.correspondent, dialogue=d, text="Pour combien de personnes ?", by=cast.carol, undelivered=True, written_at=timezone.now()-timezone.timedelta(minutes=40))
    waiting(city.nord, "أحتاج مكان للنوم الليلة مع طفلي", number="+33611111111", language="ar", guess={"kinds":["shelter"],"reasons":{"kinds":["للنوم"]}})
    waiting(None, "man on the steps, blue lips", number="+33622222222", language="en", danger=("blue_lips",), minutes_ago=3)
    g = group_changes.found(Viewer(cast.bob), {"name": "Voisins du canal", "about": "Un café chaud le jeudi, avec celles et ceux qui vivent dehors.", "welcome": "Bienvenue ! Venez une fois pour voir.", "territory": city.nord})
    group_changes.found(Viewer(cast.edith), {"name": "Soupe du dimanche", "territory": city.sud, "asks_first": False})
    join_requests.join_group(g, cast.alice, "J’habite à côté, j’ai une cafetière.")
    join_requests.answer(JoinRequest.objects.get(), accepted=True, by=cast.bob)
    join_requests.join_group(g, cast.edith, "Je cuisine bien")
    sizes = [("s", {"width":360,"height":640}), ("d", {"width":1440,"height":900})]
    for lang in ("fr", "en"):
        for name, size in sizes:
            for dark in (False, True) if lang == "fr" else (False,):
                opts = {"locale": f"{lang}-{lang.upper()}", "color_scheme": "dark" if dark else "light"}
                tag = f"{lang}-{name}{'-dark' if dark else ''}"
                page = enter(browser, cast.carol, size, **opts)
                for label, path in (("queue", "/desk/messages/"), ("item", f"/desk/messages/{d.pk}/")):
                    page.goto(live_server.url + path); page.wait_for_load_state("networkidle")
                    page.screenshot(path=f"/tmp/w/shots/desk/{label}-{tag}.png", full_page=True)
                page.context.close()
                page = enter(browser, cast.bob, size, **opts)
                for label, path in (("join", "/join/"), ("group", f"/groups/{g.pk}/"), ("requests", "/join/requests/"), ("new", "/groups/new/")):
                    page.goto(live_server.url + path); page.wait_for_load_state("networkidle")
                    page.screenshot(path=f"/tmp/w/shots/desk/{label}-{tag}.png", full_page=True)
                page.context.close()
                page = enter(browser, cast.carol, size, **opts)
                page.goto(live_server.url + f"/groups/{g.pk}/"); page.wait_for_load_state("networkidle")
                page.screenshot(path=f"/tmp/w/shots/desk/groupout-{tag}.png", full_page=True)
                page.context.close()
