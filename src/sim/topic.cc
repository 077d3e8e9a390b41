#include "sim/topic.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/utf8.h"

namespace sim {
namespace {

constexpr std::size_t kWordsMax = 4;
constexpr std::size_t kLookedAt = 4 * 1024;  // bytes of the end of a long question

constexpr auto kCommon = std::to_array<std::string_view>(
    {"about",    "after",    "again",     "also",    "answer", "because",  "been",      "before",     "being",
     "between",  "both",     "briefly",   "could",   "define", "describe", "detail",    "difference", "does",
     "each",     "example",  "examples",  "explain", "find",   "five",     "following", "four",       "from",
     "generate", "give",     "have",      "hello",   "help",   "here",     "into",      "json",       "just",
     "know",     "like",     "list",      "make",    "many",   "mean",     "means",     "more",       "most",
     "much",     "name",     "need",      "only",    "other",  "over",     "please",    "question",   "reply",
     "return",   "sentence", "sentences", "short",   "should", "show",     "some",      "some",       "such",
     "tell",     "than",     "that",      "their",   "them",   "then",     "there",     "these",      "they",
     "thing",    "things",   "this",      "those",   "three",  "through",  "tips",      "using",      "very",
     "want",     "ways",     "were",      "what",    "when",   "where",    "which",     "while",      "will",
     "with",     "word",     "words",     "work",    "works",  "would",    "write",     "your"});

constexpr auto kCommonSorted = [] {
  auto words = kCommon;
  std::sort(words.begin(), words.end());
  return words;
}();

bool IsCommon(std::string_view word) {
  return std::binary_search(kCommonSorted.begin(), kCommonSorted.end(), word);
}

bool HasAny(std::string_view text, std::initializer_list<std::string_view> needles) {
  return std::any_of(needles.begin(), needles.end(),
                     [text](std::string_view needle) { return text.find(needle) != std::string_view::npos; });
}

bool StartsWithAny(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [text](std::string_view start) { return text.starts_with(start); });
}

std::string_view TrimAll(std::string_view text) {
  constexpr std::string_view kOutside = " \t\r\n\"'`";
  const std::size_t begin = text.find_first_not_of(kOutside);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kOutside) - begin + 1);
}

// Calls `visit` with each run of letters, digits and inner hyphens, cut at 40 bytes, while it says true.
template <class Visit>
void ForEachWord(std::string_view text, Visit&& visit) {
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t begin = i;
    while (i < text.size() && (base::IsAlnum(text[i]) || (text[i] == '-' && i > begin))) ++i;
    std::string_view word = text.substr(begin, i - begin);
    while (word.ends_with('-')) word.remove_suffix(1);
    if (word.empty()) {
      ++i;
    } else if (!visit(word.substr(0, 40))) {
      return;
    }
  }
}

bool IsCjkLead(char c) {
  return static_cast<unsigned char>(c) >= 0xE4 && static_cast<unsigned char>(c) <= 0xE9;
}

// Runs of Chinese characters, cut where words of asking stand.
std::vector<std::string> ChineseWords(std::string_view text) {
  static constexpr auto kAsking = std::to_array<std::string_view>(
      {"什么", "怎么", "如何", "为什么", "请问", "请",   "解释",   "介绍",   "一下", "吗",  "呢",   "的",
       "是",   "和",   "用",   "写",     "一个", "列出", "告诉我", "我",     "你",   "有",  "哪些", "个",
       "了",   "给",   "与",   "在",     "中文", "说明", "简单",   "一句话", "能",   "可以"});
  std::vector<std::string> words;
  std::string word;
  const auto flush = [&] {
    if (word.size() >= 6 && words.size() < kWordsMax) words.push_back(word);
    word.clear();
  };
  while (!text.empty()) {
    const auto asking =
        std::find_if(kAsking.begin(), kAsking.end(), [text](auto w) { return text.starts_with(w); });
    if (asking != kAsking.end()) {
      flush();
      text.remove_prefix(asking->size());
      continue;
    }
    const std::size_t length = std::max<std::size_t>(1, base::Utf8SequenceLength(text));
    if (length == 3 && IsCjkLead(text.front())) {
      if (word.size() < 30) word += text.substr(0, 3);
    } else {
      flush();
    }
    text.remove_prefix(length);
  }
  flush();
  return words;
}

