// The official Anthropic client for Node.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';

import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
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

const client = new Anthropic({ baseURL: gateway, apiKey: 'any', maxRetries: 0, timeout: 20_000 });
const say = (content) => [{ role: 'user', content }];
const tools = toolNames.map((name) => ({
  name,
  description: asks.tools[name],
  input_schema: asks.tool_schema,
}));
const City = z.object({ city: z.string(), people: z.number().int() });

const textOf = ({ content }) => content.map((block) => block.text ?? '').join('');
const usesOf = ({ content }) => content.filter((block) => block.type === 'tool_use');

// The assistant's turn as it came, and what its tools say.
function resultsOf(message) {
  const results = usesOf(message).map(({ id, name, input }) => {
    assertIncludes(input.city, 'Paris');
    return { type: 'tool_result', tool_use_id: id, content: asks.results[name] };
  });
  return [{ role: 'assistant', content: message.content }, { role: 'user', content: results }];
}

for (const model of reach.messages) {
  describe(`Anthropic for Node, ${model}`, () => {
    beforeEach(reset);

    const question = (content, more) => ({ model, max_tokens: 4000, messages: say(content), ...more });
    const hello = (more, options) => client.messages.create(question(asks.hello, more), options);

    it('gets an answer', async () => {
      const answer = await hello({ system: asks.system });
      assert.ok(textOf(answer));
      assert.equal(answer.stop_reason, 'end_turn');
      assert.ok(answer.usage.output_tokens > 0);
      assertIncludes(await lastBody(), asks.system);
    });

    it('gets the same by a stream', async () => {
      const whole = await hello();
      const stream = client.messages.stream(question(asks.hello));
      let text = '';
      stream.on('text', (part) => (text += part));
      const streamed = await stream.finalMessage();
      assert.equal(text, textOf(whole));
      assert.equal(streamed.usage.output_tokens, whole.usage.output_tokens);
    });

    it('has a tool called over two turns', async () => {
      const messages = say(asks.weather);
      const first = await hello({ messages, tools });
      assert.equal(first.stop_reason, 'tool_use');
      messages.push(...resultsOf(first));
      assertIncludes(textOf(await hello({ messages, tools })), asks.results.get_weather);
    });

    it('has two tools called at once, streamed', async () => {
      const messages = say(asks.two_tools);
      const first = await client.messages.stream(question('', { messages, tools })).finalMessage();
      assert.deepEqual(usesOf(first).map((use) => use.name), toolNames);
      messages.push(...resultsOf(first));
      const second = await client.messages.stream(question('', { messages, tools })).finalText();
      assertIncludes(second, ...Object.values(asks.results));
    });

    it('has its picture reach the provider', async () => {
      const source = { type: 'base64', media_type: 'image/png', data: asks.pixel };
      const parts = [{ type: 'text', text: asks.image }, { type: 'image', source }];
      assert.ok(textOf(await client.messages.create(question(parts))));
      assertIncludes(await lastBody(), asks.pixel);
    });

    const notDeepSeek = model === 'deepseek' && "DeepSeek's Anthropic endpoint takes no notice of it";
    it('gets structured output', { skip: notDeepSeek }, async () => {
      const output_config = { format: zodOutputFormat(City) };
      const { parsed_output } = await client.messages.parse(question(asks.city, { output_config }));
      assertIncludes(parsed_output.city, 'Paris');
      assert.ok(parsed_output.people > 0);
    });

    failsAsItself({
      errors: Anthropic,
      hello,
      model,
      overloaded: 529,
      isToken: (event) => event.type === 'content_block_delta',
    });
  });
}
