"""What no checker of `make lint-deploy` sees: names that must agree, and the site in the processes of other servers."""

import itertools
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from batches.runs.turns import STOP_SECONDS
from tests.deploy.lint import CHECKERS, DEPLOY, check
from tests.processes import ROOT

COMPOSE = yaml.safe_load((DEPLOY / "docker/compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
CONFIGURATION = (ROOT / "docs/configuration.md").read_text()
FORM_BYTES = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


@pytest.mark.parametrize("kind", ["volumes", "networks", "secrets", "depends_on"])
def test_compose_names_only_what_it_declares(kind: str) -> None:
    declared = SERVICES if kind == "depends_on" else COMPOSE[kind]
    used = {name.split(":")[0] for service in SERVICES.values() for name in service.get(kind, [])}
    assert {name for name in used if not name.startswith(".")} <= set(declared)


def test_compose_mounts_only_files_that_exist_or_that_the_operator_makes() -> None:
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    files = {DEPLOY / "docker" / name for name in mounted if name.startswith(".")} - {DEPLOY / "docker/certificates"}
    assert files
    assert {file for file in files if not file.exists()} == set()


def test_each_secret_of_compose_is_created_once(tmp_path: Path) -> None:
    script = shutil.copy(DEPLOY / "docker/new-secrets.sh", tmp_path)
    subprocess.run([script], check=True, capture_output=True)
    created = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    assert set(created) == set(COMPOSE["secrets"])
    assert len(created["secret_key"]) >= 50
    assert created["database_password"] in created["database_url"]
    subprocess.run([script], check=True, capture_output=True)
    assert {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()} == created


def test_each_secret_of_compose_is_read_from_its_file() -> None:
    environment = SERVICES["web"]["environment"]
    files = {name: value for name, value in environment.items() if name.endswith("_FILE")}
    assert set(files.values()) == {f"/run/secrets/{name}" for name in SERVICES["web"]["secrets"]}
    assert {name for name in files if f"`{name.removesuffix('_FILE')}`" not in CONFIGURATION} == set()


def test_nginx_finds_a_web_container_whose_address_has_changed() -> None:
    """By IPv4, where gunicorn listens; nginx resolves names again since 1.27.3."""
    upstream = (DEPLOY / "docker/upstream.conf").read_text()
    assert re.search(r"server web:8000 .*\bresolve;", upstream)
    assert re.search(r"resolver 127\.0\.0\.11 .*ipv6=off;", upstream)
    assert "--bind=0.0.0.0:8000" in (DEPLOY / "docker/Dockerfile").read_text()
    (version,) = re.findall(r"nginx:1\.(\d+)", SERVICES["nginx"]["image"])
    assert int(version) > 27


def test_visitors_by_ipv6_have_their_own_addresses() -> None:
    assert COMPOSE["networks"]["default"]["enable_ipv6"]
    assert "servers" not in SERVICES["nginx"].get("networks", [])


def test_the_container_image_has_only_the_health_check_of_the_operators_folder() -> None:
    ignored = (DEPLOY / "docker/Dockerfile.dockerignore").read_text().splitlines()
    assert "deploy/docker/*" in ignored
    assert [line for line in ignored if line.startswith("!")] == ["!deploy/docker/healthcheck.py"]


def test_workers_get_the_time_that_the_images_in_flight_need() -> None:
    assert SERVICES["worker"]["stop_grace_period"] == f"{STOP_SECONDS}s"
    unit = (DEPLOY / "systemd/images-in-bulk-worker.service").read_text()
    assert f"\nTimeoutStopSec={STOP_SECONDS}\n" in unit


@pytest.mark.parametrize(
    ("file", "limit"),
    [("nginx/images-in-bulk.conf", r"client_max_body_size (\d+)m;"), ("caddy/Caddyfile", r"max_size (\d+)MB")],
)
def test_the_longest_list_passes_the_proxy(file: str, limit: str) -> None:
    (megabytes,) = re.findall(limit, (DEPLOY / file).read_text())
    assert int(megabytes) * 1_000_000 > FORM_BYTES


def test_litespeed_passes_requests_to_gunicorn() -> None:
    words = (DEPLOY / "litespeed/proxy.conf").read_text().split()
    pairs = set(itertools.pairwise(words))
    assert {("type", "proxy"), ("address", "127.0.0.1:8000"), ("handler", "images_in_bulk")} <= pairs


def test_litespeeds_own_python_is_not_given_a_home() -> None:
    lines = (DEPLOY / "litespeed/app_server.conf").read_text().splitlines()
    values = dict(line.split(maxsplit=1) for line in lines if line.startswith("  ") and len(line.split()) > 1)
    assert (ROOT / values["startupFile"]).exists()
    assert not [line for line in lines if not line.startswith("#") and "PYTHONHOME" in line]


@pytest.mark.parametrize("program", ["imagesinbulk/wsgi.py", "deploy/litespeed/passenger_wsgi.py"])
def test_the_site_starts_by_path_in_an_empty_environment(program: str, tmp_path: Path) -> None:
    """LiteSpeed clears the environment and starts elsewhere."""
    code = (
        "import runpy, sys; from wsgiref.util import setup_testing_defaults as fill; e = {'HTTP_HOST': '127.0.0.1'}\n"
        f"e |= {{'PATH_INFO': '/.well-known/security.txt'}}; fill(e); app = runpy.run_path({str(ROOT / program)!r})\n"
        "print(*app['application'](e, lambda status, headers: print(status)))"
    )
    libraries = Path(yaml.__file__).parent.parent
    environment = {"PYTHONPATH": f"{ROOT}:{libraries}", "VAR_DIR": str(tmp_path), "DEBUG": "True"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd="/", capture_output=True, text=True)
    assert done.stdout.startswith("200 OK"), done.stderr


def test_each_line_of_the_example_is_documented() -> None:
    names = re.findall(r"^([A-Z_]+)=", (DEPLOY / "env.example").read_text(), re.M)
    assert {name for name in names if f"`{name}`" not in CONFIGURATION} == set()


@pytest.mark.parametrize(
    ("title", "file", "old", "new"),
    [
        ("nginx", "nginx/images-in-bulk.conf", "proxy_read_timeout", "proxy_raed_timeout"),
        ("systemd", "systemd/images-in-bulk-web.service", "ProtectHome", "ProtectHose"),
        ("systemd", "systemd/images-in-bulk-worker.service", "SystemCallFilter", "#SystemCallFilter"),
        ("Caddy", "caddy/Caddyfile", "max_size", "max_seize"),
        ("Dockerfile", "docker/Dockerfile", "USER 10001", "MAINTAINER nobody"),
        ("schemas of compose.yaml and workflows", "docker/compose.yaml", "service_healthy", "service_happy"),
        ("shell scripts", "docker/new-secrets.sh", '"$(dirname "$0")"', "$(dirname $0)"),
    ],
)
def test_a_mistake_is_found(
    title: str, file: str, old: str, new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(DEPLOY, tmp_path / "deploy")
    broken = copy / file
    assert old in broken.read_text()
    broken.write_text(broken.read_text().replace(old, new))
    monkeypatch.setattr("tests.deploy.lint.DEPLOY", copy)
    monkeypatch.setattr("tests.deploy.lint.UNITS", sorted(copy.glob("systemd/*.*")))
    monkeypatch.setattr("tests.deploy.lint.SCRIPTS", sorted(copy.rglob("*.sh")))
    (checker,) = (each for each in CHECKERS if each.title == title)
    line, is_well = check(checker)
    if "skipped" in line:
        pytest.skip(line)
    assert "failed" in line
    assert not is_well
