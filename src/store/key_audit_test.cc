#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "store/key_hash.h"
#include "store/key_store.h"
#include "store/key_store_fixture_for_test.h"
#include "store/key_table.h"

namespace store {
namespace {

using namespace std::chrono_literals;
using base::Code;

class KeyAuditTest : public KeyStoreTest {
 protected:
  KeyTable Table() { return KeyTable(std::move(*store_->LoadAll())); }
  KeyRefusal Refusal(const std::string& secret) { return Table().Find(secret, clock_.WallNow()).refusal; }
  std::vector<AuditEntry> Audit(const AuditQuery& query = {}) {
    auto entries = store_->Audit(query);
    EXPECT_TRUE(entries);
    return entries ? *entries : std::vector<AuditEntry>{};
  }

  std::unique_ptr<KeyStore> store_ = Open();
};

TEST_F(KeyAuditTest, ARotatedKeyHasItsIdAndBothSecretsUntilTheOverlapIsOver) {
  const auto made = store_->Create({.team = "t", .models = {"m"}}, kWho);
  const auto rotated = store_->Rotate(made->record.id, 24h, kWho);
  ASSERT_TRUE(rotated) << rotated.error().detail;
  EXPECT_EQ(rotated->record.id, made->record.id);
  EXPECT_EQ(rotated->record.models, made->record.models);
  EXPECT_NE(rotated->secret, made->secret);
  EXPECT_EQ(Refusal(made->secret), KeyRefusal::kNone);
  EXPECT_EQ(Refusal(rotated->secret), KeyRefusal::kNone);
  clock_.Advance(24h - 1ns);
  EXPECT_EQ(Refusal(made->secret), KeyRefusal::kNone);
  clock_.Advance(1ns);
  EXPECT_EQ(Refusal(made->secret), KeyRefusal::kReplaced);
  EXPECT_EQ(Refusal(rotated->secret), KeyRefusal::kNone);
}

TEST_F(KeyAuditTest, ASecondRotationEndsTheFirstSecretAtOnce) {
  const auto first = store_->Create({.team = "t"}, kWho);
  const auto second = store_->Rotate(first->record.id, 24h, kWho);
  const auto third = store_->Rotate(first->record.id, 1h, kWho);
  ASSERT_TRUE(third);
  EXPECT_EQ(Refusal(first->secret), KeyRefusal::kUnknown);
  EXPECT_EQ(Refusal(second->secret), KeyRefusal::kNone);
  EXPECT_EQ(Refusal(third->secret), KeyRefusal::kNone);
}

TEST_F(KeyAuditTest, AChangeThatIsKeptElsewhereHasAnEntryIfItIsMade) {
  const AuditEntry entry{
      .who = std::string(kWho), .action = "a", .target = "t", .before = "null", .after = R"({"x":1})"};
  const auto refused =
      store_->Audited(entry, [] { return base::Result<>(base::Fail(Code::kNotFound, "no such thing")); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kNotFound);
  EXPECT_TRUE(Audit().empty());
  ASSERT_TRUE(store_->Audited(entry, [] { return base::Result<>(); }));
  const auto entries = Audit({.target = "t"});
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at, clock_.WallNow());
  EXPECT_EQ(entries[0].after, entry.after);
}

TEST_F(KeyAuditTest, AnOverlapOfNothingReplacesAtOnce) {
  const auto made = store_->Create({.team = "t"}, kWho);
  ASSERT_TRUE(store_->Rotate(made->record.id, 0s, kWho));
  EXPECT_EQ(Refusal(made->secret), KeyRefusal::kReplaced);
}

TEST_F(KeyAuditTest, RevokingEndsBothSecrets) {
  const auto made = store_->Create({.team = "t"}, kWho);
  const auto rotated = store_->Rotate(made->record.id, 24h, kWho);
  ASSERT_TRUE(store_->Revoke(made->record.id, kWho));
  EXPECT_EQ(Refusal(made->secret), KeyRefusal::kRevoked);
  EXPECT_EQ(Refusal(rotated->secret), KeyRefusal::kRevoked);
}

TEST_F(KeyAuditTest, OnlyAKeyThatWorksIsRotated) {
  const auto revoked = store_->Create({.team = "t"}, kWho);
  ASSERT_TRUE(store_->Revoke(revoked->record.id, kWho));
  EXPECT_EQ(store_->Rotate(revoked->record.id, 1h, kWho).error().code, Code::kDenied);
  const auto expired = store_->Create({.team = "t", .expires = clock_.WallNow() + 1h}, kWho);
  clock_.Advance(1h);
  EXPECT_EQ(store_->Rotate(expired->record.id, 1h, kWho).error().code, Code::kDenied);
  EXPECT_EQ(store_->Rotate("key_000000000000", 1h, kWho).error().code, Code::kNotFound);
  const auto good = store_->Create({.team = "t"}, kWho);
  EXPECT_EQ(store_->Rotate(good->record.id, -1ms, kWho).error().code, Code::kInvalid);
  EXPECT_EQ(store_->Rotate(good->record.id, kOverlapMax + 1ms, kWho).error().code, Code::kInvalid);
  EXPECT_TRUE(store_->Rotate(good->record.id, kOverlapMax, kWho));
}

TEST_F(KeyAuditTest, EveryChangeIsToldWithWhoAndWhatItWasAndIs) {
  const auto made = store_->Create({.team = "t", .networks = {*Network::Parse("10.0.0.0/8")}}, "cli:alice");
  clock_.Advance(1h);
  ASSERT_TRUE(store_->Rotate(made->record.id, 1h, "api:bob"));
  ASSERT_TRUE(store_->Revoke(made->record.id, "cli:carol"));
  const auto entries = Audit();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[2].action, "key.create");
  EXPECT_EQ(entries[2].who, "cli:alice");
  EXPECT_EQ(entries[2].before, "null");
  EXPECT_NE(entries[2].after.find(R"("networks":["10.0.0.0/8"])"), std::string::npos) << entries[2].after;
  EXPECT_EQ(entries[1].action, "key.rotate");
  EXPECT_EQ(entries[1].at, clock_.WallNow());
  EXPECT_EQ(entries[1].before, entries[2].after);
  EXPECT_NE(entries[1].after.find(R"("old_secret_until":"2)"), std::string::npos) << entries[1].after;
  EXPECT_EQ(entries[0].action, "key.revoke");
  EXPECT_EQ(entries[0].who, "cli:carol");
  EXPECT_NE(entries[0].after.find(R"("status":"revoked")"), std::string::npos);
  for (const AuditEntry& entry : entries) EXPECT_EQ(entry.target, made->record.id);
}

TEST_F(KeyAuditTest, WhatChangesNothingIsNotTold) {
  const auto made = store_->Create({.team = "t"}, kWho);
  ASSERT_TRUE(store_->Revoke(made->record.id, kWho));
  const std::size_t before = Audit().size();
  ASSERT_TRUE(store_->Revoke(made->record.id, kWho));
  EXPECT_FALSE(store_->Create({.team = ""}, kWho));
  EXPECT_FALSE(store_->Revoke("key_of_nobody", kWho));
  EXPECT_FALSE(store_->Rotate(made->record.id, 1h, kWho));
  EXPECT_EQ(Audit().size(), before);
}

TEST_F(KeyAuditTest, TheTrailCannotBeChangedOrCutThroughTheDatabase) {
  ASSERT_TRUE(store_->Create({.team = "t"}, kWho));
  Execute("UPDATE audit SET who = 'nobody'", SQLITE_CONSTRAINT);
  Execute("DELETE FROM audit", SQLITE_CONSTRAINT);
  EXPECT_EQ(Audit().front().who, kWho);
}

TEST_F(KeyAuditTest, NoSecretAndNoHashIsInTheTrail) {
  const auto made = store_->Create({.team = "t"}, kWho);
  const auto rotated = store_->Rotate(made->record.id, 1h, kWho);
  for (const AuditEntry& entry : Audit()) {
    for (const std::string& text : {entry.before, entry.after}) {
      EXPECT_EQ(text.find("sk-sluice"), std::string::npos);
      EXPECT_EQ(text.find("hash"), std::string::npos);
    }
  }
}

TEST_F(KeyAuditTest, PagesGoFromTheNewestBackAndCanBeOfOneKey) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(store_->Create({.team = "t"}, kWho)->record.id);
  ASSERT_TRUE(store_->Revoke(ids[1], kWho));
  auto page = Audit({.limit = 2});
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].action, "key.revoke");
  EXPECT_EQ(page[1].target, ids[4]);
  page = Audit({.before = page[1].id, .limit = 2});
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].target, ids[3]);
  EXPECT_EQ(Audit({.target = ids[1]}).size(), 2U);
  EXPECT_EQ(Audit({.limit = 0}).size(), 0U);
}

