#include "wire/request.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/block_allocator.h"
#include "base/result.h"
#include "wire/json_string.h"

namespace wire {
namespace {

using base::Code;
using base::Fail;
using base::Result;

constexpr std::size_t kFewKeys = 24;       // up to here comparing all pairs beats sorting
constexpr std::size_t kKeyBytesSaid = 64;  // a longer key is not repeated in an error

std::string_view PromptKey(chat::Operation operation) {
  switch (operation) {
    case chat::Operation::kChat:
    case chat::Operation::kMessages:
    case chat::Operation::kCountTokens:
      return "messages";
    case chat::Operation::kCompletion:
      return "prompt";
    case chat::Operation::kEmbedding:
    case chat::Operation::kResponses:
      return "input";
  }
  return {};
}

Result<std::optional<std::int64_t>> PositiveInteger(const char* name, const JsonValue& value) {
  if (value.IsNull()) return std::nullopt;
  const auto number = value.Int64();
  if (!number || *number <= 0) {
    const bool counts_tokens = std::string_view(name).find("tokens") != std::string_view::npos;
    return Fail(Code::kInvalid, std::string(name) + " must be a positive integer such as " +
                                    (counts_tokens ? "256" : "1") + "; write one or leave it out");
  }
  return number;
}

Result<bool> TrueOrFalse(const char* name, const JsonValue& value) {
  if (value.IsNull()) return false;
  if (const auto truth = value.Bool()) return *truth;
  return Fail(Code::kInvalid, std::string(name) + " must be true or false; write one or leave it out");
}

std::string TextOrEmpty(const JsonValue& value) {
  return value.IsString() ? value.Text() : std::string();
}

// The top-level keys of one body, to find out whether one is there twice.
class Keys {
 public:
  Keys() { plain_.reserve(kFewKeys); }

  void Add(const JsonCursor& cursor) {
    if (cursor.KeyHasEscapes()) {
      AppendUnescaped(escaped_.emplace_back(), cursor.Key());
    } else {
      plain_.push_back(cursor.Key());
    }
  }

  std::size_t Count() const { return plain_.size() + escaped_.size(); }

  // A key that is there twice. Spends at most size * log(size) comparisons on a hostile body.
  std::optional<std::string_view> Duplicate() {
    plain_.insert(plain_.end(), escaped_.begin(), escaped_.end());
    if (plain_.size() > kFewKeys) {
      std::sort(plain_.begin(), plain_.end());
      const auto twice = std::adjacent_find(plain_.begin(), plain_.end());
      return twice == plain_.end() ? std::nullopt : std::optional(*twice);
    }
    for (auto key = plain_.begin(); key != plain_.end(); ++key) {
      if (std::find(plain_.begin(), key, *key) != key) return *key;
    }
    return std::nullopt;
  }

 private:
  base::BlockVector<std::string_view> plain_;
  std::vector<std::string> escaped_;
};

// Fills `request` with the member at hand.
class MemberReader {
 public:
  MemberReader(RequestView& request, JsonCursor& cursor)
      : dialect_(chat::DialectOf(request.operation)),
        prompt_key_(PromptKey(request.operation)),
        request_(request),
        cursor_(cursor) {}

  Result<> Read() {
    if (cursor_.KeyIs(prompt_key_)) {
      request_.prompt = UnlessNull(cursor_.Take());
    } else if (cursor_.KeyIs("model")) {
      request_.model_value = cursor_.Take();
    } else if (cursor_.KeyIs("stream")) {
      return Store(TrueOrFalse("stream", cursor_.Take()), request_.stream);
    } else if (cursor_.KeyIs("max_tokens") && dialect_ != chat::Dialect::kResponses) {
      request_.max_tokens_value = cursor_.Take();
      return Store(PositiveInteger("max_tokens", *request_.max_tokens_value), request_.max_tokens);
    } else if (cursor_.KeyIs("metadata")) {
      const JsonValue value = cursor_.Take();
      if (value.IsObject()) request_.metadata = value.raw;
    } else if (cursor_.KeyIs("service_tier")) {
      request_.service_tier = TextOrEmpty(cursor_.Take());
    } else if (cursor_.KeyIs("tools")) {
      ReadTools();
    } else if (dialect_ == chat::Dialect::kOpenai) {
      return ReadOpenaiMember();
    } else if (dialect_ == chat::Dialect::kResponses) {
      return ReadResponsesMember();
    }
    return {};
  }

 private:
  Result<> ReadResponsesMember() {
    if (cursor_.KeyIs("max_output_tokens")) {
      request_.max_tokens_value = cursor_.Take();
      return Store(PositiveInteger("max_output_tokens", *request_.max_tokens_value), request_.max_tokens);
    }
    if (cursor_.KeyIs("background"))
      return Store(TrueOrFalse("background", cursor_.Take()), request_.background);
    if (cursor_.KeyIs("user")) request_.user = TextOrEmpty(cursor_.Take());
    return {};
  }

  Result<> ReadOpenaiMember() {
    if (cursor_.KeyIs("stream_options")) {
      request_.stream_options = cursor_.Take();
    } else if (cursor_.KeyIs("response_format")) {
      request_.response_format = UnlessNull(cursor_.Take());
    } else if (cursor_.KeyIs("functions")) {
      ReadTools();
    } else if (cursor_.KeyIs("user")) {
      request_.user = TextOrEmpty(cursor_.Take());
    } else if (cursor_.KeyIs("user_id")) {
      request_.user_id = TextOrEmpty(cursor_.Take());
    } else {
      return ReadOpenaiNumber();
    }
    return {};
  }

