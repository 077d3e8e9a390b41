#include "store/key_store.h"

#include <gtest/gtest.h>

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/ascii.h"
#include "store/key_hash.h"
#include "store/key_lookup.h"
#include "store/key_table.h"
#include "store/key_watch.h"
#include "store/turnstile_for_test.h"

namespace store {
namespace {

using namespace std::chrono_literals;
using base::Code;

class KeyStoreTest : public testing::Test {
 protected:
  KeyStoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sluice-keys-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    data_ = root_ / "data";
  }
  ~KeyStoreTest() override { std::filesystem::remove_all(root_); }

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
  void Execute(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(File().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }

  std::filesystem::path root_;
  std::filesystem::path data_;
  base::FakeClock clock_;
};

TEST_F(KeyStoreTest, ACreatedKeyIsReadBackWholeButForItsSecret) {
  const auto store = Open();
  const auto created = store->Create({.team = "support",
                                      .project = "bot.v2",
                                      .name = "客服 \"one\"",
                                      .expires = clock_.WallNow() + 90 * 24h,
                                      .models = {"assistant", "deepseek/deepseek-flash"}});
  ASSERT_TRUE(created) << created.error().detail;
  EXPECT_TRUE(created->secret.starts_with("sk-sluice-"));
  EXPECT_EQ(created->secret.size(), kSecretBytes);
  EXPECT_TRUE(created->record.id.starts_with("key_"));
  EXPECT_EQ(created->record.id.size(), 16U);

  const auto keys = store->LoadAll();
  ASSERT_TRUE(keys);
  ASSERT_EQ(keys->size(), 1U);
  const KeyRecord& key = keys->front();
  EXPECT_EQ(key.id, created->record.id);
  EXPECT_EQ(key.team, "support");
  EXPECT_EQ(key.project, "bot.v2");
  EXPECT_EQ(key.name, "客服 \"one\"");
  EXPECT_EQ(key.created, clock_.WallNow());
  EXPECT_EQ(key.expires, clock_.WallNow() + 90 * 24h);
  EXPECT_EQ(key.models, (std::vector<std::string>{"assistant", "deepseek/deepseek-flash"}));
  EXPECT_EQ(key.hash, SecretHasher().Hash(created->secret));
  EXPECT_FALSE(key.revoked);
  EXPECT_TRUE(key.MayUse("assistant"));
  EXPECT_FALSE(key.MayUse("assist"));
}

TEST_F(KeyStoreTest, AKeyWithoutExtrasNeverExpiresAndMayUseEveryModel) {
  const auto store = Open();
  ASSERT_TRUE(store->Create({.team = "t"}));
  const auto keys = store->LoadAll();
  ASSERT_TRUE(keys && keys->size() == 1);
  EXPECT_FALSE(keys->front().expires);
  EXPECT_TRUE(keys->front().models.empty());
  EXPECT_TRUE(keys->front().MayUse("anything"));
  EXPECT_EQ(keys->front().Status(base::WallTime::max()), KeyStatus::kActive);
}

TEST_F(KeyStoreTest, TheSecretIsNowhereInTheFiles) {
  std::string secret;
  {
    const auto store = Open();
    const auto created = store->Create({.team = "needle-team"});
    ASSERT_TRUE(created);
    secret = created->secret;
    EXPECT_NE(AllBytes().find("needle-team"), std::string::npos);
    EXPECT_EQ(AllBytes().find(secret.substr(kSecretPrefix.size())), std::string::npos);
  }
  const std::string bytes = AllBytes();
  EXPECT_NE(bytes.find("needle-team"), std::string::npos);
  EXPECT_EQ(bytes.find(secret.substr(kSecretPrefix.size())), std::string::npos);
  EXPECT_EQ(bytes.find("sk-sluice-"), std::string::npos);
}

TEST_F(KeyStoreTest, FilesBelongToTheirOwnerOnly) {
  const auto store = Open();
  ASSERT_TRUE(store->Create({.team = "t"}));
  const auto mode = [](const std::filesystem::path& path) {
    struct stat info {};
    EXPECT_EQ(stat(path.c_str(), &info), 0);
    return info.st_mode & 0777U;
  };
  EXPECT_EQ(mode(data_), 0700U);
  for (const auto& entry : std::filesystem::directory_iterator(data_)) {
    EXPECT_EQ(mode(entry.path()), 0600U) << entry.path();
  }
}

TEST_F(KeyStoreTest, AnOpenDirectoryOrFileIsRefusedWithTheCommandThatHelps) {
  Open();
  chmod(File().c_str(), 0640);
  base::Error error = OpenFails();
  EXPECT_EQ(error.code, Code::kDenied);
  EXPECT_NE(error.detail.find("chmod 600"), std::string::npos) << error.detail;
  chmod(File().c_str(), 0600);
  chmod(data_.c_str(), 0777);
  error = OpenFails();
  EXPECT_EQ(error.code, Code::kDenied);
  EXPECT_NE(error.detail.find("chmod 700"), std::string::npos) << error.detail;
}

TEST_F(KeyStoreTest, ADirectoryThatOthersMayOnlyListWillDo) {
  Open();
  chmod(data_.c_str(), 0755);
  EXPECT_NE(Open(), nullptr);
}

TEST_F(KeyStoreTest, RevokedIsSeenThroughAnotherConnectionAndTwiceIsNoError) {
  const auto gateway = Open();
  const auto cli = Open();
  const auto created = cli->Create({.team = "t"});
  ASSERT_TRUE(created);
  ASSERT_TRUE(gateway->LoadAll()->size() == 1);
  EXPECT_TRUE(cli->Revoke(created->record.id));
  EXPECT_TRUE(gateway->Revoke(created->record.id));
  const auto keys = gateway->LoadAll();
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->front().Status(clock_.WallNow()), KeyStatus::kRevoked);
}

TEST_F(KeyStoreTest, RevokingAnUnknownKeyIsNotFound) {
  const auto store = Open();
  const auto revoked = store->Revoke("key_000000000000");
  ASSERT_FALSE(revoked);
  EXPECT_EQ(revoked.error().code, Code::kNotFound);
}

TEST_F(KeyStoreTest, TheVersionChangesWithEveryChangeOfAnyConnectionAndOnlyThen) {
  const auto one = Open();
  const auto two = Open();
  const auto first = one->Version();
  ASSERT_TRUE(first);
  EXPECT_EQ(*one->Version(), *first);
  const auto created = two->Create({.team = "t"});
  ASSERT_TRUE(created);
  const auto second = one->Version();
  EXPECT_NE(*second, *first);
  ASSERT_TRUE(one->LoadAll());
  EXPECT_EQ(*one->Version(), *second);
  ASSERT_TRUE(one->Revoke(created->record.id));
  EXPECT_NE(*one->Version(), *second);
}

TEST_F(KeyStoreTest, ManyProcessesMayOpenAFreshDirectoryAndCreateAtOnce) {
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([this] {
        const base::FakeClock clock;
        const auto store = KeyStore::Open(data_, clock);
        ASSERT_TRUE(store) << store.error().detail;
        for (int i = 0; i < 10; ++i) {
          const auto created = (*store)->Create({.team = "t"});
          EXPECT_TRUE(created) << created.error().detail;
        }
      });
    }
  }
  EXPECT_EQ(Open()->LoadAll()->size(), 40U);
}

