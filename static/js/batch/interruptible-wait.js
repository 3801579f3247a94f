let end = () => {};

/** Wait so many seconds, or until `wake` is called. */
export const wait = (seconds) => new Promise((done) => {
  end = done;
  setTimeout(done, seconds * 1000);
});

/** End the current wait, if there is one. */
export const wake = () => end();
