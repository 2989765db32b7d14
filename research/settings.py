"""The product's settings, and the commands of this package."""

from lms_progress.settings import *  # noqa: F403
from lms_progress.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "research"]