TEST_F(KeyStoreTest, WhatIsAskedForWronglyIsRefusedByName) {
  const auto store = Open();
  const std::string long_text(kKeyTextBytesMax + 1, 'a');
  const std::vector<std::pair<NewKey, std::string>> cases = {
      {{.team = ""}, "team"},
      {{.team = "a b"}, "team"},
      {{.team = "a/b"}, "team"},
      {{.team = long_text}, "team"},
      {{.team = "t", .project = "a,b"}, "project"},
      {{.team = "t", .name = "a\nb"}, "name"},
      {{.team = "t", .name = "\xff"}, "name"},
      {{.team = "t", .name = long_text}, "name"},
      {{.team = "t", .expires = clock_.WallNow()}, "expires"},
      {{.team = "t", .models = {""}}, "models"},
      {{.team = "t", .models = {"a,b"}}, "models"},
      {{.team = "t", .models = std::vector<std::string>(kKeyModelsMax + 1, "m")}, "models"}};
  for (const auto& [key, field] : cases) {
    const auto created = store->Create(key);
    ASSERT_FALSE(created) << field;
    EXPECT_EQ(created.error().code, Code::kInvalid);
    EXPECT_NE(created.error().detail.find(field), std::string::npos) << created.error().detail;
  }
  EXPECT_TRUE(store->LoadAll()->empty());
}

TEST_F(KeyStoreTest, ADamagedFileIsAClearErrorAndStaysAsItIs) {
  const std::string bytes =
      "this is not a database, and long enough to be read as a header of one, all of it";
  WriteFile(bytes);
  const base::Error error = OpenFails();
  EXPECT_EQ(error.code, Code::kIo);
  EXPECT_NE(error.detail.find("keys.sqlite is damaged"), std::string::npos) << error.detail;
  EXPECT_EQ(AllBytes(), bytes);
}

