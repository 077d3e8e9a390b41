#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "store/disk.h"
#include "store/journal.h"
#include "store/lease_group.h"
#include "store/lease_record.h"

namespace store {

class LeaseSegment;
enum class RecordKind : std::uint32_t;
struct ReadLeaseSegment;

struct LeaseLogOptions {
  std::uint64_t segment_bytes = 4 * base::MiB;  // at least 64 KiB
  // As of the journal. May be empty.
  std::function<void(std::string_view event, std::string_view sentence)> note{};
};

// What is promised to calls under way, in DATA/leases/, so that a crash forgets none of it: a lease is
// written before its call is made, and has its end in the row of its request, or in a record of its own where
// there is none. docs/leases.md has every byte.
//
// Thread-safe. Append, of however many, and Release are one write(2) each, and Close is none. Segments go
// from the oldest on, once all their leases have ended and a checkpoint holds what these cost; so that one
// long call does not keep all that came after it, Carry writes it down anew.
class LeaseLog {
 public:
  // Reads what is there and begins a new segment. `journal`, which holds the data directory's lock, `clock`
  // and `disk` outlive the log. Errors: kIo with a sentence that names the file.
  static base::Result<std::unique_ptr<LeaseLog>> Open(const Journal& journal, const base::Clock& clock,
                                                      Disk& disk, LeaseLogOptions options);
  ~LeaseLog();
  LeaseLog(const LeaseLog&) = delete;
  LeaseLog& operator=(const LeaseLog&) = delete;

  // What earlier processes left without an end in the log, to be taken once. Whoever finds a row for one
  // drops it, whoever finds none writes it down again (AppendUnsettled); after a checkpoint DropOld forgets
  // the rest.
  std::vector<LeftLease> TakeLeft();
  // The rows of these stand behind it; none are left: End of the journal.
  JournalPosition LeftFrom() const { return left_from_; }

  // Errors: kIo: none of it is in the log. The ticket of the first of them; the others' ordinals follow it.
  // The group's records get their headers here. REQUIRES: it is not empty.
  base::Result<LeaseTicket> Append(LeaseGroup& group);
  base::Result<LeaseTicket> AppendUnsettled(const LeftLease& lease);
  // Its row is in the journal.
  void Close(LeaseTicket ticket);
  // It has ended without a row. Errors: kIo: after a crash it would count.
  base::Result<> Release(LeaseTicket ticket);

  // The rest is for one thread that looks after the log.
  // Brings what was written to the disk, and makes the next segment.
  base::Result<> Sync();
  // Writes down anew up to so many leases of the oldest segments, those behind the last kSegmentsMany.
  // REQUIRES: nobody is between writing a row and closing its lease.
  void Carry(std::size_t leases_max);
  // The oldest segments that have nothing open, to be dropped when a checkpoint that begins after this call
  // is safe. Gives back the first that stays.
  std::uint64_t FirstNeeded() const;
  // Removes those before it, and all that was there at Open.
  void Drop(std::uint64_t first_needed);

  struct Counts {
    std::uint64_t open = 0;  // leases
    std::size_t segments = 0;

    friend bool operator==(const Counts&, const Counts&) = default;
  };
  Counts counts() const;

  static constexpr std::size_t kSegmentsMany = 8;

 private:
  // A segment with where its open leases stand, by their ordinals.
  struct Written {
    std::unique_ptr<LeaseSegment> segment;
    std::vector<std::uint64_t> places;  // 0: it is open no more, or no lease
    std::uint64_t open = 0;
    bool synced = false;
  };
  struct State {
    std::map<std::uint64_t, Written> segments;  // by number; the last is written
    std::unique_ptr<LeaseSegment> spare;
    std::map<LeaseTicket, LeaseTicket> carried;  // where those stand that were written down anew
    std::uint64_t next_number = 1;
  };

  LeaseLog(const Journal& journal, const base::Clock& clock, Disk& disk, LeaseLogOptions options);
  base::Result<> Begin();
  void TakeOver(std::vector<ReadLeaseSegment>& segments);
  base::Result<std::unique_ptr<LeaseSegment>> MakeSegment(std::uint64_t number) const;
  base::Result<LeaseTicket> Write(State& state, char* records, std::span<const std::size_t> payloads,
                                  RecordKind kind);
  base::Result<Written*> Room(State& state, std::size_t bytes);
  base::Result<> MakeSpare(std::uint64_t number);
  bool CarryOne(State& state, Written& from, std::uint32_t ordinal);
  static void End(State& state, LeaseTicket ticket);

  const Journal& journal_;
  const base::Clock& clock_;
  Disk& disk_;
  const LeaseLogOptions options_;
  JournalPosition left_from_;
  std::vector<LeftLease> left_;             // until it is taken
  std::vector<std::filesystem::path> old_;  // until they are dropped
  base::Guarded<State> state_;
};

}  // namespace store
