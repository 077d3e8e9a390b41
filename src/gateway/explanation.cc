#include "gateway/explanation.h"

#include <string>
#include <string_view>

#include "base/json_text.h"
#include "gateway/wording.h"
#include "translate/translate.h"

namespace gateway {
namespace {

std::string Quoted(std::string_view text) {
  std::string json;
  base::AppendJsonString(json, text);
  return json;
}

}  // namespace

std::string ExplainPlan(const routing::Plan& plan, const wire::RequestView& request,
                        const config::Settings& settings, const pricing::Book* prices,
                        const upstream::Directory& directory, Spending* spending,
                        std::string_view request_id) {
  Wordings wordings(request, settings, prices);
  std::string candidates = "[";
  for (const routing::Candidate& candidate : plan.candidates) {
    if (candidates.size() > 1) candidates += ',';
    base::JsonObject one;
    one.Add("model", candidate.target.Print())
        .Add("rung", Name(candidate.rung))
        .Add("reason", candidate.reason);
    Wording wording;
    std::string rejected = candidate.rejected;
    if (rejected.empty()) {
      const auto& provider = directory.Find(candidate.target.provider)->settings();
      const auto found = wordings.Find(candidate.target, provider, wording);
      if (!found) rejected = found.error().detail;
      if (found && spending != nullptr) {
        const Spending::Outlook outlook = spending->Explain(candidate, provider, wording);
        if (outlook.price) one.Add("price", base::Print(*outlook.price));
        rejected = outlook.rejected;
      }
    }
    if (!rejected.empty()) one.Add("rejected", rejected);
    if (wording.translated()) one.Add("said_as", translate::ApiName(wording.operation()));
    if (!wording.dropped().empty()) one.AddRaw("dropped", base::JsonList(wording.dropped(), Quoted));
    if (!candidate.although.empty()) one.Add("although", candidate.although);
    candidates += one.Take();
  }
  base::JsonObject body;
  body.AddRaw("candidates", candidates + "]").Add("reason", plan.reason).Add("request_id", request_id);
  return body.Take();
}

}  // namespace gateway
