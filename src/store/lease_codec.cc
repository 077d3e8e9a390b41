#include <limits>
#include <string>
#include <utility>

#include "base/check.h"
#include "store/lease_codec_internal.h"
#include "store/varint_internal.h"

namespace store {
namespace {

constexpr std::uint8_t kLayout = 1;
constexpr std::size_t kTexts = 10;
// Three numbers, an amount, and the texts each with its length.
static_assert(64 + (kTexts + kLeaseTagsMax) * (kLeaseTextBytesMax + 2) <= kLeaseBytesMax);

// The texts of a lease in the order in which they are written.
std::array<std::string_view*, kTexts> TextsOf(LeaseRecord& lease) {
  return {&lease.request_id, &lease.org,     &lease.team,     &lease.project, &lease.key_id,
          &lease.user,       &lease.session, &lease.provider, &lease.model,   &lease.asked_model};
}

void PutText(Encoder& out, std::string_view text) {
  text = text.substr(0, kLeaseTextBytesMax);
  out.Varint(text.size());
  out.Bytes(text);
}

std::string_view GetText(Decoder& in) {
  return in.Bytes(in.Varint());
}

void PutTicket(Encoder& out, LeaseTicket ticket) {
  out.Varint(ticket.segment);
  out.Varint(ticket.ordinal);
}

LeaseTicket GetTicket(Decoder& in) {
  const std::uint64_t segment = in.Varint();
  const std::uint64_t ordinal = in.Below(std::size_t{std::numeric_limits<std::uint32_t>::max()} + 1);
  return {.segment = segment, .ordinal = static_cast<std::uint32_t>(ordinal)};
}

}  // namespace

std::size_t EncodeLease(const LeaseRecord& lease, LeaseTicket origin, std::span<char, kLeaseBytesMax> out) {
  CHECK(lease.tags.size() <= kLeaseTagsMax);
  Encoder encoder(out.data());
  encoder.Byte(kLayout);
  PutTicket(encoder, origin);
  encoder.Signed(lease.started.time_since_epoch().count());
  encoder.Wide(lease.amount.pico);
  PutText(encoder, lease.amount.currency.code());
  LeaseRecord texts = lease;
  for (const std::string_view* const text : TextsOf(texts)) PutText(encoder, *text);
  encoder.Varint(lease.tags.size());
  for (const std::string_view tag : lease.tags) PutText(encoder, tag);
  return encoder.size();
}

std::optional<DecodedLease> DecodeLease(std::string_view payload, std::vector<std::string_view>& tags) {
  Decoder in(payload);
  if (in.Byte() != kLayout) return std::nullopt;
  DecodedLease decoded;
  decoded.origin = GetTicket(in);
  LeaseRecord& lease = decoded.lease;
  lease.started = base::WallTime(std::chrono::nanoseconds(in.Signed()));
  lease.amount.pico = in.Wide();
  const std::string_view code = GetText(in);
  if (!code.empty()) {
    const auto currency = base::Currency::Parse(code);
    if (!currency) return std::nullopt;
    lease.amount.currency = *currency;
  }
  for (std::string_view* const text : TextsOf(lease)) *text = GetText(in);
  tags.resize(in.Below(kLeaseTagsMax + 1));
  for (std::string_view& tag : tags) tag = GetText(in);
  lease.tags = tags;
  if (in.broken()) return std::nullopt;
  return decoded;
}

std::size_t EncodeLeaseEnd(LeaseTicket ended, char* out) {
  Encoder encoder(out);
  PutTicket(encoder, ended);
  return encoder.size();
}

std::optional<LeaseTicket> DecodeLeaseEnd(std::string_view payload) {
  Decoder in(payload);
  const LeaseTicket ended = GetTicket(in);
  if (in.broken()) return std::nullopt;
  return ended;
}

LeftLease::LeftLease(LeaseTicket ticket, bool unsettled, std::string payload)
    : ticket_(ticket), unsettled_(unsettled), payload_(payload.begin(), payload.end()) {
  CHECK(DecodeLease({payload_.data(), payload_.size()}, tags_).has_value());
}

LeaseRecord LeftLease::record() const {
  std::vector<std::string_view> tags;
  LeaseRecord record = DecodeLease({payload_.data(), payload_.size()}, tags)->lease;
  record.tags = tags_;
  return record;
}

}  // namespace store