  Result<> ReadOpenaiNumber() {
    std::optional<std::int64_t> number;
    if (cursor_.KeyIs("max_completion_tokens")) {
      request_.max_completion_tokens_value = cursor_.Take();
      return Store(PositiveInteger("max_completion_tokens", *request_.max_completion_tokens_value),
                   request_.max_completion_tokens);
    }
    if (cursor_.KeyIs("n")) {
      auto stored = Store(PositiveInteger("n", cursor_.Take()), number);
      request_.n = number.value_or(1);
      return stored;
    }
    if (cursor_.KeyIs("best_of")) {
      auto stored = Store(PositiveInteger("best_of", cursor_.Take()), number);
      request_.best_of = number.value_or(1);
      return stored;
    }
    return {};
  }

  void ReadTools() {
    const JsonValue value = cursor_.Take();
    request_.tools |= !value.IsNull() && !value.IsEmptyArray();
  }

  static std::string_view UnlessNull(const JsonValue& value) {
    return value.IsNull() ? std::string_view() : value.raw;
  }

  template <class T>
  static Result<> Store(Result<T> value, T& slot) {
    if (!value) return Fail(std::move(value.error()));
    slot = *value;
    return {};
  }

  const chat::Dialect dialect_;
  const std::string_view prompt_key_;
  RequestView& request_;
  JsonCursor& cursor_;
};

Result<> ReadStreamOptions(RequestView& request) {
  const JsonValue& options = *request.stream_options;
  if (options.IsNull()) return {};
  if (!options.IsObject()) {
    return Fail(
        Code::kInvalid,
        R"(stream_options must be an object such as {"include_usage":true}; write one or leave it out)");
  }
  JsonCursor cursor(options.raw);
  cursor.EnterObject();
  while (cursor.NextMember()) {
    if (!cursor.KeyIs("include_usage")) continue;
    if (request.include_usage_value) {
      return Fail(Code::kInvalid, "stream_options.include_usage is there twice; write it once");
    }
    request.include_usage_value = cursor.Take();
    const auto truth = TrueOrFalse("stream_options.include_usage", *request.include_usage_value);
    if (!truth) return Fail(truth.error());
    request.include_usage = *truth;
  }
  return {};
}

Result<> ReadModel(RequestView& request) {
  const JsonValue& value = request.model_value;
  if (value.IsString() && !value.IsEmptyString()) {
    request.model = value.Text();
    if (request.model.size() <= kModelBytesMax) return {};
    return Fail(Code::kInvalid, "the name of the model is longer than 256 bytes; name one there is");
  }
  return Fail(Code::kInvalid, value.IsNull()
                                  ? "model is missing; name the model that is to answer"
                                  : "model must be a string that names the model that is to answer");
}

tl::unexpected<RequestFault> Refuse(std::string detail, std::string field = {}) {
  return tl::unexpected(RequestFault{.detail = std::move(detail), .field = std::move(field)});
}

std::string DuplicateSentence(std::string_view key) {
  const std::string name =
      key.size() <= kKeyBytesSaid ? "the key \"" + std::string(key) + "\"" : std::string("a key");
  return name + " is there twice at the top of the body; write it once";
}

}  // namespace

std::optional<std::int64_t> RequestView::OutputLimit() const {
  if (max_tokens && max_completion_tokens) return std::min(*max_tokens, *max_completion_tokens);
  return max_tokens ? max_tokens : max_completion_tokens;
}

tl::expected<RequestView, RequestFault> ParseRequest(chat::Operation operation, std::string_view body) {
  RequestView request;
  request.operation = operation;
  request.body = body;
  JsonCursor cursor(body);
  Keys keys;
  RequestFault member_fault;  // of the first member of a wrong kind; a malformed body goes before it
  if (!cursor.EnterObject() && !cursor.Failed()) {
    cursor.Take();
    if (auto end = cursor.End(); !end) return Refuse(std::move(end.error().detail));
    return Refuse(R"(the body must be a JSON object: {"model": ...})");
  }
  MemberReader reader(request, cursor);
  while (cursor.NextMember()) {
    keys.Add(cursor);
    if (keys.Count() > kRequestKeysMax) {
      return Refuse("the body has more than " + std::to_string(kRequestKeysMax) +
                    " keys at its top; send fewer");
    }
    const auto member = reader.Read();
    if (member || !member_fault.detail.empty()) continue;
    member_fault.detail = member.error().detail;
    AppendUnescaped(member_fault.field, cursor.Key());
  }
  if (auto end = cursor.End(); !end) return Refuse(std::move(end.error().detail));
  if (const auto twice = keys.Duplicate()) return Refuse(DuplicateSentence(*twice));
  if (!member_fault.detail.empty()) return tl::unexpected(std::move(member_fault));
  if (auto model = ReadModel(request); !model) return Refuse(std::move(model.error().detail), "model");
  if (!chat::CanStream(operation)) request.stream = false;
  if (chat::DialectOf(operation) != chat::Dialect::kOpenai) request.include_usage = request.stream;
  if (request.stream && request.stream_options) {
    if (auto options = ReadStreamOptions(request); !options) {
      return Refuse(std::move(options.error().detail), "stream_options");
    }
  }
  return request;
}

}  // namespace wire
