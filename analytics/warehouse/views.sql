-- The views of docs/warehouse.md, made anew after each `migrate`. Their names and columns are a
-- promise: a column may be added at the end of a view, and none is renamed or removed.
-- Test learners and test courses are in none of them.
-- Moments are timestamptz, days are the learner's own, seconds and percentages numeric.

CREATE OR REPLACE VIEW warehouse.learners AS
SELECT id AS learner_id, external_id, username, full_name, email, department, time_zone, is_active,
    date_joined AS created_at, manager_id
FROM public.progress_user WHERE NOT is_test;

CREATE OR REPLACE VIEW warehouse.courses AS
SELECT id AS course_id, code, title, structure_version, created_at, retired_at
FROM public.progress_course WHERE NOT is_test;

CREATE OR REPLACE VIEW warehouse.modules AS
SELECT id AS module_id, course_id, code, title, position, retired_at
FROM public.progress_module m
WHERE NOT EXISTS (SELECT FROM public.progress_course o WHERE o.id = m.course_id AND o.is_test);

CREATE OR REPLACE VIEW warehouse.contents AS
SELECT c.id AS content_id, c.module_id, m.course_id, c.code, c.title, c.content_type, c.position,
    c.required AS is_required, c.weight, c.hidden AS is_hidden, c.release_at, c.retired_at
FROM public.progress_content c JOIN public.progress_module m ON m.id = c.module_id
WHERE NOT EXISTS (SELECT FROM public.progress_course o WHERE o.id = m.course_id AND o.is_test);

CREATE OR REPLACE VIEW warehouse.enrollments AS
SELECT id AS enrollment_id, user_id AS learner_id, course_id, cycle, is_current, enrolled_at, due_at,
    unenrolled_at
FROM public.progress_enrollment e
WHERE NOT EXISTS (SELECT FROM public.progress_user u WHERE u.id = e.user_id AND u.is_test);

CREATE OR REPLACE VIEW warehouse.progress AS
SELECT enrollment_id, user_id AS learner_id, course_id,
    (completion_bp / 100.0)::numeric(5, 2) AS completion_percentage, completed_at,
    (time_ms / 1000.0)::numeric(14, 3) AS active_seconds, total_sessions AS sessions,
    updated_at
FROM public.progress_courseprogress p
WHERE NOT EXISTS (SELECT FROM public.progress_user u WHERE u.id = p.user_id AND u.is_test);

CREATE OR REPLACE VIEW warehouse.content_progress AS
SELECT enrollment_id, user_id AS learner_id, content_id,
    (completion_bp / 100.0)::numeric(5, 2) AS completion_percentage, completed_at,
    (time_ms / 1000.0)::numeric(14, 3) AS active_seconds,
    (best_score_bp / 100.0)::numeric(5, 2) AS best_score_percentage,
    first_event_at, last_event_at
FROM public.progress_contentprogress p
WHERE NOT EXISTS (SELECT FROM public.progress_user u WHERE u.id = p.user_id AND u.is_test);

CREATE OR REPLACE VIEW warehouse.sessions AS
SELECT session_id, enrollment_id, user_id AS learner_id, course_id, start_time, end_time, end_reason,
    last_event_at AS last_activity_at, (active_ms / 1000.0)::numeric(14, 3) AS active_seconds,
    (idle_ms / 1000.0)::numeric(14, 3) AS idle_seconds, distractions, pages_viewed, videos_watched,
    quizzes_attempted
FROM public.progress_learningsession s
WHERE NOT EXISTS (SELECT FROM public.progress_user u WHERE u.id = s.user_id AND u.is_test);

CREATE OR REPLACE VIEW warehouse.completions AS
SELECT p.enrollment_id, p.user_id AS learner_id, p.course_id, e.cycle, e.enrolled_at, e.due_at,
    p.completed_at, p.completed_at > e.due_at AS is_late,
    (p.time_ms / 1000.0)::numeric(14, 3) AS active_seconds
FROM public.progress_courseprogress p
JOIN public.progress_enrollment e ON e.user_id = p.user_id AND e.id = p.enrollment_id
WHERE p.completed_at IS NOT NULL
AND NOT EXISTS (SELECT FROM public.progress_user u WHERE u.id = p.user_id AND u.is_test);

CREATE OR REPLACE VIEW warehouse.outside_completions AS
SELECT id AS outside_completion_id, user_id AS learner_id, course_id, completed_on, valid_until, basis,
    authority, details, reference, (score_bp / 100.0)::numeric(5, 2) AS score_percentage,
    holds_from, holds_until, recorded_at, recorded_by_id, withdrawn_at, withdrawal_reason
FROM public.progress_outsidecompletion o
WHERE NOT EXISTS (SELECT FROM public.progress_user u WHERE u.id = o.user_id AND u.is_test);

CREATE OR REPLACE VIEW warehouse.quiz_attempts AS
SELECT id AS attempt_id, enrollment_id, user_id AS learner_id, content_id, number, started_at,
    submitted_at, question_count AS questions, correct_count AS correct,
    (score_bp / 100.0)::numeric(5, 2) AS score_percentage, passed AS is_passed,
    (time_ms / 1000.0)::numeric(14, 3) AS active_seconds
FROM public.progress_quizattempt a
WHERE NOT EXISTS (SELECT FROM public.progress_user u WHERE u.id = a.user_id AND u.is_test);

CREATE OR REPLACE VIEW warehouse.seconds_by_day AS
SELECT enrollment_id, user_id AS learner_id, course_id, day,
    (sum(active_ms) / 1000.0)::numeric(14, 3) AS active_seconds,
    (sum(idle_ms) / 1000.0)::numeric(14, 3) AS idle_seconds, sum(sessions)::bigint AS sessions,
    sum(contents_completed)::bigint AS contents_completed, sum(quiz_attempts)::bigint AS quiz_attempts
FROM public.analytics_learnerday
GROUP BY enrollment_id, user_id, course_id, day;

CREATE OR REPLACE VIEW warehouse.certificates AS
SELECT c.id AS certificate_id, c.number, c.enrollment_id, c.user_id AS learner_id, c.course_id,
    c.issued_at, c.expires_at, r.revoked_at
FROM public.certificates_certificate c
LEFT JOIN public.certificates_revocation r ON r.certificate_id = c.id;
