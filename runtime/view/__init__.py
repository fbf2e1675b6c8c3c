"""A compiled model as a web page: one self-contained file in which the model runs on what is typed."""

from runtime.view.page import View, empty_page, input_text, page_data, view
from runtime.view.states import Shown, shown_run

__all__ = [
    "Shown",
    "View",
    "empty_page",
    "input_text",
    "page_data",
    "shown_run",
    "view",
]
