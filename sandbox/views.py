"""The sandbox's pages for people."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from . import environment, mail
from .calls import LOG
from .forms import BehaviourForm
from .openai.faults import FAULTS
from .replicate.words import WORDS

SHOWN_CALLS = 30


@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """What the sandbox is, its magic words, its settings and its last calls."""
    form = BehaviourForm(request.POST) if request.method == "POST" else BehaviourForm.from_json({})
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("home")
    context = {
        "form": form,
        "faults": FAULTS.values(),
        "video_words": WORDS,
        "calls": LOG.last(SHOWN_CALLS),
        "is_live": "live" in request.GET,
        "is_served": environment.openai_is_served(),
        "site_url": environment.site_url(),
    }
    return render(request, "sandbox/home.html", context)


@require_GET
def mail_list(request: HttpRequest) -> HttpResponse:
    """The emails that the site has sent, newest first."""
    context = {"mails": list(mail.newest_first(environment.mail_dir())), "site_url": environment.site_url()}
    return render(request, "sandbox/mail_list.html", context)


@require_GET
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One email."""
    found = mail.named(environment.mail_dir(), name)
    if found is None:
        raise Http404
    return render(request, "sandbox/mail_detail.html", {"mail": found, "site_url": environment.site_url()})
