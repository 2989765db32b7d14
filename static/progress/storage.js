// Web storage that never throws. If it is full or forbidden, values are kept as long as the page is
// open, and stored when that works again.

import { newId } from "./ids.js";

export class SafeStorage {
  // `area` is a function that returns the storage: just accessing `localStorage` may throw.
  constructor(area) {
    this.area = area;
    this.inMemory = new Map();
  }

  getItem(key) {
    if (this.inMemory.has(key)) return this.inMemory.get(key);
    try {
      return this.area().getItem(key);
    } catch {
      return null;
    }
  }

  setItem(key, value) {
    try {
      this.area().setItem(key, value);
      this.inMemory.delete(key);
    } catch {
      // An old value must not come back after a reload.
      this.removeItem(key);
      this.inMemory.set(key, value);
    }
  }

  removeItem(key) {
    this.inMemory.delete(key);
    try {
      this.area().removeItem(key);
    } catch {
      // There is nothing to remove.
    }
  }

  // A value parsed as JSON, or null; other scripts may have written anything there.
  getJson(key) {
    try {
      return JSON.parse(this.getItem(key));
    } catch {
      return null;
    }
  }
}

// Kept as long as the tab is open; `own` is the host page's own storage.
export const tabStorage = (own) => new SafeStorage(() => own ?? sessionStorage);

// The same for all tabs of a browser.
export const deviceStorage = new SafeStorage(() => localStorage);

// A random id of this device. Empty if it can't be stored: a new id on each page would look like
// another device.
export function deviceId() {
  const id = deviceStorage.getItem("device") ?? newId();
  deviceStorage.setItem("device", id);
  return deviceStorage.inMemory.has("device") ? "" : id;
}