TEST_F(KeyStoreTest, AFileDamagedInItsMiddleIsAnErrorAndNotAnEmptyList) {
  {
    const auto store = Open();
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(store->Create({.team = "t"}));
  }
  const auto size = std::filesystem::file_size(File());
  std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096) << std::string(size - 4096, '\x5a');
  file.close();
  const auto store = KeyStore::Open(data_, clock_);
  const auto keys =
      store ? (*store)->LoadAll() : base::Result<std::vector<KeyRecord>>(base::Fail(store.error()));
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code, Code::kIo);
  EXPECT_NE(keys.error().detail.find("damaged"), std::string::npos) << keys.error().detail;
}

TEST_F(KeyStoreTest, ADirectoryThatCannotBeMadeIsAnErrorThatNamesIt) {
  std::ofstream(root_ / "file") << "x";
  data_ = root_ / "file" / "data";
  const base::Error error = OpenFails();
  EXPECT_EQ(error.code, Code::kIo);
  EXPECT_NE(error.detail.find(data_.string()), std::string::npos) << error.detail;
}

TEST_F(KeyStoreTest, AFileOfANewerSluiceIsLeftAlone) {
  Open();
  Execute("PRAGMA user_version = 2");
  const base::Error error = OpenFails();
  EXPECT_EQ(error.code, Code::kIo);
  EXPECT_NE(error.detail.find("format 2"), std::string::npos) << error.detail;
}

TEST_F(KeyStoreTest, AHashOfTheWrongSizeIsDamage) {
  const auto store = Open();
  ASSERT_TRUE(store->Create({.team = "t"}));
  Execute("UPDATE keys SET hash = x'00'");
  for (int i = 0; i < 2; ++i) {
    const auto keys = store->LoadAll();
    ASSERT_FALSE(keys);
    EXPECT_NE(keys.error().detail.find("damaged"), std::string::npos) << keys.error().detail;
  }
}

class KeyTableTest : public KeyStoreTest {
 protected:
  KeyTableTest() : store_(Open()) {}
  KeyTable Load() { return KeyTable(std::move(*store_->LoadAll())); }
  std::unique_ptr<KeyStore> store_;
};

TEST_F(KeyTableTest, FindsEachKeyByItsOwnSecret) {
  std::vector<CreatedKey> created;
  for (int i = 0; i < 100; ++i)
    created.push_back(std::move(*store_->Create({.team = "t" + std::to_string(i)})));
  const KeyTable table = Load();
  for (const CreatedKey& key : created) {
    const KeyAnswer answer = table.Find(key.secret, clock_.WallNow());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer.key->id, key.record.id);
    EXPECT_EQ(answer.key->team, key.record.team);
  }
}

TEST_F(KeyTableTest, AnythingElseIsUnknown) {
  const std::string secret = store_->Create({.team = "t"})->secret;
  const KeyTable table = Load();
  std::string wrong = secret;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  for (const std::string& given :
       {std::string(), std::string("sk-sluice-"), wrong, secret + "x", secret.substr(0, secret.size() - 1),
        base::Lower(secret) + "!", std::string(1 << 20, 'x')}) {
    EXPECT_EQ(table.Find(given, clock_.WallNow()).refusal, KeyRefusal::kUnknown);
    EXPECT_EQ(table.Find(given, clock_.WallNow()).key, nullptr);
  }
  EXPECT_EQ(KeyTable({}).Find(secret, clock_.WallNow()).refusal, KeyRefusal::kUnknown);
}

TEST_F(KeyTableTest, AKeyExpiresAtItsExactInstant) {
  const base::WallTime end = clock_.WallNow() + 1h;
  const std::string secret = store_->Create({.team = "t", .expires = end})->secret;
  const KeyTable table = Load();
  EXPECT_TRUE(table.Find(secret, end - 1ns));
  EXPECT_EQ(table.Find(secret, end).refusal, KeyRefusal::kExpired);
  EXPECT_EQ(table.Find(secret, end + 1h).refusal, KeyRefusal::kExpired);
}

TEST_F(KeyTableTest, RevokedSaysSoEvenAfterItsExpiry) {
  const auto created = store_->Create({.team = "t", .expires = clock_.WallNow() + 1h});
  ASSERT_TRUE(store_->Revoke(created->record.id));
  const KeyTable table = Load();
  EXPECT_EQ(table.Find(created->secret, clock_.WallNow()).refusal, KeyRefusal::kRevoked);
  EXPECT_EQ(table.Find(created->secret, clock_.WallNow() + 2h).refusal, KeyRefusal::kRevoked);
}

