#pragma once

#include "translate/probe_for_test.h"

// The documented fields of whole answers of OpenAI's two dialects; those of Messages stand beside its
// requests.

inline constexpr std::string_view kPlainChatAnswer =
    R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
    R"({"role":"assistant","content":"a"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}})";

// `members` of the answer's message and, behind a comma, of the answer itself.
#define CHAT_MESSAGE(members)                                                                        \
  R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)" \
  R"({"role":"assistant",)" members R"(},"finish_reason":"stop"}],)"                                 \
  R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}})"
#define CHAT_CHOICE(members)                                                                         \
  R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)" \
  R"({"role":"assistant","content":"a"},)" members R"(}],)"                                          \
  R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}})"
#define CHAT_ANSWER(members)                                                                         \
  R"({"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)" \
  R"({"role":"assistant","content":"a"},"finish_reason":"stop"}],)" members R"(})"

inline constexpr translate::Probe kChatAnswerProbes[] = {
    {"id",
     R"({"id":"d","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":)"
     R"({"role":"assistant","content":"a"},"finish_reason":"stop"}],)"
     R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}})",
     {}},
    {"created",
     R"({"id":"c","object":"chat.completion","created":2,"model":"m","choices":[{"index":0,"message":)"
     R"({"role":"assistant","content":"a"},"finish_reason":"stop"}],)"
     R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}})",
     {}},
    {"model",
     R"({"id":"c","object":"chat.completion","created":1,"model":"n","choices":[{"index":0,"message":)"
     R"({"role":"assistant","content":"a"},"finish_reason":"stop"}],)"
     R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}})",
     {}},
    {"choices[].message.content", CHAT_MESSAGE(R"("content":"another")"), {}},
    {"choices[].message.refusal", CHAT_MESSAGE(R"("content":null,"refusal":"no")"),
     CHAT_MESSAGE(R"("content":null)")},
    {"choices[].message.reasoning_content", CHAT_MESSAGE(R"("content":"a","reasoning_content":"r")"), {}},
    {"choices[].message.annotations[]=url_citation",
     CHAT_MESSAGE(R"("content":"a","annotations":[{"type":"url_citation","url_citation":{"start_index":0,)"
                  R"("end_index":1,"url":"https://h/","title":"t"}}])"),
     {}},
    {"choices[].message.audio",
     CHAT_MESSAGE(R"("content":"a","audio":{"id":"x","data":"AAAA","expires_at":9,"transcript":"t"})"),
     {}},
    {"choices[].message.tool_calls[]=function",
     CHAT_MESSAGE(R"("content":"a","tool_calls":[{"id":"t","type":"function","function":{"name":"f",)"
                  R"("arguments":"{\"x\":1}"}}])"),
     {}},
    {"choices[].message.tool_calls[]=custom",
     CHAT_MESSAGE(
         R"("content":"a","tool_calls":[{"id":"t","type":"custom","custom":{"name":"f","input":"x"}}])"),
     {}},
    {"choices[].message.function_call",
     CHAT_MESSAGE(R"("content":"a","function_call":{"name":"f","arguments":"{}"})"),
     {}},
    {"choices[].logprobs",
     CHAT_CHOICE(R"("logprobs":{"content":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]}],)"
                 R"("refusal":null},"finish_reason":"stop")"),
     {}},
    {"choices[].finish_reason=length", CHAT_CHOICE(R"("finish_reason":"length")"), {}},
    {"choices[].finish_reason=content_filter", CHAT_CHOICE(R"("finish_reason":"content_filter")"), {}},
    {"usage.prompt_tokens",
     CHAT_ANSWER(R"("usage":{"prompt_tokens":6,"completion_tokens":2,"total_tokens":8})"),
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7})")},
    {"usage.completion_tokens",
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":3,"total_tokens":8})"),
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7})")},
    {"usage.prompt_tokens_details.cached_tokens",
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,)"
                 R"("prompt_tokens_details":{"cached_tokens":3}})"),
     {}},
    {"usage.prompt_tokens_details.cache_write_tokens",
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,)"
                 R"("prompt_tokens_details":{"cache_write_tokens":3}})"),
     {}},
    {"usage.prompt_cache_hit_tokens",
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,)"
                 R"("prompt_cache_hit_tokens":3,"prompt_cache_miss_tokens":2})"),
     {}},
    {"usage.completion_tokens_details.reasoning_tokens",
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,)"
                 R"("completion_tokens_details":{"reasoning_tokens":1}})"),
     {}},
    {"usage.total_tokens",
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7})"),
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2})")},
    {"usage.prompt_tokens_details.audio_tokens",
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,)"
                 R"("prompt_tokens_details":{"audio_tokens":3}})"),
     {}},
    {"usage.completion_tokens_details.audio_tokens",
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,)"
                 R"("completion_tokens_details":{"audio_tokens":1}})"),
     {}},
    {"usage.completion_tokens_details.rejected_prediction_tokens",
     CHAT_ANSWER(R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,)"
                 R"("completion_tokens_details":{"rejected_prediction_tokens":1}})"),
     {}},
    {"service_tier",
     CHAT_ANSWER(
         R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7},"service_tier":"priority")"),
     {}},
    {"system_fingerprint",
     CHAT_ANSWER(
         R"("usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7},"system_fingerprint":"fp")"),
     {}},
};

#undef CHAT_MESSAGE
#undef CHAT_CHOICE
#undef CHAT_ANSWER

#define RESPONSE(output, members)                                                              \
  R"({"id":"resp_1","object":"response","created_at":1,"model":"m","output":[)" output R"(],)" \
  R"("usage":{"input_tokens":5,"output_tokens":2,"total_tokens":7},)" members R"(})"
