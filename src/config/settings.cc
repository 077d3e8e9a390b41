#include "config/settings.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/ascii.h"

namespace config {

std::string ModelsFolder(const Settings& settings) {
  return settings.models_dir.empty() ? settings.data + "/models" : settings.models_dir;
}

bool IsSettingName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return base::IsAlnum(c) || c == '.' || c == '_' || c == '-';
  });
}

std::optional<std::int64_t> RatePerMillion(base::Int128 pico, std::uint64_t per) {
  constexpr base::Int128 kMost = std::numeric_limits<std::int64_t>::max();
  constexpr base::Int128 kMillion = 1'000'000;
  // No larger amount can fit, so that the product stays far below 128 bits.
  if (per == 0 || pico < 0 || pico / per > kMost / kMillion + 1) return std::nullopt;
  const base::Int128 scaled = pico * kMillion;
  if (scaled % per != 0 || scaled / per > kMost) return std::nullopt;
  return static_cast<std::int64_t>(scaled / per);
}

Parsed<ModelRef> ModelRef::Parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return Refuse("a rung names its provider and its model with a slash between",
                  "write for example deepseek/deepseek-chat");
  }
  const std::string_view provider = text.substr(0, slash);
  const std::string_view model = text.substr(slash + 1);
  if (!IsSettingName(provider)) {
    return Refuse("what stands before the slash is not the name of a provider",
                  "write for example deepseek/deepseek-chat");
  }
  const bool visible = std::all_of(model.begin(), model.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (model.empty() || model.size() > 256 || !visible) {
    return Refuse("after the slash stand 1 to 256 visible ASCII characters without blanks",
                  "write the model's name as the provider publishes it");
  }
  return ModelRef{std::string(provider), std::string(model)};
}

std::string_view Name(ApiDialect dialect) {
  switch (dialect) {
    case ApiDialect::kOpenAi:
      return "openai";
    case ApiDialect::kDeepSeek:
      return "deepseek";
    case ApiDialect::kAnthropic:
      return "anthropic";
  }
  return {};
}

Url DefaultBaseUrl(ApiDialect dialect) {
  switch (dialect) {
    case ApiDialect::kOpenAi:
      return {.tls = true, .host = "api.openai.com", .port = 443, .path = "/v1"};
    case ApiDialect::kDeepSeek:
      return {.tls = true, .host = "api.deepseek.com", .port = 443, .path = ""};
    case ApiDialect::kAnthropic:
      return {.tls = true, .host = "api.anthropic.com", .port = 443, .path = ""};
  }
  return {};
}

chat::Dialect NativeDialect(ApiDialect provider) {
  return provider == ApiDialect::kAnthropic ? chat::Dialect::kAnthropic : chat::Dialect::kOpenai;
}

std::string_view DialectPath(ApiDialect provider, chat::Dialect dialect) {
  switch (provider) {
    case ApiDialect::kOpenAi:
      return "";
    case ApiDialect::kDeepSeek:
      return dialect == chat::Dialect::kAnthropic ? "/anthropic/v1" : "";
    case ApiDialect::kAnthropic:
      return "/v1";
  }
  return {};
}

std::string_view EndpointWord(chat::Dialect dialect) {
  switch (dialect) {
    case chat::Dialect::kOpenai:
      return "chat";
    case chat::Dialect::kResponses:
      return "responses";
    case chat::Dialect::kAnthropic:
      return "messages";
  }
  return {};
}

std::span<const chat::Dialect> EndpointsOf(const ProviderSettings& provider) {
  static constexpr std::array kOpenai = {chat::Dialect::kOpenai, chat::Dialect::kResponses};
  static constexpr std::array kDeepSeek = {chat::Dialect::kOpenai, chat::Dialect::kAnthropic};
  static constexpr std::array kAnthropic = {chat::Dialect::kAnthropic};
  if (!provider.endpoints.empty()) return provider.endpoints;
  switch (provider.dialect) {
    case ApiDialect::kOpenAi:
      return std::span(kOpenai).first(FlavourOf(provider) == chat::Flavour::kOpenai ? 2 : 1);
    case ApiDialect::kDeepSeek:
      return kDeepSeek;
    case ApiDialect::kAnthropic:
      return kAnthropic;
  }
  return {};
}

std::string PrintEndpoints(const ProviderSettings& provider) {
  const std::span<const chat::Dialect> spoken = EndpointsOf(provider);
  std::string out;
  for (std::size_t i = 0; i < spoken.size(); ++i) {
    if (i > 0) out += i + 1 == spoken.size() ? " and " : ", ";
    out += EndpointWord(spoken[i]);
  }
  return out;
}

bool Speaks(const ProviderSettings& provider, chat::Dialect dialect) {
  const std::span<const chat::Dialect> spoken = EndpointsOf(provider);
  return std::find(spoken.begin(), spoken.end(), dialect) != spoken.end();
}

chat::Flavour FlavourOf(const ProviderSettings& provider) {
  switch (provider.flavour) {
    case FlavourSetting::kByAddress:
      break;
    case FlavourSetting::kOpenAi:
      return chat::Flavour::kOpenai;
    case FlavourSetting::kDeepSeek:
      return chat::Flavour::kDeepseek;
    case FlavourSetting::kAnthropic:
      return chat::Flavour::kAnthropic;
    case FlavourSetting::kCompatible:
      return chat::Flavour::kCompatible;
  }
  const std::string_view host = provider.base_url.host;
  if (host == "api.openai.com" || host.ends_with(".api.openai.com") || host.ends_with(".openai.azure.com")) {
    return chat::Flavour::kOpenai;
  }
  if (host == "api.deepseek.com") return chat::Flavour::kDeepseek;
  if (host == "api.anthropic.com") return chat::Flavour::kAnthropic;
  switch (provider.dialect) {
    case ApiDialect::kOpenAi:
      return host.empty() || provider.simulated ? chat::Flavour::kOpenai : chat::Flavour::kCompatible;
    case ApiDialect::kDeepSeek:
      return chat::Flavour::kDeepseek;
    case ApiDialect::kAnthropic:
      return chat::Flavour::kAnthropic;
  }
  return chat::Flavour::kCompatible;
}

}  // namespace config
