#pragma once

// For tests of this room: an authority that issues certificates, in files of a directory that goes with it.

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace net {

class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  std::string file() const { return directory_ / "ca.pem"; }

  struct Issued {
    std::string certificate_file;
    std::string key_file;
  };
  // For `names` as OpenSSL writes them ("DNS:localhost, IP:127.0.0.1"), valid between two points seen from
  // now.
  Issued Issue(const std::string& names, std::chrono::hours begins = std::chrono::hours(-1),
               std::chrono::hours ends = std::chrono::hours(1));

  // A file of the directory with this text.
  std::string Write(const std::string& name, const std::string& text) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;

  Certificate Make(EVP_PKEY* key, std::chrono::hours begins, std::chrono::hours ends);

  std::filesystem::path directory_;
  Key key_;
  Certificate certificate_;
  long serial_ = 0;
};

}  // namespace net
