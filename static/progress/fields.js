// The fields of an event as the API accepts them. Invalid values are left out, so that the rest of
// the event counts; anything too long for one event is split into several.

const MAX_SECONDS = 604_800;
const MAX_ACTIVE = 119; // at most MAX_EVENT_SECONDS (120) are credited to an event
const MAX_COVERAGE = 119; // within MAX_EVENT_SECONDS × MAX_PLAYBACK_RATE at every rate from 1
const MAX_SEGMENTS = 200;

const between = (low, high) => (value) => Number.isFinite(value) && value >= low && value <= high;
const isWhole = (low, high) => (value) => Number.isInteger(value) && value >= low && value <= high;
const isSeconds = between(0, MAX_SECONDS);
const isFraction = between(0, 1);

const CHECKS = {
  position: isSeconds,
  from_position: isSeconds,
  playback_rate: (value) => between(0, 16)(value) && value > 0,
  completion_percentage: between(0, 100),
  page: isWhole(1, 100_000),
  reading_position: isFraction,
  span: (value) => isPair(value, isFraction),
  distractions: isWhole(0, 100_000),
};

const isPair = (value, isGood) => Array.isArray(value) && value.length === 2 && value.every(isGood);

// A value as it is after JSON; null for what JSON can't express.
export function plain(value) {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return null;
  }
}

export function clean(fields) {
  const cleaned = { ...plain(fields) };
  for (const [name, isGood] of Object.entries(CHECKS)) {
    if (name in cleaned && !isGood(cleaned[name])) delete cleaned[name];
  }
  for (const name of ["duration_seconds", "idle_seconds"]) {
    if (!Number.isFinite(cleaned[name])) delete cleaned[name];
    else cleaned[name] = Math.min(Math.max(cleaned[name], 0), MAX_SECONDS);
  }
  if ("segments" in cleaned) {
    const sent = Array.isArray(cleaned.segments) ? cleaned.segments : [];
    cleaned.segments = sent.filter((pair) => isPair(pair, isSeconds) && pair[0] < pair[1]);
    if (!cleaned.segments.length) delete cleaned.segments;
  }
  return cleaned;
}

// The fields of one event, or of several that together report the same and are credited in full.
// Only the last one has the fields that must be reported once.
export function split(fields) {
  const { segments = [], duration_seconds: active = 0, idle_seconds, distractions, ...rest } = fields;
  const coverage = length(segments);
  const count = Math.max(Math.ceil(active / MAX_ACTIVE), Math.ceil(coverage / MAX_COVERAGE), 1);
  if (count === 1 && segments.length <= MAX_SEGMENTS) return [fields];
  const parts = coverage
    ? share(segments, coverage / count).map((part) => ({ share: length(part) / coverage, part }))
    : Array.from({ length: count }, () => ({ share: 1 / count, part: [] }));
  return parts.map(({ share: size, part }, index) => ({
    ...rest,
    duration_seconds: round(active * size),
    ...(part.length ? { segments: part } : {}),
    ...(part.length && index < parts.length - 1 ? { position: part.at(-1)[1] } : {}),
    ...(index === parts.length - 1 ? { idle_seconds, distractions } : {}),
  }));
}

// Segments in groups of at most `maxSeconds` seconds; longer ones are cut.
function share(segments, maxSeconds) {
  const groups = [[]];
  let room = maxSeconds;
  for (let [from, to] of segments) {
    while (to - from > room + 0.001) {
      groups.at(-1).push([from, round(from + room)]);
      from = round(from + room);
      groups.push([]);
      room = maxSeconds;
    }
    if (groups.at(-1).length === MAX_SEGMENTS) {
      groups.push([]);
      room = maxSeconds;
    }
    if (to > from) groups.at(-1).push([from, to]);
    room -= to - from;
  }
  return groups.filter((group) => group.length);
}

const length = (segments) => segments.reduce((sum, [from, to]) => sum + to - from, 0);
const round = (value) => Math.round(value * 1000) / 1000;
