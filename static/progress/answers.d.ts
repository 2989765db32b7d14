// What the API answers, as docs/openapi.yaml describes it.

/** Stretches [from, to]: seconds, pages (page n is [n-1, n]), or fractions of a text. */
export type Spans = number[][];

export type RemainingReason = "not_started" | "in_progress" | "quiz_not_passed" | "locked" | "not_released";
export type ExtentUnit = "seconds" | "pages" | "fraction" | "questions";

export interface Resume {
  content_id: number;
  position: number;
  updated_at: string;
}

export interface Certificate {
  number: string;
  verify_url: string;
  pdf_url: string | null;
  status: "pending" | "issued" | "under_review" | "revoked" | "expired" | "superseded";
}

export interface QuizState {
  answered: number;
  question_count: number;
  pass_percentage: number | null;
  best_score: number | null;
  passed: boolean;
}

export interface ContentState {
  content_id: number;
  completion_percentage: number;
  is_complete: boolean;
  /** Not complete, and need not be. */
  is_waived: boolean;
  time_spent_seconds: number;
  last_position: number | null;
  quiz?: QuizState;
}

export interface TouchedContent extends ContentState {
  module_id: number;
}

export interface ContentEntry extends ContentState {
  title: string;
  content_type: string;
  required: boolean;
}

export interface ModuleState {
  module_id: number;
  completion_percentage: number;
  is_complete: boolean;
}

export interface ModuleEntry extends ModuleState {
  title: string;
  is_applicable: boolean;
  time_spent_seconds: number;
  contents: ContentEntry[];
}

export interface Remaining {
  content_id: number;
  module_id: number;
  title: string;
  reason: RemainingReason;
  completion_percentage: number;
  needed_percentage: number;
  missing: Spans;
  /** Contents of which any one is enough instead. */
  or_instead: number[];
  best_score?: number;
  quiz?: QuizState;
}

export interface Addition {
  content_id: number;
  module_id: number;
  title: string;
}

export interface Waiver {
  content_id: number;
  title: string;
  reason: "pre_test" | "alternative";
  because_content_id: number;
  because_title: string;
  score: number | null;
  granted_at: string | null;
}

/** The answer of realtime_progress: where a learner is in a course, and why it isn't 100 % yet. */
export interface CourseProgress {
  user_id: number;
  course_id: number;
  enrollment_id: number;
  cycle: number;
  as_of: string;
  completion_percentage: number;
  is_complete: boolean;
  completed_at: string | null;
  time_spent_seconds: number;
  time_spent_minutes: number;
  current_module_id: number | null;
  session_start_time: string | null;
  total_sessions: number;
  avg_session_duration: number;
  resume: Resume | null;
  modules: ModuleEntry[];
  remaining: Remaining[];
  new_since_completion: Addition[];
  waivers: Waiver[];
  certificate: Certificate | null;
  stream_url: string;
}

export interface CourseState {
  course_id: number;
  completion_percentage: number;
  is_complete: boolean;
  time_spent_seconds: number;
  /** The higher of two is the newer answer or push. */
  event_count: number;
}

/** What the stream pushes. */
export interface LiveProgress {
  contents: TouchedContent[];
  modules: ModuleState[];
  course: CourseState;
  certificate: Certificate | null;
}

/** The answer of start_session. */
export interface Session {
  session_id: string;
  session_token: string;
  user_id: number;
  course_id: number;
  module_id: number | null;
  start_time: string;
  end_time: string | null;
  server_time: string;
  heartbeat_seconds: number;
  idle_timeout_seconds: number;
  resume: Resume | null;
  stream_url: string;
  course: CourseProgress;
}

/** What one event earned. Amounts are missing where the library itself gives the result. */
export interface EventResult {
  event_id?: string | null;
  status: "accepted" | "duplicate" | "conflict" | "rejected";
  code?: string;
  detail?: string;
  errors?: { code: string; detail: string; attr: string | null }[];
  credited_seconds?: number;
  covered_seconds?: number;
  withheld_seconds?: number;
  withheld_active_seconds?: number;
  withheld_reason?: "rate" | "clock" | "event_limit" | "observed";
  revision?: number;
  stored?: unknown;
  attempt?: number;
  /** Where questions are drawn or shuffled: those of the attempt that begins. */
  questions?: number[];
  /** When the time of the attempt that begins is over. */
  ends_at?: string;
  /** Given after the time limit: kept, and not counted. */
  is_late?: boolean;
  score?: number | null;
  passed?: boolean | null;
  /** Optional fields that could not be read, and were left out. */
  ignored?: string[];
}

/** The answer of update_progress. */
export interface Progress extends LiveProgress {
  session_id: string;
  server_time: string;
  events: EventResult[];
}

/** The answer of end_session. */
export interface EndedSession {
  session_id: string;
  start_time: string;
  end_time: string;
  end_reason: "ended" | "expired";
  duration_seconds: number;
  active_seconds: number;
  idle_seconds: number;
  distractions: number;
  pages_viewed: number;
  videos_watched: number;
  quizzes_attempted: number;
  events?: EventResult[];
}
