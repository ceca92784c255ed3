// What script_regex.cpp calls. CouchDB's patterns are PCRE's, JavaScript's are nearly that: options
// at the beginning, as in "(?i)abc", become flags. A pattern is read as Unicode where it can be, which
// refuses escapes that PCRE allows ("\-").
addToLibrary({
  $couchletRegexes: 'new Map()',
  $couchletLastRegex: '{ number: 0 }',

  $couchletMakeRegex(source) {
    const [options, letters] = /^\(\?([ims]+)\)/.exec(source) ?? ['', ''];
    const pattern = source.slice(options.length);
    const flags = [...new Set(letters)].join('');
    try {
      return new RegExp(pattern, `${flags}u`);
    } catch {
      return new RegExp(pattern, flags);
    }
  },

  couchlet_regex_compile__deps: [
    '$couchletDecode',
    '$couchletLastRegex',
    '$couchletMakeRegex',
    '$couchletRegexes',
  ],
  couchlet_regex_compile(pattern, length) {
    try {
      const regex = couchletMakeRegex(couchletDecode(pattern, length));
      couchletRegexes.set(++couchletLastRegex.number, regex);
      return couchletLastRegex.number;
    } catch (cause) {
      return -Module['host'].handOver(cause.message);
    }
  },

  couchlet_regex_test__deps: ['$couchletDecode', '$couchletRegexes'],
  couchlet_regex_test(number, text, length) {
    return couchletRegexes.get(number).test(couchletDecode(text, length)) ? 1 : 0;
  },

  couchlet_regex_forget__deps: ['$couchletRegexes'],
  couchlet_regex_forget(number) {
    couchletRegexes.delete(number);
  },
});
