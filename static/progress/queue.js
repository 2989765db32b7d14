// Events that the server hasn't acknowledged yet, kept across reloads and crashes (IndexedDB).
// Where that is not to be had (some private windows), they are kept in memory.

const NAME = "learning-progress";
const VERSION = 2;

export async function openQueue() {
  try {
    return new StoredQueue(await open());
  } catch {
    return new MemoryQueue();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const db = request.result;
      for (const name of [...db.objectStoreNames]) db.deleteObjectStore(name);
      const events = db.createObjectStore("events", { keyPath: "event.event_id" });
      events.createIndex("name", "name");
      db.createObjectStore("sessions", { keyPath: "name" });
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

  // `name` is the tab's own name of its session: two tabs never share a queue.
  add(name, event) {
    return done(this.store("events", "readwrite").add({ name, event }));
  }

  async waiting(name) {
    const found = await done(this.store("events", "readonly").index("name").getAll(name));
    return found.map((kept) => kept.event).sort((a, b) => a.sequence - b.sequence);
  }

  async remove(ids) {
    const store = this.store("events", "readwrite");
    await Promise.all(ids.map((id) => done(store.delete(id))));
  }

  // Whose events may be waiting: {name, session_id, session_token, base_url, asked}.
  remember(session) {
    return done(this.store("sessions", "readwrite").put(session));
  }

  sessions() {
    return done(this.store("sessions", "readonly").getAll());
  }

  forget(name) {
    return done(this.store("sessions", "readwrite").delete(name));
  }
}

class MemoryQueue {
  constructor() {
    this.kept = [];
    this.known = new Map();
  }

  async add(name, event) {
    this.kept.push({ name, event });
  }

  async waiting(name) {
    return this.kept.filter((entry) => entry.name === name).map((entry) => entry.event);
  }

  async remove(ids) {
    this.kept = this.kept.filter((entry) => !ids.includes(entry.event.event_id));
  }

  async remember(session) {
    this.known.set(session.name, session);
  }

  async sessions() {
    return [...this.known.values()];
  }

  async forget(name) {
    this.known.delete(name);
  }
}
