#include "sim/prose.h"

#include <array>
#include <span>
#include <string_view>

#include "base/ascii.h"

namespace sim {
namespace {

using std::string_view;

// A '#' in a sentence stands for one word of the topic, '@' for all of them.
constexpr auto kSentences = std::to_array<string_view>({
    "The core idea of # is that small, regular steps add up to a result that no single step could reach.",
    "In practice # depends on the conditions around it, so it helps to look at a concrete case first.",
    "A useful way to see # is to ask what would change if it were missing.",
    "Most explanations of # begin with its purpose and only then turn to its parts.",
    "It is easy to confuse # with things that merely look similar.",
    "Over time # settles into a balance, and disturbances fade unless something keeps feeding them.",
    "Measurements of # usually agree within a few percent when they are taken with care.",
    "What matters for # is less the exact number than how it changes from one case to the next.",
    "Beginners often overlook how much # relies on what came before it.",
    "There is a trade-off: more # in one place tends to mean less of it elsewhere.",
});
constexpr auto kOpenings = std::to_array<string_view>({
    "In short, @ can be understood in three parts: what goes in, what happens, and what comes out.",
    "Here is a brief explanation of @.",
    "The question about @ has a simple core and a few details worth knowing.",
    "Let us look at @ step by step.",
});
constexpr auto kPoints = std::to_array<string_view>({
    "Start with the basics of #",
    "Write down what you expect of #",
    "Compare # with a simpler case",
    "Measure # before and after each change",
    "Ask someone who knows # to check your result",
    "Keep notes on # so that it can be repeated",
    "Look for the limits of #",
    "Practise # a little every day",
});
constexpr auto kYesNo = std::to_array<string_view>({
    "Yes. With regard to @, the evidence points that way in most ordinary cases.",
    "No, not in general: for @ there are well-known exceptions.",
    "Yes, although with @ it depends on the circumstances.",
});
constexpr auto kThoughts = std::to_array<string_view>({
    "The user asks about @.",
    "First I should decide what # means here.",
    "I should keep the answer short and check it.",
    "A concrete example would help with #.",
    "Nothing in the question asks for more detail than that.",
});

constexpr auto kChineseSentences = std::to_array<string_view>({
    "理解#的关键在于先弄清它的目的,再看它的组成部分。",
    "在实际情况中,#往往受到周围条件的影响。",
    "如果没有#,结果会有明显的不同。",
    "很多人容易把#和相似的概念混淆。",
    "随着时间的推移,#会逐渐达到一种平衡。",
    "对初学者来说,从一个具体的例子入手来认识#最有效。",
});
constexpr auto kChineseOpenings = std::to_array<string_view>({
    "简单来说,@可以从三个方面来理解。",
    "下面对@作一个简要的说明。",
    "关于@,核心内容并不复杂。",
});
constexpr auto kChinesePoints = std::to_array<string_view>({
    "先了解#的基本概念",
    "把#与简单的情形作比较",
    "记录#的变化过程",
    "注意#的适用范围",
    "通过练习加深对#的理解",
});
constexpr auto kChineseYesNo =
    std::to_array<string_view>({"是的。就@而言,多数情况下是这样。", "不一定。对于@,存在一些例外情况。"});
constexpr auto kChineseThoughts =
    std::to_array<string_view>({"用户在问@。", "先想清楚#在这里指的是什么。", "回答应当简短、准确。"});

string_view Pick(std::span<const string_view> from, base::Random& random) {
  return from[random.Below(from.size())];
}

std::string Fill(string_view pattern, const Topic& topic, base::Random& random) {
  std::string out;
  for (const char c : pattern) {
    if (c == '#') {
      out += topic.words.empty() ? (topic.chinese ? std::string("它") : std::string("it"))
                                 : topic.words[random.Below(topic.words.size())];
    } else if (c == '@') {
      out += topic.Joined();
    } else {
      out += c;
    }
  }
  return out;
}

void Append(std::string& out, string_view pattern, const Topic& topic, base::Random& random) {
  if (!out.empty() && !topic.chinese && out.back() != '\n') out += ' ';
  out += Fill(pattern, topic, random);
}

std::string WriteList(const Topic& topic, base::Random& random) {
  const std::span<const string_view> points =
      topic.chinese ? std::span<const string_view>(kChinesePoints) : std::span<const string_view>(kPoints);
  std::string out = topic.chinese ? "关于" + topic.Joined() + ",可以参考以下几点:\n"
                                  : "Here are some points on " + topic.Joined() + ":\n";
  const std::size_t first = random.Below(points.size());
  const std::size_t count = 3 + random.Below(3);
  for (std::size_t i = 0; i < count; ++i) {
    out += std::to_string(i + 1) + ". " + Fill(points[(first + i) % points.size()], topic, random);
    out += topic.chinese ? "。\n" : ".\n";
  }
  out.pop_back();
  return out;
}

struct Translation {
  string_view english, french, german, spanish, chinese;
};
constexpr auto kDictionary = std::to_array<Translation>({
    {"hello", "bonjour", "hallo", "hola", "你好"},
    {"good morning", "bonjour", "guten Morgen", "buenos días", "早上好"},
    {"thank you", "merci", "danke", "gracias", "谢谢"},
    {"water", "eau", "Wasser", "agua", "水"},
    {"house", "maison", "Haus", "casa", "房子"},
    {"cat", "chat", "Katze", "gato", "猫"},
    {"dog", "chien", "Hund", "perro", "狗"},
    {"book", "livre", "Buch", "libro", "书"},
    {"bread", "pain", "Brot", "pan", "面包"},
    {"tree", "arbre", "Baum", "árbol", "树"},
    {"world", "monde", "Welt", "mundo", "世界"},
    {"good night", "bonne nuit", "gute Nacht", "buenas noches", "晚安"},
});

std::string WriteTranslation(const Topic& topic) {
  const std::string lower = base::Lower(topic.argument);
  const auto asks = [&lower](string_view name) { return lower.find(name) != std::string::npos; };
  for (const Translation& entry : kDictionary) {
    if (!asks(entry.english)) continue;
    if (asks("french") || asks("法")) return std::string(entry.french);
    if (asks("german") || asks("德")) return std::string(entry.german);
    if (asks("spanish") || asks("西班牙")) return std::string(entry.spanish);
    return std::string(entry.chinese);
  }
  return topic.chinese ? "译文:" + topic.Joined() + "(模拟翻译)"
                       : "Translation (simulated): " + topic.Joined() + ".";
}

}  // namespace

std::string WriteSentence(const Topic& topic, base::Random& random) {
  if (topic.chinese) return Fill(Pick(kChineseSentences, random), topic, random);
  return " " + Fill(Pick(kSentences, random), topic, random);
}

std::string WriteProse(const Topic& topic, base::Random& random) {
  switch (topic.kind) {
    case Kind::kGreeting:
      return topic.chinese ? "你好!有什么可以帮你的吗?" : "Hello! How can I help you today?";
    case Kind::kEcho:
      return topic.argument;
    case Kind::kArithmetic:
      return topic.argument + " = " + topic.result;
    case Kind::kTranslation:
      return WriteTranslation(topic);
    case Kind::kList:
      return WriteList(topic, random);
    case Kind::kYesNo: {
      std::string out =
          Fill(topic.chinese ? Pick(kChineseYesNo, random) : Pick(kYesNo, random), topic, random);
      return out + WriteSentence(topic, random);
    }
    case Kind::kCode:
    case Kind::kExplanation:
      break;
  }
  std::string out;
  Append(out, topic.chinese ? Pick(kChineseOpenings, random) : Pick(kOpenings, random), topic, random);
  const std::size_t sentences = 2 + random.Below(4);
  for (std::size_t i = 0; i < sentences; ++i) out += WriteSentence(topic, random);
  return out;
}

std::string WriteReasoning(const Topic& topic, base::Random& random) {
  std::string out;
  const std::span<const string_view> thoughts = topic.chinese ? std::span<const string_view>(kChineseThoughts)
                                                              : std::span<const string_view>(kThoughts);
  for (const string_view thought : thoughts) {
    if (&thought != thoughts.data() && random.Below(4) == 0) continue;
    Append(out, thought, topic, random);
  }
  return out;
}

}  // namespace sim