TEST_F(KeyAuditTest, PagesOfKeysGoFromTheOldestOnAndCanBeChosen) {
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) {
    clock_.Advance(1s);
    ids.push_back(store_
                      ->Create({.team = i % 2 == 0 ? "even" : "odd",
                                .project = "p",
                                .user = "u" + std::to_string(i),
                                .expires = i == 3 ? std::optional(clock_.WallNow() + 1h) : std::nullopt},
                               kWho)
                      ->record.id);
  }
  ASSERT_TRUE(store_->Revoke(ids[0], kWho));
  clock_.Advance(2h);
  const auto list = [&](const KeyQuery& query) {
    std::vector<std::string> found;
    const auto keys = store_->List(query);
    EXPECT_TRUE(keys);
    for (const KeyRecord& key : *keys) found.push_back(key.id);
    return found;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(list({}), ids);
  EXPECT_EQ(list({.limit = 3}), Ids(ids.begin(), ids.begin() + 3));
  EXPECT_EQ(list({.after = ids[2], .limit = 3}), Ids{ids[3]});
  EXPECT_EQ(list({.team = "odd"}), (Ids{ids[1], ids[3]}));
  EXPECT_EQ(list({.project = "q"}), Ids{});
  EXPECT_EQ(list({.user = "u2"}), Ids{ids[2]});
  EXPECT_EQ(list({.status = KeyStatus::kRevoked}), Ids{ids[0]});
  EXPECT_EQ(list({.status = KeyStatus::kExpired}), Ids{ids[3]});
  EXPECT_EQ(list({.status = KeyStatus::kActive}), (Ids{ids[1], ids[2]}));
  EXPECT_EQ(store_->List({.after = "key_of_nobody"}).error().code, Code::kNotFound);
}

