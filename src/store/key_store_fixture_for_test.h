#pragma once

#include <gtest/gtest.h>

#include <sqlite3.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/directory_for_test.h"
#include "store/key_store.h"

namespace store {

inline constexpr std::string_view kWho = "test:somebody";

// A data directory of its own for each test, and a clock that stands still.
class KeyStoreTest : public testing::Test {
 protected:
  std::unique_ptr<KeyStore> Open() {
    auto store = KeyStore::Open(data_, clock_);
    EXPECT_TRUE(store) << (store ? "" : store.error().detail);
    return store ? std::move(*store) : nullptr;
  }
  base::Error OpenFails() {
    const auto store = KeyStore::Open(data_, clock_);
    EXPECT_FALSE(store);
    return store ? base::Error{} : store.error();
  }
  std::filesystem::path File() const { return data_ / "keys.sqlite"; }
  void WriteFile(std::string_view bytes) {
    std::filesystem::create_directory(data_);
    std::filesystem::permissions(data_, std::filesystem::perms::owner_all);
    std::ofstream(File()) << bytes;
    std::filesystem::permissions(File(),
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  // All bytes of the database, its journal and its index.
  std::string AllBytes() const {
    std::ostringstream out;
    for (const auto& entry : std::filesystem::directory_iterator(data_)) {
      out << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    }
    return out.str();
  }

  // As a program that does not know our format might.
  void Execute(const char* sql, int expected = SQLITE_OK) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(File().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), expected) << sql;
    sqlite3_close(database);
  }

  const TemporaryDirectory directory_;
  const std::filesystem::path root_ = directory_.path();
  std::filesystem::path data_ = root_ / "data";
  base::FakeClock clock_;
};

}  // namespace store