#define MESSAGE_ITEM(content) \
  R"({"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[)" content R"(]})"
#define TEXT_PART(members) R"({"type":"output_text","text":"a","annotations":[)" members R"(})"
#define DONE R"("status":"completed")"
#define WITH_USAGE(usage)                                                                            \
  R"({"id":"resp_1","object":"response","created_at":1,"model":"m","status":"completed","output":[)" \
  R"({"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[)"            \
  R"({"type":"output_text","text":"a","annotations":[]}]}],"usage":{)" usage R"(}})"

inline constexpr std::string_view kPlainResponsesAnswer = RESPONSE(MESSAGE_ITEM(TEXT_PART(R"(])")), DONE);

inline constexpr translate::Probe kResponsesAnswerProbes[] = {
    {"created_at",
     R"({"id":"resp_1","object":"response","created_at":2,"model":"m","output":[],"status":"completed",)"
     R"("usage":{"input_tokens":5,"output_tokens":2,"total_tokens":7}})",
     RESPONSE(R"()", DONE)},
    {"output[].id",
     RESPONSE(R"({"type":"message","id":"msg_2","role":"assistant","status":"completed","content":[)"
              R"({"type":"output_text","text":"a","annotations":[]}]})",
              DONE),
     {}},
    {"usage.total_tokens", WITH_USAGE(R"("input_tokens":5,"output_tokens":2,"total_tokens":7)"),
     WITH_USAGE(R"("input_tokens":5,"output_tokens":2)")},
    {"output[].content[].text",
     RESPONSE(MESSAGE_ITEM(R"({"type":"output_text","text":"b","annotations":[]})"), DONE),
     {}},
    {"output[].content[].annotations[]=url_citation",
     RESPONSE(
         MESSAGE_ITEM(TEXT_PART(
             R"({"type":"url_citation","start_index":0,"end_index":1,"url":"https://h/","title":"t"}])")),
         DONE),
     {}},
    {"output[].content[].annotations[]=file_citation",
     RESPONSE(MESSAGE_ITEM(TEXT_PART(R"({"type":"file_citation","file_id":"f","filename":"n","index":0}])")),
              DONE),
     {}},
    {"output[].content[].logprobs",
     RESPONSE(MESSAGE_ITEM(
                  TEXT_PART(R"(],"logprobs":[{"token":"a","logprob":-1,"bytes":[97],"top_logprobs":[]}])")),
              DONE),
     {}},
    {"output[].content[]=refusal", RESPONSE(MESSAGE_ITEM(R"({"type":"refusal","refusal":"no"})"), DONE),
     RESPONSE(MESSAGE_ITEM(R"()"), DONE)},
    {"output[]=function_call",
     RESPONSE(
         R"({"type":"function_call","id":"fc","call_id":"t","name":"f","arguments":"{\"x\":1}","status":"completed"})",
         DONE),
     RESPONSE(R"()", DONE)},
    {"output[]=custom_tool_call",
     RESPONSE(R"({"type":"custom_tool_call","id":"ctc","call_id":"t","name":"f","input":"x"})", DONE),
     RESPONSE(R"()", DONE)},
    {"output[]=reasoning summary",
     RESPONSE(R"({"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"r"}]})", DONE),
     RESPONSE(R"()", DONE)},
    {"output[]=reasoning encrypted_content",
     RESPONSE(
         R"({"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"r"}],"encrypted_content":"e"})",
         DONE),
     RESPONSE(R"({"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"r"}]})", DONE)},
    {"output[]=web_search_call",
     RESPONSE(
         R"({"type":"web_search_call","id":"ws","status":"completed","action":{"type":"search","query":"q"}})",
         DONE),
     RESPONSE(R"()", DONE)},
    {"tool_usage", RESPONSE(R"()", R"("status":"completed","tool_usage":{"web_search":{"num_requests":2}})"),
     RESPONSE(R"()", DONE)},
    {"status=incomplete, max_output_tokens",
     RESPONSE(MESSAGE_ITEM(TEXT_PART(R"(])")),
              R"("status":"incomplete","incomplete_details":{"reason":"max_output_tokens"})"),
     {}},
    {"status=incomplete, content_filter",
     RESPONSE(MESSAGE_ITEM(TEXT_PART(R"(])")),
              R"("status":"incomplete","incomplete_details":{"reason":"content_filter"})"),
     {}},
    {"usage.input_tokens", WITH_USAGE(R"("input_tokens":6,"output_tokens":2,"total_tokens":8)"), {}},
    {"usage.output_tokens", WITH_USAGE(R"("input_tokens":5,"output_tokens":3,"total_tokens":8)"), {}},
    {"usage.input_tokens_details.cached_tokens",
     WITH_USAGE(
         R"("input_tokens":5,"output_tokens":2,"total_tokens":7,"input_tokens_details":{"cached_tokens":3})"),
     {}},
    {"usage.input_tokens_details.cache_write_tokens",
     WITH_USAGE(
         R"("input_tokens":5,"output_tokens":2,"total_tokens":7,"input_tokens_details":{"cache_write_tokens":3})"),
     {}},
    {"usage.output_tokens_details.reasoning_tokens",
     WITH_USAGE(
         R"("input_tokens":5,"output_tokens":2,"total_tokens":7,"output_tokens_details":{"reasoning_tokens":1})"),
     {}},
    {"service_tier",
     RESPONSE(MESSAGE_ITEM(TEXT_PART(R"(])")), R"("status":"completed","service_tier":"priority")"),
     {}},
};

#undef RESPONSE
#undef MESSAGE_ITEM
#undef TEXT_PART
#undef DONE
#undef WITH_USAGE
