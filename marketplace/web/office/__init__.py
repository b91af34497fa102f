"""The directory office's console: who may sell, what was decided, what waits for a person."""

from marketplace.web.office import enterprises, tasks, trail
from marketplace.web.office.base import blueprint

__all__ = ["blueprint", "enterprises", "tasks", "trail"]
