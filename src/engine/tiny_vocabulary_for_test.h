#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/vocabulary.h"
#include "engine/vocabulary_file_internal.h"

namespace engine {

// A vocabulary small enough to be learnt in a test, and everything done the plain way: what is fast is held
// against it. Tokens are the 256 bytes and then `merges` more, each made of the two that stand side by side
// most often in `text`.
class TinyVocabulary {
 public:
  TinyVocabulary(std::string_view text, std::size_t merges) {
    for (int byte = 0; byte < 256; ++byte) tokens_.push_back(std::string(1, static_cast<char>(byte)));
    std::vector<std::uint32_t> row(text.size());
    std::transform(text.begin(), text.end(), row.begin(),
                   [](char c) { return static_cast<unsigned char>(c); });
    for (std::size_t i = 0; i < merges; ++i) {
      std::map<Pair, int> counts;
      for (std::size_t at = 0; at + 1 < row.size(); ++at) ++counts[{row[at], row[at + 1]}];
      std::optional<Pair> best;
      for (const auto& [pair, count] : counts) {
        const bool known = pairs_.contains(pair) || Known(tokens_[pair.first] + tokens_[pair.second]);
        if (!known && count > 1 && (!best || count > counts[*best])) best = pair;
      }
      if (!best) break;
      pairs_[*best] = static_cast<std::uint32_t>(tokens_.size());
      tokens_.push_back(tokens_[best->first] + tokens_[best->second]);
      row = MergedOnce(std::move(row), *best);
    }
  }

  const std::vector<std::string>& tokens() const { return tokens_; }

  // Merging as it is defined: the pair with the smallest id first, further left before further right.
  std::vector<std::uint32_t> Merge(std::string_view piece) const {
    std::vector<std::uint32_t> row(piece.size());
    std::transform(piece.begin(), piece.end(), row.begin(),
                   [](char c) { return static_cast<unsigned char>(c); });
    while (true) {
      std::optional<std::uint32_t> next;
      std::size_t where = 0;
      for (std::size_t at = 0; at + 1 < row.size(); ++at) {
        const auto found = pairs_.find({row[at], row[at + 1]});
        if (found != pairs_.end() && (!next || found->second < *next)) {
          next = found->second;
          where = at;
        }
      }
      if (!next) return row;
      row[where] = *next;
      row.erase(row.begin() + static_cast<std::ptrdiff_t>(where) + 1);
    }
  }

  // The file that `make models` would write of it.
  std::string File(Cutting cutting, std::uint32_t flags = 0,
                   const std::vector<AddedToken>& added = {}) const {
    std::vector<std::uint16_t> lefts(tokens_.size());
    for (const auto& [pair, id] : pairs_) lefts[id] = static_cast<std::uint16_t>(tokens_[pair.first].size());
    std::string body;
    for (const std::string& token : tokens_) Put(body, token.size(), 2);
    for (const std::uint16_t left : lefts) Put(body, left, 2);
    std::size_t bytes = 0;
    for (const std::string& token : tokens_) bytes += token.size();
    for (const std::string& token : tokens_) body += token;
    for (const AddedToken& token : added) {
      Put(body, token.number, 4);
      Put(body, token.text.size(), 2);
      Put(body, token.later ? kLaterFlag : 0, 2);
    }
    for (const AddedToken& token : added) body += token.text;
    return Head(static_cast<std::uint32_t>(cutting), flags, bytes, added.size(), body) + body;
  }

  // With the right check sum, whatever the rest is.
  std::string Head(std::uint32_t cutting, std::uint32_t flags, std::size_t bytes, std::size_t added,
                   std::string_view body) const {
    std::string head(kVocabularyMagic);
    for (const std::size_t number :
         {std::size_t{cutting}, std::size_t{flags}, tokens_.size(), bytes, added, std::size_t{Crc32(body)}}) {
      Put(head, number, 4);
    }
    return head;
  }

 private:
  using Pair = std::pair<std::uint32_t, std::uint32_t>;

  static void Put(std::string& out, std::size_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) out.push_back(static_cast<char>(number >> 8 * i & 0xFF));
  }

  bool Known(const std::string& token) const {
    return std::find(tokens_.begin(), tokens_.end(), token) != tokens_.end();
  }

  std::vector<std::uint32_t> MergedOnce(std::vector<std::uint32_t> row, Pair pair) const {
    std::vector<std::uint32_t> merged;
    for (std::size_t at = 0; at < row.size(); ++at) {
      const bool both = at + 1 < row.size() && row[at] == pair.first && row[at + 1] == pair.second;
      merged.push_back(both ? pairs_.at(pair) : row[at]);
      if (both) ++at;
    }
    return merged;
  }

  std::vector<std::string> tokens_;
  std::map<Pair, std::uint32_t> pairs_;
};

// English, code and Chinese, enough to learn a few hundred tokens from.
inline constexpr std::string_view kTinyText =
    "the gateway answers the question of the client and the client answers the question of the gateway; "
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa banana bananas ananas nanana    for (int i = 0; i < n; ++i) "
    "{\n    if (answers[i]) return "
    "answers[i];\n}\n\n\n网关回答客户的问题，客户的问题由网关回答。网关网关问题问题 "
    "12 123 1234 12341234 it's they're we'll don't \xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x81";

}  // namespace engine
