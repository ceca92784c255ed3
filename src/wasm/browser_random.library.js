// What browser_random.cpp calls.
addToLibrary({
  couchlet_random_bytes(to, length) {
    crypto.getRandomValues(HEAPU8.subarray(to, to + length));
  },
});
