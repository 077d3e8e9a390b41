#include "gateway/untold_use.h"

#include <gtest/gtest.h>

namespace gateway {
namespace {

// A chat whose request has left.
AttemptNote Note(int status, std::string error, bool stream) {
  AttemptNote note;
  note.status = status;
  note.error = std::move(error);
  note.sent = true;
  note.stream = stream;
  note.said_as = chat::Operation::kChat;
  return note;
}

UntoldUse Unanswered(int status, std::string error, bool stream) {
  return UntoldUseOf(Note(status, std::move(error), stream), false);
}

TEST(UntoldUseTest, WhoeverEndsAStreamBeforeItBeganPaysForItsPrompt) {
  for (const char* error : {"cancelled", "deadline", "draining"}) {
    EXPECT_EQ(Unanswered(0, error, true), UntoldUse::kCounted) << error;
  }
}

TEST(UntoldUseTest, HowFarAWholeAnswerWasThatNobodyWaitedForIsUnknown) {
  for (const char* error : {"cancelled", "deadline", "draining"}) {
    EXPECT_EQ(Unanswered(0, error, false), UntoldUse::kUnknown) << error;
  }
}

TEST(UntoldUseTest, AnEmbeddingIsItsPrompt) {
  const auto use = [](int status, const char* error) {
    AttemptNote note = Note(status, error, false);
    note.said_as = chat::Operation::kEmbedding;
    return UntoldUseOf(note, false);
  };
  for (const char* error : {"cancelled", "deadline", "draining", "timeout"}) {
    EXPECT_EQ(use(0, error), UntoldUse::kCounted) << error;
  }
  for (const char* error : {"timeout", "closed", "not_json", ""}) {
    EXPECT_EQ(use(200, error), UntoldUse::kCounted) << error;
  }
  EXPECT_EQ(use(0, "closed"), UntoldUse::kNothing);
  EXPECT_EQ(use(503, "503"), UntoldUse::kNothing);
}

TEST(UntoldUseTest, AStreamThatOnlyWeCannotTranslateIsBilledToItsEnd) {
  EXPECT_EQ(Unanswered(200, "not_translatable", true), UntoldUse::kUnknown);
}

TEST(UntoldUseTest, WhatWasSilentForTooLongMayHaveCostAnything) {
  for (const bool stream : {true, false}) {
    EXPECT_EQ(Unanswered(0, "timeout", stream), UntoldUse::kUnknown) << stream;
    EXPECT_EQ(Unanswered(200, "timeout", stream), UntoldUse::kUnknown) << stream;
  }
}

TEST(UntoldUseTest, WhatNeverLeftCostsNothing) {
  for (const char* error : {"cancelled", "timeout", "connect"}) {
    AttemptNote note = Note(0, error, false);
    note.sent = false;
    EXPECT_EQ(UntoldUseOf(note, false), UntoldUse::kNothing) << error;
  }
}

TEST(UntoldUseTest, WhatAProviderRefusesOrBreaksOffBeforeItSaysAnythingCostsNothing) {
  EXPECT_EQ(Unanswered(0, "closed", false), UntoldUse::kNothing);
  EXPECT_EQ(Unanswered(429, "429", false), UntoldUse::kNothing);
  EXPECT_EQ(Unanswered(503, "503", true), UntoldUse::kNothing);
  EXPECT_EQ(Unanswered(200, "error_in_200", false), UntoldUse::kNothing);
  EXPECT_EQ(Unanswered(200, "truncated", true), UntoldUse::kNothing);
}

TEST(UntoldUseTest, AWholeAnswerThatWasLostOnTheWayIsUnknown) {
  for (const char* error : {"closed", "not_json", "not_translatable", ""}) {
    EXPECT_EQ(Unanswered(200, error, false), UntoldUse::kUnknown) << error;
  }
}

TEST(UntoldUseTest, WhatTheClientGotIsCounted) {
  for (const bool stream : {true, false}) {
    EXPECT_EQ(UntoldUseOf(Note(200, "", stream), true), UntoldUse::kCounted) << stream;
  }
}

TEST(UntoldUseTest, ACountOfTokensIsFree) {
  AttemptNote note = Note(0, "timeout", false);
  note.said_as = chat::Operation::kCountTokens;
  EXPECT_EQ(UntoldUseOf(note, false), UntoldUse::kNothing);
}

TEST(UntoldUseTest, CandidatesThatArePassedOverAfterwardsMakeNoCallFree) {
  RequestRecord record;
  record.attempts.push_back(Note(0, "cancelled", false));
  for (const char* error : {"too_dear", "limited", "unpromised", "no_room", "unsayable"}) {
    record.attempts.resize(1);
    record.attempts.push_back({.provider = "p", .model = "large", .error = error});
    EXPECT_EQ(UntoldUseOf(record, false), UntoldUse::kUnknown) << error;
  }
  record.attempts.erase(record.attempts.begin());
  EXPECT_EQ(UntoldUseOf(record, false), UntoldUse::kNothing) << "nobody was called";
}

TEST(UntoldUseTest, WhatWasToldIsNotUntold) {
  AttemptNote note = Note(0, "timeout", false);
  note.usage = chat::Usage{.input = 1};
  EXPECT_EQ(UntoldUseOf(note, false), UntoldUse::kNothing);
  RequestRecord record;
  record.attempts.push_back(Note(200, "", false));
  record.usage = chat::Usage{.input = 1};
  EXPECT_EQ(UntoldUseOf(record, true), UntoldUse::kNothing);
}

}  // namespace
}  // namespace gateway
