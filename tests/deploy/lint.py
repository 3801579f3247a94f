"""`make lint-deploy`: the checkers of deploy/, .github/ and .ci/, none of which needs the network."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.ports import HOST
from tests.processes import ROOT

DEPLOY = ROOT / "deploy"
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
SCRIPTS = [ROOT / ".ci/run", *sorted(DEPLOY.rglob("*.sh"))]
UNITS = sorted(DEPLOY.glob("systemd/*.*"))
CHECKOUT = "/srv/images-in-bulk"
#: Of systemd's ten points for what a service may do to the machine.
MOST_EXPOSURE = 2
#: Python's packages put their programs next to it. Debian keeps servers out of an ordinary user's PATH.
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath), "/usr/sbin"])


@dataclass(frozen=True)
class Checker:
    """Something that reads our files; `complaints` returns what it has to say, given a folder for its own files."""

    title: str
    program: str
    source: str
    complaints: Callable[[Path], str]


def run(*command: str | Path, **environment: str) -> str:
    """Return the output of a command that failed, and nothing of one that succeeded."""
    done = subprocess.run(
        command, env={**os.environ, "PATH": PATH, **environment}, cwd=ROOT, capture_output=True, text=True
    )
    return f"{done.stdout}{done.stderr}" or f"exit code {done.returncode}" if done.returncode else ""


def dockerfile(directory: Path) -> str:
    return run("hadolint", DEPLOY / "docker/Dockerfile")


def schemas(directory: Path) -> str:
    compose = run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "docker/compose.yaml")
    return compose + run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)


def workflows(directory: Path) -> str:
    return run("actionlint", *WORKFLOWS)


def shell(directory: Path) -> str:
    return run("shellcheck", *SCRIPTS)


def nginx(directory: Path) -> str:
    certificate(directory)
    upstreams = (DEPLOY / "nginx/upstream.conf", DEPLOY / "docker/upstream.conf")
    files = [nginx_configuration(directory, upstream.read_text()) for upstream in upstreams]
    return "".join(run("nginx", "-t", "-e", directory / "error.log", "-c", file) for file in files)


def nginx_configuration(directory: Path, upstream: str, http_port: int = 10080, https_port: int = 10443) -> Path:
    """Write what nginx needs around our site, on ports that anybody may open and addresses that every machine has."""
    site = (DEPLOY / "nginx/images-in-bulk.conf").read_text()
    site = "\n".join(line for line in site.splitlines() if "[::]" not in line)
    site = site.replace("listen 80 ", f"listen {HOST}:{http_port} ").replace(
        "listen 443 ", f"listen {HOST}:{https_port} "
    )
    site = site.replace("/etc/ssl/images-in-bulk", str(directory)).replace("/var/cache", str(directory))
    # The service of compose.yaml has no address here, and nginx before 1.27.3 does not resolve names again.
    upstream = re.sub(r"^ *(zone|resolver) .*|(?<=max_fails=0) resolve", "", upstream, flags=re.M)
    upstream = upstream.replace("server web:", f"server {HOST}:")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = "".join(f"{kind}_temp_path {directory / kind};" for kind in kinds)
    file = directory / f"{uuid.uuid4()}.conf"
    # Its processes could not read the folders of tests as anybody else.
    user = "user root;" if os.getuid() == 0 else ""
    file.write_text(
        f"{user}pid {file}.pid;\nevents {{}}\nhttp {{\n{folders}\naccess_log off;\n{site}\n{upstream}\n}}\n"
    )
    return file


def certificate(directory: Path) -> None:
    """Make a certificate for the host `localhost`."""
    names = ["-keyout", directory / "privkey.pem", "-out", directory / "fullchain.pem", "-subj", "/CN=localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", *names]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


def caddy(directory: Path) -> str:
    home = {"HOME": str(directory), "XDG_DATA_HOME": str(directory), "XDG_CONFIG_HOME": str(directory)}
    return run("caddy", "validate", "--adapter", "caddyfile", "--config", DEPLOY / "caddy/Caddyfile", **home)


def systemd(directory: Path) -> str:
    """Verify the units with stand-ins for the programs that they start, which must exist."""
    for program in ("gunicorn", "python"):
        stand_in = directory / ".venv/bin" / program
        stand_in.parent.mkdir(parents=True, exist_ok=True)
        stand_in.symlink_to("/bin/true")
    units = []
    for unit in UNITS:
        units.append(directory / unit.name)
        units[-1].write_text(unit.read_text().replace(CHECKOUT, str(directory)))
    path = {"SYSTEMD_UNIT_PATH": f"{directory}:"}
    # It succeeds with unknown names of settings, too, and only mentions them.
    said = subprocess.run(
        ["systemd-analyze", "verify", *units], env={**os.environ, **path}, capture_output=True, text=True
    )
    services = [unit for unit in units if unit.suffix == ".service"]
    limit = f"--threshold={MOST_EXPOSURE * 10:.0f}"
    exposed = (run("systemd-analyze", "security", "--offline=true", limit, "--no-pager", unit) for unit in services)
    return said.stdout + said.stderr + "".join(exposed)


CHECKERS = (
    Checker("Dockerfile", "hadolint", "requirements-dev.txt", dockerfile),
    Checker("schemas of compose.yaml and workflows", "check-jsonschema", "requirements-dev.txt", schemas),
    Checker("workflows", "actionlint", "requirements-dev.txt", workflows),
    Checker("shell scripts", "shellcheck", "requirements-dev.txt", shell),
    Checker("nginx", "nginx", "Debian: nginx-light", nginx),
    Checker("Caddy", "caddy", "Debian: caddy", caddy),
    Checker("systemd", "systemd-analyze", "Debian: systemd", systemd),
)


def check(checker: Checker) -> tuple[str, bool]:
    """Return a line about the checker, with its complaints, and whether all is well."""
    if not shutil.which(checker.program, path=PATH):
        is_ci = os.environ.get("CI") == "true"
        word = "failed" if is_ci else "skipped"
        return f"{checker.title}: {word}, there is no {checker.program} ({checker.source})", not is_ci
    started_at = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="iib-") as directory:
        said = checker.complaints(Path(directory)).strip()
    took = f"{time.monotonic() - started_at:.1f} s"
    return f"{checker.title}: failed\n{said}" if said else f"{checker.title}: ok, {took}", not said


def main(checkers: Sequence[Checker] = CHECKERS) -> int:
    """Print what each checker says; return 0 only if none complains."""
    with ThreadPoolExecutor() as threads:
        results = list(threads.map(check, checkers))
    print("\n".join(line for line, _ in results))
    return 0 if all(is_well for _, is_well in results) else 1


if __name__ == "__main__":
    sys.exit(main())
