"""A page as a test reads it: its tags, its text and its tables."""

import html.parser
from pathlib import Path


class Page(html.parser.HTMLParser):
    """Tags with their attributes, the text, and the lines of all tables."""

    def __init__(self, path):
        super().__init__()
        self.source = Path(path).read_text(encoding="utf-8")
        self.tags, self.tables, self._open = [], [], []
        self.text = ""
        self.feed(self.source)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag):
        while tag in self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if "style" in self._open or "script" in self._open:
            return
        self.text += data
        if "table" in self._open and ("td" in self._open or "th" in self._open):
            cells = self.tables[-1][-1]
            cells[-1] = " ".join(f"{cells[-1]} {data}".split())

    def with_attribute(self, name):
        return [attributes[name] for _, attributes in self.tags if name in attributes]

    def numbers(self):
        """The first paper's tables, its own numbers before others: (row, metric) -> its other cells."""
        lines = [line for t in reversed(self.tables) if t[0][0] == "Place" for line in t[1:]]
        return {(line[1].split(" by ")[0].rstrip(" 1"), line[2].split()[0]): line[3:] for line in lines}
