"""Moved to tests.worlds.stack: only until all users are."""

from tests.worlds.stack import Stack as WholeStack
from tests.worlds.stack import a_stack as a_whole_stack

__all__ = ["WholeStack", "a_whole_stack"]
