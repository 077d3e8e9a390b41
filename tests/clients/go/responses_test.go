package clients

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/param"
	"github.com/openai/openai-go/v3/responses"
)

type item = responses.ResponseInputItemUnionParam

// askingResponse keeps nothing at the provider: thoughts come sealed, to be given back with what tools say.
func askingResponse(model string, items ...item) responses.ResponseNewParams {
	return responses.ResponseNewParams{
		Model:   model,
		Input:   responses.ResponseNewParamsInputUnion{OfInputItemList: items},
		Store:   openai.Bool(false),
		Include: []responses.ResponseIncludable{responses.ResponseIncludableReasoningEncryptedContent},
	}
}

func says[T string | responses.ResponseInputMessageContentListParam](content T) item {
	return responses.ResponseInputItemParamOfMessage(content, responses.EasyInputMessageRoleUser)
}

func helloResponse(model string) responses.ResponseNewParams {
	return askingResponse(model, says(asks.Hello))
}

func responseTo(t *testing.T, asked responses.ResponseNewParams) *responses.Response {
	t.Helper()
	client := newClient()
	answer, err := client.Responses.New(t.Context(), asked)
	must(t, err)
	expect(t, answer.Status == "completed" && answer.Usage.OutputTokens > 0, "%s", answer.RawJSON())
	return answer
}

// streamedResponse is the response that the last event carries; its text must be what the deltas said.
func streamedResponse(t *testing.T, asked responses.ResponseNewParams) *responses.Response {
	t.Helper()
	client := newClient()
	stream := client.Responses.NewStreaming(t.Context(), asked)
	defer stream.Close()
	text := ""
	for stream.Next() {
		switch event := stream.Current().AsAny().(type) {
		case responses.ResponseTextDeltaEvent:
			text += event.Delta
		case responses.ResponseCompletedEvent:
			whole := event.Response.OutputText()
			expect(t, text == whole, "the deltas say %q, the response %q", text, whole)
			return &event.Response
		}
	}
	t.Fatalf("the stream was not completed: %v", stream.Err())
	return nil
}

func responseFailure(asked responses.ResponseNewParams, options ...option.RequestOption) error {
	client := newClient(options...)
	_, err := client.Responses.New(context.Background(), asked)
	return err
}

func TestResponse(t *testing.T) {
	forEachModel(t, "responses", func(t *testing.T, model string) {
		asked := helloResponse(model)
		asked.Instructions = openai.String(asks.System)
		expect(t, responseTo(t, asked).OutputText() != "", "no text")
		expectIncludes(t, lastBody(t), asks.System)
	})
}

func TestResponseStreamSaysTheSame(t *testing.T) {
	forEachModel(t, "responses", func(t *testing.T, model string) {
		whole := responseTo(t, helloResponse(model)).OutputText()
		parts := streamedResponse(t, helloResponse(model)).OutputText()
		expect(t, parts == whole, "streamed %q, whole %q", parts, whole)
	})
}

func responseWithTools(model, question string) responses.ResponseNewParams {
	asked := askingResponse(model, says(question))
	for _, name := range asks.ToolNames {
		tool := responses.ToolParamOfFunction(name, asks.ToolSchema, false)
		tool.OfFunction.Description = openai.String(asks.Tools[name])
		asked.Tools = append(asked.Tools, tool)
	}
	return asked
}

// outputsOf is the items of the answer as they came, and what its tools say.
func outputsOf(t *testing.T, answer *responses.Response, names ...string) []item {
	t.Helper()
	turns, results := []item{}, []item{}
	for _, one := range answer.Output {
		turns = append(turns, param.Override[item](json.RawMessage(one.RawJSON())))
		if one.Type != "function_call" {
			continue
		}
		call := one.AsFunctionCall()
		expect(t, call.Name == names[len(results)], "called %s", call.Name)
		expectIncludes(t, call.Arguments, "Paris")
		output := responses.ResponseInputItemParamOfFunctionCallOutput(asks.Results[call.Name])
		output.OfFunctionCallOutput.CallID = openai.String(call.CallID)
		results = append(results, output)
	}
	expect(t, len(results) == len(names), "%s", answer.RawJSON())
	return append(turns, results...)
}

func TestResponseWithAToolOverTwoTurns(t *testing.T) {
	forEachModel(t, "responses", func(t *testing.T, model string) {
		asked := responseWithTools(model, asks.Weather)
		outputs := outputsOf(t, responseTo(t, asked), "get_weather")
		asked.Input.OfInputItemList = append(asked.Input.OfInputItemList, outputs...)
		expectIncludes(t, responseTo(t, asked).OutputText(), asks.Results["get_weather"])
	})
}

