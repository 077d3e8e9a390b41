#include "telemetry/log.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <stop_token>
#include <system_error>
#include <utility>

#include "base/check.h"

namespace telemetry {
namespace {

// A pipe or terminal is asked first whether it takes this much, so that a reader who stopped reading cannot
// hold the thread; POSIX lets a pipe that is writable take PIPE_BUF bytes at once.
constexpr std::size_t kPipeChunk = 4096;
constexpr int kPatienceSteps = 10;  // of 100 ms, once the log is asked to stop
constexpr int kPatienceStepMs = 100;

int OpenForAppend(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
}

bool IsRegularFile(int descriptor) {
  struct stat info {};
  return fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
}

// Signals are the main thread's business; a vanished reader is an error number here.
void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

// What the writing thread works with.
class LineLog::Writer {
 public:
  Writer(LineLog& log, int descriptor, std::string path)
      : log_(log), path_(std::move(path)), descriptor_(descriptor), regular_(IsRegularFile(descriptor)) {
    batch_.reserve(2 * log.options_.wake_bytes);
  }
  ~Writer() {
    if (!path_.empty()) close(descriptor_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void Run(const std::stop_token& stop) {
    BlockSignals();
    while (!stop.stop_requested()) {
      AwaitWork();
      Round(stop);
    }
    Round(stop);  // what was queued before the stop
    if (written_ < batch_.size()) GiveUp();
  }

 private:
  // One batch. While an older one is stuck, the queue keeps the newer lines.
  void Round(const std::stop_token& stop) {
    WriteBatch(stop);
    bool taken = false;
    bool reopen = false;
    std::uint64_t flushes = 0;
    log_.queue_.With([&](Queue& queue) {
      if (written_ == batch_.size()) {
        taken = true;
        batch_.clear();
        written_ = 0;
        batch_.swap(queue.bytes);
        queue.lines = 0;
        reopen = std::exchange(queue.reopen, false);
      }
      queue.woken = false;
      flushes = queue.flushes_asked;
    });
    if (taken) WriteBatch(stop);
    if (reopen) OpenAgain();
    if (flushes == log_.flushes_done_.load(std::memory_order_relaxed)) return;
    log_.flushes_done_.store(flushes, std::memory_order_release);
    log_.flushes_done_.notify_all();
  }

  void AwaitWork() const {
    pollfd wake{log_.wake_descriptor_, POLLIN, 0};
    if (poll(&wake, 1, static_cast<int>(log_.options_.interval.count())) <= 0) return;
    eventfd_t count = 0;
    eventfd_read(log_.wake_descriptor_, &count);
  }

  void WriteBatch(const std::stop_token& stop) {
    while (written_ < batch_.size()) {
      if (!regular_ && !AwaitReader(stop)) return CountError();
      const std::size_t rest = batch_.size() - written_;
      const ssize_t count =
          write(descriptor_, batch_.data() + written_, regular_ ? rest : std::min(rest, kPipeChunk));
      if (count > 0) {
        written_ += static_cast<std::size_t>(count);
      } else if (errno != EINTR && errno != EAGAIN) {
        return CountError();
      }
    }
  }

  // Whether the descriptor takes bytes, or has an error to tell. Waits without end while the log is in use.
  bool AwaitReader(const std::stop_token& stop) const {
    for (int steps = 0; steps < kPatienceSteps; steps += stop.stop_requested() ? 1 : 0) {
      pollfd ready{descriptor_, POLLOUT, 0};
      if (poll(&ready, 1, kPatienceStepMs) > 0) return true;
    }
    return false;
  }

  void OpenAgain() {
    if (path_.empty()) return;
    const int fresh = OpenForAppend(path_);
    if (fresh < 0) return CountError();
    close(std::exchange(descriptor_, fresh));
    regular_ = IsRegularFile(descriptor_);
  }

  // The destination took nothing to the end: what is left counts as dropped.
  void GiveUp() {
    const auto newlines = [](std::string_view text) {
      return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    };
    std::uint64_t lines = newlines(std::string_view(batch_).substr(written_));
    log_.queue_.With([&](const Queue& queue) { lines += queue.lines; });
    log_.lines_dropped_.fetch_add(lines, std::memory_order_relaxed);
  }

  void CountError() { log_.write_errors_.fetch_add(1, std::memory_order_relaxed); }

  LineLog& log_;
  const std::string path_;  // empty: the descriptor is the caller's
  int descriptor_;
  bool regular_;
  std::string batch_;
  std::size_t written_ = 0;  // bytes of the batch
};

LineLog::LineLog(LogOptions options) : options_(options) {}

void LineLog::Start(int descriptor, std::string path) {
  wake_descriptor_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  CHECK(wake_descriptor_ >= 0);
  queue_.With([&](Queue& queue) { queue.bytes.reserve(2 * options_.wake_bytes); });
  writer_ = std::make_unique<Writer>(*this, descriptor, std::move(path));
  thread_ = std::jthread([this](const std::stop_token& stop) { writer_->Run(stop); });
}

base::Result<std::unique_ptr<LineLog>> LineLog::ToFile(std::string path, LogOptions options) {
  const int descriptor = OpenForAppend(path);
  if (descriptor < 0) {
    return base::Fail(base::Code::kIo,
                      "cannot open the log file " + path + ": " + std::generic_category().message(errno));
  }
  std::unique_ptr<LineLog> log(new LineLog(options));
  log->Start(descriptor, std::move(path));
  return log;
}

std::unique_ptr<LineLog> LineLog::ToDescriptor(int descriptor, LogOptions options) {
  std::unique_ptr<LineLog> log(new LineLog(options));
  log->Start(descriptor, "");
  return log;
}

std::unique_ptr<LineLog> LineLog::Off() {
  return std::unique_ptr<LineLog>(new LineLog({}));
}

LineLog::~LineLog() {
  if (writer_ == nullptr) return;
  thread_.request_stop();
  Wake();
  thread_.join();
  close(wake_descriptor_);
}

void LineLog::Write(std::string_view line) {
  if (writer_ == nullptr) return;
  bool kept = false;
  bool wake = false;
  queue_.With([&](Queue& queue) {
    if (queue.lines >= options_.queued_lines_max) return;
    if (queue.bytes.size() + line.size() + 1 > options_.queued_bytes_max) return;
    queue.bytes.append(line).push_back('\n');
    ++queue.lines;
    kept = true;
    wake = queue.bytes.size() >= options_.wake_bytes && !std::exchange(queue.woken, true);
  });
  if (!kept) lines_dropped_.fetch_add(1, std::memory_order_relaxed);
  if (wake) Wake();
}

void LineLog::Flush() {
  if (writer_ == nullptr) return;
  const std::uint64_t mine = queue_.With([](Queue& queue) { return ++queue.flushes_asked; });
  Wake();
  for (std::uint64_t done = flushes_done_.load(); done < mine; done = flushes_done_.load()) {
    flushes_done_.wait(done);
  }
}

void LineLog::Reopen() {
  if (writer_ == nullptr) return;
  queue_.With([](Queue& queue) { queue.reopen = true; });
  Wake();
}

void LineLog::Wake() {
  eventfd_write(wake_descriptor_, 1);
}

}  // namespace telemetry
