// A late answer never takes learners away from where they went meanwhile.

// Begins to watch; `goTo(address)` goes there later, unless the page is being left by then.
// Answers whether it went.
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
