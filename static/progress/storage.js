// What a browser keeps, also where it may keep nothing.

// Kept as long as the tab; where storage is blocked, as long as the page.
export function tabStorage() {
  try {
    sessionStorage.getItem("");
    return sessionStorage;
  } catch {
    const kept = new Map();
    return {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
      removeItem: (key) => kept.delete(key),
    };
  }
}

// The same for all tabs of a browser, and known to nobody else.
export function deviceId() {
  try {
    const kept = localStorage.getItem("device") ?? crypto.randomUUID();
    localStorage.setItem("device", kept);
    return kept;
  } catch {
    return ""; // storage is blocked here
  }
}
