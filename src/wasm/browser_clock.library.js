// What browser_clock.cpp calls.
addToLibrary({
  couchlet_now: () => Date.now(),

  couchlet_wake_after__deps: ['couchlet_woken'],
  couchlet_wake_after(milliseconds, sleeper) {
    // setTimeout counts in 31 bits; a longer sleep ends early, which a sleeper must bear anyway.
    setTimeout(() => _couchlet_woken(sleeper), Math.min(milliseconds, 0x7fffffff));
  },
});
