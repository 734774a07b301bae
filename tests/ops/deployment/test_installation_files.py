"""The files for servers: docker-compose.yml, Dockerfile, .env and the systemd units. No container engine is needed."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from solidarity.local import containers, settings_file
from solidarity.local.services import data_dirs, postgres
from solidarity.local.terminal import SetUpRefused
from tests.ops.test_setup import ROOT, clean_environment

FOLDER = ROOT / "solidarity" / "ops" / "deployment"
APP = ("web", "worker", "beat", "upgrade")
SECRETS = ("SECRET_KEY", "FIELD_KEY", "AUDIT_KEY", "DB_PASSWORD", "ALLOWED_HOSTS", "SITE_URL")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return read


def test_only_the_proxy_is_reached_from_outside_and_every_service_is_watched(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"proxy", "db", "redis", *APP}
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert [name for name, service in services.items() if "healthcheck" not in service] == ["upgrade"]
    assert "postgis/postgis:17-3.5" in services["db"]["image"] and "alpine" not in services["db"]["image"]
    kept = {volume.partition(":")[0] for name in ("db", "web") for volume in services[name]["volumes"]}
    assert kept == {"database", "state"} and kept <= set(compose["volumes"])


def test_the_proxy_reads_releases_and_the_street_map_and_nothing_about_people(compose: dict[str, Any]) -> None:
    proxy = compose["services"]["proxy"]
    mounted = [volume for volume in proxy["volumes"] if isinstance(volume, dict)]
    assert {(each["volume"]["subpath"], each["target"], each["read_only"]) for each in mounted} == {
        ("media/releases", "/files/releases", True),
        ("media/basemap", "/files/basemap", True),
    }
    assert not [name for name in proxy["environment"] if "KEY" in name or "PASSWORD" in name]
    assert proxy["cap_drop"] == ["ALL"] and "env_file" not in proxy


def test_the_database_changes_in_one_place_that_the_others_wait_for(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert [name for name in APP if services[name].get("command") == ["upgrade"]] == ["upgrade"]
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["upgrade"] == {"condition": "service_completed_successfully"}


def test_secrets_come_from_the_environment_and_the_site_trusts_its_own_proxy_alone(compose: dict[str, Any]) -> None:
    for name in APP:
        settings = compose["services"][name]["environment"]
        for secret in SECRETS:
            assert settings[f"SOLIDARITY_{secret}"].startswith(f"${{SOLIDARITY_{secret}:?"), (name, secret)
        for switch in ("HTTPS", "BEHIND_PROXY", "FILES_BY_PROXY"):
            assert settings[f"SOLIDARITY_{switch}"] == "1"
        assert settings["SOLIDARITY_DEBUG"] == "0"
        assert settings["SOLIDARITY_DEMO"] == "${SOLIDARITY_DEMO:-0}"


def test_the_database_of_compose_is_tuned_like_that_of_make_run(compose: dict[str, Any], tmp_path: Path) -> None:
    given = dict(word.removeprefix("-c").split("=", 1) for word in compose["services"]["db"]["command"][1:])
    own = postgres.Cluster(data_dirs.Home(tmp_path, tmp_path, None), durable=True)._settings()
    of_the_machine = {"listen_addresses", "unix_socket_directories", "port", "dynamic_shared_memory_type"}
    assert given.keys() == own.keys() - of_the_machine
    sized = postgres.sizes(1).keys()
    assert {name: value for name, value in given.items() if name not in sized} == {
        name: own[name] for name in given if name not in sized
    }
    assert all(re.fullmatch(r"\$\{SOLIDARITY_POSTGRES_[A-Z_]+:-\d+MB\}", given[name]) for name in sized)


def test_env_is_written_once_with_fresh_keys_that_docker_compose_accepts(tmp_path: Path) -> None:
    for name in ("docker-compose.yml", ".env.example"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "certificates" / "acme").mkdir(parents=True)
    compose = next((each for each in (["docker-compose"], ["docker", "compose"]) if _runs([*each, "version"])), None)
    if compose:
        refused = subprocess.run(
            [*compose, "config", "-q"], cwd=tmp_path, env=clean_environment(tmp_path), capture_output=True, text=True
        )
        assert refused.returncode != 0 and "required variable SOLIDARITY_" in refused.stderr

    path = containers.write_env(tmp_path, "solidarity.example.org, www.example.org")
    assert path.stat().st_mode & 0o777 == 0o600
    written = settings_file.read(path)
    assert written["SOLIDARITY_ALLOWED_HOSTS"] == "solidarity.example.org,www.example.org"
    assert written["SOLIDARITY_SITE_URL"] == "https://solidarity.example.org"
    assert all(
        len(written[f"SOLIDARITY_{name}"]) > 40 for name in ("SECRET_KEY", "FIELD_KEY", "AUDIT_KEY", "DB_PASSWORD")
    )
    if compose:
        accepted = subprocess.run(
            [*compose, "config", "-q"], cwd=tmp_path, env=clean_environment(tmp_path), capture_output=True, text=True
        )
        assert accepted.returncode == 0, accepted.stderr

    before = path.read_bytes()
    with pytest.raises(SetUpRefused, match="exists and was not changed"):
        containers.write_env(tmp_path, "solidarity.example.org")
    assert path.read_bytes() == before


@pytest.mark.parametrize("host", ["", "a b", "https://a.example", "a\nSOLIDARITY_DEMO=1", "-a.example", "$(id)"])
def test_env_is_not_written_for_a_name_that_is_none(tmp_path: Path, host: str) -> None:
    shutil.copy(ROOT / ".env.example", tmp_path)
    with pytest.raises(SetUpRefused, match="host name|Name the site"):
        containers.write_env(tmp_path, host)
    assert not (tmp_path / ".env").exists()


def test_every_image_has_an_exact_version_and_pinning_adds_its_digest_everywhere(tmp_path: Path) -> None:
    for name in ("Dockerfile", "docker-compose.yml"):
        shutil.copy(ROOT / name, tmp_path)
    both = "".join((tmp_path / name).read_text() for name in ("Dockerfile", "docker-compose.yml"))
    named = re.findall(r"^(?:FROM|    image:) (\S+)", both, re.M)
    images = [name for name in named if name != "solidarity-proxy"]
    assert len(images) == 6
    assert all(
        re.search(r":(\d+-\d+\.\d+|\d+\.\d+\.\d+\S*|trixie-\d{8}-slim)(@sha256:[0-9a-f]{64})?$", name)
        for name in images
    )
    for digit in "12":  # a second time, the digests are replaced
        pinned = containers.pin(tmp_path, lambda _name, digit=digit: f"sha256:{digit * 64}")  # type: ignore[misc]
        both = "".join((tmp_path / name).read_text() for name in ("Dockerfile", "docker-compose.yml"))
        assert len(pinned) == 5 and both.count(f"@sha256:{digit * 64}") == 6 and both.count("@sha256:") == 6
    assert yaml.safe_load((tmp_path / "docker-compose.yml").read_text())["services"]["redis"]["image"] in pinned

    def offline(_name: str) -> str:
        raise SetUpRefused("No digest")

    with pytest.raises(SetUpRefused):
        containers.pin(tmp_path, offline)
    assert both == "".join((tmp_path / name).read_text() for name in ("Dockerfile", "docker-compose.yml"))


def test_the_images_run_as_an_ordinary_account_and_hold_no_secret() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001"] * 2
    assert not [line for line in lines if line.startswith(("ARG ", "ENV ")) and "KEY" in line]
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*" and not {"!.env", "!.local", "!certificates"} & set(ignored)


@pytest.mark.parametrize("name", ["web", "worker", "beat", "proxy"])
def test_a_systemd_unit_starts_what_exists_with_few_rights(name: str) -> None:
    text = (FOLDER / "systemd" / f"solidarity-{name}.service").read_text()
    unit = configparser.RawConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    service = unit["Service"]
    assert service["User"] == "solidarity" and service["NoNewPrivileges"] == "yes" and service["UMask"] == "0077"
    assert service["EnvironmentFile"] == "/etc/solidarity/env"
    shell, script, *words = shlex.split(service["ExecStart"])
    assert shell == "/bin/sh" and (ROOT / script).is_file()
    assert f"solidarity-{name}.service" in (FOLDER / "systemd" / "solidarity.target").read_text()
    if words:
        assert f"\n{words[0]})\n" in (FOLDER / "entrypoint.sh").read_text()
    if name == "web":
        prepared = re.findall(r"^ExecStartPre=\S+/python manage.py (\w+)", text, re.M)
        assert prepared == ["collectstatic", "upgrade"] and set(prepared) <= set(get_commands())


def test_the_entry_point_tells_commands_of_the_site_from_other_programs(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("python", "granian", "celery", "other"):
        (programs / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (programs / name).chmod(0o755)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "SOLIDARITY_STATE": str(tmp_path)}

    def said(*words: str) -> str:
        command = ["sh", str(FOLDER / "entrypoint.sh"), *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    assert said("upgrade") == "python manage.py upgrade\n"
    assert said("restore", "a file.tar", "--force") == "python manage.py restore a file.tar --force\n"
    assert said("other", "-x") == "other -x\n"
    assert said("beat").startswith("celery -A solidarity beat ")
    served = said()
    assert "It works once, for a day:\n\n    python manage.py first_start_link\n\n" in served
    assert "\ngranian --interface wsgi --host 0.0.0.0 --port 8000 " in served and "--no-access-log" in served
    assert (tmp_path / "media" / "releases").is_dir()


def test_the_proxy_listens_to_ipv6_too_and_keeps_a_certificate_that_is_there(tmp_path: Path) -> None:
    nginx = tmp_path / "nginx"
    nginx.write_text("#!/bin/sh\n")
    nginx.chmod(0o755)
    for name in ("fullchain.pem", "privkey.pem"):
        (tmp_path / name).write_text("from an authority")
    given = {"SOLIDARITY_NGINX": nginx, "SOLIDARITY_NGINX_RUN": tmp_path / "run", "SOLIDARITY_CERTIFICATES": tmp_path}
    environment = {"PATH": os.environ["PATH"], "SOLIDARITY_ALLOWED_HOSTS": "a.example,.b.example"}
    environment |= {name: str(value) for name, value in given.items()}
    subprocess.run(["sh", str(FOLDER / "nginx" / "start.sh")], env=environment, check=True)
    written = (tmp_path / "run" / "nginx.conf").read_text()
    assert f"ssl_certificate {tmp_path}/fullchain.pem;" in written and "server_name a.example .b.example;" in written
    assert "${" not in written and (tmp_path / "run" / "nginx.conf").stat().st_mode & 0o077 == 0
    if Path("/proc/net/if_inet6").exists():
        assert written.count("listen 8443 ssl") == written.count("listen [::]:8443 ssl") == 2
        assert "listen [::]:8080 default_server;" in written and "listen [::]:8080;" in written


def _runs(command: list[str]) -> bool:
    return shutil.which(command[0]) is not None and subprocess.run(command, capture_output=True).returncode == 0
