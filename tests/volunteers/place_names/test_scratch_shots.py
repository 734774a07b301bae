from pathlib import Path

import pytest

from solidarity.ops.demo import arrondissements, demo_places

pytestmark = pytest.mark.browser
OUT = Path("/tmp/w/shots/places")
OUT.mkdir(parents=True, exist_ok=True)


def test_shots(transactional_db, browser, live_server, cast, signed_in, settings):
    every = arrondissements.arrondissements()
    arrondissements.enter(every)
    demo_places.enter(every)
    from mapping.releases import release_filter

    release_filter.publish_all()
    sizes = {"s": (360, 640), "m": (390, 844), "l": (1440, 900)}
    for lang in ("fr", "en", "ar"):
        for name, (w, h) in sizes.items():
            for theme in ("light", "dark"):
                if theme == "dark" and lang != "fr":
                    continue
                ctx = browser.new_context(
                    viewport={"width": w, "height": h}, color_scheme=theme, service_workers="block", locale="fr-FR"
                )
                ctx.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": lang, "url": live_server.url}])
                page = ctx.new_page()
                page.goto(live_server.url + "/help/none/form/")
                page.screenshot(path=OUT / f"form-{lang}-{name}-{theme}-0.png")
                f = page.locator("[data-place-search] input").first
                f.click()
                page.wait_for_selector("[data-place-search][data-ready]")
                f.press_sequentially("porte de")
                page.locator("[data-place-search] [role=option]").first.wait_for()
                page.screenshot(path=OUT / f"form-{lang}-{name}-{theme}-1.png")
                f.fill("gare du nord")
                page.locator("[data-place-search] [role=option]", has_text="Gare du Nord").first.click()
                page.locator("[data-place-map][data-ready]").wait_for()
                page.wait_for_timeout(1500)
                page.screenshot(path=OUT / f"form-{lang}-{name}-{theme}-2.png")
                ctx.close()
                if lang == "ar":
                    continue
                ctx = browser.new_context(
                    viewport={"width": w, "height": h}, color_scheme=theme, service_workers="block", locale="fr-FR"
                )
                c = signed_in(cast.farid).cookies[settings.SESSION_COOKIE_NAME]
                ctx.add_cookies(
                    [
                        {"name": settings.LANGUAGE_COOKIE_NAME, "value": lang, "url": live_server.url},
                        {"name": c.key, "value": c.value, "url": live_server.url},
                    ]
                )
                page = ctx.new_page()
                page.goto(live_server.url + "/map/t/paris/")
                page.wait_for_selector("[data-drawn=yes]")
                page.wait_for_timeout(1500)
                page.screenshot(path=OUT / f"map-{lang}-{name}-{theme}-0.png")
                f = page.locator("[data-place-search] input").first
                f.click()
                f.press_sequentially("rue de la Lune")
                page.wait_for_timeout(1000)
                page.screenshot(path=OUT / f"map-{lang}-{name}-{theme}-1.png")
                f.fill("place de la bastille")
                page.locator("[data-place-search] [role=option]", has_text="Bastille").first.click()
                page.wait_for_timeout(1500)
                page.screenshot(path=OUT / f"map-{lang}-{name}-{theme}-2.png")
                if theme == "light":
                    page.goto(live_server.url + "/alerts/new/")
                    page.locator("[name=where][value=circle]").check(force=True)
                    page.wait_for_selector("[data-area-map][data-ready]")
                    page.wait_for_timeout(800)
                    page.screenshot(path=OUT / f"alert-{lang}-{name}.png", full_page=True)
                ctx.close()
