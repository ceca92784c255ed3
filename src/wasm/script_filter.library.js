// What script_filter.cpp calls. The filters are in Module.host.filters: Map<number, (documents: any[]) =>
// boolean[]>.
addToLibrary({
  couchlet_filter__deps: ['$couchletDecode'],
  couchlet_filter(filter, documents, length, passes) {
    const { filters, handOver } = Module['host'];
    try {
      const answers = filters.get(filter)(JSON.parse(couchletDecode(documents, length)));
      answers.forEach((doesPass, i) => (HEAPU8[passes + i] = doesPass ? 1 : 0));
      return 0;
    } catch (cause) {
      return handOver(String(cause.reason ?? cause.message ?? cause) || 'The filter failed');
    }
  },
});
