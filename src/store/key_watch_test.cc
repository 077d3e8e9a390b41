#include "store/key_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "store/key_hash.h"
#include "store/key_lookup.h"
#include "store/key_store_fixture_for_test.h"
#include "store/turnstile_for_test.h"

namespace store {
namespace {

using namespace std::chrono_literals;
using base::Code;

class KeyWatchTest : public KeyStoreTest {};

TEST_F(KeyWatchTest, TheWatchPublishesWhatAnotherConnectionCreatedAndRevoked) {
  Turnstile turnstile;
  const auto watch = KeyWatch::Start(Open(), {.wait = turnstile.Wait(), .on_error = {}});
  ASSERT_TRUE(watch);
  const auto cli = Open();
  const auto created = cli->Create({.team = "t"}, kWho);
  ASSERT_TRUE(created);
  EXPECT_FALSE((*watch)->Table()->Find(created->secret, clock_.WallNow()));
  turnstile.Turn();
  const auto held = (*watch)->Table();
  EXPECT_TRUE(held->Find(created->secret, clock_.WallNow()));
  turnstile.Turn();
  EXPECT_EQ((*watch)->Table(), held) << "nothing changed, nothing is loaded";
  ASSERT_TRUE(cli->Revoke(created->record.id, kWho));
  turnstile.Turn();
  EXPECT_EQ((*watch)->Table()->Find(created->secret, clock_.WallNow()).refusal, KeyRefusal::kRevoked);
  EXPECT_TRUE(held->Find(created->secret, clock_.WallNow())) << "a request keeps the table it loaded";
}

TEST_F(KeyWatchTest, ALookupForgetsWhatItRemembersWithItsTable) {
  Turnstile turnstile;
  const auto watch = KeyWatch::Start(Open(), {.wait = turnstile.Wait(), .on_error = {}});
  ASSERT_TRUE(watch);
  KeyLookup lookup(**watch);
  const auto cli = Open();
  const base::WallTime end = clock_.WallNow() + 1h;
  const auto lasting = cli->Create({.team = "t"}, kWho);
  const auto expiring = cli->Create({.team = "t", .expires = end}, kWho);
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
  ASSERT_TRUE(cli->Revoke(lasting->record.id, kWho));
  turnstile.Turn();
  EXPECT_EQ(lookup.Find(lasting->secret, clock_.WallNow()).refusal, KeyRefusal::kRevoked);
  EXPECT_TRUE(lookup.Find(expiring->secret, clock_.WallNow()));
}

TEST_F(KeyWatchTest, ALookupTellsKeysApartThatShareAPlaceInItsMemory) {
  std::vector<CreatedKey> created;
  {
    const auto store = Open();
    // So many that two in one place are all but certain: 99.97 % of the times.
    for (int i = 0; i < 64; ++i) {
      created.push_back(std::move(*store->Create({.team = "t" + std::to_string(i)}, kWho)));
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

TEST_F(KeyWatchTest, TheWatchKeepsTheOldTableAndTellsOnceWhenTheFileBreaks) {
  std::string secret;
  {
    const auto cli = Open();
    secret = cli->Create({.team = "t"}, kWho)->secret;
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
    ASSERT_TRUE(cli->Create({.team = "t2"}, kWho));
    Execute("UPDATE keys SET hash = x'00' WHERE team = 't2'");
  }
  turnstile.Turn();
  turnstile.Turn();
  EXPECT_EQ(errors, 1);
  EXPECT_TRUE((*watch)->Table()->Find(secret, clock_.WallNow()));
}

TEST_F(KeyWatchTest, AnOlderLayerCannotBringBackWhatANewerOneChanged) {
  const auto cli = Open();
  const auto rotated = cli->Create({.team = "t"}, kWho);
  const auto revoked = cli->Create({.team = "t"}, kWho);
  const auto untouched = cli->Create({.team = "t"}, kWho);
  Turnstile turnstile;
  const auto watch = KeyWatch::Start(Open(), {.wait = turnstile.Wait(), .on_error = {}});
  ASSERT_TRUE(watch);
  const auto refusal = [&](const CreatedKey& key) {
    return (*watch)->Table()->Find(key.secret, clock_.WallNow()).refusal;
  };
  const auto second = cli->Rotate(rotated->record.id, 1h, kWho);
  turnstile.Turn();
  EXPECT_EQ(refusal(*rotated), KeyRefusal::kNone);
  const auto third = cli->Rotate(rotated->record.id, 1h, kWho);
  ASSERT_TRUE(cli->Revoke(revoked->record.id, kWho));
  turnstile.Turn();
  EXPECT_EQ(refusal(*rotated), KeyRefusal::kUnknown);
  EXPECT_EQ(refusal(*second), KeyRefusal::kNone);
  EXPECT_EQ(refusal(*third), KeyRefusal::kNone);
  EXPECT_EQ(refusal(*revoked), KeyRefusal::kRevoked);
  EXPECT_EQ(refusal(*untouched), KeyRefusal::kNone);
}

TEST_F(KeyWatchTest, WhatAnotherProgramChangedIsReadWithoutAnEntryInTheTrail) {
  const auto cli = Open();
  const auto made = cli->Create({.team = "t"}, kWho);
  Turnstile turnstile;
  const auto watch = KeyWatch::Start(Open(), {.wait = turnstile.Wait(), .on_error = {}});
  ASSERT_TRUE(watch);
  Execute("DELETE FROM keys");
  turnstile.Turn();
  EXPECT_EQ((*watch)->Table()->Find(made->secret, clock_.WallNow()).refusal, KeyRefusal::kUnknown);
}

TEST_F(KeyStoreTest, ChangesBeyondTheRoomOfALayerBecomeOneWithTheRest) {
  std::vector<KeyRecord> records(KeyTable::kNewerMax + 2);
  std::vector<std::string> secrets;
  const SecretHasher hasher;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::string digits = std::to_string(i);
    secrets.push_back(std::string(kSecretPrefix) + std::string(43 - digits.size(), 'x') + digits);
    records[i].hash = hasher.Hash(secrets[i]);
    records[i].id = "key_" + digits;
  }
  const KeyTable base(std::vector<KeyRecord>(records.begin(), records.begin() + 1));
  std::vector<KeyRecord> changed(records.begin(), records.end() - 1);
  for (KeyRecord& key : changed) key.revoked = true;
  for (const std::size_t count : {KeyTable::kNewerMax, KeyTable::kNewerMax + 1}) {
    const KeyTable first(base, std::vector<KeyRecord>(changed.begin(), changed.begin() + count));
    const KeyTable second(first, {records.back(), records[1]});
    for (std::size_t i = 0; i < records.size(); ++i) {
      const KeyMatch match = second.Look(secrets[i]);
      if (i == KeyTable::kNewerMax && count == KeyTable::kNewerMax) continue;
      ASSERT_NE(match.key, nullptr) << i;
      EXPECT_EQ(match.key->id, records[i].id);
      EXPECT_EQ(match.key->revoked, i != 1 && i + 1 != records.size()) << i;
    }
  }
}

TEST(WaitForTest, AStopEndsTheRealWaitAtOnce) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(WaitFor(24h)(stop.get_token()));
  EXPECT_TRUE(WaitFor(1ms)(std::stop_token()));
}

}  // namespace
}  // namespace store
