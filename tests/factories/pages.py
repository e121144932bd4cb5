"""Reading pages as a browser does, for tests."""

from __future__ import annotations

from html.parser import HTMLParser


def fields_of(page: str, form: int = 1) -> dict[str, list[str]]:
    """What a browser would post of a page's first form (or another, counted from 1)."""
    fields: dict[str, list[str]] = {}

    class Reader(HTMLParser):
        area = select = ""

        def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
            given = dict(pairs)
            name = given.get("name") or ""
            if tag == "input" and given.get("type") not in ("submit", "file"):
                ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
                if ticked:
                    fields.setdefault(name, []).append(given.get("value") or "")
            elif tag == "textarea":
                self.area = name
                fields[name] = [""]
            elif tag == "select":
                self.select = name
            elif tag == "option" and ("selected" in given or self.select not in fields):
                fields[self.select] = [given.get("value") or ""]

        def handle_endtag(self, tag: str) -> None:
            if tag == "textarea":
                # Browsers drop the first line end of a text field.
                fields[self.area] = [fields[self.area][0].removeprefix("\r").removeprefix("\n")]
                self.area = ""

        def handle_data(self, data: str) -> None:
            if self.area:
                fields[self.area][0] += data

    main = page[page.index("<main") :]
    Reader().feed(main.split("</form>")[form - 1])
    return fields
