#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/tree.h"
#include "pricing/catalogue.h"

namespace pricing {

// What an import cannot say in our format: one sentence each, with the model it is about.
class LeftOut {
 public:
  void Add(std::string_view provider, std::string_view model, std::string_view why) {
    std::string sentence(provider);
    if (!model.empty()) sentence.append("/").append(model);
    sentences_.push_back(sentence.append(": ").append(why));
  }
  std::vector<std::string> Take() { return std::move(sentences_); }

 private:
  std::vector<std::string> sentences_;
};

// What the readers of other people's files share: one model of theirs, and what of it is left out.
class ForeignModel {
 public:
  // All outlive it.
  ForeignModel(std::string_view provider, std::string_view name, LeftOut& left_out)
      : provider_(provider), name_(name), left_out_(left_out) {}

  void Leave(std::string_view why) { left_out_.Add(provider_, name_, why); }
  // In small letters. None, and left out: it is empty or too long.
  std::optional<std::string> Name();
  // Pico-units for a million of what `text` is the price of `per` of. None, and left out: it is no price.
  // What had to be rounded is told.
  std::optional<std::int64_t> Rate(std::string_view key, std::string_view text, std::uint64_t per);

 private:
  const std::string_view provider_;
  const std::string_view name_;
  LeftOut& left_out_;
};

bool IsProviderId(std::string_view id);

// The root of genai-prices v2: a list of providers.
void ReadGenaiPrices(const config::Node& root, Catalogue& out, LeftOut& left_out);

// The root of LiteLLM's map: a map from names of models to their prices.
void ReadLitellmMap(const config::Node& root, Catalogue& out, LeftOut& left_out);

// The member of a map; null if it is no map or has none.
const config::Node* Member(const config::Node& node, std::string_view name);
// The text of a member; empty if it has none.
std::string_view TextOf(const config::Node& node, std::string_view name);

// A number of tokens; 0 if it is none, or more than any model has.
std::int64_t TokensOf(const config::Node& node, std::string_view name);

// A regular expression for names as a rule, if it is one of literals, \d and \d{n} from the beginning on.
bool PatternOf(std::string_view regex, NameRule& out);

// The hosts that a regular expression for addresses means, if it is one of literals, choices between literals
// and any subdomain: "https://api\.(a|b)\.example". None: it means something else, or a path.
std::vector<std::string> HostsOf(std::string_view regex);

}  // namespace pricing
