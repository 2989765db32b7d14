"""manage.py: with a key, with or without servers at hand, and refusing without a key."""

import os
import stat

import pytest

ASK = "from django.db import connection as c; c.ensure_connection(); print(c.settings_dict['HOST'])"


def test_without_a_secret_key_nothing_starts(installation):
    printed, code = installation.manage("check")
    assert code != 0
    assert "SECRET_KEY is not set" in printed
    assert not installation.directory.exists()


def test_the_key_is_made_once_and_for_its_owner_only(installation):
    installation.state.make()
    key = installation.state.secret_key(create=True)
    path = installation.directory / "secret_key"
    assert len(key) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert installation.state.secret_key(create=True) == key


def test_the_key_of_the_state_dir_is_used_and_the_environments_wins(installation):
    installation.state.make()
    made = installation.state.secret_key(create=True)
    ask = ("shell", "-v0", "-c", "from django.conf import settings; print(settings.SECRET_KEY)")
    assert installation.manage(*ask)[0].strip() == made
    assert installation.manage(*ask, SECRET_KEY="mine")[0].strip() == "mine"


def test_a_command_starts_servers_for_itself_and_stops_them(installation):
    printed, code = installation.manage("shell", "-v0", "-c", ASK, SECRET_KEY="x")
    assert code == 0
    assert printed.strip() == str(installation.directory / "postgres" / "socket")
    # Their keepers notice within a moment that nobody is left; joining waits for that.
    printed, code = installation.manage("shell", "-v0", "-c", ASK, SECRET_KEY="x")
    assert code == 0


@pytest.mark.parametrize("command", ["help", "check"])
def test_a_command_without_a_database_starts_nothing(installation, command):
    _printed, code = installation.manage(command, SECRET_KEY="x")
    assert code == 0
    assert not installation.directory.exists()


def test_a_check_of_the_database_starts_its_server(installation):
    _printed, code = installation.manage("check", "--database", "default", SECRET_KEY="x")
    assert code == 0
    assert (installation.directory / "postgres").exists()


@pytest.mark.parametrize("variable", ["DATABASE_URL", "REDIS_URL"])
def test_a_named_server_wins_and_the_other_is_still_embedded(installation, variable):
    servers = {"DATABASE_URL": "postgres", "REDIS_URL": "valkey"}
    ask = f"import os; print(os.environ['{variable}'])"
    named = {variable: os.environ[variable]}
    printed, code = installation.manage("shell", "-v0", "-c", ask, SECRET_KEY="x", **named)
    assert code == 0
    assert printed.strip() == os.environ[variable]
    started = {name for name in servers.values() if (installation.directory / name).exists()}
    assert started == set(servers.values()) - {servers[variable]}


def test_the_demo_is_made_in_an_empty_database_by_one_command(installation):
    printed, code = installation.manage("seed_demo", "--migrate", SECRET_KEY="x")
    assert code == 0
    assert "Demo logins" in printed
    # Nothing is left to migrate.
    assert installation.manage("migrate", "--check", SECRET_KEY="x")[1] == 0
