"""Moved to tests.worlds.template: only until all users are."""

from tests.worlds.template import *  # noqa: F403 - as above
