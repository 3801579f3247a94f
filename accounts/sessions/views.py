"""allauth's list of sessions, with our form."""

from allauth.usersessions.views import ListUserSessionsView

from accounts.keys.forms import SignOutElsewhere

list_sessions = ListUserSessionsView.as_view(form_class=SignOutElsewhere)
