"""The key: where it comes from, and where it never is."""

import stat
from pathlib import Path

import pytest
from fake_site import KEY, FakeSite

from conftest import Command
from iib import config
from iib.failures import ExitCode, NotAllowed, UsageFailure


def test_option_comes_before_environment_before_file(monkeypatch: pytest.MonkeyPatch) -> None:
    config.save(config.Config("https://file.example", "iib_file"))
    assert config.load(key=None, url=None) == config.Config("https://file.example", "iib_file")
    monkeypatch.setenv("IIB_API_KEY", "iib_environment")
    assert config.load(key=None, url=None).key == "iib_environment"
    assert config.load(key="iib_option", url="https://x.example") == config.Config("https://x.example", "iib_option")


def test_the_error_without_a_key_says_how_to_get_one(iib: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IIB_API_KEY")
    assert iib("account") == ExitCode.NOT_ALLOWED
    assert "iib login" in iib.printed().err


def test_the_file_is_readable_by_its_owner_alone() -> None:
    file = config.save(config.Config("https://x.example", KEY))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_file_that_others_can_read_is_refused() -> None:
    config.save(config.Config("https://x.example", KEY)).chmod(0o644)
    with pytest.raises(NotAllowed, match="chmod 600"):
        config.load(key=None, url=None)


def test_a_broken_file_is_reported() -> None:
    config.save(config.Config("https://x.example", KEY)).write_text("key =")
    with pytest.raises(UsageFailure, match="not valid TOML"):
        config.load(key=None, url=None)


def test_login_tries_the_key_and_stores_it(iib: Command, site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IIB_API_KEY")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: KEY)
    assert iib("login", "--url", site.url) == 0
    assert config.load(key=None, url=None) == config.Config(site.url, KEY)


def test_login_replaces_a_broken_file(iib: Command, site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    config.save(config.Config("https://x.example", KEY)).write_text("key =")
    monkeypatch.delenv("IIB_API_KEY")
    monkeypatch.delenv("IIB_URL")
    assert iib("login", "--url", site.url, "--key", KEY) == 0
    assert config.load(key=None, url=None) == config.Config(site.url, KEY)


def test_login_stores_no_key_that_the_site_refuses(iib: Command) -> None:
    assert iib("login", "--key", "iib_wrong") == ExitCode.NOT_ALLOWED
    assert not config.path().exists()


@pytest.mark.parametrize("key", ["iib_a\nb", "iib_ñ", "two words"])
def test_a_key_that_cannot_be_one_is_not_sent(key: str) -> None:
    with pytest.raises(NotAllowed, match="characters"):
        config.load(key=key, url=None)


def test_a_netrc_does_not_take_the_place_of_the_key(
    iib: Command, site: FakeSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    assert iib("account") == 0
    assert "credits_left: 100" in iib.printed().out


def test_this_machine_is_not_asked_through_a_proxy(iib: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert iib("account") == 0


def test_status_shows_the_folders_batch(iib: Command) -> None:
    iib.run("cat\n")
    iib.printed()
    assert iib("status", iib.folder) == 0
    assert "status: finished" in iib.printed().out


def test_status_of_an_id_that_is_none_is_refused(iib: Command) -> None:
    assert iib("status", "../account") == ExitCode.USAGE


def test_wrong_words_end_with_the_code_for_usage(iib: Command) -> None:
    with pytest.raises(SystemExit) as end:
        iib("run")
    assert end.value.code == ExitCode.USAGE
