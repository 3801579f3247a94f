from django import template

from accounts.sessions.browsers import browser_name

register = template.Library()
register.filter(browser_name)
