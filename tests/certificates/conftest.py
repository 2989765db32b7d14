import json

import pytest

from certificates.badges import open_badge
from tests.support.badges import SITE
from tests.support.certificates import a_certificate, a_short_course
from tests.support.evidence import expiring

__all__ = ["expiring"]


@pytest.fixture
def public_address(settings):
    settings.PUBLIC_URL = SITE
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.fixture
def certificate():
    return a_certificate(a_short_course(title="Fire safety"), full_name="Lena Fischer")


@pytest.fixture
def badge(public_address, certificate):
    return json.loads(open_badge.make(certificate))
