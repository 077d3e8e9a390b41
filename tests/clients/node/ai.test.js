// Vercel's ai package with its OpenAI and Anthropic providers.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';

import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import * as ai from 'ai';
import { APICallError, generateText, RetryError, stepCountIs, streamText } from 'ai';
import { z } from 'zod';

import {
  asked,
  asks,
  assertIncludes,
  busy,
  fault,
  gateway,
  hungUp,
  lastBody,
  reach,
  reset,
  toolNames,
  tries,
} from './setup.js';

const openai = createOpenAI({ baseURL: `${gateway}/v1`, apiKey: 'any' });
const anthropic = createAnthropic({ baseURL: `${gateway}/v1`, apiKey: 'any' });
const dialects = {
  chat: (name) => openai.chat(name),
  responses: (name) => openai.responses(name),
  messages: (name) => anthropic(name),
};

globalThis.AI_SDK_LOG_WARNINGS = false; // it does not know the model of an alias, and says so each time

const City = z.object({ city: z.string(), people: z.number().int() });
const used = [];
const tools = Object.fromEntries(
  toolNames.map((name) => {
    const execute = ({ city }) => {
      used.push([name, city]);
      return asks.results[name];
    };
    const inputSchema = ai.jsonSchema(asks.tool_schema);
    return [name, ai.tool({ description: asks.tools[name], inputSchema, execute })];
  }),
);

const refusal = /text\.format/; // DeepSeek knows no schema, and the field that asks for one is named

const cells = Object.entries(reach).flatMap(([dialect, models]) => models.map((model) => [dialect, model]));
for (const [dialect, name] of cells) {
  describe(`ai, ${dialect}, ${name}`, () => {
    beforeEach(async () => {
      used.length = 0;
      await reset();
    });

    const model = dialects[dialect](name);
    const hello = { model, prompt: asks.hello, maxRetries: 0 };

    it('gets an answer', async () => {
      const answer = await generateText({ ...hello, system: asks.system });
      assert.ok(answer.text);
      assert.equal(answer.finishReason, 'stop');
      assert.ok(answer.usage.inputTokens > 0 && answer.usage.outputTokens > 0);
      assertIncludes(await lastBody(), asks.system);
    });

    it('gets the same by a stream', async () => {
      const { text } = await generateText(hello);
      const parts = await Array.fromAsync(streamText(hello).textStream);
      assert.ok(parts.length > 2);
      assert.equal(parts.join(''), text);
    });

    it('has a tool called over two steps', async () => {
      const answer = await generateText({ ...hello, prompt: asks.weather, tools, stopWhen: stepCountIs(3) });
      assert.equal(answer.steps.length, 2);
      assert.deepEqual(used.map(([one]) => one), ['get_weather']);
      assertIncludes(answer.text, asks.results.get_weather);
    });

    it('has two tools called at once, streamed', async () => {
      const answer = streamText({ ...hello, prompt: asks.two_tools, tools, stopWhen: stepCountIs(3) });
      assertIncludes(await answer.text, ...Object.values(asks.results));
      assert.deepEqual(used.map(([one]) => one), toolNames);
    });

    it('has its picture reach the provider', async () => {
      const image = { type: 'file', mediaType: 'image/png', data: asks.pixel };
      const messages = [{ role: 'user', content: [{ type: 'text', text: asks.image }, image] }];
      assert.ok((await generateText({ model, messages, maxRetries: 0 })).text);
      assertIncludes(await lastBody(), asks.pixel);
    });

    it('gets structured output', async () => {
      const output = ai.Output.object({ schema: City });
      const asking = generateText({ ...hello, prompt: asks.city, output });
      if (dialect === 'responses' && name === 'deepseek') return assert.rejects(asking, refusal);
      const answer = await asking;
      assertIncludes(answer.output.city, 'Paris');
      assert.ok(answer.output.people > 0);
    });

    for (const status of [400, 404, 500, 503, 429]) {
      it(`throws APICallError for a ${status}`, async () => {
        const headers = fault(`status=${status}`);
        const asking = generateText({ ...hello, model: dialects[dialect](busy(name)), headers });
        const isOwn = (error) => APICallError.isInstance(error) && error.statusCode === status;
        await assert.rejects(asking, isOwn);
      });
    }

    it('reports a stream that breaks', async () => {
      const errors = [];
      const onError = ({ error }) => errors.push(error);
      const stream = streamText({ ...hello, headers: fault(asks.faults.broken_stream), onError });
      await stream.consumeStream();
      assert.equal(errors.length, 1);
    });

    it('tries a 503 again, and a 400 not', async () => {
      const asking = (status) =>
        generateText({ ...hello, maxRetries: 1, headers: fault(`status=${status}; retry_after=0`) });
      await assert.rejects(asking(503), RetryError);
      assert.equal(await tries(), 2);
      await assert.rejects(asking(400), APICallError);
      assert.equal(await tries(), 3);
    });

    it('ends the call when its time is out', async () => {
      const headers = fault(asks.faults.slow_answer);
      await assert.rejects(generateText({ ...hello, headers, timeout: asks.brief_ms }));
      await hungUp();
    });

    it('ends the call when it is aborted', async () => {
      const stop = new AbortController();
      const headers = fault(asks.faults.slow_answer);
      const aborted = assert.rejects(generateText({ ...hello, headers, abortSignal: stop.signal }), {
        name: 'AbortError',
      });
      await asked();
      stop.abort();
      await aborted;
      await hungUp();
    });

    it('ends the call when it leaves its stream', async () => {
      const stop = new AbortController();
      const headers = fault(asks.faults.slow_stream);
      const { textStream } = streamText({ ...hello, headers, abortSignal: stop.signal, onError() {} });
      for await (const part of textStream) if (part) stop.abort();
      await hungUp();
    });
  });
}
