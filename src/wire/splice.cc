#include "wire/splice.h"

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
  std::optional<Edit> first = ModelEdit(request, options);
  std::optional<Edit> second = UsageEdit(request, options);
  if (first && second && second->offset < first->offset) std::swap(first, second);

  SplicedBody spliced(request.body);
  std::size_t copied = 0;  // how much of the body is in pieces, or was replaced
  for (const std::optional<Edit>* edit : {&first, &second}) {
    if (!*edit) continue;
    const Edit& change = **edit;
    if (change.offset > copied) spliced.Add({.offset = copied, .size = change.offset - copied});
    spliced.Add({.from_body = false, .offset = spliced.inserted_.size(), .size = change.text.size()});
    spliced.inserted_ += change.text;
    copied = change.offset + change.size;
  }
  spliced.Add({.offset = copied, .size = request.body.size() - copied});
  return spliced;
}

}  // namespace wire
