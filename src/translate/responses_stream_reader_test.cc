#include <gtest/gtest.h>

#include "translate/dialects_internal.h"
#include "wire/sse.h"

namespace translate {
namespace {

// What a reader tells of a stream, one line an event.
class Telling {
 public:
  bool Read(std::string_view stream) {
    wire::SseFramer framer(1U << 20U);
    framer.Feed(stream);
    while (const auto frame = framer.Next()) {
      if (frame->kind != wire::SseKind::kData && frame->kind != wire::SseKind::kDone) continue;
      std::vector<Event> events;
      const auto read = reader_->Read(*frame, events);
      for (const Event& event : events) Tell(event);
      if (read) continue;
      text_ += "invalid: " + read.error().detail + "\n";
      return false;
    }
    return true;
  }
  const std::string& text() const { return text_; }

 private:
  static std::string Name(Part::Kind kind) {
    switch (kind) {
      case Part::Kind::kText:
        return "text";
      case Part::Kind::kRefusal:
        return "refusal";
      case Part::Kind::kReasoning:
        return "thought";
      case Part::Kind::kToolCall:
        return "call";
      default:
        return "other";
    }
  }

  void Tell(const Event& event) {
    const std::string part = std::to_string(event.part) + " ";
    const std::string text(event.text.inside);
    switch (event.kind) {
      case Event::Kind::kStart:
        text_ += "start " + std::string(event.id.inside) + " " + std::string(event.model.inside) + "\n";
        return;
      case Event::Kind::kPartBegin:
        text_ += "begin " + part + Name(event.part_kind) + (event.custom ? " custom " : " ") +
                 std::string(event.id.inside) + " " + std::string(event.name.inside) + "\n";
        return;
      case Event::Kind::kText:
        text_ += "text " + part + text + "\n";
        return;
      case Event::Kind::kReasoning:
        text_ += "thought " + part + text + "\n";
        return;
      case Event::Kind::kSignature:
        text_ += "seal " + part + text + " " + std::string(event.id.inside) + "\n";
        return;
      case Event::Kind::kArguments:
        text_ += "arguments " + part + text + "\n";
        return;
      case Event::Kind::kCitation:
        text_ += "citation " + part + std::string(event.raw) + "\n";
        return;
      case Event::Kind::kLogprobs:
        text_ += "logprobs " + part + std::string(event.raw) + "\n";
        return;
      case Event::Kind::kPartEnd:
        text_ += "end " + part + "\n";
        return;
      case Event::Kind::kFinish:
        text_ += "finish " + std::string(chat::Name(event.finish.reason)) + "\n";
        return;
      case Event::Kind::kUsage:
        text_ += "usage " + std::to_string(event.usage.TotalInput()) + " " +
                 std::to_string(event.usage.TotalOutput()) + "\n";
        return;
      case Event::Kind::kAlive:
        text_ += "alive\n";
        return;
      case Event::Kind::kError:
        text_ += "error " + std::string(event.error.type.inside) + " " +
                 std::string(event.error.message.inside) + "\n";
        return;
      case Event::Kind::kEnd:
        text_ += "ok\n";
        return;
    }
  }

