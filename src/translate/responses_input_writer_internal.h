#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "translate/carried.h"
#include "translate/form.h"
#include "translate/json_out.h"
#include "translate/losses.h"
#include "translate/translate.h"

namespace translate::internal {

// How the output of a tool begins that failed: its item has no member for that.
inline constexpr std::string_view kFailed = "Error: ";

// Writes the members `instructions` and `input` of a Responses request. Everything given outlives it.
class InputWriter {
 public:
  InputWriter(const Request& request, const Target& target, JsonOut& json, Losses& losses)
      : request_(request), target_(target), json_(json), losses_(losses) {}

  void Write();

 private:
  bool StandsAsInstructions(const Turn& turn) const;
  bool IsBegunAnswer(const Turn& turn) const;
  void WriteTurn(const Turn& turn);
  void WriteMessage(std::string_view role, const Turn& turn);
  void WriteAnswer(const Turn& turn);
  void WriteSaid(std::span<const Part> run);
  void WriteCall(const Part& part);
  void WriteResults(const Turn& turn);
  void WriteResult(const Part& part);
  void WriteThoughts();
  void Think(const Part& part);
  void WriteContent(const std::vector<const Part*>& parts);
  void WritePart(const Part& part);
  void WriteFile(const Media& media);
  std::vector<const Part*> Sayable(std::span<const Part> parts);
  bool IsSayable(const Part& part);
  bool IsReachable(const Part& part);

  const Request& request_;
  const Target& target_;
  const std::string maker_ = MakerOf(chat::Operation::kResponses, target_.flavour, target_.provider);
  JsonOut& json_;
  Losses& losses_;
  std::vector<const Part*> thoughts_;  // of this turn, until something follows that they lead to
  std::unordered_set<std::string_view> said_calls_;
  std::unordered_set<std::string_view> dropped_calls_;  // whose results have nothing to belong to
  std::size_t thoughts_written_ = 0;
};

}  // namespace translate::internal
