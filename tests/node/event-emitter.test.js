import assert from 'node:assert/strict';
import { once } from 'node:events';
import process from 'node:process';
import test from 'node:test';

import { EventEmitter } from '../../js/event-emitter.js';

test('listeners are called in the order in which they came, with all the values', () => {
  const emitter = new EventEmitter();
  const calls = [];
  emitter.on('news', (...values) => calls.push(['first', ...values]));
  emitter.addListener('news', (...values) => calls.push(['second', ...values]));
  assert.equal(emitter.emit('news', 1, 'two'), true);
  assert.deepEqual(calls, [
    ['first', 1, 'two'],
    ['second', 1, 'two'],
  ]);
});

test('the number of listeners is not limited, whatever is said of it', () => {
  const emitter = new EventEmitter();
  assert.equal(emitter.getMaxListeners(), 10);
  assert.equal(emitter.setMaxListeners(2), emitter);
  assert.equal(emitter.getMaxListeners(), 2);
  let calls = 0;
  for (let n = 0; n < 5; n += 1) emitter.on('news', () => (calls += 1));
  emitter.emit('news');
  assert.equal(calls, 5);
  assert.deepEqual(emitter.eventNames(), ['news']);
  emitter.removeAllListeners('news');
  assert.deepEqual(emitter.eventNames(), []);
});

test('an event that nobody listens to is no error, not even an error event', () => {
  assert.equal(new EventEmitter().emit('error', new Error('unheard')), false);
});

test('a listener added with once is called once, also when it emits the same event itself', () => {
  const emitter = new EventEmitter();
  let calls = 0;
  emitter.once('news', () => {
    calls += 1;
    emitter.emit('news');
  });
  emitter.emit('news');
  emitter.emit('news');
  assert.equal(calls, 1);
});

test('off takes away one registration, the newest', () => {
  const emitter = new EventEmitter();
  let calls = 0;
  const count = () => (calls += 1);
  emitter.on('news', count).once('news', count);
  emitter.off('news', count);
  emitter.emit('news');
  emitter.emit('news');
  assert.equal(calls, 2);
  emitter.removeListener('news', count).removeListener('news', count);
  emitter.emit('news');
  assert.equal(calls, 2);
});

test('a listener that is taken away during an event is still called for that event', () => {
  const emitter = new EventEmitter();
  const calls = [];
  const second = () => calls.push('second');
  emitter.on('news', () => emitter.off('news', second));
  emitter.on('news', second);
  emitter.emit('news');
  emitter.emit('news');
  assert.deepEqual(calls, ['second']);
});

test('a listener that is added during an event is called from the next event on', () => {
  const emitter = new EventEmitter();
  const calls = [];
  emitter.once('news', () => emitter.on('news', (value) => calls.push(value)));
  emitter.emit('news', 1);
  emitter.emit('news', 2);
  assert.deepEqual(calls, [2]);
});

test('removeAllListeners takes away those of one event, or all', () => {
  const emitter = new EventEmitter();
  const listener = () => {};
  emitter.on('a', listener).on('a', listener).on('b', listener).on('c', listener);
  emitter.removeAllListeners('a');
  assert.deepEqual(
    ['a', 'b', 'c'].map((event) => emitter.listenerCount(event)),
    [0, 1, 1],
  );
  emitter.removeAllListeners();
  assert.deepEqual(
    ['a', 'b', 'c'].map((event) => emitter.listeners(event).length),
    [0, 0, 0],
  );
});

test('what is not a function is no listener', () => {
  assert.throws(() => new EventEmitter().on('news', 'listener'), TypeError);
});

test("a listener's exception is an uncaught error and keeps nobody from being called", async () => {
  const emitter = new EventEmitter();
  const exception = new Error('a bug of the app');
  let calls = 0;
  emitter.on('news', () => {
    throw exception;
  });
  emitter.on('news', () => (calls += 1));

  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  const uncaught = once(process, 'uncaughtException');
  emitter.emit('news');
  assert.equal(calls, 1);
  assert.equal((await uncaught)[0], exception);
  for (const listener of others) process.on('uncaughtException', listener);
});