  std::unique_ptr<StreamReader> reader_ = MakeResponsesStreamReader();
  std::string text_;
};

std::string Told(std::string_view stream) {
  Telling telling;
  telling.Read(stream);
  return telling.text();
}

// As OpenAI sends it: a thought in two pieces, a text, a call; padded against eavesdroppers.
constexpr std::string_view kStreamOfOpenai = R"(event: response.created
data: {"type":"response.created","response":{"id":"resp_68","object":"response","created_at":1741476777,"status":"in_progress","background":false,"error":null,"incomplete_details":null,"instructions":null,"model":"gpt-5.2","output":[],"service_tier":"auto","store":false,"usage":null},"sequence_number":0}

event: response.in_progress
data: {"type":"response.in_progress","response":{"id":"resp_68","status":"in_progress","output":[]},"sequence_number":1}

event: response.output_item.added
data: {"type":"response.output_item.added","item":{"id":"rs_68","type":"reasoning","encrypted_content":"gAAAearly","summary":[]},"output_index":0,"sequence_number":2}

event: response.reasoning_summary_part.added
data: {"type":"response.reasoning_summary_part.added","item_id":"rs_68","output_index":0,"part":{"type":"summary_text","text":""},"summary_index":0,"sequence_number":3}

event: response.reasoning_summary_text.delta
data: {"type":"response.reasoning_summary_text.delta","delta":"**Plan","item_id":"rs_68","output_index":0,"summary_index":0,"sequence_number":4,"obfuscation":"Wd6S45xQ7"}

event: response.reasoning_summary_text.delta
data: {"type":"response.reasoning_summary_text.delta","delta":"**","item_id":"rs_68","output_index":0,"summary_index":0,"sequence_number":5,"obfuscation":"x"}

event: response.reasoning_summary_text.done
data: {"type":"response.reasoning_summary_text.done","item_id":"rs_68","output_index":0,"summary_index":0,"text":"**Plan**","sequence_number":6}

event: response.reasoning_summary_part.done
data: {"type":"response.reasoning_summary_part.done","item_id":"rs_68","output_index":0,"part":{"type":"summary_text","text":"**Plan**"},"summary_index":0,"sequence_number":7}

event: response.reasoning_summary_text.delta
data: {"type":"response.reasoning_summary_text.delta","delta":"More","item_id":"rs_68","output_index":0,"summary_index":1,"sequence_number":8}

event: response.output_item.done
data: {"type":"response.output_item.done","item":{"id":"rs_68","type":"reasoning","encrypted_content":"gAAA","summary":[{"type":"summary_text","text":"**Plan**"},{"type":"summary_text","text":"More"}]},"output_index":0,"sequence_number":9}

event: keepalive
data: {"type":"keepalive","sequence_number":10}

event: response.output_item.added
data: {"type":"response.output_item.added","item":{"id":"msg_68","type":"message","status":"in_progress","content":[],"role":"assistant"},"output_index":1,"sequence_number":11}

event: response.content_part.added
data: {"type":"response.content_part.added","content_index":0,"item_id":"msg_68","output_index":1,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""},"sequence_number":12}

event: response.output_text.delta
data: {"type":"response.output_text.delta","content_index":0,"delta":"Hi","item_id":"msg_68","logprobs":[{"token":"Hi","logprob":-0.1,"top_logprobs":[]}],"output_index":1,"sequence_number":13}

event: response.output_text.annotation.added
data: {"type":"response.output_text.annotation.added","annotation":{"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":2},"annotation_index":0,"content_index":0,"item_id":"msg_68","output_index":1,"sequence_number":14}

event: response.output_text.done
data: {"type":"response.output_text.done","content_index":0,"item_id":"msg_68","logprobs":[],"output_index":1,"sequence_number":15,"text":"Hi"}

event: response.content_part.done
data: {"type":"response.content_part.done","content_index":0,"item_id":"msg_68","output_index":1,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Hi"},"sequence_number":16}

event: response.output_item.done
data: {"type":"response.output_item.done","item":{"id":"msg_68","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"text":"Hi"}],"role":"assistant"},"output_index":1,"sequence_number":17}

event: response.output_item.added
data: {"type":"response.output_item.added","item":{"id":"fc_68","type":"function_call","status":"in_progress","arguments":"","call_id":"call_1","name":"f"},"output_index":2,"sequence_number":18}

event: response.function_call_arguments.delta
data: {"type":"response.function_call_arguments.delta","delta":"{\"a\"","item_id":"fc_68","output_index":2,"sequence_number":19}

event: response.function_call_arguments.delta
data: {"type":"response.function_call_arguments.delta","delta":":1}","item_id":"fc_68","output_index":2,"sequence_number":20}

event: response.function_call_arguments.done
data: {"type":"response.function_call_arguments.done","arguments":"{\"a\":1}","item_id":"fc_68","output_index":2,"sequence_number":21}

event: response.output_item.done
data: {"type":"response.output_item.done","item":{"id":"fc_68","type":"function_call","status":"completed","arguments":"{\"a\":1}","call_id":"call_1","name":"f"},"output_index":2,"sequence_number":22}

event: response.completed
data: {"type":"response.completed","response":{"id":"resp_68","status":"completed","output":[{"id":"msg_68","type":"message"}],"service_tier":"default","usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":0},"output_tokens":20,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":30}},"sequence_number":23}

)";

TEST(ResponsesStreamReaderTest, AStreamOfOpenaiIsTold) {
  EXPECT_EQ(Told(kStreamOfOpenai),
            R"(start resp_68 gpt-5.2
begin 0 thought rs_68 
thought 0 **Plan
thought 0 **
thought 0 \n\n
thought 0 More
seal 0 gAAA rs_68
end 0 
alive
begin 1 text  
text 1 Hi
logprobs 1 [{"token":"Hi","logprob":-0.1,"top_logprobs":[]}]
citation 1 {"type":"url_citation","url":"u","title":"t","start_index":0,"end_index":2}
end 1 
begin 2 call call_1 f
arguments 2 {\"a\"
arguments 2 :1}
end 2 
finish tool_calls
usage 10 20
ok
)");
}

TEST(ResponsesStreamReaderTest, AServerThatTellsThingsOnlyAtTheirEndIsUnderstood) {
  EXPECT_EQ(Told(R"(data: {"type":"response.created","response":{"id":"r","model":"m"}}

data: {"type":"response.reasoning_text.delta","output_index":0,"content_index":0,"delta":"hm"}

data: {"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[],"content":[{"type":"reasoning_text","text":"hm"}]}}

data: {"type":"response.output_item.done","output_index":1,"item":{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"},{"type":"refusal","refusal":"b"}]}}

data: {"type":"response.output_item.done","output_index":2,"item":{"type":"custom_tool_call","call_id":"c","name":"g","input":"free"}}

data: {"type":"response.output_item.done","output_index":3,"item":{"type":"reasoning","id":"rs2","summary":[{"type":"summary_text","text":"x"},{"type":"summary_text","text":"y"}]}}

data: {"type":"response.incomplete","response":{"id":"r","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}}

data: [DONE]

)"),
            R"(start r m
begin 0 thought  
thought 0 hm
end 0 
begin 1 text  
text 1 a
begin 2 refusal  
text 2 b
end 1 
end 2 
begin 3 call custom c g
arguments 3 free
end 3 
begin 4 thought rs2 
thought 4 x
thought 4 \n\n
thought 4 y
end 4 
finish length
ok
)");
}

TEST(ResponsesStreamReaderTest, AMarkedSealIsThatOfWhoeverThought) {
  const auto told = [](std::string_view seal) {
    return Told(R"(data: {"type":"response.created","response":{"id":"r","model":"m"}}

data: {"type":"response.output_item.added","output_index":0,"item":{"id":"rs","type":"reasoning","summary":[]}}

data: {"type":"response.output_item.done","output_index":0,"item":{"id":"rs","type":"reasoning","summary":[],"encrypted_content":")" +
                std::string(seal) + "\"}}\n\n");
  };
  EXPECT_EQ(told("sluice.openai.rs_1.E"), "start r m\nbegin 0 thought rs \nseal 0 E rs_1\nend 0 \n");
  EXPECT_EQ(told("sluice.plain."), "start r m\nbegin 0 thought rs \nend 0 \n");
}

TEST(ResponsesStreamReaderTest, AResponseThatComesInOneEventIsTold) {
  EXPECT_EQ(
      Told(
          R"(data: {"type":"response.completed","response":{"id":"r","model":"m","status":"completed","output":[{"type":"reasoning","id":"rs","summary":[],"encrypted_content":"g"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}]}}

)"),
      R"(start r m
begin 0 thought rs 
seal 0 g rs
end 0 
begin 1 text  
text 1 a
end 1 
begin 2 call c f
arguments 2 {}
end 2 
finish tool_calls
ok
)");
}

TEST(ResponsesStreamReaderTest, AFailureIsToldWhereverItStands) {
  const std::string start =
      "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"model\":\"m\"}}\n\n";
  EXPECT_EQ(
      Told(start +
           R"(data: {"type":"error","code":"server_error","message":"boom","param":null,"sequence_number":3}

)"),
      "start r m\nerror server_error boom\n");
  EXPECT_EQ(Told(start + R"(data: {"type":"error","error":{"type":"overloaded","code":null,"message":"boom"}}

)"),
            "start r m\nerror overloaded boom\n");
  EXPECT_EQ(
      Told(
          start +
          R"(data: {"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"}}}

)"),
      "start r m\nerror rate_limit_exceeded slow\n");
}

TEST(ResponsesStreamReaderTest, WhatIsNoStreamOfResponsesIsInvalid) {
  EXPECT_EQ(Told("data: nonsense\n\n"), "invalid: an event must be an object\n");
  EXPECT_EQ(Told("data: {\"a\":1}\n\n"), "invalid: an event of the stream has no type\n");
  EXPECT_EQ(Told("data: [DONE]\n\n"), "invalid: the stream was ended before its response was\n");
  EXPECT_EQ(Told("data: {\"type\":\"response.created\"}\n\n"),
            "invalid: an event of the stream has no response\n");
  EXPECT_EQ(Told("data: {\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\"}}\n\n"),
            "start  \nbegin 0 call  \ninvalid: a call in the stream has no call_id or no name\n");
  const std::string thought =
      "data: {\"type\":\"response.reasoning_text.delta\",\"output_index\":1,\"delta\":\"a\"}\n\n";
  EXPECT_EQ(
      Told(thought + "data: {\"type\":\"response.function_call_arguments.delta\",\"output_index\":1}\n\n"),
      "start  \nbegin 0 thought  \nthought 0 a\n"
      "invalid: a piece of the stream does not belong to what it is a piece of\n");
  EXPECT_EQ(Told("data: {\"type\":\"response.web_search_call.searching\",\"output_index\":0}\n\n"), "");
}

TEST(ResponsesStreamReaderTest, NoMoreIsOpenAtOnceThanTheLimit) {
  const auto stream = [](int calls) {
    std::string text;
    for (int i = 0; i < calls; ++i) {
      text += "data: {\"type\":\"response.output_item.added\",\"output_index\":" + std::to_string(i) +
              ",\"item\":{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\"}}\n\n";
    }
    return text;
  };
  Telling at_limit;
  EXPECT_TRUE(at_limit.Read(stream(256)));
  Telling past_limit;
  EXPECT_FALSE(past_limit.Read(stream(257)));
}

}  // namespace
}  // namespace translate
