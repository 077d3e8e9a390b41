#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "base/bytes.h"
#include "base/guarded.h"
#include "base/result.h"

namespace telemetry {

struct LogOptions {
  std::size_t queued_bytes_max = 8 * base::MiB;  // beyond either limit a line is dropped and counted
  std::size_t queued_lines_max = 65'536;
  std::size_t wake_bytes = 64 * base::KiB;  // so much waiting wakes the writer before its interval is over
  std::chrono::milliseconds interval{20};   // a line waits at most this long
};

// A log of lines that never makes its caller wait: lines are queued and one thread writes them in batches.
//
// Thread-safe. A line is written whole, in the order of the queue. A failed write (disk full, reader gone) is
// counted and tried again at the next interval; meanwhile the queue fills, then drops. The destructor writes
// what is queued and gives up on a destination that takes nothing for a second.
class LineLog {
 public:
  // Appends to the file `path`, made with mode 0600 when it is new. Errors: kIo.
  static base::Result<std::unique_ptr<LineLog>> ToFile(std::string path, LogOptions options = {});
  // Writes to a descriptor that stays the caller's, such as standard error, and outlives the log.
  static std::unique_ptr<LineLog> ToDescriptor(int descriptor, LogOptions options = {});
  // Takes every line and writes none; nothing counts as dropped.
  static std::unique_ptr<LineLog> Off();

  ~LineLog();
  LineLog(const LineLog&) = delete;
  LineLog& operator=(const LineLog&) = delete;

  // Queues `line`, which holds no newline; the log adds it.
  void Write(std::string_view line);

  // Returns when every line queued before the call was written once or its write has failed. Blocks: not for
  // event loops.
  void Flush();

  // Closes the file and opens its path again after what is queued, for log rotation. When that fails, the old
  // file is kept and the failure counts as a write error. Does nothing for a descriptor. Never blocks.
  void Reopen();

  std::uint64_t LinesDropped() const { return lines_dropped_.load(std::memory_order_relaxed); }
  std::uint64_t WriteErrors() const { return write_errors_.load(std::memory_order_relaxed); }

 private:
  class Writer;
  struct Queue {
    std::string bytes;
    std::size_t lines = 0;
    bool woken = false;  // the writer was already told about this batch
    bool reopen = false;
    std::uint64_t flushes_asked = 0;
  };

  explicit LineLog(LogOptions options);
  void Start(int descriptor, std::string path);
  void Wake();

  const LogOptions options_;
  base::Guarded<Queue> queue_;
  std::atomic<std::uint64_t> lines_dropped_{0};
  std::atomic<std::uint64_t> write_errors_{0};
  std::atomic<std::uint64_t> flushes_done_{0};
  int wake_descriptor_ = -1;
  std::unique_ptr<Writer> writer_;  // null: off
  std::jthread thread_;
};

}  // namespace telemetry
