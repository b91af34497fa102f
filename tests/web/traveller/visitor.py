"""A visitor without JavaScript: opens pages, reads their forms, fills them in and sends them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

NAMED = ("林间小屋长住", "Forest cabin stay", "示例森林小屋", "Sample Forest Cabins")
"""What the sample house and its stay are called: see `tests.factories`."""
LABELS = ("示例数据", "Sample data")


@dataclass
class Form:
    """A form as a browser would send it."""

    action: str
    method: str
    fields: dict[str, str | list[str]] = field(default_factory=dict)
    """A list where the same name is sent several times."""
    names: set[str] = field(default_factory=set)
    """Every field a person could fill in, also those that send nothing now."""


class _Reader(HTMLParser):
    """Collects forms, links and visible text."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._inside = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(own.get("action", ""), own.get("method", "get")))
            self._inside = True
        elif tag == "a" and "href" in own:
            self.links.append(own["href"])
        if self._inside:
            self._field(self.forms[-1], tag, own)

    def _field(self, form: Form, tag: str, own: dict[str, str]) -> None:
        name = own.get("name", "")
        if name and tag in ("input", "select", "button"):
            form.names.add(name)
        if name and tag == "input":
            if own.get("type") not in ("radio", "checkbox") or "checked" in own:
                self._keep(form, name, own.get("value", ""))
        elif tag == "select":
            self._select = name
            form.fields[name] = ""
        elif tag == "option" and "selected" in own:
            form.fields[self._select] = own.get("value", "")

    def _keep(self, form: Form, name: str, value: str) -> None:
        before = form.fields.get(name)
        if before is None:
            form.fields[name] = value
        else:
            form.fields[name] = [*([before] if isinstance(before, str) else before), value]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(" ".join(data.split()))


class Page:
    """What came back, read the way a person does."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.path = response.request.path
        self.html = response.get_data(as_text=True)
        reader = _Reader()
        reader.feed(self.html)
        self.forms, self.links = reader.forms, reader.links
        self.text = "".join(reader.words)

    def form(self, *, holding: str) -> Form:
        """Return the form that has the field ``holding`` or whose action ends with it."""
        for form in self.forms:
            if holding in form.names or form.action.split("?")[0].endswith(holding):
                return form
        raise AssertionError(f"no form with {holding} on {self.path}: {self.text[:300]}")

    def names_a_sample_unlabelled(self) -> bool:
        """Whether the page names the sample house or its stay and nowhere says what it is."""
        named = any(name in self.text for name in NAMED)
        return named and not any(label in self.text for label in LABELS)


class Visitor:
    """One browser: cookies, and the page it stands on."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self.samples = True
        """Whether the house of the tests is sample data; every page that names it must say so."""
        self.page: Page

    def open(self, url: str, *, follow: bool = True) -> Page:
        """Open an address."""
        return self._see(self._client.get(url, follow_redirects=follow))

    def send(self, holding: str, *, follow: bool = True, **filled: str) -> Page:
        """Fill in and send the form of this page that has a field or address ``holding``."""
        form = self.page.form(holding=holding)
        values = {**form.fields, **filled}
        if form.method == "get":
            return self.open(f"{form.action}?{urlencode(values, doseq=True)}", follow=follow)
        return self._see(self._client.post(form.action, data=values, follow_redirects=follow))

    def _see(self, answer: TestResponse) -> Page:
        self.page = Page(answer)
        if self.samples:
            assert not self.page.names_a_sample_unlabelled(), self.page.path
        return self.page
