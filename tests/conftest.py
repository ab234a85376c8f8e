"""What holds for every tier of tests."""

from __future__ import annotations

from hypothesis import settings

# A busy machine makes an example slow, not wrong.
settings.register_profile("hookline", deadline=None)
settings.load_profile("hookline")
