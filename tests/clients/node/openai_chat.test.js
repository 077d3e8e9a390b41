// The official OpenAI client for Node, chat completions.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';

import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
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

const settings = { baseURL: `${gateway}/v1`, apiKey: 'any', maxRetries: 0, timeout: 20_000 };
const client = new OpenAI(settings);
const say = (content) => [{ role: 'user', content }];
const tools = toolNames.map((name) => ({
  type: 'function',
  function: { name, description: asks.tools[name], parameters: asks.tool_schema },
}));
const City = z.object({ city: z.string(), people: z.number().int() });

// The assistant's turn as it came, and what its tools say.
function resultsOf({ message }) {
  const results = message.tool_calls.map((call) => {
    assertIncludes(JSON.parse(call.function.arguments).city, 'Paris');
    return { role: 'tool', tool_call_id: call.id, content: asks.results[call.function.name] };
  });
  return [message, ...results];
}

for (const model of reach.chat) {
  describe(`openai for Node, chat, ${model}`, () => {
    beforeEach(reset);

    const hello = (more, options) =>
      client.chat.completions.create({ model, messages: say(asks.hello), ...more }, options);

    it('gets an answer', async () => {
      const answer = await hello();
      assert.ok(answer.choices[0].message.content);
      assert.equal(answer.choices[0].finish_reason, 'stop');
      assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
    });

    it('gets the same by a stream', async () => {
      const whole = await hello();
      let text = '';
      let usage;
      for await (const chunk of await hello({ stream: true, stream_options: { include_usage: true } })) {
        text += chunk.choices[0]?.delta.content ?? '';
        usage = chunk.usage ?? usage;
      }
      assert.equal(text, whole.choices[0].message.content);
      assert.equal(usage.completion_tokens, whole.usage.completion_tokens);
    });

    it('has a tool called over two turns', async () => {
      const messages = say(asks.weather);
      const first = await client.chat.completions.create({ model, messages, tools });
      assert.equal(first.choices[0].finish_reason, 'tool_calls');
      messages.push(...resultsOf(first.choices[0]));
      const second = await client.chat.completions.create({ model, messages, tools });
      assertIncludes(second.choices[0].message.content, asks.results.get_weather);
    });

    it('has two tools called at once, streamed', async () => {
      const messages = say(asks.two_tools);
      const first = await client.chat.completions.stream({ model, messages, tools }).finalChatCompletion();
      assert.deepEqual(first.choices[0].message.tool_calls.map((call) => call.function.name), toolNames);
      messages.push(...resultsOf(first.choices[0]));
      const second = await client.chat.completions.stream({ model, messages, tools }).finalContent();
      assertIncludes(second, ...Object.values(asks.results));
    });

    it('has its picture reach the provider', async () => {
      const url = `data:image/png;base64,${asks.pixel}`;
      const parts = [{ type: 'text', text: asks.image }, { type: 'image_url', image_url: { url } }];
      const answer = await client.chat.completions.create({ model, messages: say(parts) });
      assert.ok(answer.choices[0].message.content);
      assertIncludes(await lastBody(), asks.pixel);
    });

    it('gets structured output', async () => {
      const response_format = zodResponseFormat(City, 'city');
      const messages = say(asks.city);
      const answer = await client.chat.completions.parse({ model, messages, response_format });
      assertIncludes(answer.choices[0].message.parsed.city, 'Paris');
      assert.ok(answer.choices[0].message.parsed.people > 0);
    });

    failsAsItself({
      errors: OpenAI,
      hello,
      model,
      overloaded: 503,
      isToken: (chunk) => Boolean(chunk),
    });
  });
}
