"""The languages in which templates are written."""

from __future__ import annotations

from typing import Literal

Language = Literal["mustache", "handlebars"]
