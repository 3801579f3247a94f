"""The page on which a visitor says who they are, and the two calls with which the site then asks."""

import hashlib

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from sandbox import environment
from sandbox.redirects import SiteRedirect, may_lead_to

from . import tokens
from .forms import AuthorizationForm, PersonForm

NAMES = {"google": "Google", "microsoft": "Microsoft"}
#: Microsoft says nothing about whether an address is verified.
VERIFIES = {"google"}
#: Graph has no `mail` for accounts of people; their address is their sign-in name.
PERSONAL_DOMAINS = ("hotmail.com", "live.com", "outlook.com")
EXAMPLE = {"email": "ada@example.org", "name": "Ada Lovelace", "email_verified": True}


@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Ask who signs in, and send them back to the site with a code."""
    if not environment.identity_is_served():
        raise Http404
    order = AuthorizationForm(request.GET)
    if not order.is_valid():
        return HttpResponseBadRequest(order.errors.as_text(), content_type="text/plain")
    form = PersonForm(request.POST or None, initial=EXAMPLE, verifies=provider in VERIFIES)
    if form.is_valid():
        person = {**form.cleaned_data, "subject": form.cleaned_data["subject"] or _subject(provider, form)}
        return SiteRedirect(order.way_back(code=tokens.code_for(person, order.cleaned_data)))
    context = {
        "form": form,
        "provider": NAMES[provider],
        "cancel_url": order.way_back(error="access_denied"),
        "site_url": environment.site_url(),
    }
    response = render(request, "sandbox/identity/authorize.html", context)
    return may_lead_to(order.cleaned_data["redirect_uri"], response, request)


def _subject(provider: str, form: PersonForm) -> str:
    return hashlib.sha256(f"{provider} {form.cleaned_data['email'].lower()}".encode()).hexdigest()[:21]


@csrf_exempt
@require_POST
def token(request: HttpRequest, provider: str) -> JsonResponse:
    """Give the site a token for its code, and with Google's what the visitor entered."""
    try:
        person = tokens.person_of_code(request.POST.get("code", ""), request.POST.dict())
    except tokens.Refused:
        return JsonResponse({"error": "invalid_grant"}, status=400)
    answer = {
        "access_token": tokens.access_token(person),
        "token_type": "Bearer",
        "expires_in": tokens.TOKEN_SECONDS,
    }
    if provider == "google":
        issuer = f"{request.scheme}://{request.get_host()}/google"
        answer["id_token"] = tokens.id_token(person, issuer=issuer, audience=request.POST["client_id"])
    return JsonResponse(answer)


@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    """Tell the site who signed in, as Microsoft Graph does."""
    try:
        person = tokens.person_of_token(request.headers.get("Authorization", "").removeprefix("Bearer "))
    except tokens.Refused:
        return JsonResponse({"error": {"code": "InvalidAuthenticationToken"}}, status=401)
    given_name, _, surname = person["name"].partition(" ")
    return JsonResponse(
        {
            "id": person["subject"],
            "displayName": person["name"],
            "givenName": given_name,
            "surname": surname,
            "mail": None if person["email"].endswith(PERSONAL_DOMAINS) else person["email"],
            "userPrincipalName": person["email"],
        }
    )
