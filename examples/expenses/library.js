// The one place that says which library this app runs on: ?lib=couchlet, the default, or
// ?lib=pouchdb. An app that needs no choice has a plain import here.

const kLibraries = {
  couchlet: async () => (await import('../../dist/couchlet.js')).default,
  pouchdb: async () => {
    await import('../../node_modules/pouchdb/dist/pouchdb.min.js');
    return globalThis.PouchDB;
  },
};

const asked = new URLSearchParams(location.search).get('lib');

export const libraryName = asked in kLibraries ? asked : 'couchlet';

export default await kLibraries[libraryName]();
