"""`{{ session.user_agent|browser_name }}` in templates."""

from django import template

from accounts.browsers import browser_name

register = template.Library()
register.filter(browser_name)
