#include "gateway/payer.h"

namespace gateway {

void Payer::Read(const RequestRecord& record, const Attribution& attribution) {
  tags_.reserve(attribution.tags().size());
  tag_views_.reserve(attribution.tags().size());
  for (const auto& [name, value] : attribution.tags()) {
    base::BlockString& tag = tags_.emplace_back();
    tag.reserve(name.size() + 1 + value.size());
    tag.append(name).append("=").append(value);
    tag_views_.push_back(tag);
  }
  spender_ = {.org = record.org,
              .team = record.team,
              .project = record.project,
              .key_id = record.key_id,
              .user = attribution.user(),
              .session = attribution.session(),
              .tags = tag_views_,
              .provider = {},
              .model = {},
              .asked_model = record.asked_model};
}

}  // namespace gateway
