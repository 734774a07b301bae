"""The simulated users of the night, for locust. The file named by BAD_NIGHT has the plan (run_night.Plan as JSON)."""

import json
import os
import random
import re
import time
import uuid
from collections import Counter, defaultdict
from math import asinh, floor, pi, radians, tan
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gevent
from locust import FastHttpUser, between, constant_throughput, events, task

from solidarity.ops.bad_night.page_fields import PageForm, forms_of

PLAN: dict[str, Any] = json.loads(Path(os.environ["BAD_NIGHT"]).read_text())
CROWD: dict[str, Any] = PLAN["crowd"]
EMAILS = {kind: list(CROWD[kind]) for kind in ("members", "volunteers", "dispatchers")}
SIGN_IN = "/accounts/login/"
PUBLIC = ("/", "/about/", "/help/", "/map/public/", SIGN_IN, "/guides/")
LANGUAGES = ("fr-FR,fr;q=0.9,en;q=0.8", "fr", "en-GB,en;q=0.9", "ar", "ro-RO,ro;q=0.9")
UUID = "[0-9a-f]{8}-[0-9a-f-]{27}"


class Night:
    """The state of the night. crisis: the address of the crisis, once the crisis is open."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.statuses: dict[str, Counter[int]] = defaultdict(Counter)
        self.requests = 0
        self.began = time.monotonic()
        self.crisis = ""

    def progress(self) -> float:
        """Return the share of the night that is over, by requests or by time."""
        if PLAN["requests"]:
            return float(self.requests / PLAN["requests"])
        return float((time.monotonic() - self.began) / PLAN["duration"])

    def is_over(self) -> bool:
        if PLAN["every_action"] and self.progress() < 10:
            done = {name for name, each in self.statuses.items() if any(0 < status < 400 for status in each)}
            return self.progress() >= 1 and done.issuperset(PLAN["actions"])
        return self.progress() >= 1


night = Night()


@events.request.add_listener
def _count(name: str, response_time: float, response: Any = None, **_more: Any) -> None:
    night.requests += 1
    night.seconds[name].append(response_time / 1000)
    status = getattr(response, "status_code", 0) or 0
    sent_away = status == 302 and SIGN_IN in response.headers.get("Location", "")
    night.statuses[name][401 if sent_away else status] += 1


@events.test_start.add_listener
def _watch(environment: Any, **_more: Any) -> None:
    def until_morning() -> None:
        while not night.is_over():
            gevent.sleep(0.1)
            if night.progress() >= 0.5:
                Path(PLAN["middle"]).touch()
        environment.runner.quit()

    night.began = time.monotonic()
    gevent.spawn(until_morning)


@events.quitting.add_listener
def _write(**_more: Any) -> None:
    said = {
        name: {"seconds": times, "statuses": {str(status): number for status, number in night.statuses[name].items()}}
        for name, times in night.seconds.items()
    }
    found = {"pages": said, "took": time.monotonic() - night.began, "crisis": night.crisis}
    Path(PLAN["out"]).write_text(json.dumps(found))


class Somebody(FastHttpUser):
    """A browser with its own network address, as a proxy would report it. Responses below 500 are not failures here."""

    abstract = True
    _next = 0

    def on_start(self) -> None:
        Somebody._next += 1
        number = Somebody._next
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def ask(self, method: str, path: str, name: str, **more: Any) -> Any:
        headers = {
            "X-Forwarded-For": self.address, "Accept-Encoding": "gzip", "Origin": PLAN["host"],
            "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Referer": f"{PLAN['host']}{path}",
        }  # fmt: skip
        headers |= more.pop("headers", {})
        with self.client.request(
            method, path, name=name, headers=headers, allow_redirects=False, catch_response=True, **more
        ) as answer:
            if 0 < answer.status_code < 500:
                answer.success()
        return answer

    def send(self, form: PageForm, path: str, name: str, changes: dict[str, Any]) -> Any:
        """Send a form of a page, with changed values."""
        sent = urlencode({**form.values, **changes}, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask("POST", form.action or path, name, data=sent, headers=headers)


class Member(Somebody):
    """Somebody with an account on a phone, who signs in once."""

    abstract = True
    wait_time = between(PLAN["pause"] * 0.5, PLAN["pause"] * 1.5)
    kind = ""

    def on_start(self) -> None:
        super().on_start()
        self.sign_in(EMAILS[self.kind].pop())

    def sign_in(self, email: str) -> None:
        page = self.ask("GET", SIGN_IN, "sign-in page")
        form = next(form for form in forms_of(page.text) if "login" in form.values and "password" in form.values)
        self.send(form, SIGN_IN, "sign in", {"login": email, "password": CROWD["password"]})

    def home(self) -> None:
        self.ask("GET", "/", "home")

    def map_tiles(self) -> None:
        south, west, north, east = CROWD["box"]
        zoom = random.choice((11, 12, 13, 14))
        x, y = _tile((south + north) / 2, (west + east) / 2, zoom)
        self.ask("GET", f"/map/t/{CROWD['territory']}/", "map")
        for number in range(4):
            path = f"/map/t/{CROWD['territory']}/tiles/{zoom}/{x + number % 2}/{y + number // 2}.mvt"
            self.ask("GET", path, "map tile")

    def take_a_need(self) -> None:
        listed = self.ask("GET", "/open/", "open needs")
        found = re.findall(rf'"(/open/{UUID}/)"', listed.text or "")
        if not found:
            return
        path = random.choice(found)
        page = self.ask("GET", path, "open need")
        for form in forms_of(page.text or ""):
            if "kinds" in form.choices:
                self.send(form, path, "take a need", {"kinds": form.choices["kinds"][:1], "safe": "on"})
                return


class Volunteer(Member):
    kind = "volunteers"
    fixed_count = PLAN["users"]["volunteers"]

    @task(4)
    def look(self) -> None:
        self.home()

    @task(3)
    def tiles(self) -> None:
        self.map_tiles()

    @task(3)
    def take(self) -> None:
        self.take_a_need()


class TeamMember(Member):
    """A member of an association, on tour."""

    kind = "members"
    fixed_count = PLAN["users"]["members"]

    @task(2)
    def look(self) -> None:
        self.home()

    @task(2)
    def tiles(self) -> None:
        self.map_tiles()

    @task(1)
    def take(self) -> None:
        self.take_a_need()

    @task(2)
    def tour_mode(self) -> None:
        self.ask("GET", "/tours/tour-mode/", "tour mode")

    @task(3)
    def phone_queue(self) -> None:
        """Send the reports that the phone kept while it had no network."""
        hello = self.ask("GET", "/queue/hello/", "queue hello")
        if hello.status_code != 200:
            return
        said = json.loads(hello.text)
        south, west, north, east = CROWD["box"]
        items = []
        for _each in range(random.randint(1, 5)):
            fields = {
                "latitude": f"{random.uniform(0.4, 0.6) * (north - south) + south:.6f}",
                "longitude": f"{random.uniform(0.4, 0.6) * (east - west) + west:.6f}",
                "persons": str(random.randint(1, 4)), "asked": ["food"], "given": ["food"], "when": "now", "minutes": "10",
            }  # fmt: skip
            body = json.dumps({"v": 1, "fields": fields})
            items.append({"id": str(uuid.uuid4()), "kind": "encounter", "body": body, "ago": random.randint(0, 900)})
        answer = self.ask(
            "POST", "/queue/send/", "queue send", data=json.dumps({"account": said["account"], "items": items}),
            headers={"X-CSRFToken": said["csrf"], "Content-Type": "application/json", "Sec-Fetch-Mode": "cors"},
        )  # fmt: skip
        results = json.loads(answer.text)["results"] if answer.status_code == 200 else []
        for result in results:
            night.statuses["report in the queue"][int(result.get("status", 201))] += 1
            night.seconds["report in the queue"].append(0.0)


class Dispatcher(Member):
    kind = "dispatchers"
    fixed_count = PLAN["users"]["dispatchers"]

    @task(4)
    def desk(self) -> None:
        self.ask("GET", "/triage/", "desk list")
        self.ask("GET", "/triage/changes/", "desk changes")

    @task(3)
    def step(self) -> None:
        page = self.ask("GET", "/triage/", "desk list")
        forms = [form for form in forms_of(page.text or "") if form.action.partition("?")[0].endswith("/step/")]
        if forms:
            form = random.choice(forms)
            name, offered = next(iter(form.choices.items()), ("", [""]))
            self.send(form, "/triage/", "triage step", {name: offered[0]} if name else {})

    @task(2)
    def search(self) -> None:
        page = self.ask("GET", "/triage/", "desk list")
        form = next(form for form in forms_of(page.text) if form.action.endswith("/triage/find/"))
        answer = self.send(form, "/triage/", "desk search", {"words": random.choice(("pont", "gare", "food"))})
        if answer.status_code == 302:
            self.ask("GET", answer.headers["Location"], "desk search result")


class Reader(Somebody):
    """Somebody without an account who reads public pages, and the crisis once there is one."""

    fixed_count = PLAN["users"]["readers"]
    wait_time = constant_throughput(1 / PLAN["reader_every"])

    def on_start(self) -> None:
        super().on_start()
        self.language = random.choice(LANGUAGES)

    @task
    def read(self) -> None:
        if night.crisis and random.random() < 0.5:
            path, name = night.crisis, "crisis page"
        else:
            path = random.choice(PUBLIC)
            name = f"public {path}"
        self.ask("GET", path, name, headers={"Accept-Language": self.language, "Sec-Fetch-Site": "none"})


class Coordinator(Member):
    """The person who opens the crisis in the middle of the night."""

    fixed_count = 1

    def on_start(self) -> None:
        Somebody.on_start(self)
        self.sign_in(CROWD["coordinator"])

    @task
    def open_the_crisis(self) -> None:
        if night.crisis or night.progress() < 0.5:
            gevent.sleep(0.1)
            return
        path = "/map/crises/new/"
        page = self.ask("GET", path, "crisis form")
        form = next(form for form in forms_of(page.text) if "message" in form.values)
        name = f"Grand froid {uuid.uuid4().hex[:6]}"
        said = {
            "name": name,
            "message": "Le gymnase est ouvert.",
            "where": "territory",
            "territory": CROWD["territory"],
        }
        answer = self.send(form, path, "open the crisis", said)
        if answer.status_code == 302:
            listed = self.ask("GET", "/map/crises/", "list of crises")
            slug = name.lower().replace(" ", "-")
            found = re.search(rf'"(?:https?://[^/"]+)?(/crisis/{slug}[^"/]*/)"', listed.text or "")
            night.crisis = found.group(1) if found else f"/crisis/{slug}/"


def _tile(latitude: float, longitude: float, zoom: int) -> tuple[int, int]:
    side = 2**zoom
    return (
        floor((longitude + 180) / 360 * side),
        floor((1 - asinh(tan(radians(latitude))) / pi) / 2 * side),
    )
