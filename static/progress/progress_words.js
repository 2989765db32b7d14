// The texts of <learning-progress>. An element on another site has no catalogues of ours: they are
// here, in the four languages of the learners' pages.

export const WORDS = {
  en: {
    name: "Course progress",
    loading: "Loading progress…",
    done: "Complete: everything that counts is done.",
    offline: "No connection. This is the progress as last loaded; it updates by itself.",
    offline_empty: "No connection. The progress appears once there is one.",
    not_enrolled: "Not enrolled in this course.",
    signed_out: "The progress can't be shown: the sign-in has ended.",
    origin_not_allowed: "This website is not allowed to show the progress. Its administrators have to allow its address.",
    remaining: "Why not 100 %?",
    not_started: "not started yet",
    in_progress: "{percent} % done, {needed} % needed",
    quiz_not_passed: "not passed yet: {best} %, {needed} % needed",
    quiz_open: "{answered} of {count} questions answered",
    locked: "opens after other parts",
    not_released: "not released yet",
    missing: "Missing:",
    page: "page {page}",
    pages: "pages {first}–{last}",
    more: "{count} more",
  },
  de: {
    name: "Fortschritt im Kurs",
    loading: "Der Fortschritt wird geladen …",
    done: "Abgeschlossen: Alles, was zählt, ist erledigt.",
    offline: "Keine Verbindung. Dies ist der zuletzt geladene Fortschritt; er wird von selbst aktualisiert.",
    offline_empty: "Keine Verbindung. Der Fortschritt erscheint, sobald es eine gibt.",
    not_enrolled: "In diesen Kurs nicht eingeschrieben.",
    signed_out: "Der Fortschritt kann nicht gezeigt werden: Die Anmeldung ist abgelaufen.",
    origin_not_allowed: "Diese Website darf den Fortschritt nicht zeigen. Ihre Adresse muss erst erlaubt werden.",
    remaining: "Warum nicht 100 %?",
    not_started: "noch nicht begonnen",
    in_progress: "{percent} % erledigt, {needed} % nötig",
    quiz_not_passed: "noch nicht bestanden: {best} %, {needed} % nötig",
    quiz_open: "{answered} von {count} Fragen beantwortet",
    locked: "öffnet sich nach anderen Teilen",
    not_released: "noch nicht freigegeben",
    missing: "Es fehlt:",
    page: "Seite {page}",
    pages: "Seiten {first}–{last}",
    more: "{count} weitere",
  },
  es: {
    name: "Progreso del curso",
    loading: "Cargando el progreso…",
    done: "Completado: todo lo que cuenta está hecho.",
    offline: "Sin conexión. Este es el último progreso cargado; se actualiza solo.",
    offline_empty: "Sin conexión. El progreso aparecerá cuando la haya.",
    not_enrolled: "No hay inscripción en este curso.",
    signed_out: "No se puede mostrar el progreso: la sesión ha caducado.",
    origin_not_allowed: "Este sitio web no puede mostrar el progreso. Antes hay que autorizar su dirección.",
    remaining: "¿Por qué no es el 100 %?",
    not_started: "sin empezar",
    in_progress: "{percent} % hecho, se necesita el {needed} %",
    quiz_not_passed: "sin aprobar: {best} %, se necesita el {needed} %",
    quiz_open: "{answered} de {count} preguntas respondidas",
    locked: "se abre después de otras partes",
    not_released: "aún no disponible",
    missing: "Falta:",
    page: "página {page}",
    pages: "páginas {first}–{last}",
    more: "{count} más",
  },
  ar: {
    name: "التقدم في الدورة",
    loading: "جارٍ تحميل التقدم…",
    done: "اكتملت الدورة: أُنجز كل ما يُحتسب.",
    offline: "لا يوجد اتصال. هذا آخر تقدم تم تحميله، وسيُحدَّث تلقائيًا.",
    offline_empty: "لا يوجد اتصال. سيظهر التقدم عند توفر الاتصال.",
    not_enrolled: "غير مسجَّل في هذه الدورة.",
    signed_out: "لا يمكن عرض التقدم: انتهت جلسة الدخول.",
    origin_not_allowed: "لا يُسمح لهذا الموقع بعرض التقدم. يجب السماح بعنوانه أولًا.",
    remaining: "لماذا لم تصل النسبة إلى 100 %؟",
    not_started: "لم يبدأ بعد",
    in_progress: "أُنجز {percent} %، والمطلوب {needed} %",
    quiz_not_passed: "لم يُجتَز بعد: {best} %، والمطلوب {needed} %",
    quiz_open: "أُجيب عن {answered} من {count} من الأسئلة",
    locked: "يُفتح بعد أجزاء أخرى",
    not_released: "لم يُتَح بعد",
    missing: "الناقص:",
    page: "الصفحة {page}",
    pages: "الصفحات {first}–{last}",
    more: "و{count} غيرها",
  },
};

export const LANGUAGES = Object.keys(WORDS);

// The first of these languages ("de-AT") that there are texts for; else English.
export function languageOf(...wanted) {
  const short = wanted.filter(Boolean).map((language) => language.toLowerCase().split("-")[0]);
  return short.find((language) => language in WORDS) ?? "en";
}

export const directionOf = (language) => (language === "ar" ? "rtl" : "ltr");

export function text(language, name, values = {}) {
  return WORDS[language][name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

const twoDigits = (number) => String(number).padStart(2, "0");

// `2:05`, `1:02:05`
function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const tail = twoDigits(whole % 60);
  return hours ? `${hours}:${twoDigits(minutes)}:${tail}` : `${minutes}:${tail}`;
}

// A stretch in words; page n is [n-1, n]. A range keeps its order in a right-to-left text.
export function spanText(language, [from, to], unit) {
  const range = (value) => (directionOf(language) === "rtl" ? `\u2066${value}\u2069` : value);
  if (unit === "seconds") return range(`${clock(from)}–${clock(Math.ceil(to))}`);
  if (unit !== "pages") return range(`${Math.floor(from * 100)}–${Math.floor(to * 100)} %`);
  if (to - from === 1) return text(language, "page", { page: to });
  return text(language, "pages", { first: from + 1, last: to });
}
