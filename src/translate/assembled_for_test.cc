#include "translate/assembled_for_test.h"

#include <gtest/gtest.h>

#include "wire/json_scanner.h"

namespace translate {
namespace {

// The elements of several lists as one list; empty if there is none.
std::string Joined(const std::vector<std::string>& elements) {
  std::string list;
  for (const std::string& element : elements) list.append(list.empty() ? "[" : ",").append(element);
  return list.empty() ? list : list + "]";
}

}  // namespace

void Assembled::Take(const Event& event) {
  EXPECT_FALSE(ended_) << "something follows the end";
  EXPECT_TRUE(started_ || event.kind == Event::Kind::kStart || event.kind == Event::Kind::kAlive ||
              event.kind == Event::Kind::kError)
      << "something comes before the start";
  switch (event.kind) {
    case Event::Kind::kStart:
      started_ = true;
      id_ = event.id.inside;
      model_ = event.model.inside;
      tier_ = event.service_tier.inside;
      created_ = event.created;
      break;
    case Event::Kind::kPartBegin:
      Begin(event);
      break;
    case Event::Kind::kText:
    case Event::Kind::kReasoning:
      if (Piece* const piece = OpenPiece(event)) piece->text += event.text.inside;
      break;
    case Event::Kind::kSignature:
      if (Piece* const piece = OpenPiece(event)) {
        piece->signature = event.text.inside;
        piece->mind = event.mind;
        piece->id = event.id.inside;
      }
      break;
    case Event::Kind::kArguments:
      if (Piece* const piece = OpenPiece(event)) piece->arguments += event.text.inside;
      break;
    case Event::Kind::kCitation:
      if (Piece* const piece = OpenPiece(event)) piece->citations.emplace_back(event.raw);
      break;
    case Event::Kind::kLogprobs:
      if (Piece* const piece = OpenPiece(event)) {
        wire::JsonCursor cursor(event.raw);
        EXPECT_TRUE(cursor.EnterArray());
        while (cursor.NextElement()) piece->logprobs.emplace_back(cursor.Take().raw);
      }
      break;
    case Event::Kind::kPartEnd:
      if (Piece* const piece = OpenPiece(event)) piece->open = false;
      break;
    case Event::Kind::kFinish:
      word_ = event.finish.word.inside;
      stop_sequence_ = event.finish.stop_sequence.inside;
      finish_ = event.finish;
      break;
    case Event::Kind::kUsage:
      usage_ = event.usage;
      break;
    case Event::Kind::kAlive:
      break;
    case Event::Kind::kError:
      ended_ = true;
      break;
    case Event::Kind::kEnd:
      for (const Piece& piece : pieces_) EXPECT_FALSE(piece.open) << "a part is open at the end";
      ended_ = true;
      break;
  }
}

void Assembled::Begin(const Event& event) {
  EXPECT_EQ(event.part, static_cast<int>(pieces_.size())) << "parts are counted as they begin";
  Piece& piece = pieces_.emplace_back();
  piece.kind = event.part_kind;
  piece.custom = event.custom;
  piece.id = event.id.inside;
  piece.name = event.name.inside;
  if (event.whole == nullptr) return;
  piece.text = event.whole->text.inside;
  piece.signature = event.whole->signature.inside;
  piece.mind = event.whole->mind;
  piece.redacted = event.whole->redacted;
  piece.raw = event.whole->raw;
  if (!event.whole->id.empty()) piece.id = event.whole->id.inside;
}

Assembled::Piece* Assembled::OpenPiece(const Event& event) {
  const bool there = event.part >= 0 && event.part < static_cast<int>(pieces_.size());
  EXPECT_TRUE(there) << "a piece of no part";
  if (!there) return nullptr;
  Piece& piece = pieces_[static_cast<std::size_t>(event.part)];
  EXPECT_TRUE(piece.open) << "a piece of a part that has ended";
  return &piece;
}

Answer Assembled::Get() const {
  Answer answer;
  answer.id = {id_};
  answer.model = {model_};
  answer.service_tier = {tier_};
  answer.created = created_;
  for (const Piece& piece : pieces_) {
    Part& part = answer.parts.emplace_back();
    part.kind = piece.kind;
    part.custom = piece.custom;
    part.redacted = piece.redacted;
    part.mind = piece.mind;
    part.id = {piece.id};
    part.name = {piece.name};
    part.text = {piece.text};
    part.arguments = {piece.arguments};
    part.signature = {piece.signature};
    part.raw = piece.raw;
    piece.citations_list = Joined(piece.citations);
    piece.logprobs_list = Joined(piece.logprobs);
    part.citations_raw = piece.citations_list;
    part.logprobs_raw = piece.logprobs_list;
  }
  answer.finish = finish_;
  answer.finish.word = {word_};
  answer.finish.stop_sequence = {stop_sequence_};
  answer.usage = usage_;
  return answer;
}

}  // namespace translate
