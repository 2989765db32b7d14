"""Habits of the days that are there; the days of courses are marked, and added up by the job."""

from django.db import migrations


def hours(*numbers: int) -> str:
    return "+".join(f"own.hours_ms[{number + 1}]" for number in numbers)


# As `analytics.facts.rollups.habits` decides at the time of this release.
HABITS = f"""
INSERT INTO analytics_learnerhabit (
    enrollment_id, user_id, course_id, first_day, part_of_day, days_of_week, length, rhythm)
SELECT enrollment_id, user_id, course_id, first,
       CASE greatest(night, morning, afternoon, evening)
           WHEN night THEN 'night' WHEN morning THEN 'morning'
           WHEN afternoon THEN 'afternoon' ELSE 'evening' END,
       CASE WHEN weekend >= 0.5 * total THEN 'weekend' WHEN weekend > 0.1 * total THEN 'both'
           ELSE 'weekdays' END,
       CASE WHEN total < 900000 * days THEN 'under_15' WHEN total < 1800000 * days THEN '15_to_30'
           WHEN total < 3600000 * days THEN '30_to_60' ELSE 'over_60' END,
       CASE WHEN days = 1 THEN 'one_day' WHEN days <= 3 THEN 'two_or_three'
           WHEN days <= 6 THEN 'four_to_six' ELSE 'seven_and_more' END
  FROM (
    SELECT part.*, night + morning + afternoon + evening AS total
      FROM (
        SELECT own.enrollment_id, own.user_id, own.course_id, own.first,
               sum({hours(*range(5), 22, 23)}) AS night,
               sum({hours(*range(5, 12))}) AS morning,
               sum({hours(*range(12, 17))}) AS afternoon,
               sum({hours(*range(17, 22))}) AS evening,
               coalesce(sum(own.active_ms) FILTER (
                   WHERE extract(isodow FROM own.day) > 5), 0) AS weekend,
               count(DISTINCT own.day) AS days
          FROM (
            SELECT day.*, min(day.day) OVER (PARTITION BY day.enrollment_id) AS first
              FROM analytics_learnerday day
             WHERE day.active_ms > 0
          ) own
         WHERE own.day < own.first + 14
         GROUP BY own.enrollment_id, own.user_id, own.course_id, own.first
      ) part
  ) habit
 WHERE total > 0
ON CONFLICT DO NOTHING
"""

DAYS = """
INSERT INTO analytics_courseday (course_id, day, active_ms, hours_ms, is_stale)
SELECT DISTINCT course_id, day, 0, '{}'::bigint[], true FROM analytics_learnerday
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("analytics", "0030_course_days")]

    operations = [migrations.RunSQL([HABITS, DAYS], migrations.RunSQL.noop)]
