"""A browser without scripts: keeps cookies, follows where it is led, and sends a page's own forms."""

import re
from html import unescape

from service.bootstrap import COMMAND_LINE
from service.operations.people import create_user

PASSWORD = "correct horse battery"


def add_user(service, name, *roles):
    """A user with a password that tests know."""
    create_user(service, {"name": name, "password": PASSWORD, "roles": list(roles)}, COMMAND_LINE)


class Visitor:
    """Somebody at the console, by a test client of their own."""

    def __init__(self, app, name=None):
        self.http = app.test_client()
        self.page = None
        if name is not None:
            self.send("/console/sign-in", name=name, password=PASSWORD)

    def see(self, path, **headers):
        """Open a page; its text."""
        self.page = self.http.get(path, headers=headers, follow_redirects=True)
        return self.page.text

    def send(self, path, **fields):
        """Send a form to a page, with the token that the page's own forms carry; the text that follows."""
        token = re.search(r'<meta name="csrf" content="([^"]*)"', self.see(path))
        fields = {"csrf": token[1] if token else "", **fields}
        self.page = self.http.post(path, data=fields, follow_redirects=True)
        return unescape(self.page.text)
