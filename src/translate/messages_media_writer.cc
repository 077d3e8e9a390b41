#include <optional>
#include <string>

#include "base/ascii.h"
#include "base/utf8.h"
#include "translate/messages_writing_internal.h"

namespace translate::internal {
namespace {

constexpr std::string_view kImageTypes[] = {"image/jpeg", "image/png", "image/gif", "image/webp"};

// The bytes of standard or URL-safe base64, padded or not; none if it is anything else.
std::optional<std::string> FromBase64(std::string_view digits) {
  while (digits.ends_with('=')) digits.remove_suffix(1);
  if (digits.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(digits.size() / 4 * 3 + 2);
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : digits) {
    std::uint32_t value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<std::uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<std::uint32_t>(c - 'a') + 26;
    } else if (base::IsDigit(c)) {
      value = static_cast<std::uint32_t>(c - '0') + 52;
    } else if (c == '+' || c == '-') {
      value = 62;
    } else if (c == '/' || c == '_') {
      value = 63;
    } else {
      return std::nullopt;
    }
    held = held << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>(held >> bits & 0xff));
    }
  }
  return bytes;
}

// text/plain; charset=utf-8 without what is behind it.
std::string PlainType(JsonText media_type) {
  const std::string type = base::Lower(media_type.Plain());
  return std::string(base::TrimBlanks(std::string_view(type).substr(0, type.find(';'))));
}

bool IsText(std::string_view type) {
  return type.starts_with("text/") || type == "application/json" || type == "application/xml" ||
         type == "application/yaml";
}

class MediaWriter {
 public:
  MediaWriter(const MessagesWriting& writing, const Part& part, JsonOut& json)
      : writing_(writing), part_(part), media_(part.media), json_(json) {}

  bool Write() {
    if (!part_.media.detail.empty()) writing_.losses.Ignored(media_.detail.inside);
    const bool image = part_.kind == Part::Kind::kImage;
    if (!image && writing_.ToDeepseek()) return Cannot(part_.raw, "DeepSeek reads no documents there");
    if (media_.source == Media::Source::kUrl && !IsWeb(media_.url)) {
      return Cannot(media_.url.inside, "only http and https addresses are fetched there");
    }
    if (media_.source == Media::Source::kFileId && writing_.request.operation != chat::Operation::kMessages) {
      return Cannot(media_.file_id.inside, "the file lies at another provider");
    }
    const bool held = media_.source == Media::Source::kBase64 || media_.source == Media::Source::kText;
    const std::string type = held ? PlainType(media_.media_type) : "";
    if (image) return held ? HeldImage(type) : Begin() && Elsewhere() && End();
    return held ? HeldDocument(type) : Begin() && Elsewhere() && End();
  }

 private:
  static bool IsWeb(JsonText url) {
    const std::string plain = url.Plain();
    return base::StartsWithIgnoringCase(plain, "https://") || base::StartsWithIgnoringCase(plain, "http://");
  }

  bool Cannot(std::string_view where, std::string_view why) {
    writing_.losses.Cannot(where.empty() ? part_.raw : where, why);
    return false;
  }

  bool Begin() {
    const bool image = part_.kind == Part::Kind::kImage;
    json_.Open('{').Key("type").Plain(image ? "image" : "document").Key("source").Open('{').Key("type");
    return true;
  }

  bool Elsewhere() {
    if (media_.source == Media::Source::kUrl) {
      json_.Plain("url").Key("url").Text(media_.url);
    } else {
      json_.Plain("file").Key("file_id").Text(media_.file_id);
    }
    return true;
  }

  bool HeldImage(std::string_view type) {
    for (const std::string_view known : kImageTypes) {
      if (type != known) continue;
      Begin();
      json_.Plain("base64").Key("media_type").Plain(type).Key("data").Text(media_.data);
      return End();
    }
    return Cannot(media_.media_type.inside, "images there are jpeg, png, gif or webp");
  }

  bool HeldDocument(std::string_view type) {
    if (media_.source == Media::Source::kText) {
      Begin();
      json_.Plain("text").Key("media_type").Plain("text/plain").Key("data").Text(media_.data);
      return End();
    }
    if (type == "application/pdf") {
      Begin();
      json_.Plain("base64").Key("media_type").Plain(type).Key("data").Text(media_.data);
      return End();
    }
    if (!IsText(type)) return Cannot(media_.media_type.inside, "documents there are PDF or text");
    const auto text = FromBase64(media_.data.Plain());
    if (!text || !base::IsUtf8(*text)) return Cannot(media_.data.inside, "it is no text in UTF-8");
    Begin();
    json_.Plain("text").Key("media_type").Plain("text/plain").Key("data").Plain(*text);
    return End();
  }

  // Closes the source and the block.
  bool End() {
    json_.Close('}');
    if (part_.kind == Part::Kind::kDocument) {
      if (!media_.filename.empty()) json_.Key("title").Text(media_.filename);
      if (!media_.context.empty()) json_.Key("context").Text(media_.context);
      if (!media_.to_cite_raw.empty()) json_.Key("citations").Open('{').Key("enabled").Bool(true).Close('}');
    }
    WriteBreakpoint(writing_, part_.cache_raw, json_);
    json_.Close('}');
    return true;
  }

  const MessagesWriting& writing_;
  const Part& part_;
  const Media& media_;
  JsonOut& json_;
};

}  // namespace

bool WriteMedia(const MessagesWriting& writing, const Part& part, JsonOut& json) {
  return MediaWriter(writing, part, json).Write();
}

}  // namespace translate::internal
