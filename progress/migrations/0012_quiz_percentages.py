from django.db import migrations
from django.db.models import Exists, F, OuterRef


def refold(apps, schema_editor):
    """Quizzes earn another percentage than before: their courses are folded afresh.

    A few rows are written here; the learners follow by the job that folds changed courses.
    """
    quizzes = apps.get_model("progress", "Content").objects.filter(content_type="quiz")
    courses = apps.get_model("progress", "Course").objects
    courses.filter(Exists(quizzes.filter(module__course=OuterRef("pk")))).update(
        structure_version=F("structure_version") + 1
    )


class Migration(migrations.Migration):
    dependencies = [
        ("progress", "0011_embed_rules"),
    ]

    # Back again is a change of the rule as well.
    operations = [migrations.RunPython(refold, refold)]
