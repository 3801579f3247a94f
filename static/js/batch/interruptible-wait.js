let end = () => {};

/** Wait so many seconds, or until somebody wakes. */
export const sleep = (seconds) => new Promise((done) => {
  end = done;
  setTimeout(done, seconds * 1000);
});

/** End the wait, if there is one. */
export const wake = () => end();
