// A late answer must not take learners away from a page that they went to in the meantime.

// Begins to watch for the page being left. `goTo(address)` opens the address later, unless the page
// is already being left, and returns whether it did.
export function watchDeparture() {
  let isLeaving = false;
  const leave = () => {
    isLeaving = true;
  };
  addEventListener("beforeunload", leave);
  return {
    goTo(address) {
      removeEventListener("beforeunload", leave);
      if (!isLeaving) location.assign(address);
      return !isLeaving;
    },
    forget: () => removeEventListener("beforeunload", leave),
  };
}