func TestResponseWithTwoToolsAtOnceStreamed(t *testing.T) {
	forEachModel(t, "responses", func(t *testing.T, model string) {
		asked := responseWithTools(model, asks.TwoTools)
		outputs := outputsOf(t, streamedResponse(t, asked), asks.ToolNames...)
		asked.Input.OfInputItemList = append(asked.Input.OfInputItemList, outputs...)
		text := streamedResponse(t, asked).OutputText()
		expectIncludes(t, text, asks.Results["get_weather"], asks.Results["get_time"])
	})
}

func TestResponseHasItsPictureReachTheProvider(t *testing.T) {
	forEachModel(t, "responses", func(t *testing.T, model string) {
		picture := responses.ResponseInputContentParamOfInputImage(responses.ResponseInputImageDetailAuto)
		picture.OfInputImage.ImageURL = openai.String("data:image/png;base64," + asks.Pixel)
		parts := responses.ResponseInputMessageContentListParam{
			responses.ResponseInputContentParamOfInputText(asks.Image), picture,
		}
		expect(t, responseTo(t, askingResponse(model, says(parts))).OutputText() != "", "no text")
		expectIncludes(t, lastBody(t), asks.Pixel)
	})
}

func TestResponseWithStructuredOutput(t *testing.T) {
	forEachModel(t, "responses", func(t *testing.T, model string) {
		asked := askingResponse(model, says(asks.City))
		asked.Text.Format = responses.ResponseFormatTextConfigParamOfJSONSchema("city", asks.CitySchema)
		asked.Text.Format.OfJSONSchema.Strict = openai.Bool(true)
		if model == "deepseek" { // knows no schema, and the field that asks for one is named
			var refusal *openai.Error
			expect(t, errors.As(responseFailure(asked), &refusal) && refusal.StatusCode == 400, "not refused")
			expectIncludes(t, refusal.Message, "text.format")
			return
		}
		var found city
		must(t, json.Unmarshal([]byte(responseTo(t, asked).OutputText()), &found))
		expect(t, found.People > 0, "%v", found)
		expectIncludes(t, found.City, "Paris")
	})
}

func TestResponseErrorsAreTheClientsOwn(t *testing.T) {
	forEachModel(t, "responses", func(t *testing.T, model string) {
		for status, what := range statuses {
			expectStatus(t, responseFailure(helloResponse(model), fault(what)), status)
		}
		expectStatus(t, responseFailure(helloResponse(model+"-busy"), fault("status=429")), 429)
	})
}

func TestResponseTriesAgainAsItIsTold(t *testing.T) {
	forEachModel(t, "responses", func(t *testing.T, model string) {
		again := option.WithMaxRetries(1)
		err := responseFailure(helloResponse(model), again, fault("status=503; should_retry=false"))
		expectStatus(t, err, 503)
		expect(t, tries(t) == 1, "it tried again although it was told not to")
		err = responseFailure(helloResponse(model), again, fault("status=400; should_retry=true"))
		expectStatus(t, err, 400)
		expect(t, tries(t) == 3, "it did not try again although it was told to")
	})
}

func TestResponseTimeOutEndsTheCall(t *testing.T) {
	forEachModel(t, "responses", func(t *testing.T, model string) {
		brief := option.WithRequestTimeout(asks.BriefMs * time.Millisecond)
		err := responseFailure(helloResponse(model), brief, fault(asks.Faults["slow_answer"]))
		expect(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
		waitUntilHungUp(t)
	})
}

func TestResponseStreamIsBrokenOrClosed(t *testing.T) {
	forEachModel(t, "responses", func(t *testing.T, model string) {
		client := newClient()
		asked := helloResponse(model)
		broken := client.Responses.NewStreaming(t.Context(), asked, fault(asks.Faults["broken_stream"]))
		defer broken.Close()
		for broken.Next() {
		}
		expect(t, broken.Err() != nil, "the stream ended as if it were whole")
		simulator(t, "POST", "/sim/reset")
		slow := client.Responses.NewStreaming(t.Context(), asked, fault(asks.Faults["slow_stream"]))
		expect(t, slow.Next(), "nothing came: %v", slow.Err())
		must(t, slow.Close())
		waitUntilHungUp(t)
	})
}
