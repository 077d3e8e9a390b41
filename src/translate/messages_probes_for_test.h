// tidy: long because it is a table, a row for each field of the dialect
#pragma once

#include "translate/probe_for_test.h"

namespace translate {

// What every probe of a request that has no other body of its own is compared with.
inline constexpr std::string_view kPlainMessagesRequest =
    R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})";

// Every documented field of a request, betas that need a header of their own included.
inline constexpr Probe kMessagesRequestProbes[] = {
    {"max_tokens", R"({"model":"m","max_tokens":77,"messages":[{"role":"user","content":"hi"}]})", ""},
    {"max_tokens: 0", R"({"model":"m","max_tokens":0,"messages":[{"role":"user","content":"hi"}]})", ""},
    {"messages[].content", R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"ho"}]})",
     ""},
    {"messages[].role: assistant",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":"yes"},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"user")"
     R"(,"content":"go on"}]})"},
    {"messages[].role=system, within the conversation",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"syste)"
     R"(m","content":"be brief"}]})",
     ""},
    {"messages[] (a last one of the assistant)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":"So"}]})",
     ""},
    {"system",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"system":"be )"
     R"(brief"})",
     ""},
    {"system[].text",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"system":[{"t)"
     R"(ype":"text","text":"be brief"},{"type":"text","text":"be kind"}]})",
     ""},
    {"system[].cache_control",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"system":[{"t)"
     R"(ype":"text","text":"be brief","cache_control":{"type":"ephemeral"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"system":[{"t)"
     R"(ype":"text","text":"be brief"}]})"},
    {"stream",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"stream":true)"
     R"(})",
     ""},
    {"temperature",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"temperature")"
     R"(:0.5})",
     ""},
    {"top_p", R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"top_p":0.5})",
     ""},
    {"top_k", R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"top_k":5})", ""},
    {"stop_sequences",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"stop_sequenc)"
     R"(es":["END"]})",
     ""},
    {"metadata.user_id",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"metadata":{")"
     R"(user_id":"u1"}})",
     ""},
    {"service_tier: standard_only",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"service_tier)"
     R"(":"standard_only"})",
     ""},
    {"cache_control",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"cache_contro)"
     R"(l":{"type":"ephemeral"}})",
     ""},
    {"container",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"container":")"
     R"(container_1"})",
     ""},
    {"container.skills",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"container":{)"
     R"("skills":[{"type":"anthropic","skill_id":"pptx"}]}})",
     ""},
    {"context_management",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"context_mana)"
     R"(gement":{"edits":[{"type":"clear_tool_uses_20250919"}]}})",
     ""},
    {"diagnostics",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"diagnostics")"
     R"(:{"previous_message_id":"msg_1"}})",
     ""},
    {"fallbacks",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"fallbacks":[)"
     R"({"model":"claude-haiku-5-5"}]})",
     ""},
    {"inference_geo",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"inference_ge)"
     R"(o":"us"})",
     ""},
    {"mcp_servers",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"mcp_servers")"
     R"(:[{"type":"url","name":"x","url":"https://x"}]})",
     ""},
    {"speed",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"speed":"fast)"
     R"("})",
     ""},
    {"output_config.effort",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"output_confi)"
     R"(g":{"effort":"low"}})",
     ""},
    {"output_config.format",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"output_confi)"
     R"(g":{"format":{"type":"json_schema","schema":{"type":"object","properties":{},"additional)"
     R"(Properties":false}}}})",
     ""},
    {"output_config.task_budget",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"output_confi)"
     R"(g":{"task_budget":{"type":"tokens","total":20000}}})",
     ""},
    {"output_format",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"output_forma)"
     R"(t":{"type":"json_schema","schema":{"type":"object"}}})",
     ""},
    {"thinking: enabled",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"thinking":{")"
     R"(type":"enabled","budget_tokens":2048}})",
     ""},
    {"thinking.budget_tokens",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"thinking":{")"
     R"(type":"enabled","budget_tokens":16384}})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"thinking":{")"
     R"(type":"enabled","budget_tokens":2048}})"},
    {"thinking: adaptive",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"thinking":{")"
     R"(type":"adaptive"}})",
     ""},
    {"thinking.display",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"thinking":{")"
     R"(type":"adaptive","display":"omitted"}})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"thinking":{")"
     R"(type":"adaptive"}})"},
    {"thinking: disabled",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"thinking":{")"
     R"(type":"disabled"}})",
     ""},
    {"thinking: between_tools",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"thinking":{")"
     R"(type":"between_tools"}})",
     ""},
    {"tool_choice: auto",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto"}})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tool_choice: any",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tool_choice: tool",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"f"}})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tool_choice: none",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"none"}})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tool_choice.disable_parallel_tool_use",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto","disable_paralle)"
     R"(l_tool_use":true}})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tools[].name",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].description",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","description":"d","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tools[].input_schema",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object","properties":{"a":{"type":"string"}}}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tools[].strict",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object","additionalProperties":false},"strict":true}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object","additionalProperties":false}}]})"},
    {"tools[].cache_control",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tools[].allowed_callers",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"},"allowed_callers":["code_execution_20250825"]}])"
     R"(})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tools[].defer_loading",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"},"defer_loading":true}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tools[].eager_input_streaming",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"},"eager_input_streaming":true}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tools[].input_examples",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"},"input_examples":[{"a":1}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"na)"
     R"(me":"f","input_schema":{"type":"object"}}]})"},
    {"tools[].type: bash_20250124",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"bash_20250124","name":"bash"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].type: browser_toolset_20260801",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"browser_toolset_20260801"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].type: code_execution_20260521",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"code_execution_20260521","name":"code_execution"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].type: computer_toolset_20260801",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"computer_toolset_20260801"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].type: memory_20250818",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"memory_20250818","name":"memory"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].type: text_editor_20250728",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"text_editor_20250728","name":"str_replace_based_edit_tool"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].type: tool_search_tool_bm25_20251119",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"tool_search_tool_bm25_20251119","name":"tool_search_tool_bm25"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].type: tool_search_tool_regex_20251119",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"tool_search_tool_regex_20251119","name":"tool_search_tool_regex"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].type: web_fetch_20260318",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"web_fetch_20260318","name":"web_fetch"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].type: web_search_20260318",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"web_search_20260318","name":"web_search"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"tools[].type: mcp_toolset",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}],"tools":[{"ty)"
     R"(pe":"mcp_toolset","mcp_server_name":"x"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"}]})"},
    {"messages[].content[]: text",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"text","text":"more"}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[].cache_control (text)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"text","text":"more","cache_control":{"type":"ephemeral"}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"text","text":"more"}]}]})"},
    {"messages[].content[].cache_control.ttl",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"text","text":"more","cache_control":{"type":"ephemeral","ttl":"1h"}}]})"
     R"(]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"text","text":"more"}]}]})"},
    {"messages[].content[]: image, base64",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO)"
     R"(Rw0KGgo="}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[]: image, url",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[]: image, file",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"image","source":{"type":"file","file_id":"file_1"}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[].cache_control (image)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO)"
     R"(Rw0KGgo="},"cache_control":{"type":"ephemeral"}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO)"
     R"(Rw0KGgo="}}]}]})"},
    {"messages[].content[].transformations (image)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO)"
     R"(Rw0KGgo="},"transformations":{"oversized_image":"error"}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO)"
     R"(Rw0KGgo="}}]}]})"},
    {"messages[].content[]: document, PDF base64",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","da)"
     R"(ta":"JVBERi0xLjQK"}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[]: document, PDF url",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"url","url":"https://example.com/a.pdf"}}]})"
     R"(]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[]: document, file",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"file","file_id":"file_1"}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[]: document, text",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"wo)"
     R"(rds"}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[]: document, content",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"content","content":[{"type":"text","text":)"
     R"("words"}]}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[].title (document)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","da)"
     R"(ta":"JVBERi0xLjQK"},"title":"a.pdf"}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","da)"
     R"(ta":"JVBERi0xLjQK"}}]}]})"},
    {"messages[].content[].context (document)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","da)"
     R"(ta":"JVBERi0xLjQK"},"context":"a report"}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","da)"
     R"(ta":"JVBERi0xLjQK"}}]}]})"},
    {"messages[].content[].context (document, text)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"wo)"
     R"(rds"},"context":"a report"}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"text","media_type":"text/plain","data":"wo)"
     R"(rds"}}]}]})"},
    {"messages[].content[].citations (document)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","da)"
     R"(ta":"JVBERi0xLjQK"},"citations":{"enabled":true}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","da)"
     R"(ta":"JVBERi0xLjQK"}}]}]})"},
    {"messages[].content[].cache_control (document)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","da)"
     R"(ta":"JVBERi0xLjQK"},"cache_control":{"type":"ephemeral"}}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"document","source":{"type":"base64","media_type":"application/pdf","da)"
     R"(ta":"JVBERi0xLjQK"}}]}]})"},
    {"messages[].content[]: search_result",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"search_result","source":"https://x","title":"t","content":[{"type":"te)"
     R"(xt","text":"words"}]}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[]: container_upload",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"},{"type":"container_upload","file_id":"file_1"}]}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":[{"type":"text","tex)"
     R"(t":"hi"}]}]})"},
    {"messages[].content[].citations (text)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"text","text":"so","citations":[{")"
     R"(type":"char_location","cited_text":"x","document_index":0,"document_title":null,"start_c)"
     R"(har_index":0,"end_char_index":1}]}]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"text","text":"so"}]},{"role":"use)"
     R"(r","content":"go on"}]})"},
    {"messages[].content[]: thinking",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"thinking","thinking":"hm","signat)"
     R"(ure":"EqQB"}]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: redacted_thinking",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"redacted_thinking","data":"EmwK"})"
     R"(]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: server_tool_use",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"server_tool_use","id":"s1","name")"
     R"(:"web_search","input":{"query":"x"}}]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: web_search_tool_result",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"web_search_tool_result","tool_use)"
     R"(_id":"s1","content":[]}]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: web_fetch_tool_result",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"web_fetch_tool_result","tool_use_)"
     R"(id":"s1","content":{"type":"web_fetch_tool_result_error","error_code":"unavailable"}}]},)"
     R"({"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: code_execution_tool_result",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"code_execution_tool_result","tool)"
     R"(_use_id":"s1","content":{"type":"code_execution_tool_result_error","error_code":"unavail)"
     R"(able"}}]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: bash_code_execution_tool_result",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"bash_code_execution_tool_result",)"
     R"("tool_use_id":"s1","content":{"type":"bash_code_execution_tool_result_error","error_code)"
     R"(":"unavailable"}}]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: text_editor_code_execution_tool_result",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"text_editor_code_execution_tool_r)"
     R"(esult","tool_use_id":"s1","content":{"type":"text_editor_code_execution_tool_result_erro)"
     R"(r","error_code":"unavailable"}}]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: tool_search_tool_result",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"tool_search_tool_result","tool_us)"
     R"(e_id":"s1","content":{"type":"tool_search_tool_result_error","error_code":"unavailable"})"
     R"(}]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: mcp_tool_use",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"mcp_tool_use","id":"m1","name":"x)"
     R"(","server_name":"y","input":{}}]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: mcp_tool_result",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"mcp_tool_result","tool_use_id":"m)"
     R"(1","content":"x"}]},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[]: compaction",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"},{"type":"compaction","content":"summary"}])"
     R"(},{"role":"user","content":"go on"}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"text","text":"yes"}]},{"role":"user","content":"go on"}]})"},
    {"messages[].content[].id, .tool_use_id",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t2","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t2","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].name (tool_use)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"g","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].input (tool_use)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}]},{"role":"use)"
     R"(r","content":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name)"
     R"(":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].cache_control (tool_use)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{},"cache_control":{"ty)"
     R"(pe":"ephemeral"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1",")"
     R"(content":"r"}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].caller (tool_use)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{},"caller":{"type":"co)"
     R"(de_execution_20250825","tool_id":"s1"}}]},{"role":"user","content":[{"type":"tool_result)"
     R"(","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f","input_schema":{"type":"obje)"
     R"(ct"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].toolset_name (tool_use)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{},"toolset_name":"brow)"
     R"(ser"}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"r")"
     R"(}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].content (tool_result), string",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"other"}]}],"tools":[{"name")"
     R"(:"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].content (tool_result), text",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"a"},)"
     R"({"type":"text","text":"b"}]}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].content (tool_result), image",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"r"},)"
     R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo=")"
     R"(}}]}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].content (tool_result), document",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"r"},)"
     R"({"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE)"
     R"(Ri0xLjQK"}}]}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].content (tool_result), search_result",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"r"},)"
     R"({"type":"search_result","source":"s","title":"t","content":[{"type":"text","text":"w"}]})"
     R"(]}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].content (tool_result), tool_reference",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"r"},)"
     R"({"type":"tool_reference","tool_name":"f"}]}]}],"tools":[{"name":"f","input_schema":{"typ)"
     R"(e":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].content (tool_result), browser_state",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"r"},)"
     R"({"type":"browser_state","tabs":[]}]}]}],"tools":[{"name":"f","input_schema":{"type":"obj)"
     R"(ect"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].is_error (tool_result)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r","is_error":true}]}],"too)"
     R"(ls":[{"name":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].cache_control (tool_result)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r","cache_control":{"type":)"
     R"("ephemeral"}}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
    {"messages[].content[].toolset_name (tool_result)",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r","toolset_name":"browser")"
     R"(}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}]})",
     R"({"model":"m","max_tokens":4096,"messages":[{"role":"user","content":"hi"},{"role":"assis)"
     R"(tant","content":[{"type":"tool_use","id":"t1","name":"f","input":{}}]},{"role":"user","c)"
     R"(ontent":[{"type":"tool_result","tool_use_id":"t1","content":"r"}]}],"tools":[{"name":"f")"
     R"(,"input_schema":{"type":"object"}}]})"},
};

}  // namespace translate
