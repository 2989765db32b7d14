"""Every example of docs/integrating.md, as a reader would type them, against a running site."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from progress.models import Enrollment, KeyDetails, User

GUIDE = Path(settings.BASE_DIR) / "docs" / "integrating.md"


def examples() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.S | re.M)


@pytest.mark.django_db(transaction=True)
def test_the_guide_leads_from_a_key_to_the_first_tracked_minute(own_site):
    own_site.start()
    script = "set -euo pipefail\n" + "\necho; echo ---\n".join(examples())
    environment = own_site.environment | {
        "SITE": own_site.url,
        "DJANGO_SUPERUSER_PASSWORD": "a long enough sentence",
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    parts = [part.strip() for part in done.stdout.split("---")]
    assert len(parts) == len(examples())
    lena = User.objects.get(external_id="hr-17")
    assert (lena.username, lena.is_active) == ("lena", True)
    assert '"covered_seconds":2.0' in parts[3].replace(" ", "")
    assert '"time_spent_seconds":2.0' in parts[3].replace(" ", "")
    assert "2031-01-31T23:59:59" in parts[4]
    assert '"is_written":false' in parts[5] and '"status":"not_written"' not in parts[5]
    assert parts[6].split() == ["3", "3"], "the request was done twice"
    assert Enrollment.objects.filter(user=lena).count() == 3
    assert '"withdrawn_by":"integrator"' in parts[7]
    assert parts[8].split() == ["True", "1", "1"], "one test learner was made, listed and erased"
    assert not User.objects.filter(is_test=True).exists()
    assert not KeyDetails.objects.filter(last_used_at=None).exists()


def test_every_scope_is_in_the_guide():
    from progress.models.keys import Scope

    text = GUIDE.read_text()
    assert [name for name in Scope.values if f"| `{name}` |" not in text] == []
