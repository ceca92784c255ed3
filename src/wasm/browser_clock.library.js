// What browser_clock.cpp calls.
addToLibrary({
  couchlet_now: () => Date.now(),

  // By number: in Node a timer is no number itself.
  $couchletTimers: 'new Map()',

  couchlet_wake_after__deps: ['$couchletTimers', 'couchlet_woken'],
  couchlet_wake_after(milliseconds, sleeper) {
    const number = Module['host'].newNumber();
    const wake = () => {
      couchletTimers.delete(number);
      _couchlet_woken(sleeper);
    };
    // setTimeout counts in 31 bits; a longer sleep ends early, which a sleeper must bear anyway.
    couchletTimers.set(number, setTimeout(wake, Math.min(milliseconds, 0x7fffffff)));
    return number;
  },

  couchlet_stop_timer__deps: ['$couchletTimers'],
  couchlet_stop_timer(number) {
    clearTimeout(couchletTimers.get(number));
    couchletTimers.delete(number);
  },
});