bool IsChinese(std::string_view text) {
  const auto cjk = std::count_if(text.begin(), text.end(), IsCjkLead);
  return static_cast<std::size_t>(cjk) * 10 > text.size();
}

// What follows the first of the phrases; empty if none is there.
std::string After(std::string_view text, std::string_view lower,
                  std::initializer_list<std::string_view> phrases) {
  for (const std::string_view phrase : phrases) {
    const std::size_t at = lower.find(phrase);
    if (at != std::string_view::npos) return std::string(TrimAll(text.substr(at + phrase.size())));
  }
  return {};
}

Kind KindOf(std::string_view text, std::string_view lower, Topic& topic) {
  if (HasAny(lower, {"def ", "function", "python", "code that", "write a program", "class ", "函数", "代码",
                     "编写"})) {
    return Kind::kCode;
  }
  topic.argument = After(text, lower,
                         {"reply with exactly:", "reply exactly:", "say exactly:", "say exactly",
                          "repeat after me:", "reply with exactly", "reply with:", "repeat:", "echo:"});
  if (topic.argument.empty() && lower.starts_with("say ") && text.size() < 80)
    topic.argument = TrimAll(text.substr(4));
  if (!topic.argument.empty()) return Kind::kEcho;
  if (HasAny(lower, {"translate", "翻译"})) {
    topic.argument = TrimAll(text);
    return Kind::kTranslation;
  }
  if (const auto sum = FindSum(text)) {
    topic.argument = sum->expression;
    topic.result = sum->value;
    return Kind::kArithmetic;
  }
  if (text.size() < 24 && StartsWithAny(lower, {"hi", "hello", "hey", "good morning", "你好", "您好"}))
    return Kind::kGreeting;
  if (HasAny(lower, {"list ", "steps", "tips", "ways to", "examples of", "ideas", "列出", "哪些", "步骤"}))
    return Kind::kList;
  if (StartsWithAny(lower, {"is ", "are ", "do ", "does ", "did ", "can ", "could ", "should ", "will ",
                            "was ", "has ", "have "}) ||
      HasAny(lower, {"吗"})) {
    return Kind::kYesNo;
  }
  return Kind::kExplanation;
}

}  // namespace

std::vector<std::string> WordsOf(std::string_view text, bool lower) {
  std::vector<std::string> words;
  ForEachWord(text, [&](std::string_view word) {
    words.push_back(lower ? base::Lower(word) : std::string(word));
    return true;
  });
  return words;
}

Topic FindTopic(std::string_view question) {
  std::string_view text = TrimAll(question);
  if (text.size() > kLookedAt) {
    text.remove_prefix(text.size() - kLookedAt);
    while (!text.empty() && base::Utf8SequenceLength(text) == 0) text.remove_prefix(1);
  }
  Topic topic;
  topic.chinese = IsChinese(text);
  const std::string lower = base::Lower(text);
  topic.kind = KindOf(text, lower, topic);
  if (topic.chinese) {
    topic.words = ChineseWords(text);
  } else {
    ForEachWord(lower, [&topic](std::string_view word) {
      const bool known = std::find(topic.words.begin(), topic.words.end(), word) != topic.words.end();
      if (word.size() >= 4 && !known && !IsCommon(word)) topic.words.emplace_back(word);
      return topic.words.size() < kWordsMax;
    });
  }
  return topic;
}

std::string Topic::Joined() const {
  if (words.empty()) return chinese ? "这个问题" : "your question";
  std::string joined = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) {
    joined += chinese ? "与" : i + 1 == words.size() ? " and " : ", ";
    joined += words[i];
  }
  return joined;
}

}  // namespace sim
