// Keeps events that the server hasn't acknowledged yet, across reloads and crashes, in IndexedDB.
//
// This page's events are also in memory, and sent from there. Nothing here throws: if IndexedDB is
// forbidden, full, closed or doesn't answer, `isDurable` is false, and
// everything is stored later, when it works again.

const NAME = "learning-progress";
const VERSION = 2;
const OPEN_TIMEOUT = 3_000; // after this the page goes on, while the database may still open
const TRANSACTION_TIMEOUT = 5_000;
const REOPEN_AFTER = 5_000;

export async function openQueue() {
  const queue = new EventQueue();
  await queue.open();
  return queue;
}

export class EventQueue extends EventTarget {
  constructor() {
    super();
    this.entries = new Map(); // event id → {name, event}
    this.known = new Map(); // session name → session
    this.loaded = new Set(); // names whose stored events are in memory
    this.removed = new Set(); // ids that may still be stored
    this.isDurable = true;
    this.reopenAt = 0;
  }

  // --- The database ------------------------------------------------------------------------------
  // Resolves when it is open, failed, or slow; if it opens later, it is used from then on.
  async open() {
    if (this.db || this.opening || performance.now() < this.reopenAt) return;
    this.opening = request().then(
      (db) => this.adopt(db),
      () => this.lose(),
    );
    await within(this.opening, OPEN_TIMEOUT).catch(() => this.setDurable(false));
  }

  async adopt(db) {
    this.opening = null;
    this.db = db;
    db.onversionchange = db.onclose = () => this.lose();
    // What was added or removed before it opened.
    const isWhole = await this.use(["events", "sessions"], "readwrite", ([events, sessions]) => {
      for (const entry of this.entries.values()) events.put(entry);
      for (const session of this.known.values()) sessions.put(session);
      for (const id of this.removed) events.delete(id);
    });
    if (!isWhole) return;
    this.removed.clear();
    for (const name of [...this.loaded]) await this.load(name);
    this.setDurable(Boolean(this.db));
  }

  lose() {
    this.opening = null;
    try {
      this.db?.close();
    } catch {
      // It is closed already.
    }
    this.db = null;
    this.reopenAt = performance.now() + REOPEN_AFTER;
    this.setDurable(false);
  }

  setDurable(isDurable) {
    if (this.isDurable === isDurable) return;
    this.isDurable = isDurable;
    this.dispatchEvent(new Event("durability"));
  }

  // Run one transaction: `act` gets the stores, and may return a request. Resolves with {result} when
  // it is committed, or with null if it failed.
  async use(names, mode, act) {
    if (!this.db) await this.open();
    if (!this.db) return null;
    try {
      const transaction = this.db.transaction(names, mode);
      const committed = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
      committed.catch(() => {}); // it isn't waited for if the next lines throw
      const outcome = act(names.map((name) => transaction.objectStore(name)));
      transaction.commit?.(); // or it is lost when the page is left now
      await within(committed, TRANSACTION_TIMEOUT);
      return { result: outcome?.result };
    } catch {
      this.lose();
      return null;
    }
  }

  // --- Events ------------------------------------------------------------------------------------
  // `name` is the tab's own name of its session: two tabs never share a queue. Putting an event
  // again under another name moves it there.
  async add(name, event) {
    const entry = { name, event };
    this.entries.set(event.event_id, entry);
    await this.use(["events"], "readwrite", ([events]) => events.put(entry));
  }

  // The events in memory, without waiting for the database.
  inMemory(name) {
    return [...this.entries.values()]
      .filter((entry) => entry.name === name)
      .map((entry) => entry.event)
      .sort((a, b) => a.sequence - b.sequence);
  }

  async waiting(name) {
    if (!this.loaded.has(name)) await this.load(name);
    return this.inMemory(name);
  }

  async load(name) {
    const stored = await this.use(["events"], "readonly", ([events]) => events.index("name").getAll(name));
    this.loaded.add(name);
    for (const entry of stored?.result ?? []) {
      const id = entry.event.event_id;
      if (!this.removed.has(id) && !this.entries.has(id)) this.entries.set(id, entry);
    }
  }

  async remove(ids) {
    for (const id of ids) {
      this.entries.delete(id);
      this.removed.add(id);
    }
    const isDone = await this.use(["events"], "readwrite", ([events]) => {
      for (const id of ids) events.delete(id);
    });
    if (isDone) for (const id of ids) this.removed.delete(id);
  }

  // --- Sessions whose events may be waiting ------------------------------------------------------
  // {name, session_id, session_token, base_url, asked, at}
  async remember(session) {
    this.known.set(session.name, session);
    await this.use(["sessions"], "readwrite", ([sessions]) => sessions.put(session));
  }

  async session(name) {
    return this.known.get(name) ?? (await this.sessions()).find((session) => session.name === name);
  }

  async sessions() {
    const stored = await this.use(["sessions"], "readonly", ([sessions]) => sessions.getAll());
    const all = new Map((stored?.result ?? []).map((session) => [session.name, session]));
    for (const [name, session] of this.known) all.set(name, session);
    return [...all.values()];
  }

  async forget(name) {
    this.known.delete(name);
    this.loaded.delete(name);
    await this.use(["sessions"], "readwrite", ([sessions]) => sessions.delete(name));
  }
}

function request() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(NAME, VERSION);
    opening.onupgradeneeded = () => {
      const db = opening.result;
      for (const name of [...db.objectStoreNames]) db.deleteObjectStore(name);
      const events = db.createObjectStore("events", { keyPath: "event.event_id" });
      events.createIndex("name", "name");
      db.createObjectStore("sessions", { keyPath: "name" });
    };
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

function within(promise, milliseconds) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("IndexedDB doesn't answer.")), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
