#include "telemetry/log.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace telemetry {
namespace {

using namespace std::chrono_literals;

class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe2(ends_.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    CloseReader();
    CloseWriter();
  }
  int Reader() const { return ends_[0]; }
  int Writer() const { return ends_[1]; }
  void CloseReader() { Close(ends_[0]); }
  void CloseWriter() { Close(ends_[1]); }

  std::string ReadToEnd() {
    std::string text;
    std::array<char, 65536> block;
    for (ssize_t count = 0; (count = read(ends_[0], block.data(), block.size())) > 0;) {
      text.append(block.data(), static_cast<std::size_t>(count));
    }
    return text;
  }

 private:
  static void Close(int& descriptor) {
    if (descriptor >= 0) close(std::exchange(descriptor, -1));
  }
  std::array<int, 2> ends_{-1, -1};
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

class LogFileTest : public testing::Test {
 protected:
  LogFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-log-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~LogFileTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return (directory_ / name).string(); }
  static std::string Content(const std::string& path) {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }

 private:
  std::filesystem::path directory_;
};

TEST(LineLogTest, LinesOfFourThreadsArriveWholeAndInEachThreadsOrder) {
  Pipe pipe;
  std::string text;
  std::jthread reader([&] { text = pipe.ReadToEnd(); });
  {
    const auto log = LineLog::ToDescriptor(pipe.Writer(), {.queued_bytes_max = 64 * base::MiB});
    std::vector<std::jthread> writers;
    for (int thread = 0; thread < 4; ++thread) {
      writers.emplace_back([&log, thread] {
        const std::string filling(static_cast<std::size_t>(50 + 97 * thread),
                                  static_cast<char>('a' + thread));
        for (int i = 0; i < 2000; ++i)
          log->Write(std::to_string(thread) + " " + std::to_string(i) + " " + filling);
      });
    }
    writers.clear();
    EXPECT_EQ(log->LinesDropped(), 0U);
  }
  pipe.CloseWriter();
  reader.join();

  std::array<int, 4> next{};
  for (const std::string& line : Lines(text)) {
    std::istringstream in(line);
    std::size_t thread = 0;
    int number = 0;
    std::string filling;
    ASSERT_TRUE(in >> thread >> number >> filling) << line;
    ASSERT_LT(thread, 4U);
    EXPECT_EQ(number, next[thread]++);
    EXPECT_EQ(filling, std::string(50 + 97 * thread, static_cast<char>('a' + thread)));
  }
  EXPECT_EQ(next, (std::array<int, 4>{2000, 2000, 2000, 2000}));
}

TEST(LineLogTest, AFullQueueDropsAndCountsAndKeepsTheLinesBefore) {
  Pipe pipe;
  std::string text;
  {
    // The writer sleeps through the test: it wakes for the end only.
    const auto log = LineLog::ToDescriptor(pipe.Writer(), {.queued_bytes_max = 10, .interval = 1h});
    log->Flush();
    log->Write("123");
    log->Write("45678");
    log->Write("");
    log->Write("9");
    EXPECT_EQ(log->LinesDropped(), 2U);
  }
  pipe.CloseWriter();
  EXPECT_EQ(pipe.ReadToEnd(), "123\n45678\n");
}

TEST(LineLogTest, TheNumberOfQueuedLinesIsBoundedToo) {
  Pipe pipe;
  {
    const auto log = LineLog::ToDescriptor(pipe.Writer(), {.queued_lines_max = 2, .interval = 1h});
    log->Flush();
    for (int i = 0; i < 5; ++i) log->Write("x");
    EXPECT_EQ(log->LinesDropped(), 3U);
  }
  pipe.CloseWriter();
  EXPECT_EQ(pipe.ReadToEnd(), "x\nx\n");
}

TEST(LineLogTest, ManyQueuedBytesWakeTheWriterBeforeItsInterval) {
  Pipe pipe;
  const auto log = LineLog::ToDescriptor(pipe.Writer(), {.wake_bytes = 8, .interval = 1h});
  log->Write("1234567");
  std::array<char, 8> block;
  EXPECT_EQ(read(pipe.Reader(), block.data(), block.size()), 8);
}

TEST(LineLogTest, AReaderThatLeftIsCountedAndKillsNobody) {
  Pipe pipe;
  pipe.CloseReader();
  const auto log = LineLog::ToDescriptor(pipe.Writer(), {.interval = 1h});
  log->Write("lost");
  log->Flush();
  EXPECT_GE(log->WriteErrors(), 1U);
}

TEST(LineLogTest, AReaderThatStoppedReadingDoesNotHoldTheEnd) {
  Pipe pipe;
  const std::string line(base::KiB, 'x');
  {
    const auto log = LineLog::ToDescriptor(pipe.Writer());
    for (int i = 0; i < 1000; ++i) log->Write(line);  // a pipe holds 64 of them
  }
  SUCCEED();
}

TEST(LineLogTest, OffTakesEverythingAndDropsNothing) {
  const auto log = LineLog::Off();
  log->Write("x");
  log->Flush();
  log->Reopen();
  EXPECT_EQ(log->LinesDropped(), 0U);
}

TEST_F(LogFileTest, AFileIsOwnerOnlyAndAppendedTo) {
  const std::string path = Path("requests.log");
  for (const char* line : {"first", "second"}) {
    const auto log = LineLog::ToFile(path);
    ASSERT_TRUE(log);
    (*log)->Write(line);
  }
  EXPECT_EQ(Content(path), "first\nsecond\n");
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST_F(LogFileTest, ReopenFollowsARotationAndLosesNothing) {
  const std::string path = Path("requests.log");
  const auto log = LineLog::ToFile(path);
  ASSERT_TRUE(log);
  (*log)->Write("old");
  std::filesystem::rename(path, path + ".1");
  (*log)->Reopen();
  (*log)->Flush();
  (*log)->Write("new");
  (*log)->Flush();
  EXPECT_EQ(Content(path + ".1"), "old\n");
  EXPECT_EQ(Content(path), "new\n");
}

TEST_F(LogFileTest, AFailedReopenKeepsTheOldFileAndCounts) {
  const std::string path = Path("requests.log");
  const auto log = LineLog::ToFile(path);
  ASSERT_TRUE(log);
  std::filesystem::rename(path, path + ".1");
  std::filesystem::create_directory(path);
  (*log)->Reopen();
  (*log)->Flush();
  EXPECT_EQ((*log)->WriteErrors(), 1U);
  (*log)->Write("still here");
  (*log)->Flush();
  EXPECT_EQ(Content(path + ".1"), "still here\n");
}

TEST_F(LogFileTest, AFileThatCannotBeOpenedIsAnErrorThatNamesIt) {
  const auto log = LineLog::ToFile(Path("no/such/directory.log"));
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, base::Code::kIo);
  EXPECT_NE(log.error().detail.find("directory.log"), std::string::npos);
}

TEST_F(LogFileTest, AFullDiskIsCountedAndWhatWasQueuedCountsAsDroppedAtTheEnd) {
  if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  const auto log = LineLog::ToFile("/dev/full", {.interval = 1h});
  ASSERT_TRUE(log);
  (*log)->Write("x");
  (*log)->Flush();
  EXPECT_EQ((*log)->WriteErrors(), 1U);
  EXPECT_EQ((*log)->LinesDropped(), 0U);
}

}  // namespace
}  // namespace telemetry
