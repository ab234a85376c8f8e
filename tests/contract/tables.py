"""Moved to tests.worlds.resources: only until all users are."""

from tests.worlds.resources import *  # noqa: F403 - as above
