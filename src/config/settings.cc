#include "config/settings.h"

#include <algorithm>
#include <array>
#include <limits>

namespace config {

std::string ModelsFolder(const Settings& settings) {
  return settings.models_dir.empty() ? settings.data + "/models" : settings.models_dir;
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
