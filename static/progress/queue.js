// Events that the server hasn't acknowledged yet, kept across reloads and crashes (IndexedDB).
// Where that is not to be had (some private windows), they are kept in memory.

const NAME = "learning-progress";

export async function openQueue() {
  try {
    return new StoredQueue(await open());
  } catch {
    return new MemoryQueue();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      const events = request.result.createObjectStore("events", { keyPath: "event.event_id" });
      events.createIndex("session", "session");
      request.result.createObjectStore("sessions", { keyPath: "session_id" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

class StoredQueue {
  constructor(db) {
    this.db = db;
  }

  store(name, mode) {
    return this.db.transaction(name, mode).objectStore(name);
  }

  add(session, event) {
    return done(this.store("events", "readwrite").add({ session, event }));
  }

  async waiting(session) {
    const found = await done(this.store("events", "readonly").index("session").getAll(session));
    return found.map((kept) => kept.event).sort((a, b) => a.sequence - b.sequence);
  }

  async remove(ids) {
    const store = this.store("events", "readwrite");
    await Promise.all(ids.map((id) => done(store.delete(id))));
  }

  // Whose events may be waiting: {session_id, session_token, endpoint}.
  remember(session) {
    return done(this.store("sessions", "readwrite").put(session));
  }

  sessions() {
    return done(this.store("sessions", "readonly").getAll());
  }

  forget(session) {
    return done(this.store("sessions", "readwrite").delete(session));
  }
}

class MemoryQueue {
  constructor() {
    this.kept = [];
  }

  async add(session, event) {
    this.kept.push({ session, event });
  }

  async waiting(session) {
    return this.kept.filter((entry) => entry.session === session).map((entry) => entry.event);
  }

  async remove(ids) {
    this.kept = this.kept.filter((entry) => !ids.includes(entry.event.event_id));
  }

  async remember() {}

  async sessions() {
    return [];
  }

  async forget() {}
}
