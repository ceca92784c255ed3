// The demo's packages that bring no types.

declare module 'express';
declare module 'express-pouchdb';
declare module 'pouchdb';
