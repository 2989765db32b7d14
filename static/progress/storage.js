// Web storage that never throws. Where it is full or forbidden, values are kept as long as the page,
// and stored again when that works.

import { newId } from "./ids.js";

export class SafeStorage {
  // `area` returns the storage: already naming `localStorage` may throw.
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

  // A value as JSON, or null; what somebody else wrote there doesn't matter.
  getJson(key) {
    try {
      return JSON.parse(this.getItem(key));
    } catch {
      return null;
    }
  }
}

// Kept as long as the tab; `own` is a storage of the host page's.
export const tabStorage = (own) => new SafeStorage(() => own ?? sessionStorage);

// The same for all tabs of a browser.
export const deviceStorage = new SafeStorage(() => localStorage);

// Known to nobody else. Empty where it can't be kept: another one on each page would look like
// another device.
export function deviceId() {
  const id = deviceStorage.getItem("device") ?? newId();
  deviceStorage.setItem("device", id);
  return deviceStorage.inMemory.has("device") ? "" : id;
}
