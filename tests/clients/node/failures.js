// How a client fails and lets go: the same for each of the official ones, but for their own names.

import assert from 'node:assert/strict';
import { it } from 'node:test';

import { asked, asks, busy, fault, hungUp, tries } from './setup.js';

// The class that each status is thrown as. The last one puts the provider's key aside for a while.
const kindsFor = (overloaded) => [
  [400, 'BadRequestError'],
  [404, 'NotFoundError'],
  [422, 'UnprocessableEntityError'],
  [500, 'InternalServerError'],
  [overloaded, 'InternalServerError'],
  [429, 'RateLimitError'],
];

// Adds the cases to the suite around it. `errors` has the client's classes of error; `hello(more, options)`
// asks, `overloaded` is the status of a provider that is, which is tried again unless told, `isToken` says
// whether an event of a stream has a piece of the answer.
export function failsAsItself({ errors, hello, model, overloaded, isToken }) {
  for (const [status, kind] of kindsFor(overloaded)) {
    it(`throws its own ${kind} for a ${status}`, async () => {
      const asking = hello({ model: busy(model) }, { headers: fault(`status=${status}`) });
      const isOwn = (error) => error instanceof errors[kind] && error.status === status;
      await assert.rejects(asking, isOwn);
    });
  }

  it('throws when a stream breaks', async () => {
    const broken = await hello({ stream: true }, { headers: fault(asks.faults.broken_stream) });
    await assert.rejects(Array.fromAsync(broken), errors.APIError);
  });

  for (const [status, told, expected] of [[overloaded, 'false', 1], [400, 'true', 2]]) {
    it(`tries ${expected} times when a ${status} says x-should-retry: ${told}`, async () => {
      const options = { maxRetries: 1, headers: fault(`status=${status}; should_retry=${told}`) };
      await assert.rejects(hello({}, options), errors.APIError);
      assert.equal(await tries(), expected);
    });
  }

  it('ends the call when its time is out', async () => {
    const options = { timeout: asks.brief_ms, headers: fault(asks.faults.slow_answer) };
    await assert.rejects(hello({}, options), errors.APIConnectionTimeoutError);
    await hungUp();
  });

  it('ends the call when it is aborted', async () => {
    const stop = new AbortController();
    const options = { signal: stop.signal, headers: fault(asks.faults.slow_answer) };
    const aborted = assert.rejects(hello({}, options), errors.APIUserAbortError);
    await asked();
    stop.abort();
    await aborted;
    await hungUp();
  });

  it('ends the call when it leaves its stream', async () => {
    const stream = await hello({ stream: true }, { headers: fault(asks.faults.slow_stream) });
    for await (const event of stream) if (isToken(event)) break;
    await hungUp();
  });
}
