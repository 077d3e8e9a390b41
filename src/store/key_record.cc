#include "store/key_record.h"

#include <algorithm>

namespace store {

std::string_view Name(KeyStatus status) {
  switch (status) {
    case KeyStatus::kActive:
      return "active";
    case KeyStatus::kRevoked:
      return "revoked";
    case KeyStatus::kExpired:
      return "expired";
  }
  return "";
}

KeyStatus KeyRecord::Status(base::WallTime now) const {
  if (revoked) return KeyStatus::kRevoked;
  if (expires && now >= *expires) return KeyStatus::kExpired;
  return KeyStatus::kActive;
}

bool KeyRecord::MayComeFrom(const PeerAddress& peer) const {
  return networks.empty() || std::any_of(networks.begin(), networks.end(),
                                         [&peer](const Network& network) { return network.Has(peer); });
}

bool KeyRecord::MayUse(std::string_view model) const {
  return models.empty() || std::find(models.begin(), models.end(), model) != models.end();
}

}  // namespace store
