// The official OpenAI client for Node, Responses.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';

import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';

import { failsAsItself } from './failures.js';
import {
  asks,
  assertIncludes,
  gateway,
  lastBody,
  reach,
  reset,
  toolNames,
} from './setup.js';

const client = new OpenAI({ baseURL: `${gateway}/v1`, apiKey: 'any', maxRetries: 0, timeout: 20_000 });
const say = (content) => [{ role: 'user', content }];
const tools = toolNames.map((name) => ({
  type: 'function',
  name,
  description: asks.tools[name],
  parameters: asks.tool_schema,
  strict: false,
}));
const City = z.object({ city: z.string(), people: z.number().int() });

const refusal = /text\.format/; // DeepSeek knows no schema, and the field that asks for one is named

const callsOf = ({ output }) => output.filter((item) => item.type === 'function_call');

// The items of the answer as they came, and what its tools say.
function resultsOf(answer) {
  const results = callsOf(answer).map((call) => {
    assertIncludes(JSON.parse(call.arguments).city, 'Paris');
    return { type: 'function_call_output', call_id: call.call_id, output: asks.results[call.name] };
  });
  return [...answer.output, ...results];
}

for (const model of reach.responses) {
  describe(`openai for Node, Responses, ${model}`, () => {
    beforeEach(reset);

    // Nothing is kept at the provider: thoughts come sealed, to be given back with what tools say.
    const stateless = { store: false, include: ['reasoning.encrypted_content'] };
    const question = (content, more) => ({ model, input: say(content), ...stateless, ...more });
    const hello = (more, options) => client.responses.create(question(asks.hello, more), options);

    it('gets an answer', async () => {
      const answer = await hello({ instructions: asks.system });
      assert.ok(answer.output_text);
      assert.equal(answer.status, 'completed');
      assert.ok(answer.usage.output_tokens > 0);
      assertIncludes(await lastBody(), asks.system);
    });

    it('gets the same by a stream', async () => {
      const whole = await hello();
      let text = '';
      let last;
      for await (const event of await hello({ stream: true })) {
        if (event.type === 'response.output_text.delta') text += event.delta;
        last = event;
      }
      assert.equal(text, whole.output_text);
      assert.equal(last.type, 'response.completed');
      assert.equal(last.response.usage.output_tokens, whole.usage.output_tokens);
    });

    it('has a tool called over two turns', async () => {
      const input = say(asks.weather);
      input.push(...resultsOf(await hello({ input, tools })));
      assertIncludes((await hello({ input, tools })).output_text, asks.results.get_weather);
    });

    it('has two tools called at once, streamed', async () => {
      const input = say(asks.two_tools);
      const first = await client.responses.stream(question('', { input, tools })).finalResponse();
      assert.deepEqual(callsOf(first).map((call) => call.name), toolNames);
      input.push(...resultsOf(first));
      const second = await client.responses.stream(question('', { input, tools })).finalResponse();
      assertIncludes(second.output_text, ...Object.values(asks.results));
    });

    it('has its picture reach the provider', async () => {
      const image_url = `data:image/png;base64,${asks.pixel}`;
      const picture = { type: 'input_image', image_url, detail: 'auto' };
      const parts = [{ type: 'input_text', text: asks.image }, picture];
      assert.ok((await client.responses.create(question(parts))).output_text);
      assertIncludes(await lastBody(), asks.pixel);
    });

    it('gets structured output', async () => {
      const text = { format: zodTextFormat(City, 'city') };
      const asking = client.responses.parse(question(asks.city, { text }));
      if (model === 'deepseek') return assert.rejects(asking, refusal);
      const { output_parsed } = await asking;
      assertIncludes(output_parsed.city, 'Paris');
      assert.ok(output_parsed.people > 0);
    });

    failsAsItself({
      errors: OpenAI,
      hello,
      model,
      overloaded: 503,
      isToken: (event) => event.type.endsWith('.delta'),
    });
  });
}
