#include "store/lease_log.h"

#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "store/data_directory_internal.h"
#include "store/lease_codec_internal.h"
#include "store/lease_segment_internal.h"

namespace store {
namespace {

using base::Code;

constexpr std::uint64_t kSegmentBytesMin = 64 * base::KiB;
static_assert(kLeaseHeaderBytes + LeaseGroup::kBytesMax <= kSegmentBytesMin);
using RecordBuffer = std::array<char, RecordBytes(kLeaseBytesMax)>;

std::span<char, kLeaseBytesMax> PayloadOf(RecordBuffer& record) {
  return std::span<char, kLeaseBytesMax>(record.data() + kRecordHeaderBytes, kLeaseBytesMax);
}

}  // namespace

LeaseLog::LeaseLog(const Journal& journal, const base::Clock& clock, Disk& disk, LeaseLogOptions options)
    : journal_(journal), clock_(clock), disk_(disk), options_(std::move(options)) {}

LeaseLog::~LeaseLog() = default;

base::Result<std::unique_ptr<LeaseLog>> LeaseLog::Open(const Journal& journal, const base::Clock& clock,
                                                       Disk& disk, LeaseLogOptions options) {
  CHECK(options.segment_bytes >= kSegmentBytesMin);
  std::unique_ptr<LeaseLog> log(new LeaseLog(journal, clock, disk, std::move(options)));
  if (auto begun = log->Begin(); !begun) return base::Fail(begun.error());
  return log;
}

base::Result<> LeaseLog::Begin() {
  const std::filesystem::path directory = LeaseDirectory(journal_.data_directory());
  if (auto made = MakeDirectory(directory); !made) return made;
  if (auto mine = CheckOwnerOnly(directory.string(), S_IFDIR); !mine) return mine;
  auto segments = ReadLeaseSegments(journal_.data_directory());
  if (!segments) return base::Fail(segments.error());
  left_from_ = journal_.End();
  TakeOver(*segments);
  const std::uint64_t number = segments->empty() ? 1 : segments->back().identity.number + 1;
  auto first = MakeSegment(number);
  if (!first) return base::Fail(first.error());
  state_.With([&](State& state) {
    state.segments[number].segment = std::move(*first);
    state.next_number = number + 1;
  });
  return {};
}

// Finds those without an end.
void LeaseLog::TakeOver(std::vector<ReadLeaseSegment>& segments) {
  std::map<LeaseTicket, LeftLease> left;
  std::set<LeaseTicket> ended;
  std::vector<std::string_view> tags;
  for (ReadLeaseSegment& segment : segments) {
    old_.push_back(segment.path);
    left_from_ = std::min(left_from_, segment.identity.journal);
    if (segment.damaged_bytes > 0 && options_.note) {
      options_.note("leases_damaged", std::to_string(segment.damaged_bytes) + " bytes of " +
                                          segment.path.string() +
                                          " cannot be read: what was promised there counts no more");
    }
    for (LeaseSegmentRecord& record : segment.records) {
      if (record.kind == RecordKind::kEnd) {
        if (const auto end = DecodeLeaseEnd(record.payload)) ended.insert(*end);
      } else if (const auto lease = DecodeLease(record.payload, tags)) {
        ended.insert(lease->origin);
        const LeaseTicket ticket{.segment = segment.identity.number, .ordinal = record.ordinal};
        left.emplace(ticket,
                     LeftLease(ticket, record.kind == RecordKind::kUnsettled, std::move(record.payload)));
      }
    }
  }
  for (auto& [ticket, lease] : left) {
    if (!ended.contains(ticket)) left_.push_back(std::move(lease));
  }
}

base::Result<std::unique_ptr<LeaseSegment>> LeaseLog::MakeSegment(std::uint64_t number) const {
  LeaseSegmentIdentity identity{
      .number = number, .salt = 0, .made = clock_.WallNow(), .journal = journal_.End()};
  const std::string bytes = base::SecureRandomBytes(sizeof identity.salt);
  CHECK(bytes.size() == sizeof identity.salt);
  std::memcpy(&identity.salt, bytes.data(), sizeof identity.salt);
  return LeaseSegment::Make(journal_.data_directory(), identity, options_.segment_bytes, disk_);
}

std::vector<LeftLease> LeaseLog::TakeLeft() {
  return std::move(left_);
}

// The segment that takes a record of so many bytes, the next one if it must be.
base::Result<LeaseLog::Written*> LeaseLog::Room(State& state, std::size_t bytes) {
  Written& last = state.segments.rbegin()->second;
  if (last.segment->end() + bytes <= options_.segment_bytes) return &last;
  if (state.spare == nullptr) {
    auto made = MakeSegment(state.next_number);
    if (!made) return base::Fail(made.error());
    ++state.next_number;
    state.spare = std::move(*made);
  }
  const std::uint64_t number = state.spare->identity().number;
  Written& next = state.segments[number];
  next.segment = std::move(state.spare);
  return &next;
}

base::Result<LeaseTicket> LeaseLog::Write(State& state, char* records, std::span<const std::size_t> payloads,
                                          RecordKind kind) {
  std::size_t bytes = 0;
  for (const std::size_t payload : payloads) bytes += RecordBytes(payload);
  auto room = Room(state, bytes);
  if (!room) return base::Fail(room.error());
  Written& into = **room;
  std::uint64_t place = into.segment->end();
  const std::uint32_t first = into.segment->ordinal() + 1;
  if (const int error = into.segment->Append(records, payloads, kind); error != 0) {
    return base::Fail(Code::kIo,
                      "the leases in " + into.segment->path().string() + " take no more: " + Reason(error));
  }
  into.places.resize(first);  // ends are records, too, and have none
  for (const std::size_t payload : payloads) {
    into.places.push_back(place);
    place += RecordBytes(payload);
  }
  into.open += payloads.size();
  into.synced = false;
  return LeaseTicket{.segment = into.segment->identity().number, .ordinal = first};
}

base::Result<LeaseTicket> LeaseLog::Append(LeaseGroup& group) {
  CHECK(!group.empty());
  return state_.With(
      [&](State& state) { return Write(state, group.bytes_.get(), group.payloads_, RecordKind::kLease); });
}

base::Result<LeaseTicket> LeaseLog::AppendUnsettled(const LeftLease& lease) {
  RecordBuffer record;  // only what the lease needs of it is touched
  const std::size_t payload = EncodeLease(lease.record(), lease.ticket(), PayloadOf(record));
  return state_.With([&](State& state) {
    return Write(state, record.data(), {&payload, 1}, RecordKind::kUnsettled);
  });
}

void LeaseLog::End(State& state, LeaseTicket ticket) {
  if (const auto moved = state.carried.find(ticket); moved != state.carried.end()) {
    ticket = moved->second;
    state.carried.erase(moved);
  }
  const auto written = state.segments.find(ticket.segment);
  CHECK(written != state.segments.end());
  std::uint64_t& place = written->second.places.at(ticket.ordinal);
  CHECK(place != 0);
  place = 0;
  --written->second.open;
}

void LeaseLog::Close(LeaseTicket ticket) {
  state_.With([&](State& state) { End(state, ticket); });
}

base::Result<> LeaseLog::Release(LeaseTicket ticket) {
  std::array<char, RecordBytes(kLeaseEndBytesMax)> record;
  return state_.With([&](State& state) -> base::Result<> {
    const auto moved = state.carried.find(ticket);
    const LeaseTicket named = moved == state.carried.end() ? ticket : moved->second;
    const std::size_t payload = EncodeLeaseEnd(named, record.data() + kRecordHeaderBytes);
    End(state, ticket);
    auto room = Room(state, RecordBytes(payload));
    if (!room) return base::Fail(room.error());
    Written& into = **room;
    into.synced = false;
    if (const int error = into.segment->Append(record.data(), {&payload, 1}, RecordKind::kEnd); error != 0) {
      return base::Fail(Code::kIo,
                        "the leases in " + into.segment->path().string() + " take no more: " + Reason(error));
    }
    return {};
  });
}

base::Result<> LeaseLog::Sync() {
  std::vector<int> descriptors;
  const auto [wanted, number] = state_.With([&](State& state) {
    for (auto& [unused, written] : state.segments) {
      if (!std::exchange(written.synced, true)) descriptors.push_back(written.segment->descriptor());
    }
    const bool missing = state.spare == nullptr;
    return std::pair(missing, missing ? state.next_number++ : 0);
  });
  int error = 0;
  // Only the thread that calls this closes segments.
  for (const int descriptor : descriptors) {
    if (const int failed = disk_.Sync(descriptor); failed != 0) error = failed;
  }
  if (wanted) {
    if (auto made = MakeSpare(number); !made) return made;
  }
  if (error == 0) return {};
  return base::Fail(Code::kIo, "the disk did not take the leases in " +
                                   LeaseDirectory(journal_.data_directory()).string() + ": " + Reason(error));
}

base::Result<> LeaseLog::MakeSpare(std::uint64_t number) {
  auto made = MakeSegment(number);
  if (!made) return base::Fail(made.error());
  const int error = SyncDirectory(LeaseDirectory(journal_.data_directory()), disk_);
  state_.With([&](State& state) {
    // Meanwhile somebody who could not wait for it may have made one of a later number.
    if (state.spare == nullptr && number > state.segments.rbegin()->first) state.spare = std::move(*made);
  });
  if (*made != nullptr) unlink((*made)->path().c_str());
  if (error == 0) return {};
  return base::Fail(
      Code::kIo, "cannot sync " + LeaseDirectory(journal_.data_directory()).string() + ": " + Reason(error));
}

void LeaseLog::Carry(std::size_t leases_max) {
  state_.With([&](State& state) {
    for (auto& [number, from] : state.segments) {
      if (number + kSegmentsMany > state.segments.rbegin()->first) return;
      for (std::uint32_t ordinal = 0; from.open > 0 && ordinal < from.places.size(); ++ordinal) {
        if (from.places[ordinal] == 0) continue;
        if (leases_max-- == 0 || !CarryOne(state, from, ordinal)) return;
      }
    }
  });
}

// False: there is no room for it. One that cannot be read stays where it is, and its segment with it.
bool LeaseLog::CarryOne(State& state, Written& from, std::uint32_t ordinal) {
  RecordBuffer record;
  std::vector<std::string_view> tags;
  const auto read = from.segment->ReadAt(from.places[ordinal]);
  const auto lease = read ? DecodeLease(read->payload, tags) : std::nullopt;
  if (!lease) return true;
  const LeaseTicket origin{.segment = from.segment->identity().number, .ordinal = ordinal};
  const std::size_t payload = EncodeLease(lease->lease, origin, PayloadOf(record));
  const auto ticket = Write(state, record.data(), {&payload, 1}, read->kind);
  if (!ticket) return false;
  // Whoever holds it knows it by its first ticket.
  const auto known = std::find_if(state.carried.begin(), state.carried.end(),
                                  [&](const auto& one) { return one.second == origin; });
  state.carried[known == state.carried.end() ? origin : known->first] = *ticket;
  from.places[ordinal] = 0;
  --from.open;
  return true;
}

std::uint64_t LeaseLog::FirstNeeded() const {
  return state_.With([](const State& state) {
    for (const auto& [number, written] : state.segments) {
      if (written.open > 0) return number;
    }
    return state.segments.rbegin()->first;
  });
}

void LeaseLog::Drop(std::uint64_t first_needed) {
  std::vector<std::unique_ptr<LeaseSegment>> dropped;
  state_.With([&](State& state) {
    while (state.segments.begin()->first < first_needed && state.segments.size() > 1) {
      dropped.push_back(std::move(state.segments.begin()->second.segment));
      state.segments.erase(state.segments.begin());
    }
  });
  // The oldest first: the end of a lease never goes before the lease.
  for (const std::filesystem::path& path : old_) unlink(path.c_str());
  old_.clear();
  for (const std::unique_ptr<LeaseSegment>& segment : dropped) unlink(segment->path().c_str());
}

LeaseLog::Counts LeaseLog::counts() const {
  return state_.With([](const State& state) {
    Counts counts{.open = 0, .segments = state.segments.size()};
    for (const auto& [number, written] : state.segments) counts.open += written.open;
    return counts;
  });
}

}  // namespace store
