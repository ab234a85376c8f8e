"""Moved to tests.worlds.client: only until all users are."""

from tests.worlds.client import *  # noqa: F403 - as above