TEST_F(KeyStoreTest, TheWatchPublishesWhatAnotherConnectionCreatedAndRevoked) {
  Turnstile turnstile;
  const auto watch = KeyWatch::Start(Open(), {.wait = turnstile.Wait(), .on_error = {}});
  ASSERT_TRUE(watch);
  const auto cli = Open();
  const auto created = cli->Create({.team = "t"});
  ASSERT_TRUE(created);
  EXPECT_FALSE((*watch)->Table()->Find(created->secret, clock_.WallNow()));
  turnstile.Turn();
  const auto held = (*watch)->Table();
  EXPECT_TRUE(held->Find(created->secret, clock_.WallNow()));
  turnstile.Turn();
  EXPECT_EQ((*watch)->Table(), held) << "nothing changed, nothing is loaded";
  ASSERT_TRUE(cli->Revoke(created->record.id));
  turnstile.Turn();
  EXPECT_EQ((*watch)->Table()->Find(created->secret, clock_.WallNow()).refusal, KeyRefusal::kRevoked);
  EXPECT_TRUE(held->Find(created->secret, clock_.WallNow())) << "a request keeps the table it loaded";
}

TEST_F(KeyStoreTest, ALookupForgetsWhatItRemembersWithItsTable) {
  Turnstile turnstile;
  const auto watch = KeyWatch::Start(Open(), {.wait = turnstile.Wait(), .on_error = {}});
  ASSERT_TRUE(watch);
  KeyLookup lookup(**watch);
  const auto cli = Open();
  const base::WallTime end = clock_.WallNow() + 1h;
  const auto lasting = cli->Create({.team = "t"});
  const auto expiring = cli->Create({.team = "t", .expires = end});
  EXPECT_EQ(lookup.Find(lasting->secret, clock_.WallNow()).refusal, KeyRefusal::kUnknown);
  turnstile.Turn();
  for (int i = 0; i < 2; ++i) {  // the second time from memory
    const KeyAnswer answer = lookup.Find(lasting->secret, clock_.WallNow());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer.key->id, lasting->record.id);
    EXPECT_TRUE(lookup.Find(expiring->secret, end - 1ns));
  }
  EXPECT_EQ(lookup.Find(expiring->secret, end).refusal, KeyRefusal::kExpired);
  EXPECT_EQ(lookup.Find(lasting->secret + "x", end).refusal, KeyRefusal::kUnknown);
  ASSERT_TRUE(cli->Revoke(lasting->record.id));
  turnstile.Turn();
  EXPECT_EQ(lookup.Find(lasting->secret, clock_.WallNow()).refusal, KeyRefusal::kRevoked);
  EXPECT_TRUE(lookup.Find(expiring->secret, clock_.WallNow()));
}

TEST_F(KeyStoreTest, ALookupTellsKeysApartThatShareAPlaceInItsMemory) {
  std::vector<CreatedKey> created;
  {
    const auto store = Open();
    // So many that two in one place are all but certain: 99.97 % of the times.
    for (int i = 0; i < 64; ++i) {
      created.push_back(std::move(*store->Create({.team = "t" + std::to_string(i)})));
    }
  }
  Turnstile turnstile;
  const auto watch = KeyWatch::Start(Open(), {.wait = turnstile.Wait(), .on_error = {}});
  ASSERT_TRUE(watch);
  KeyLookup lookup(**watch);
  for (int round = 0; round < 2; ++round) {
    for (const CreatedKey& key : created) {
      const KeyAnswer answer = lookup.Find(key.secret, clock_.WallNow());
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer.key->id, key.record.id);
    }
  }
}

TEST_F(KeyStoreTest, TheWatchKeepsTheOldTableAndTellsOnceWhenTheFileBreaks) {
  std::string secret;
  {
    const auto cli = Open();
    secret = cli->Create({.team = "t"})->secret;
  }
  Turnstile turnstile;
  std::atomic<int> errors{0};
  const auto watch =
      KeyWatch::Start(Open(), {.wait = turnstile.Wait(), .on_error = [&](const base::Error& error) {
                                 EXPECT_EQ(error.code, Code::kIo);
                                 ++errors;
                               }});
  ASSERT_TRUE(watch);
  {
    const auto cli = Open();
    ASSERT_TRUE(cli->Create({.team = "t2"}));
    Execute("UPDATE keys SET hash = x'00' WHERE team = 't2'");
  }
  turnstile.Turn();
  turnstile.Turn();
  EXPECT_EQ(errors, 1);
  EXPECT_TRUE((*watch)->Table()->Find(secret, clock_.WallNow()));
}

TEST(KeyWatchTest, AStopEndsTheRealWaitAtOnce) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(WaitFor(24h)(stop.get_token()));
  EXPECT_TRUE(WaitFor(1ms)(std::stop_token()));
}

}  // namespace
}  // namespace store