// The file as the first format was, with one key whose secret is known.
TEST_F(KeyStoreTest, AFileOfTheFirstFormatIsBroughtToThisOneWithItsKeys) {
  WriteFile("");
  const std::string secret = std::string(kSecretPrefix) + std::string(43, 'x');
  std::string hex;
  for (const std::uint8_t byte : SecretHasher().Hash(secret)) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  Execute(
      "PRAGMA journal_mode = WAL;"
      "CREATE TABLE keys ("
      " id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, team TEXT NOT NULL, project TEXT NOT NULL,"
      " name TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER, models TEXT NOT NULL,"
      " revoked INTEGER) STRICT, WITHOUT ROWID;"
      "PRAGMA user_version = 1;");
  Execute(("INSERT INTO keys VALUES ('key_0123456789ab', x'" + hex +
           "', 'support', 'bot', 'old', 1700000000000000000, NULL, 'm,d', NULL),"
           " ('key_0123456789ac', x'" +
           std::string(64, '0') + "', 'support', '', '', 1700000000000000000, NULL, '', 1700000001000000000)")
              .c_str());
  const auto store = Open();
  const auto keys = store->LoadAll();
  ASSERT_TRUE(keys && keys->size() == 2);
  const KeyRecord& key = keys->front();
  EXPECT_EQ(key.team, "support");
  EXPECT_EQ(key.models, (std::vector<std::string>{"m", "d"}));
  EXPECT_EQ(key.org, "");
  EXPECT_EQ(key.user, "");
  EXPECT_TRUE(key.networks.empty());
  EXPECT_FALSE(key.former);
  EXPECT_EQ(keys->back().Status(clock_.WallNow()), KeyStatus::kRevoked);
  EXPECT_TRUE(KeyTable(*keys).Find(secret, clock_.WallNow()));
  ASSERT_TRUE(store->Rotate(key.id, 1h, kWho));
  EXPECT_TRUE(KeyTable(*store->LoadAll()).Find(secret, clock_.WallNow()));
  EXPECT_NE(Open(), nullptr) << "a second time there is nothing to do";
}

TEST_F(KeyStoreTest, ANetworkThatIsNoneIsDamageAndNotAnOpenKey) {
  const auto store = Open();
  ASSERT_TRUE(store->Create({.team = "t", .networks = {*Network::Parse("10.0.0.0/8")}}, kWho));
  Execute("UPDATE keys SET networks = 'everywhere'");
  const auto keys = store->LoadAll();
  ASSERT_FALSE(keys);
  EXPECT_NE(keys.error().detail.find("damaged"), std::string::npos) << keys.error().detail;
}

}  // namespace
}  // namespace store
