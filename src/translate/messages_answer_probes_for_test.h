#pragma once

#include "translate/probe_for_test.h"

namespace translate {

// What every probe of an answer that has no other body of its own is compared with.
inline constexpr std::string_view kPlainMessagesAnswer =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
    R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
    R"(ut_tokens":10,"output_tokens":5}})";

// Every documented field of an answer.
inline constexpr Probe kMessagesAnswerProbes[] = {
    {"id",
     R"({"id":"msg_2","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"output_tokens":5}})",
     ""},
    {"model",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-opus-5","content":[{"t)"
     R"(ype":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input)"
     R"(_tokens":10,"output_tokens":5}})",
     ""},
    {"content[].text",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"no"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inpu)"
     R"(t_tokens":10,"output_tokens":5}})",
     ""},
    {"content[].text, several",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"text","text":" and no"}],"stop_reason":"end_turn",")"
     R"(stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     ""},
    {"content[].citations",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes","citations":[{"type":"char_location","cited_text":"x","docume)"
     R"(nt_index":0,"document_title":"t","start_char_index":0,"end_char_index":1}]}],"stop_reaso)"
     R"(n":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     ""},
    {"content[].citations, of the web",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes","citations":[{"type":"web_search_result_location","cited_text)"
     R"(":"x","encrypted_index":"e","title":"t","url":"https://x"}]}],"stop_reason":"end_turn",")"
     R"(stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     ""},
    {"content[]: thinking",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"thinking","thinking":"hm","signature":"EqQB"},{"type":"text","text":"yes"}],"sto)"
     R"(p_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     ""},
    {"content[].signature (thinking)",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"thinking","thinking":"hm","signature":"EqQC"},{"type":"text","text":"yes"}],"sto)"
     R"(p_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"thinking","thinking":"hm","signature":"EqQB"},{"type":"text","text":"yes"}],"sto)"
     R"(p_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})"},
    {"content[]: redacted_thinking",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"redacted_thinking","data":"EmwK"},{"type":"text","text":"yes"}],"stop_reason":"e)"
     R"(nd_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     ""},
    {"content[]: tool_use",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t1","name":"f","input":{}}],"stop_r)"
     R"(eason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     ""},
    {"content[].id (tool_use)",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t2","name":"f","input":{}}],"stop_r)"
     R"(eason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t1","name":"f","input":{}}],"stop_r)"
     R"(eason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})"},
    {"content[].name (tool_use)",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t1","name":"g","input":{}}],"stop_r)"
     R"(eason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t1","name":"f","input":{}}],"stop_r)"
     R"(eason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})"},
    {"content[].input (tool_use)",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}],"s)"
     R"(top_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5)"
     R"(}})",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t1","name":"f","input":{}}],"stop_r)"
     R"(eason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})"},
    {"content[].caller (tool_use)",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t1","name":"f","input":{},"caller":)"
     R"({"type":"code_execution_20250825","tool_id":"s1"}}],"stop_reason":"tool_use","stop_seque)"
     R"(nce":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t1","name":"f","input":{}}],"stop_r)"
     R"(eason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})"},
    {"content[].toolset_name (tool_use)",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t1","name":"f","input":{},"toolset_)"
     R"(name":"browser"}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":)"
     R"(10,"output_tokens":5}})",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"},{"type":"tool_use","id":"t1","name":"f","input":{}}],"stop_r)"
     R"(eason":"tool_use","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})"},
    {"content[]: server_tool_use",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"x"}},{"type":"t)"
     R"(ext","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens)"
     R"(":10,"output_tokens":5}})",
     ""},
    {"content[]: web_search_tool_result",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"web_search_tool_result","tool_use_id":"s1","content":[]},{"type":"text","text":")"
     R"(yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_)"
     R"(tokens":5}})",
     ""},
    {"content[]: web_fetch_tool_result",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"web_fetch_tool_result","tool_use_id":"s1","content":{}},{"type":"text","text":"y)"
     R"(es"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_t)"
     R"(okens":5}})",
     ""},
    {"content[]: code_execution_tool_result",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"code_execution_tool_result","tool_use_id":"s1","content":{}},{"type":"text","tex)"
     R"(t":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"out)"
     R"(put_tokens":5}})",
     ""},
    {"content[]: bash_code_execution_tool_result",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"bash_code_execution_tool_result","tool_use_id":"s1","content":{}},{"type":"text")"
     R"(,"text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10)"
     R"(,"output_tokens":5}})",
     ""},
    {"content[]: text_editor_code_execution_tool_result",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text_editor_code_execution_tool_result","tool_use_id":"s1","content":{}},{"type")"
     R"(:"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tok)"
     R"(ens":10,"output_tokens":5}})",
     ""},
    {"content[]: tool_search_tool_result",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"tool_search_tool_result","tool_use_id":"s1","content":{}},{"type":"text","text":)"
     R"("yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output)"
     R"(_tokens":5}})",
     ""},
    {"content[]: container_upload",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"container_upload","file_id":"file_1"},{"type":"text","text":"yes"}],"stop_reason)"
     R"(":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     ""},
    {"content[]: mcp_tool_use",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"mcp_tool_use","id":"m1","name":"x","server_name":"y","input":{}},{"type":"text",)"
     R"("text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,)"
     R"("output_tokens":5}})",
     ""},
    {"content[]: mcp_tool_result",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"mcp_tool_result","tool_use_id":"m1","content":"x"},{"type":"text","text":"yes"}])"
     R"(,"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens)"
     R"(":5}})",
     ""},
    {"content[]: compaction",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"compaction","content":"summary"},{"type":"text","text":"yes"}],"stop_reason":"en)"
     R"(d_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     ""},
    {"stop_reason: max_tokens",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"max_tokens","stop_sequence":null,"usage":{"i)"
     R"(nput_tokens":10,"output_tokens":5}})",
     ""},
    {"stop_reason: pause_turn",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"pause_turn","stop_sequence":null,"usage":{"i)"
     R"(nput_tokens":10,"output_tokens":5}})",
     ""},
    {"stop_reason: refusal",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"refusal","stop_sequence":null,"usage":{"inpu)"
     R"(t_tokens":10,"output_tokens":5}})",
     ""},
    {"stop_reason: model_context_window_exceeded",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"model_context_window_exceeded","stop_sequenc)"
     R"(e":null,"usage":{"input_tokens":10,"output_tokens":5}})",
     ""},
    {"stop_reason: stop_sequence, stop_sequence",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"stop_sequence","stop_sequence":"END","usage")"
     R"(:{"input_tokens":10,"output_tokens":5}})",
     ""},
    {"stop_details",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"stop_details)"
     R"(":{"type":"refusal","category":"cyber","explanation":"x"},"usage":{"input_tokens":10,"ou)"
     R"(tput_tokens":5}})",
     ""},
    {"container",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"container":{)"
     R"("id":"c","expires_at":"2026-11-30T00:00:00Z"},"usage":{"input_tokens":10,"output_tokens")"
     R"(:5}})",
     ""},
    {"context_management",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"context_mana)"
     R"(gement":{"applied_edits":[{"type":"clear_tool_uses_20250919"}]},"usage":{"input_tokens":)"
     R"(10,"output_tokens":5}})",
     ""},
    {"diagnostics",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"diagnostics")"
     R"(:{"cache_miss_reason":{"type":"model_changed"}},"usage":{"input_tokens":10,"output_token)"
     R"(s":5}})",
     ""},
    {"usage.input_tokens",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":11,"output_tokens":5}})",
     ""},
    {"usage.output_tokens",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"output_tokens":6}})",
     ""},
    {"usage.cache_read_input_tokens",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"cache_read_input_tokens":7,"output_tokens":5}})",
     ""},
    {"usage.cache_creation_input_tokens",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"cache_creation_input_tokens":7,"output_tokens":5}})",
     ""},
    {"usage.cache_creation.ephemeral_5m_input_tokens",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"cache_creation_input_tokens":7,"cache_creation":{"ephemeral_5m_input_toke)"
     R"(ns":7,"ephemeral_1h_input_tokens":0},"output_tokens":5}})",
     ""},
    {"usage.cache_creation.ephemeral_1h_input_tokens",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"cache_creation_input_tokens":7,"cache_creation":{"ephemeral_5m_input_toke)"
     R"(ns":0,"ephemeral_1h_input_tokens":7},"output_tokens":5}})",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"cache_creation_input_tokens":7,"cache_creation":{"ephemeral_5m_input_toke)"
     R"(ns":7,"ephemeral_1h_input_tokens":0},"output_tokens":5}})"},
    {"usage.output_tokens_details.thinking_tokens",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"output_tokens":5,"output_tokens_details":{"thinking_tokens":2}}})",
     ""},
    {"usage.server_tool_use.web_search_requests",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"output_tokens":5,"server_tool_use":{"web_search_requests":2}}})",
     ""},
    {"usage.server_tool_use.web_fetch_requests",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"output_tokens":5,"server_tool_use":{"web_fetch_requests":2}}})",
     ""},
    {"usage.service_tier",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"output_tokens":5,"service_tier":"priority"}})",
     ""},
    {"usage.inference_geo",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"output_tokens":5,"inference_geo":"us"}})",
     ""},
    {"usage.speed",
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{)"
     R"("type":"text","text":"yes"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"inp)"
     R"(ut_tokens":10,"output_tokens":5,"speed":"fast"}})",
     ""},
};

}  // namespace translate
