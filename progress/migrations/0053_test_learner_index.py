from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is made while everybody else works

    dependencies = [("progress", "0052_erasures")]

    operations = [
        AddIndexConcurrently(
            model_name="user",
            index=models.Index(
                condition=models.Q(("is_test", True)), fields=["id"], name="user_of_tests"
            ),
        ),
    ]
