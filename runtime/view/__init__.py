"""A compiled model as a web page: one self-contained file in which the model runs on what is typed."""

from runtime.view.page import View, empty_page, input_text, page_data, view
from runtime.view.source import Mark, Opened, Source, program_source
from runtime.view.states import Shown, shown_run

__all__ = [
    "Mark",
    "Opened",
    "Shown",
    "Source",
    "View",
    "empty_page",
    "input_text",
    "page_data",
    "program_source",
    "shown_run",
    "view",
]
