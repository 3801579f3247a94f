"""A passkey added and used in a real Chromium, whose own virtual authenticator holds it."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.batch_page import late_script
from tests.servers import Stack

pytestmark = pytest.mark.browser


@pytest.fixture
def authenticator(context: BrowserContext, page: Page) -> str:
    """Chromium's stand-in for a phone or a key: it has seen the finger, and says yes."""
    session = context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


@pytest.fixture
def at_name(site: Stack) -> str:
    """The site by name: a passkey belongs to a name, never to a bare number such as 127.0.0.1."""
    return site.url.replace("127.0.0.1", "localhost")


def sign_in(context: BrowserContext, site: Stack, address: str, base: str) -> None:
    """Sign a new person in who has just confirmed who they are."""
    site.manage("create_user", address)
    session = site.session_of(address, is_recent=True)
    context.add_cookies([{"name": "sessionid", "value": session, "url": base}])


def add_key(page: Page, base: str, *, signs_in_alone: bool) -> None:
    page.goto(f"{base}/accounts/2fa/webauthn/add/")
    page.get_by_label("Sign in with this key alone").set_checked(signs_in_alone)
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url(re.compile("recovery-codes"))


def sign_in_with_google(page: Page, base: str) -> None:
    page.goto(f"{base}/accounts/login/?next=/account/")
    page.get_by_role("button", name="Google").click()
    page.get_by_label("Email address").fill("second-step@example.org")
    page.get_by_role("button", name="Continue to the site").click()


def test_a_passkey_is_added_and_signs_in(
    page: Page, context: BrowserContext, site: Stack, at_name: str, authenticator: str
) -> None:
    sign_in(context, site, "passkey@example.org", at_name)
    add_key(page, at_name, signs_in_alone=True)
    context.clear_cookies()
    page.goto(f"{at_name}/accounts/login/?next=/account/")
    page.locator("#passkey_login").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Account")


def test_a_new_key_is_asked_for_before_the_recovery_codes_are_shown(
    page: Page, context: BrowserContext, site: Stack, at_name: str, authenticator: str
) -> None:
    sign_in(context, site, "codes@example.org", at_name)
    add_key(page, at_name, signs_in_alone=False)
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")


def test_a_key_that_was_added_before_is_named_as_the_reason(
    page: Page, context: BrowserContext, site: Stack, at_name: str, authenticator: str
) -> None:
    sign_in(context, site, "twice@example.org", at_name)
    add_key(page, at_name, signs_in_alone=False)
    page.get_by_role("button", name="Use a passkey or security key").click()
    page.wait_for_url(f"{at_name}/accounts/2fa/recovery-codes/")
    page.goto(f"{at_name}/accounts/2fa/webauthn/add/")
    page.locator("#mfa_webauthn_add").click()
    expect(page.get_by_role("alert")).to_have_text("Your account already has this key.")


def test_a_key_is_the_second_step(page: Page, context: BrowserContext, at_name: str, authenticator: str) -> None:
    sign_in_with_google(page, at_name)
    page.wait_for_url(f"{at_name}/account/")
    add_key(page, at_name, signs_in_alone=False)
    context.clear_cookies()
    sign_in_with_google(page, at_name)
    page.get_by_role("button", name="Use a passkey or security key").click()
    page.wait_for_url(f"{at_name}/account/")


def test_the_page_says_that_the_passkey_window_was_closed(page: Page, at_name: str) -> None:
    page.goto(f"{at_name}/accounts/login/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')) }")
    page.locator("#passkey_login").click()
    expect(page.get_by_text("Your passkey didn’t work, or the request was cancelled.")).to_be_visible()


def test_the_button_waits_for_its_script(page: Page, at_name: str) -> None:
    button = page.get_by_role("button", name="Use a passkey")
    with late_script(page, "**/site/passkey*"):
        page.goto(f"{at_name}/accounts/login/", wait_until="commit")
        expect(button).to_be_disabled()
    expect(button).to_be_enabled()


def test_the_page_says_that_an_ip_address_has_no_passkeys(page: Page, context: BrowserContext, site: Stack) -> None:
    site.manage("create_user", "numbers@example.org")
    context.add_cookies(
        [{"name": "sessionid", "value": site.session_of("numbers@example.org", is_recent=True), "url": site.url}]
    )
    page.goto(f"{site.url}/accounts/2fa/webauthn/add/")
    page.locator("#mfa_webauthn_add").click()
    expect(page.get_by_text("open localhost instead of 127.0.0.1")).to_be_visible()
