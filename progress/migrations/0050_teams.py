"""The people below a manager, by one function; and no circles among managers."""

from django.db import migrations

from progress.operations import change_triggers

BEFORE = "username, email, full_name, department, time_zone, external_id, is_active, language"
# Whoever follows the people of the API learns of a new manager.
AFTER = f"{BEFORE}, manager_id"


def note(columns: str) -> str:
    drop = "DROP TRIGGER IF EXISTS note_changed ON progress_user;\n"
    return drop + change_triggers.create(
        "progress_user", columns=columns, inserts=False, deletes=False
    )


# UNION, not UNION ALL: it ends even if rows that other means wrote go round in a circle.
TEAM = """
CREATE FUNCTION progress_team_v1(leader bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE ROWS 100 AS $$
    WITH RECURSIVE team(id) AS (
        SELECT person.id FROM progress_user person WHERE person.manager_id = leader
        UNION
        SELECT person.id FROM progress_user person JOIN team ON person.manager_id = team.id
    )
    SELECT team.id FROM team
$$
"""

# Two transactions that each move one of two people below the other wait for each other here, and
# the second sees what the first has written. `progress.security.managers` takes the same lock
# before it writes.
NO_CIRCLE = """
CREATE FUNCTION progress_refuse_circle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('progress_user.manager', 0));
    IF EXISTS (
        SELECT FROM progress_team_v1(NEW.id) AS below(id) WHERE below.id = NEW.manager_id
    ) THEN
        RAISE EXCEPTION 'user % reports to %, directly or through others',
            NEW.manager_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_manager_no_circle';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER user_manager_no_circle AFTER UPDATE OF manager_id ON progress_user
    FOR EACH ROW WHEN (NEW.manager_id IS NOT NULL AND NEW.manager_id IS DISTINCT FROM OLD.manager_id)
    EXECUTE FUNCTION progress_refuse_circle();
"""


class Migration(migrations.Migration):
    dependencies = [("progress", "0049_managers")]

    operations = [
        migrations.RunSQL(note(AFTER), note(BEFORE)),
        migrations.RunSQL(TEAM, "DROP FUNCTION progress_team_v1(bigint)"),
        migrations.RunSQL(
            NO_CIRCLE,
            "DROP TRIGGER user_manager_no_circle ON progress_user;"
            "DROP FUNCTION progress_refuse_circle()",
        ),
    ]
