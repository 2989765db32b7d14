"""docs/scim.md: its examples are run in order, and do what the page says."""

import re
import shlex
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from connections.scim import resources
from progress.models import User

from .conftest import key_of

pytestmark = pytest.mark.django_db
GUIDE = (Path(settings.BASE_DIR) / "docs" / "scim.md").read_text()


def commands() -> list[str]:
    text = "\n".join(re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL))
    return [line for line in text.splitlines() if line.startswith("curl")]


def run(command: str, values: dict[str, str]):
    """Does what curl would, against this site."""
    for name, value in values.items():
        command = command.replace(f"${name}", value)
    words = shlex.split(command)[1:]
    options = {
        words[at]: words[at + 1] for at in range(len(words) - 1) if words[at] in ("-X", "-d")
    }
    pairs = [words[at + 1].split(": ", 1) for at in range(len(words)) if words[at] == "-H"]
    [url] = [word for word in words if word.startswith("http://testserver")]
    headers = dict(pairs)
    return Client().generic(
        options.get("-X", "GET"),
        url.removeprefix("http://testserver"),
        options.get("-d", ""),
        headers.pop("Content-Type", "application/octet-stream"),
        headers=headers,
    )


def test_the_examples_lead_from_a_key_to_a_department(provider_account):
    values = {"SITE": "http://testserver", "KEY": key_of(provider_account)}
    answers = []
    for command in commands():
        answer = run(command, values)
        assert 200 <= answer.status_code < 300, (command, answer.content)
        answers.append(answer)
        if "/Users" in command and answer.status_code == 201:
            values["LENA"] = answer.json()["id"]
        if "/Groups" in command and answer.status_code == 201:
            values["CARE"] = answer.json()["id"]
    assert answers[0].json()["totalResults"] == 0
    assert answers[5].json()["Resources"][0]["displayName"] == "Care"
    lena = User.objects.get(pk=values["LENA"])
    assert (lena.full_name, lena.department, lena.is_active) == ("Lena Zweifel", "Care", False)


def test_every_attribute_that_is_kept_is_on_the_page():
    shown = {"id", "meta", "schemas", "groups", "name", "displayName"}
    for model in (resources.User, resources.EnterpriseUser, resources.Group):
        for attribute in model.to_schema().attributes:
            assert f"`{attribute.name}`" in GUIDE or attribute.name in shown, attribute.name
