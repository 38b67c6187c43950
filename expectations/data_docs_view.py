"""The look of Data Docs: the library's sections in a frame that loads nothing from anywhere.

Great Expectations' own pages fetch styles and scripts from half a dozen content networks. This
view keeps what it renders (sections, tables, texts) and replaces the page around it by the
templates beside this file. Imported only once the library is.
"""

from pathlib import Path
from typing import Any

from great_expectations.render.view.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, select_autoescape

TEMPLATES = Path(__file__).parent / "templates"


class OfflinePageView(DefaultJinjaPageView):
    """A page of a suite or of its results, self-contained."""

    _template = "offline_page.j2"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        library = self.env.loader
        assert library is not None
        self.env.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), library])


def index_page(**values: Any) -> str:
    """The front page: one row per table, and every unmet check."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=select_autoescape(default=True)
    )
    return environment.get_template("index.j2").render(**values)
