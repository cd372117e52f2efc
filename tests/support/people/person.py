"""A person at their browser, who signs in on whatever page it is sent to."""

import re
from threading import Thread

import requests

from emulator.sample.data import EMAIL, TEMPORARY_PASSWORD

OWN_PASSWORD = 'Their-own-1'


class Browser:
    """A person at their browser, who signs in on whatever page it is sent to."""

    def __init__(
        self, email: str = EMAIL, temporary: str = TEMPORARY_PASSWORD, own: str = OWN_PASSWORD
    ) -> None:
        self.email, self.temporary, self.own = email, temporary, own
        self.visited: list[str] = []
        self._visits: list[Thread] = []

    def open(self, url: str) -> bool:
        """Go there, as webbrowser.open does, and come back at once."""
        self.visited.append(url)
        self._visits.append(Thread(target=self._sign_in, args=(url,)))
        self._visits[-1].start()
        return True

    def close(self) -> None:
        for visit in self._visits:
            visit.join()

    def _sign_in(self, url: str) -> None:
        with requests.Session() as tab:
            page = self._fill_in(tab, tab.get(url), username=self.email, password=self.temporary)
            if page.status_code == 401:
                page = self._fill_in(tab, page, username=self.email, password=self.own)
            if 'new_password_again' in page.text:
                own = {'new_password': self.own, 'new_password_again': self.own}
                page = self._fill_in(tab, page, **own)
            assert 'You can close this window.' in page.text

    @staticmethod
    def _fill_in(
        tab: requests.Session, page: requests.Response, **fields: str
    ) -> requests.Response:
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        return tab.post(page.url, {**hidden, **fields})
