#include "store/key_store.h"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <algorithm>
#include <thread>

#include "base/ascii.h"
#include "store/key_hash.h"
#include "store/key_store_fixture_for_test.h"
#include "store/key_table.h"

namespace store {
namespace {

using namespace std::chrono_literals;
using base::Code;

TEST_F(KeyStoreTest, ACreatedKeyIsReadBackWholeButForItsSecret) {
  const auto store = Open();
  const auto created = store->Create({.team = "support",
                                      .org = "acme",
                                      .project = "bot.v2",
                                      .user = "u-1 用户",
                                      .name = "客服 \"one\"",
                                      .expires = clock_.WallNow() + 90 * 24h,
                                      .models = {"assistant", "deepseek/deepseek-flash"},
                                      .networks = {*Network::Parse("10.0.0.0/8"), *Network::Parse("::1")}},
                                     kWho);
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
  EXPECT_EQ(key.org, "acme");
  EXPECT_EQ(key.team, "support");
  EXPECT_EQ(key.project, "bot.v2");
  EXPECT_EQ(key.user, "u-1 用户");
  ASSERT_EQ(key.networks.size(), 2U);
  EXPECT_EQ(key.networks[0].Print(), "10.0.0.0/8");
  EXPECT_TRUE(key.MayComeFrom(key.networks[1].first));
  EXPECT_FALSE(key.MayComeFrom(Network::Parse("11.0.0.0")->first));
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
  ASSERT_TRUE(store->Create({.team = "t"}, kWho));
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
    const auto created = store->Create({.team = "needle-team"}, kWho);
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
  ASSERT_TRUE(store->Create({.team = "t"}, kWho));
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
  const auto created = cli->Create({.team = "t"}, kWho);
  ASSERT_TRUE(created);
  ASSERT_TRUE(gateway->LoadAll()->size() == 1);
  EXPECT_TRUE(cli->Revoke(created->record.id, kWho));
  EXPECT_TRUE(gateway->Revoke(created->record.id, kWho));
  const auto keys = gateway->LoadAll();
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->front().Status(clock_.WallNow()), KeyStatus::kRevoked);
}

TEST_F(KeyStoreTest, RevokingAnUnknownKeyIsNotFound) {
  const auto store = Open();
  const auto revoked = store->Revoke("key_000000000000", kWho);
  ASSERT_FALSE(revoked);
  EXPECT_EQ(revoked.error().code, Code::kNotFound);
}

TEST_F(KeyStoreTest, TheVersionChangesWithEveryChangeOfAnyConnectionAndOnlyThen) {
  const auto one = Open();
  const auto two = Open();
  const auto first = one->Version();
  ASSERT_TRUE(first);
  EXPECT_EQ(*one->Version(), *first);
  const auto created = two->Create({.team = "t"}, kWho);
  ASSERT_TRUE(created);
  const auto second = one->Version();
  EXPECT_NE(*second, *first);
  ASSERT_TRUE(one->LoadAll());
  EXPECT_EQ(*one->Version(), *second);
  ASSERT_TRUE(one->Revoke(created->record.id, kWho));
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
          const auto created = (*store)->Create({.team = "t"}, kWho);
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
      {{.team = "t", .org = "a b"}, "org"},
      {{.team = "t", .project = "a,b"}, "project"},
      {{.team = "t", .user = "a\nb"}, "user"},
      {{.team = "t", .user = std::string(kKeyUserBytesMax + 1, 'a')}, "user"},
      {{.team = "t", .name = "a\nb"}, "name"},
      {{.team = "t", .name = "\xff"}, "name"},
      {{.team = "t", .name = long_text}, "name"},
      {{.team = "t", .expires = clock_.WallNow()}, "expires"},
      {{.team = "t", .models = {""}}, "models"},
      {{.team = "t", .models = {"a,b"}}, "models"},
      {{.team = "t", .models = std::vector<std::string>(kKeyModelsMax + 1, "m")}, "models"},
      {{.team = "t", .networks = std::vector<Network>(kKeyNetworksMax + 1)}, "networks"}};
  for (const auto& [key, field] : cases) {
    const auto created = store->Create(key, kWho);
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
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(store->Create({.team = "t"}, kWho));
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
  Execute("PRAGMA user_version = 3");
  const base::Error error = OpenFails();
  EXPECT_EQ(error.code, Code::kIo);
  EXPECT_NE(error.detail.find("format 3"), std::string::npos) << error.detail;
}

TEST_F(KeyStoreTest, AHashOfTheWrongSizeIsDamage) {
  const auto store = Open();
  ASSERT_TRUE(store->Create({.team = "t"}, kWho));
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
    created.push_back(std::move(*store_->Create({.team = "t" + std::to_string(i)}, kWho)));
  const KeyTable table = Load();
  for (const CreatedKey& key : created) {
    const KeyAnswer answer = table.Find(key.secret, clock_.WallNow());
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer.key->id, key.record.id);
    EXPECT_EQ(answer.key->team, key.record.team);
  }
}

TEST_F(KeyTableTest, AnythingElseIsUnknown) {
  const std::string secret = store_->Create({.team = "t"}, kWho)->secret;
  const KeyTable table = Load();
  std::string wrong = secret;
  wrong.back() = wrong.back() == 'A' ? 'B' : 'A';
  for (const std::string& given :
       {std::string(), std::string("sk-sluice-"), wrong, secret + "x", secret.substr(0, secret.size() - 1),
        base::Lower(secret) + "!", std::string(1 << 20, 'x')}) {
    EXPECT_EQ(table.Find(given, clock_.WallNow()).refusal, KeyRefusal::kUnknown);
    EXPECT_EQ(table.Find(given, clock_.WallNow()).key, nullptr);
  }
  EXPECT_EQ(KeyTable(std::vector<KeyRecord>()).Find(secret, clock_.WallNow()).refusal, KeyRefusal::kUnknown);
}

TEST_F(KeyTableTest, AKeyExpiresAtItsExactInstant) {
  const base::WallTime end = clock_.WallNow() + 1h;
  const std::string secret = store_->Create({.team = "t", .expires = end}, kWho)->secret;
  const KeyTable table = Load();
  EXPECT_TRUE(table.Find(secret, end - 1ns));
  EXPECT_EQ(table.Find(secret, end).refusal, KeyRefusal::kExpired);
  EXPECT_EQ(table.Find(secret, end + 1h).refusal, KeyRefusal::kExpired);
}

TEST_F(KeyTableTest, RevokedSaysSoEvenAfterItsExpiry) {
  const auto created = store_->Create({.team = "t", .expires = clock_.WallNow() + 1h}, kWho);
  ASSERT_TRUE(store_->Revoke(created->record.id, kWho));
  const KeyTable table = Load();
  EXPECT_EQ(table.Find(created->secret, clock_.WallNow()).refusal, KeyRefusal::kRevoked);
  EXPECT_EQ(table.Find(created->secret, clock_.WallNow() + 2h).refusal, KeyRefusal::kRevoked);
}

}  // namespace
}  // namespace store
