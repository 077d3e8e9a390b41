package clients

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
)

type message = openai.ChatCompletionMessageParamUnion

func asking(model string, messages ...message) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{Model: model, Messages: messages}
}

func hello(model string) openai.ChatCompletionNewParams {
	return asking(model, openai.UserMessage(asks.Hello))
}

func answerTo(t *testing.T, asked openai.ChatCompletionNewParams) openai.ChatCompletionChoice {
	t.Helper()
	client := newClient()
	answer, err := client.Chat.Completions.New(t.Context(), asked)
	must(t, err)
	expect(t, len(answer.Choices) == 1 && answer.Usage.CompletionTokens > 0, "%s", answer.RawJSON())
	return answer.Choices[0]
}

// streamed puts the answer together from its chunks.
func streamed(t *testing.T, asked openai.ChatCompletionNewParams) openai.ChatCompletionAccumulator {
	t.Helper()
	client := newClient()
	asked.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
	stream := client.Chat.Completions.NewStreaming(t.Context(), asked)
	defer stream.Close()
	whole := openai.ChatCompletionAccumulator{}
	for stream.Next() {
		expect(t, whole.AddChunk(stream.Current()), "a chunk that does not fit: %s", stream.Current().RawJSON())
	}
	must(t, stream.Err())
	return whole
}

func failureOf(asked openai.ChatCompletionNewParams, options ...option.RequestOption) error {
	client := newClient(options...)
	_, err := client.Chat.Completions.New(context.Background(), asked)
	return err
}

func TestAnAnswer(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		choice := answerTo(t, asking(model, openai.SystemMessage(asks.System), openai.UserMessage(asks.Hello)))
		expect(t, choice.FinishReason == "stop" && choice.Message.Content != "", "%s", choice.RawJSON())
		expectIncludes(t, lastBody(t), asks.System)
	})
}

func TestAStreamSaysTheSame(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		whole := answerTo(t, hello(model))
		parts := streamed(t, hello(model))
		text := parts.Choices[0].Message.Content
		expect(t, text == whole.Message.Content, "streamed %q, whole %q", text, whole.Message.Content)
		expect(t, parts.Usage.CompletionTokens > 0, "no usage")
	})
}

func withTools(model, question string) openai.ChatCompletionNewParams {
	asked := asking(model, openai.UserMessage(question))
	for _, name := range asks.ToolNames {
		asked.Tools = append(asked.Tools, openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
			Name: name, Description: openai.String(asks.Tools[name]), Parameters: asks.ToolSchema,
		}))
	}
	return asked
}

// resultsOf is the assistant's turn as it came, and what its tools say.
func resultsOf(t *testing.T, answer openai.ChatCompletionMessage, names ...string) []message {
	t.Helper()
	turns := []message{answer.ToParam()}
	expect(t, len(answer.ToolCalls) == len(names), "%s", answer.RawJSON())
	for index, call := range answer.ToolCalls {
		expect(t, call.Function.Name == names[index], "called %s", call.Function.Name)
		expectIncludes(t, call.Function.Arguments, "Paris")
		turns = append(turns, openai.ToolMessage(asks.Results[call.Function.Name], call.ID))
	}
	return turns
}

func TestAToolOverTwoTurns(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		asked := withTools(model, asks.Weather)
		first := answerTo(t, asked)
		expect(t, first.FinishReason == "tool_calls", "%s", first.RawJSON())
		asked.Messages = append(asked.Messages, resultsOf(t, first.Message, "get_weather")...)
		expectIncludes(t, answerTo(t, asked).Message.Content, asks.Results["get_weather"])
	})
}

func TestTwoToolsAtOnceStreamed(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		asked := withTools(model, asks.TwoTools)
		first := streamed(t, asked).Choices[0].Message
		asked.Messages = append(asked.Messages, resultsOf(t, first, asks.ToolNames...)...)
		text := streamed(t, asked).Choices[0].Message.Content
		expectIncludes(t, text, asks.Results["get_weather"], asks.Results["get_time"])
	})
}

func TestAPictureReachesTheProvider(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		picture := openai.ChatCompletionContentPartImageImageURLParam{URL: "data:image/png;base64," + asks.Pixel}
		parts := []openai.ChatCompletionContentPartUnionParam{
			openai.TextContentPart(asks.Image), openai.ImageContentPart(picture),
		}
		expect(t, answerTo(t, asking(model, openai.UserMessage(parts))).Message.Content != "", "no text")
		expectIncludes(t, lastBody(t), asks.Pixel)
	})
}

func TestStructuredOutput(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		asked := asking(model, openai.UserMessage(asks.City))
		schema := openai.ResponseFormatJSONSchemaJSONSchemaParam{
			Name: "city", Schema: asks.CitySchema, Strict: openai.Bool(true),
		}
		asked.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{
			OfJSONSchema: &openai.ResponseFormatJSONSchemaParam{JSONSchema: schema},
		}
		var found city
		must(t, json.Unmarshal([]byte(answerTo(t, asked).Message.Content), &found))
		expect(t, found.People > 0, "%v", found)
		expectIncludes(t, found.City, "Paris")
	})
}

func TestErrorsAreTheClientsOwn(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		for status, what := range statuses {
			expectStatus(t, failureOf(hello(model), fault(what)), status)
		}
		expectStatus(t, failureOf(hello(model+"-busy"), fault("status=429")), 429)
	})
}

func expectStatus(t *testing.T, err error, status int) {
	t.Helper()
	var failure *openai.Error
	expect(t, errors.As(err, &failure), "%v", err)
	expect(t, failure.StatusCode == status && failure.Message != "", "%d: %v", status, err)
}

func TestABrokenStreamIsAnError(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		client := newClient(fault(asks.Faults["broken_stream"]))
		stream := client.Chat.Completions.NewStreaming(t.Context(), hello(model))
		defer stream.Close()
		for stream.Next() {
		}
		expect(t, stream.Err() != nil, "the stream ended as if it were whole")
	})
}

func TestItTriesAgainAsItIsTold(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		retries := option.WithMaxRetries(1)
		expectStatus(t, failureOf(hello(model), retries, fault("status=503; should_retry=false")), 503)
		expect(t, tries(t) == 1, "it tried again although it was told not to")
		expectStatus(t, failureOf(hello(model), retries, fault("status=400; should_retry=true")), 400)
		expect(t, tries(t) == 3, "it did not try again although it was told to")
	})
}

func TestATimeOutEndsTheCall(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		brief := option.WithRequestTimeout(asks.BriefMs * time.Millisecond)
		err := failureOf(hello(model), brief, fault(asks.Faults["slow_answer"]))
		expect(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
		waitUntilHungUp(t)
	})
}

func TestACancelledContextEndsTheCall(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			client := newClient(fault(asks.Faults["slow_answer"]))
			_, err := client.Chat.Completions.New(ctx, hello(model))
			done <- err
		}()
		waitUntilAsked(t)
		cancel()
		expect(t, errors.Is(<-done, context.Canceled), "the call was not cancelled")
		waitUntilHungUp(t)
	})
}

func TestAClosedStreamEndsTheCall(t *testing.T) {
	forEachModel(t, "chat", func(t *testing.T, model string) {
		client := newClient(fault(asks.Faults["slow_stream"]))
		stream := client.Chat.Completions.NewStreaming(t.Context(), hello(model))
		expect(t, stream.Next(), "nothing came: %v", stream.Err())
		must(t, stream.Close())
		waitUntilHungUp(t)
	})
}
