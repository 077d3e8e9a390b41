#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "translate/form.h"
#include "translate/responses_members_internal.h"
#include "wire/json_scanner.h"

namespace translate::internal {

// One item of a Responses `input` or `output`.
struct Item {
  enum class Kind : std::uint8_t {
    kMessage,    // parts: what it says
    kReasoning,  // parts: the thought
    kCall,       // parts: the call
    kResult,     // parts: the result
    kOther,      // a kind that only Responses knows; nothing of it has been read
  } kind = Kind::kOther;
  Role role = Role::kAssistant;
  JsonText id{};
  std::vector<Part> parts{};
};

// Reads items. Ids and statuses of items and what has its default value say nothing to a model and are left
// out; members that the form has no place for are appended to `others`, those of them that change no answer
// to `hints`, and texts that had to be put together to `kept`. Everything outlives the reader and what it
// reads.
class ItemReader {
 public:
  ItemReader(std::string_view body, std::vector<std::string_view>& others,
             std::vector<std::string_view>& hints, std::deque<std::string>& kept)
      : body_(body), others_(others), hints_(hints), kept_(kept) {}

  // False if `value` is no item that could be understood; error() says why.
  bool Read(const wire::JsonValue& value, Item& item);
  // A string, or a list of parts.
  bool ReadContent(const wire::JsonValue& content, std::vector<Part>& parts);

  // The error is kInvalid and names `where`, a view into the body. Returns false.
  bool Fail(std::string_view where, std::string_view problem);
  bool Failed() const { return error_.has_value(); }
  const base::Error& error() const { return *error_; }

  // Reads `value` as an object into `members`.
  bool Open(const wire::JsonValue& value, Members& members);
  // Uses a member that has to be a string if it is there, and is there if it is `needed`.
  bool UseText(Members& members, std::string_view name, bool needed, JsonText& text);
  // Uses a member that holds counts, which is a hint where one of them is not 0.
  void UseCounts(Members& members, std::string_view name);
  // What of `members` nobody has used goes to the others. False if one of the used ones is there twice.
  bool Close(Members& members);

 private:
  bool ReadMessage(Item& item);
  bool ReadReasoning(Part& part);
  bool ReadCall(Part& part);
  bool ReadResult(Part& part);
  bool ReadThoughts(const wire::JsonValue& list, std::string& joined, std::size_t& pieces, JsonText& only);
  bool ReadPart(const wire::JsonValue& value, Part& part);
  bool ReadTextPart(Part& part);
  bool ReadImage(Part& part);
  bool ReadFile(Part& part);
  bool ReadAudio(Part& part);
  void UseCaller();
  void UseHint(Members& members, std::string_view name);

  const std::string_view body_;
  std::vector<std::string_view>& others_;
  std::vector<std::string_view>& hints_;
  std::deque<std::string>& kept_;
  Members item_;
  Members part_;
  Members inner_;
  std::optional<base::Error> error_;
};

}  // namespace translate::internal
