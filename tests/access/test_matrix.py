"""The access matrix: role × association × state of the object × method, for every URL of the URLconf.

``make test-all`` and ``SOLIDARITY_WHOLE_ACCESS=1`` test every URL with every role. Other runs test a URL with fewer
roles if it treats several roles alike.
"""

import os
from pathlib import Path

import pytest
from django.template.backends.django import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from solidarity.lib.site.filled_templates import FixedTemplate
from tests.access import doors, world
from tests.access.doors import COLUMNS, OPEN, AccessWorld
from tests.privacy.addresses import Route, routes
from tests.repetitions import TEST_ALL
from volunteers.people.tokens import tokens

WHOLE = TEST_ALL or os.environ.get("SOLIDARITY_WHOLE_ACCESS") == "1"
SHARDS = 6
FULL = {"all": "O" * 10, "signed-in": "L" + "O" * 9, "token": "U" + "O" * 9}
Cells = dict[tuple[str, str], str]


def declared() -> dict[str, Cells]:
    """Read the declared table: URL pattern → (state, method) → cells."""
    table: dict[str, Cells] = {}
    for line in (Path(__file__).parent / "table.txt").read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        pattern, *words = line.split()
        assert pattern not in table, f"{pattern} is declared twice"
        table[pattern] = {}
        for what, cells in zip(words[::2], words[1::2], strict=False):
            state, _dot, method = what.rpartition(".")
            full = FULL.get(cells, cells)
            assert len(full) == len(COLUMNS) and set(full) <= set("O-LUXM"), line
            table[pattern][state or "here", method] = full
    return table


TABLE = declared()
ROUTES = {(route.pattern or "^"): route for route in routes()}


def test_every_address_is_declared_and_nothing_else() -> None:
    undeclared = sorted(set(ROUTES) - set(TABLE))
    assert undeclared == [], "add a line for each to tests/access/table.txt, after thinking about who is let in"
    assert sorted(set(TABLE) - set(ROUTES)) == []


def knockers(state: str, cells: str | None) -> tuple[str, ...]:
    """Return the roles to test: all roles if the table treats them differently, else a few that show the difference."""
    if WHOLE or (cells and state == "here" and cells not in FULL.values()):
        return COLUMNS
    if state == "here" and cells:
        return ("nobody", "account", "other_member", "administrator")
    if state == "over":
        return ("volunteer", "member", "dispatcher", "coordinator") if cells else ("member", "coordinator")
    return ("dispatcher", "administrator") if cells else ("administrator",)


