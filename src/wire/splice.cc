#include "wire/splice.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/json_text.h"

namespace wire {
namespace {

constexpr std::string_view kWantUsage = R"("include_usage":true)";

// One change: `size` bytes of the body at `offset` give way to `text`.
struct Edit {
  std::size_t offset = 0;
  std::size_t size = 0;
  std::string text;
};

Edit Over(std::string_view body, std::string_view old_value, std::string text) {
  return {static_cast<std::size_t>(old_value.data() - body.data()), old_value.size(), std::move(text)};
}

Edit Behind(std::string_view body, std::size_t offset, std::string text) {
  CHECK(offset <= body.size());
  return {offset, 0, std::move(text)};
}

std::optional<Edit> ModelEdit(const RequestView& request, const SpliceOptions& options) {
  if (!options.model || *options.model == request.model) return std::nullopt;
  std::string name;
  base::AppendJsonString(name, *options.model);
  return Over(request.body, request.model_value.raw, std::move(name));
}

std::optional<Edit> UsageEdit(const RequestView& request, const SpliceOptions& options) {
  if (!options.force_usage || !request.stream || request.include_usage) return std::nullopt;
  const auto offset_of = [&](const char* at) { return static_cast<std::size_t>(at - request.body.data()); };
  const std::string member(kWantUsage);
  if (!request.stream_options) {
    const std::string_view model = request.model_value.raw;
    return Behind(request.body, offset_of(model.data() + model.size()),
                  ",\"stream_options\":{" + member + "}");
  }
  const std::string_view raw = request.stream_options->raw;
  if (request.stream_options->IsNull()) return Over(request.body, raw, "{" + member + "}");
  if (request.include_usage_value) return Over(request.body, request.include_usage_value->raw, "true");
  const bool empty = raw.find_first_not_of(" \t\r\n", 1) == raw.size() - 1;
  return Behind(request.body, offset_of(raw.data()) + 1, empty ? member : member + ",");
}

bool Generates(chat::Operation operation) {
  return operation != chat::Operation::kEmbedding && operation != chat::Operation::kCountTokens;
}

// The edits of one body, in any order.
class Edits {
 public:
  static constexpr std::size_t kMax = 4;  // model, usage, two limits

  void Add(std::optional<Edit> edit) {
    if (!edit) return;
    CHECK(count_ < kMax);
    edits_[count_++] = std::move(*edit);
  }

  std::span<const Edit> InOrder() {
    std::sort(edits_.begin(), edits_.begin() + static_cast<std::ptrdiff_t>(count_),
              [](const Edit& a, const Edit& b) { return a.offset < b.offset; });
    return {edits_.data(), count_};
  }

 private:
  std::array<Edit, kMax> edits_;
  std::size_t count_ = 0;
};

void AddLimitEdits(const RequestView& request, const SpliceOptions& options, Edits& edits) {
  if (!options.output_limit || !Generates(request.operation)) return;
  const std::string limit = std::to_string(*options.output_limit);
  const std::optional<JsonValue>* const written[] = {&request.max_tokens_value,
                                                     &request.max_completion_tokens_value};
  bool said = false;
  for (const std::optional<JsonValue>* value : written) {
    if (!*value || (*value)->IsNull()) continue;
    said = true;
    if ((*value)->raw != limit) edits.Add(Over(request.body, (*value)->raw, limit));
  }
  if (said) return;
  const bool completion = options.output_member == "max_completion_tokens";
  const std::optional<JsonValue>& preferred =
      completion ? request.max_completion_tokens_value : request.max_tokens_value;
  if (preferred) return edits.Add(Over(request.body, preferred->raw, limit));  // null
  const std::size_t brace = request.body.find('{');
  std::string member = "\"";
  edits.Add(Behind(request.body, brace + 1,
                   member.append(options.output_member).append("\":").append(limit).append(",")));
}

}  // namespace

std::string_view SplicedBody::Piece(std::size_t i) const {
  CHECK(i < pieces_);
  const Part& part = parts_[i];
  return (part.from_body ? body_ : std::string_view(inserted_)).substr(part.offset, part.size);
}

std::string SplicedBody::Join() const {
  std::string text;
  text.reserve(bytes_);
  for (std::size_t i = 0; i < pieces_; ++i) text += Piece(i);
  return text;
}

void SplicedBody::Add(const Part& part) {
  CHECK(pieces_ < kPartsMax);
  parts_[pieces_++] = part;
  bytes_ += part.size;
}

SplicedBody Splice(const RequestView& request, const SpliceOptions& options) {
  Edits edits;
  edits.Add(ModelEdit(request, options));
  edits.Add(UsageEdit(request, options));
  AddLimitEdits(request, options, edits);

  SplicedBody spliced(request.body);
  std::size_t copied = 0;  // how much of the body is in pieces, or was replaced
  for (const Edit& change : edits.InOrder()) {
    if (change.offset > copied) spliced.Add({.offset = copied, .size = change.offset - copied});
    spliced.Add({.from_body = false, .offset = spliced.inserted_.size(), .size = change.text.size()});
    spliced.inserted_ += change.text;
    copied = change.offset + change.size;
  }
  spliced.Add({.offset = copied, .size = request.body.size() - copied});
  return spliced;
}

}  // namespace wire
