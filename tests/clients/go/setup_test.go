// Package clients drives a gateway with the official OpenAI client for Go. Where the programs are and which
// models may be asked for comes from tests/clients/test_go.py, by the environment.
package clients

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// asks is what all clients ask, of every language.
var asks = func() (all struct {
	Hello, System, Weather, City, Image, Pixel string
	TwoTools                                   string            `json:"two_tools"`
	BriefMs                                    time.Duration     `json:"brief_ms"`
	ToolNames                                  []string          `json:"-"`
	Tools                                      map[string]string `json:"tools"`
	ToolSchema                                 map[string]any    `json:"tool_schema"`
	Results                                    map[string]string `json:"results"`
	CitySchema                                 map[string]any    `json:"city_schema"`
	Faults                                     map[string]string `json:"faults"`
}) {
	if err := json.Unmarshal([]byte(os.Getenv("SLUICE_ASKS")), &all); err != nil {
		panic("SLUICE_ASKS: " + err.Error())
	}
	all.ToolNames = []string{"get_weather", "get_time"}
	return all
}()

// city is what CitySchema describes.
type city struct {
	City   string `json:"city"`
	People int    `json:"people"`
}

// reach says which models an application of each dialect may ask for.
func reach(t *testing.T, dialect string) []string {
	t.Helper()
	var all map[string][]string
	must(t, json.Unmarshal([]byte(os.Getenv("SLUICE_REACH")), &all))
	return all[dialect]
}

// forEachModel runs a test for each model that the dialect reaches; the simulator has seen nothing yet.
func forEachModel(t *testing.T, dialect string, run func(t *testing.T, model string)) {
	for _, model := range reach(t, dialect) {
		t.Run(model, func(t *testing.T) {
			simulator(t, "POST", "/sim/reset")
			run(t, model)
		})
	}
}

// statuses are those whose errors are asked for, with the fault that makes them; 429 is asked for apart.
var statuses = map[int]string{
	400: "status=400", 404: "status=404", 422: "status=422", 500: "status=500", 503: "status=503",
}

func newClient(options ...option.RequestOption) openai.Client {
	settings := []option.RequestOption{
		option.WithBaseURL(os.Getenv("SLUICE_URL") + "/v1"), option.WithAPIKey("any"),
		option.WithMaxRetries(0), option.WithRequestTimeout(20 * time.Second),
	}
	return openai.NewClient(append(settings, options...)...)
}

func fault(what string) option.RequestOption { return option.WithHeader("x-sim-fault", what) }

// request is what the simulator remembers of one.
type request struct {
	Number int
	HungUp bool `json:"hung_up"`
}

func simulator(t *testing.T, method, path string) []byte {
	t.Helper()
	asking, err := http.NewRequest(method, os.Getenv("SLUICE_SIM_URL")+path, nil)
	must(t, err)
	answer, err := http.DefaultClient.Do(asking)
	must(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	must(t, err)
	return body
}

func requests(t *testing.T) []request {
	t.Helper()
	var answer struct{ Requests []request }
	must(t, json.Unmarshal(simulator(t, "GET", "/sim/requests"), &answer))
	return answer.Requests
}

// lastBody is what the provider was sent last.
func lastBody(t *testing.T) string {
	t.Helper()
	all := requests(t)
	number, err := json.Marshal(all[len(all)-1].Number)
	must(t, err)
	return string(simulator(t, "GET", "/sim/body/"+string(number)))
}

// tries is how often the client has tried: the gateway repeats nothing while an alias has one candidate.
func tries(t *testing.T) int {
	t.Helper()
	return len(requests(t))
}

func eventually(t *testing.T, what string, ask func() bool) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); !ask(); {
		if time.Now().After(until) {
			t.Fatal(what + " did not happen")
		}
		<-time.After(5 * time.Millisecond)
	}
}

func waitUntilAsked(t *testing.T) {
	t.Helper()
	eventually(t, "a request", func() bool { return len(requests(t)) > 0 })
}

func waitUntilHungUp(t *testing.T) {
	t.Helper()
	eventually(t, "the end of the provider's call", func() bool {
		for _, one := range requests(t) {
			if one.HungUp {
				return true
			}
		}
		return false
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expect(t *testing.T, holds bool, format string, arguments ...any) {
	t.Helper()
	if !holds {
		t.Fatalf(format, arguments...)
	}
}

func expectIncludes(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		expect(t, strings.Contains(text, part), "%q is not in: %s", part, text)
	}
}