def wrong(route: Route, cells: Cells, clients: dict[str, Client], ids: dict[str, world.Ids]) -> list[str]:
    """Return the responses that differ from the declaration."""
    found = []
    here = world.filled(route, ids["here"])
    for state in ("here", "over", "none") if route.names else ("here",):
        address = world.filled(route, ids[state])
        if state != "here" and address == here:
            continue
        for method in doors.methods_of(route.pattern):
            expected = cells.get((state, method))
            for role in knockers(state, expected):
                said = doors.knock(clients[role], method, address, doors.FORMS.get(route.pattern))
                wanted = expected[COLUMNS.index(role)] if expected else "not O"
                if said != wanted and (expected or said == OPEN):
                    found.append(f"{route.pattern} {state}.{method} {role}: {said}, declared: {wanted}")
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_door_is_open_to_whom_it_is_declared_and_to_nobody_else(
    access_world: AccessWorld, shard: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not WHOLE:  # access does not depend on the content of the page
        monkeypatch.setattr(Template, "render", lambda *given, **named: "")
        # These parts are kept as long as the process lives: later tests would see empty lines.
        monkeypatch.setattr(FixedTemplate, "html", lambda part: "")
    clients, ids, _accounts = access_world
    found: list[str] = []
    for pattern in sorted(set(ROUTES) & set(TABLE))[shard::SHARDS]:
        found += wrong(ROUTES[pattern], TABLE[pattern], clients, ids)
    assert not found, "\n".join(found)


@pytest.mark.django_db
def test_tokens_open_what_their_owner_may_and_no_more(
    access_world: AccessWorld,
) -> None:
    _clients, ids, accounts = access_world
    carol, dispatcher = accounts["dispatcher"], COLUMNS.index("dispatcher")
    assert carol is not None
    texts = {kind: tokens.make(carol, kind, writes=kind != "read", days=7) for kind in ("read", "write", "revoked")}
    tokens.revoke(texts["revoked"][0])
    found = []
    for pattern, route in ROUTES.items():
        if not pattern.startswith("api/v1/"):
            continue
        for (state, method), cells in TABLE.get(pattern, {}).items():
            address = world.filled(route, ids[state])
            wanted = {"write": cells[dispatcher], "revoked": "U", "read": cells[dispatcher] if method == "GET" else "X"}
            for kind, (_row, text) in texts.items():
                said = doors.knock(Client(), method, address, headers={"Authorization": f"Bearer {text}"})
                if said != wanted[kind]:
                    found.append(f"{pattern} {method} {kind}: {said}, wanted {wanted[kind]}")
    assert not found, "\n".join(found)


# --- URLs of the sign-in library and of the administration ------------------------------------------------------------

OF_SIGNING_IN = {
    "accounts/login/", "accounts/signup/", "accounts/signup/passkey/", "accounts/inactive/", "accounts/confirm-email/",
    "accounts/confirm-email/<key>/", "accounts/password/reset/", "accounts/password/reset/done/",
    "accounts/password/reset/key/<uidb36>-<key>/", "accounts/password/reset/key/done/", "accounts/logout/",
    "accounts/2fa/webauthn/login/", "accounts/login/code/confirm/", "accounts/2fa/authenticate/", "accounts/2fa/trust/",
}  # fmt: skip
"""Pages below /accounts/ that somebody without an account can open or is redirected from."""


def below(start: str) -> list[str]:
    def walk(patterns: list[URLPattern | URLResolver], before: str) -> list[str]:
        found = []
        for each in patterns:
            own = before + str(each.pattern)
            found += walk(each.url_patterns, own) if isinstance(each, URLResolver) else [own]
        return found

    return [pattern for pattern in walk(get_resolver().url_patterns, "") if pattern.startswith(start)]


@pytest.mark.django_db
def test_without_an_account_only_the_sign_in_pages_are_open_below_accounts(access_world: AccessWorld) -> None:
    from tests.privacy.addresses import _ARGUMENT, _GROUP

    clients, _ids, _accounts = access_world
    opened = set()
    for pattern in below("accounts/"):
        plain = _GROUP.sub(r"<\1>", pattern.replace("^", "").replace("$", ""))
        address = "/" + _ARGUMENT.sub("1", plain)
        kinds = {doors.knock(clients["nobody"], method, address) for method in ("GET", "POST")}
        if OPEN in kinds:
            opened.add(plain)
    assert opened <= OF_SIGNING_IN


@pytest.mark.django_db
def test_the_admin_site_is_for_administrators_only(access_world: AccessWorld, settings: Settings) -> None:
    settings.DJANGO_ADMIN = True
    clients, _ids, accounts = access_world
    patterns = [pattern for pattern in below("admin/") if "(?P" not in pattern]
    assert len(patterns) > 20
    account = accounts["account"]
    assert account is not None
    for pattern in patterns:
        address = "/" + pattern.replace("<path:object_id>", str(account.pk)).replace("<id>", "1")
        if "<" in address or address == "/admin/logout/":
            continue
        roles = COLUMNS if WHOLE or pattern.startswith("admin/volunteers/user/") else ("nobody", "coordinator")
        for role in roles:
            said = doors.knock(clients[role], "GET", address)
            wanted = {"nobody": "L", "administrator": "O"}.get(role, "-")
            if address in ("/admin/login/", "/admin/jsi18n/") and role == "nobody":
                wanted = said  # a redirect to the common sign-in, and the texts for scripts
            there = said == wanted or (said in "-M" and role == "administrator")
            assert there, (pattern, role, said)
