from django.db import migrations

from progress.operations import change_triggers

TABLES = ("alert", "outreach", "outreachtemplate", "requirement", "exemption", "escalation")
TABLES += ("learnerskill", "hourlyrate", "savedreport")


def triggers() -> str:
    return (
        change_triggers.function("requirement_id")
        + "".join(change_triggers.create(f"analytics_{table}") for table in TABLES)
        + change_triggers.create("analytics_riskscore", "enrollment_id")
        + change_triggers.create("analytics_escalationstep", "requirement_id", deletes=False)
    )


def no_triggers() -> str:
    tables = (*TABLES, "riskscore", "escalationstep")
    dropped = "".join(change_triggers.drop(f"analytics_{table}") for table in tables)
    return dropped + "DROP FUNCTION progress_note_by_requirement_id();"


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0021_plain_words"),
        ("progress", "0026_row_changes"),
    ]

    operations = [migrations.RunSQL(triggers(), no_triggers())]
