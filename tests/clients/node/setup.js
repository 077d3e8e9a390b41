// What every test needs: where the programs are, what is asked, and what the simulator has seen.
// The environment and asks.json come from tests/clients/test_node.py.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export const gateway = process.env.SLUICE_URL;
const simulator = process.env.SLUICE_SIM_URL;

// The models that an application of each dialect may ask for.
export const reach = JSON.parse(process.env.SLUICE_REACH);
export const busy = (model) => `${model}-busy`; // at a provider of its own: a 429 puts a key aside

export const asks = JSON.parse(readFileSync(new URL('asks.json', import.meta.url), 'utf8'));
export const toolNames = Object.keys(asks.tools);

export const fault = (what) => ({ 'x-sim-fault': what });

export const reset = () => fetch(`${simulator}/sim/reset`, { method: 'POST' });

export async function requests() {
  const answer = await fetch(`${simulator}/sim/requests`);
  return (await answer.json()).requests;
}

// What the provider was sent last.
export async function lastBody() {
  const { number } = (await requests()).at(-1);
  return (await fetch(`${simulator}/sim/body/${number}`)).text();
}

async function eventually(ask, what) {
  const until = Date.now() + 20_000;
  for (;;) {
    if (await ask()) return;
    assert.ok(Date.now() < until, `${what} did not happen`);
    await pause(5);
  }
}

export const asked = () => eventually(async () => (await requests()).length > 0, 'a request');

export const hungUp = () =>
  eventually(async () => (await requests()).some((one) => one.hung_up), "the end of the provider's call");

// How often the client tried: the gateway repeats nothing while an alias has one candidate.
export const tries = async () => (await requests()).length;

// Whatever says that all of them are in the text.
export function assertIncludes(text, ...parts) {
  for (const part of parts) assert.ok(text.includes(part), `"${part}" is not in: ${text}`);
}
