#include "apps/named_files.h"

#include "net/tls.h"

namespace apps {
namespace {

void AddAuthorities(const std::string& whose, const std::string& ca_file,
                    std::vector<std::string>& sentences) {
  if (ca_file.empty()) return;
  const auto loaded = net::TlsClientContext::Load(ca_file);
  if (!loaded) sentences.push_back(whose + ": " + loaded.error().detail);
}

}  // namespace

std::vector<std::string> UnusableFiles(const config::Settings& settings) {
  std::vector<std::string> sentences;
  if (const config::TlsSettings& tls = settings.tls; !tls.cert.empty()) {
    const auto loaded = net::TlsServerContext::Load(tls.cert, tls.key);
    if (!loaded) sentences.push_back("tls: " + loaded.error().detail);
  }
  for (const auto& [name, provider] : settings.providers) {
    if (provider.base_url.tls) AddAuthorities("provider " + name, provider.ca_file, sentences);
  }
  for (const config::OidcSettings& oidc : settings.oidc) {
    AddAuthorities("issuer " + oidc.issuer, oidc.ca_file, sentences);
  }
  const config::SmtpSettings& smtp = settings.smtp;
  if (smtp.tls != config::MailSecurity::kNone) AddAuthorities("smtp", smtp.ca_file, sentences);
  return sentences;
}

}  // namespace apps
